/* warmup.c - schedules that let a young average follow the model faster. */
#include "warmup.h"

#include "value.h"

#include <math.h>
#include <string.h>

#define TEXT_MAX 256 /* bytes of the longest text of a schedule */
#define WIDTH 16     /* blocks of the series between s and 2 s */

/* ---- from text ---- */

enum parameter { INV_GAMMA, POWER, AFTER, MIN, PARAMETERS };

static const struct {
	const char *name;
	struct bl_option_info range;
} parameter[PARAMETERS] = {
	[INV_GAMMA] = {"INV_GAMMA", {.kind = BL_KIND_NUMBER, .low = 1e-9, .high = 1e15}},
	[POWER] = {"POWER", {.kind = BL_KIND_NUMBER, .high = 100}},
	[AFTER] = {"AFTER", {.kind = BL_KIND_WHOLE, .high = 9007199254740991.0}},
	[MIN] = {"MIN", {.kind = BL_KIND_NUMBER, .high = 1, .flags = BL_HIGH_OPEN}},
};

/* A number or a fraction a/b, which is cut in two. */
static int parse_number(
	const struct bl_option_info *range, char *text, double *out, struct bl_err *err)
{
	static const struct bl_option_info any = {
		.kind = BL_KIND_NUMBER, .low = -1e150, .high = 1e150};
	char *slash = strchr(text, '/'), quotient[BL_NUMBER_TEXT];
	struct bl_value value, divisor;

	if (slash) {
		*slash = '\0';
		if (bl_value_parse(&any, text, &value, err) != 0 ||
			bl_value_parse(&any, slash + 1, &divisor, err) != 0)
			return -1;
		if (divisor.number == 0)
			return bl_fail(err, BL_USAGE, "it is divided by 0");
		text = quotient;
		bl_number_text(value.number / divisor.number, quotient, sizeof quotient);
	}
	if (bl_value_parse(range, text, &value, err) != 0)
		return -1;
	*out = value.number;
	return 0;
}

/* "1,2/3,100,0.5": at least the first two. */
static int parse_diffusers(char *text, double *out, struct bl_err *err)
{
	size_t n = 0;

	for (char *item; (item = strsep(&text, ",")); n++) {
		if (n == PARAMETERS)
			return bl_fail(
				err, BL_USAGE, "diffusers has at most %d numbers", PARAMETERS);
		if (parse_number(&parameter[n].range, item, &out[n], err) != 0)
			return bl_prefix(err, "%s", parameter[n].name);
	}
	return n > POWER ? 0 : bl_fail(err, BL_USAGE, "%s is missing", parameter[POWER].name);
}

static int fail_word(struct bl_err *err)
{
	bl_fail(err, BL_USAGE, "it is none of the warm-ups");
	return bl_hint(err, "one of none, tf, diffusers0 and "
		"diffusers:INV_GAMMA,POWER[,AFTER[,MIN]], such as diffusers:1,2/3; for "
		"several, a recipe can have several runs");
}

int bl_warmup_parse(const char *text, struct bl_warmup *out, struct bl_err *err)
{
	static const char lead[] = "diffusers:";
	double number[PARAMETERS] = {0};
	char copy[TEXT_MAX];

	*out = (struct bl_warmup){.word = BL_WARMUP_NONE, .most = 1};
	if (strcmp(text, "none") == 0)
		return 0;
	if (strcmp(text, "tf") == 0) {
		out->word = BL_WARMUP_TF;
		return 0;
	}
	if (strcmp(text, "diffusers0") == 0) {
		out->word = BL_WARMUP_DIFFUSERS0;
		out->copies = 1;
		return 0;
	}
	if (strncmp(text, lead, sizeof lead - 1) != 0 || strlen(text) >= sizeof copy)
		return fail_word(err);
	strcpy(copy, text + sizeof lead - 1);
	if (parse_diffusers(copy, number, err) != 0)
		return bl_hint(err, "diffusers:INV_GAMMA,POWER[,AFTER[,MIN]], such as "
			"diffusers:1,2/3,100");
	out->word = BL_WARMUP_DIFFUSERS;
	out->inv_gamma = number[INV_GAMMA];
	out->power = number[POWER];
	out->copies = (int64_t)number[AFTER] + 1;
	out->most = 1 - number[MIN];
	return 0;
}

/* ---- the curve ---- */

/* e^a for a <= 0: e^a = 2^k e^(a - k ln 2). */
static struct bl_dd exponential(struct bl_dd a)
{
	const struct bl_dd ln2 = bl_dd_ln2();
	const double k = floor(a.h / ln2.h + 0.5);
	struct bl_dd e;

	if (a.h < -700)
		return bl_dd(0);
	e = bl_dd_expm1(bl_dd_sub(a, bl_dd_mul(bl_dd(k), ln2)));
	e = bl_dd_add(bl_dd(1), e);
	return (struct bl_dd){ldexp(e.h, (int)k), ldexp(e.l, (int)k)};
}

/* (1 + s / inv_gamma)^-power */
static struct bl_dd power(const struct bl_warmup *w, double s)
{
	const struct bl_dd ratio = bl_dd_div(bl_dd(s), bl_dd(w->inv_gamma));

	return exponential(bl_dd_neg(bl_dd_mul(bl_dd(w->power), bl_dd_log1p(ratio))));
}

void bl_warmup_curve(struct bl_warmup_curve *c, const struct bl_warmup *w, double kappa)
{
	double term = 1;

	*c = (struct bl_warmup_curve){.warmup = w, .kappa = kappa, .fine = 1};
	while ((double)c->fine < w->power)
		c->fine *= 2;
	for (unsigned k = 0; k < BL_WARMUP_TERMS; k++) {
		term *= -(w->power + k) / (k + 1);
		c->term[k] = term;
	}
}

/*
 * The block of s, whose width is a power of two: at most s / (16 fine), so that with r the distance
 * from the middle over inv_gamma + middle, power |r| stays below 1/32, or just s.
 */
static void find_block(struct bl_warmup_curve *c, int64_t s)
{
	int64_t width = (int64_t)1 << (63 - __builtin_clzll((unsigned long long)s));

	width = width > WIDTH * c->fine ? width / (WIDTH * c->fine) : 1;
	c->from = s - s % width;
	c->to = c->from + width;
	width /= 2;
	c->middle = (double)(c->from + width);
	c->value = power(c->warmup, c->middle);
}

/* w(s) = w(middle) (1 + r)^-power; the sum of the series without its 1 is small. */
static double series(struct bl_warmup_curve *c, int64_t s)
{
	double r, sum;

	if (s < c->from || s >= c->to)
		find_block(c, s);
	r = ((double)s - c->middle) / (c->warmup->inv_gamma + c->middle);
	sum = c->term[BL_WARMUP_TERMS - 1];
	for (unsigned k = BL_WARMUP_TERMS - 1; k-- > 0;)
		sum = c->term[k] + r * sum;
	return c->value.h + (c->value.l + c->value.h * (r * sum));
}

static double bounded(const struct bl_warmup_curve *c, double pull)
{
	pull = pull > c->kappa ? pull : c->kappa;
	return pull < c->warmup->most ? pull : c->warmup->most;
}

double bl_warmup_pull(struct bl_warmup_curve *c, int64_t t)
{
	const int64_t s = t - c->warmup->copies;

	if (s <= 0)
		return 1;
	if (c->warmup->word == BL_WARMUP_DIFFUSERS)
		return bounded(c, series(c, s));
	return bounded(c, 9 / (10 + (double)s));
}

void bl_warmup_end(struct bl_warmup *w, double kappa, int64_t updates)
{
	const bool flat = w->word == BL_WARMUP_DIFFUSERS && w->power == 0; /* w is 1 for good */
	struct bl_warmup_curve c;
	int64_t low = w->copies, high = updates;

	bl_warmup_curve(&c, w, kappa);
	w->settled = bounded(&c, flat ? 1 : 0);
	/* The last pull above that is in low .. high; or there is none, then low is it. */
	while (low < high) {
		const int64_t middle = low + (high - low) / 2 + 1;

		if (bl_warmup_pull(&c, middle) > w->settled)
			low = middle;
		else
			high = middle - 1;
	}
	w->last = low;
}
