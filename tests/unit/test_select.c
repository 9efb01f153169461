/* test_select.c - which tensors the outputs hold, and the weights of those that some lack. */
#include "models.h"
#include "select.h"
#include "shares.h"
#include "suite.h"

#include <math.h>

static struct bl_source src[8];
static struct bl_selection s;
static struct bl_err err;

/* Selects among checkpoints a, b, ... of these tensors; NULL behind the last. */
static int choose(struct bl_policy *policy, const char *const *text)
{
	static char path[8][8];
	size_t n = 0;

	for (; text[n]; n++) {
		snprintf(path[n], sizeof path[n], "%c.st", (int)('a' + n));
		models_make(&src[n], path[n], text[n]);
	}
	memset(&err, 0, sizeof err);
	return bl_select(src, n, policy, &s, &err);
}

static void end(void)
{
	const size_t n = s.all.sources;

	bl_selection_free(&s);
	models_free(src, n);
}

/* "w=avg:F32 b=copy(0):F16 c=skip": what becomes of the tensors. */
static void becomes(const char *want)
{
	char got[512] = "";
	size_t at = 0;

	for (size_t i = 0; i < s.cat.tensors; i++) {
		const struct bl_tensor *t = &s.cat.tensor[i];
		char from[16] = "";

		if (!s.averaged[i])
			snprintf(from, sizeof from, "(%zu)", s.from[i]);
		at += (size_t)snprintf(got + at, sizeof got - at, "%s%s=%s%s", i ? " " : "",
			t->name, s.skipped[i] ? "skip" : s.averaged[i] ? "avg:" : "copy:",
			s.skipped[i] ? "" : bl_dtype(t->dtype)->name);
		if (!s.averaged[i] && !s.skipped[i])
			at += (size_t)snprintf(got + at, sizeof got - at, "%s", from);
		ck_assert_uint_eq(t->bytes * 8, t->count * bl_dtype(t->dtype)->bits);
	}
	ck_assert_str_eq(got, want);
}

#define CHOOSE(policy, ...) choose(policy, (const char *const[]){__VA_ARGS__, NULL})
#define BECOMES(policy, want, ...)                                                                 \
	do {                                                                                       \
		if (CHOOSE(policy, __VA_ARGS__) != 0)                                              \
			ck_abort_msg("%s", err.text);                                              \
		becomes(want);                                                                     \
		end();                                                                             \
	} while (0)
#define REFUSES(policy, words, ...)                                                                \
	do {                                                                                       \
		ck_assert_int_eq(CHOOSE(policy, __VA_ARGS__), -1);                                 \
		ck_assert_str_eq(err.text, words);                                                 \
		ck_assert_int_eq(err.code, BL_INPUT);                                              \
		end();                                                                             \
	} while (0)

START_TEST(by_type)
{
	struct bl_policy p = {.copy_from = 1};

	BECOMES(&p, "w=avg:F32 h=avg:F16 z=avg:C64 n=copy:I64(1) f=copy:F4(1) e=copy:F8_E8M0(1)",
		"w:F32: h:F16: z:C64: n:I64: f:F4:2 e:F8_E8M0:",
		"w:F32: h:F16: z:C64: n:I64: f:F4:2 e:F8_E8M0:");
	ck_assert_uint_eq(s.averages, 0);
}
END_TEST

static struct bl_rule rule[8];

/* A policy of rules: "+glob" averages, "=glob" copies, "-glob" leaves out. */
static struct bl_policy rules(const char *text)
{
	static char copy[256];
	struct bl_policy p = {.rule = rule};
	char *save = NULL;

	snprintf(copy, sizeof copy, "%s", text);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		rule[p.rules++] = (struct bl_rule){.fate = *w == '+' ? BL_FATE_AVERAGE
				: *w == '=' ? BL_FATE_COPY : BL_FATE_SKIP, .glob = w + 1};
	return p;
}

START_TEST(by_rule)
{
	static const char model[] = "a/w:F32: a/b.c:F32: d:F32: n:I64:";
	struct bl_policy p = rules("=a/*");

	BECOMES(&p, "a/w=copy:F32(0) a/b.c=copy:F32(0) d=avg:F32 n=copy:I64(0)", model);
	p = rules("+a/w =a* -*");
	BECOMES(&p, "a/w=avg:F32 a/b.c=copy:F32(0) d=skip n=skip", model);
	ck_assert(rule[0].used && rule[1].used && rule[2].used);
	p = rules("-* +a/w");
	BECOMES(&p, "a/w=skip a/b.c=skip d=skip n=skip", model);
	ck_assert(rule[1].used); /* it matches, though another one came first */
	p = rules("+n -a?w -x =*.c =[a-c]");
	BECOMES(&p, "a/w=skip a/b.c=copy:F32(0) d=avg:F32 n=copy:I64(0)", model);
	ck_assert(rule[0].used && rule[1].used && !rule[2].used && rule[3].used && !rule[4].used);
	p = rules("-A/w"); /* case counts */
	BECOMES(&p, "a/w=avg:F32 a/b.c=avg:F32 d=avg:F32 n=copy:I64(0)", model);
}
END_TEST

START_TEST(kept_unless_named)
{
	struct bl_policy none = {.rules = 0}, all = rules("+o*");

	models_make(&src[0], "a", "o/m:F32: o/n:I64: w:F32:");
	src[0].cat.tensor[0].keep = "the test says so";
	ck_assert_int_eq(bl_select(src, 1, &none, &s, &err), 0);
	becomes("o/m=copy:F32(0) o/n=copy:I64(0) w=avg:F32");
	bl_selection_free(&s);
	ck_assert_int_eq(bl_select(src, 1, &all, &s, &err), 0);
	becomes("o/m=avg:F32 o/n=copy:I64(0) w=avg:F32");
	end();
}
END_TEST

/* Momentum and variance are no weights, however the name is spelled. */
START_TEST(optimizer_state)
{
	struct bl_policy none = {.rules = 0}, all = {.rule = rule, .rules = 0};

	BECOMES(&none, "optimizer/vars/1=copy:F32(0) optimizer.vars.2=copy:F32(0) "
		"optimizer_weights/m=copy:F16(0) optimizer_weights.m=copy:F8_E5M2(0) "
		"optimizers/m=avg:F32 optimizer=avg:F32 layers.optimizer.m=avg:F32",
		"optimizer/vars/1:F32: optimizer.vars.2:F32: optimizer_weights/m:F16: "
		"optimizer_weights.m:F8_E5M2: optimizers/m:F32: optimizer:F32: "
		"layers.optimizer.m:F32:");
	all = rules("+opt*m");
	BECOMES(&all, "optimizer.m=avg:F32 optimizer/n=copy:F32(0)",
		"optimizer.m:F32: optimizer/n:F32:");
}
END_TEST

/* Weights that cannot be read: in any checkpoint, unless nobody wants them. */
START_TEST(sealed)
{
	for (int at = 0; at < 2; at++)
		for (int wanted = 0; wanted < 2; wanted++) {
			struct bl_policy p = rules(wanted ? "" : "-b*");
			struct bl_tensor *t;

			models_make(&src[0], "a.st", "a:F32: b:F32:");
			models_make(&src[1], "b.st", "a:F32: b:F32:");
			t = &src[at].cat.tensor[1];
			t->dtype = BL_OTHER;
			t->sealed = "it has a lock";
			t->seals_weights = true;
			memset(&err, 0, sizeof err);
			ck_assert_int_eq(bl_select(src, 2, &p, &s, &err), wanted ? -1 : 0);
			ck_assert_str_eq(err.text, !wanted ? "" : at ? "b.st: b: it has a lock"
				: "a.st: b: it has a lock");
			ck_assert_int_eq(err.code, wanted ? BL_INPUT : BL_OK);
			end();
		}
}
END_TEST

START_TEST(eight_bits)
{
	static const char model[] = "w:F8_E4M3:2 v:F8_E5M2: s:F8_E8M0:";
	struct bl_policy p = {.rules = 0};

	REFUSES(&p, "a.st: w: type F8_E4M3 (2 tensors are FP8): FP8 weights usually have "
		"separate scales, and then an average of the weights alone is wrong", model);
	ck_assert_str_eq(err.hint, "--f8=copy takes them from one checkpoint, --f8=average "
		"averages them all the same");
	p.f8 = BL_F8_COPY;
	BECOMES(&p, "w=copy:F8_E4M3(0) v=copy:F8_E5M2(0) s=copy:F8_E8M0(0)", model);
	p.f8 = BL_F8_AVERAGE;
	BECOMES(&p, "w=avg:F8_E4M3 v=avg:F8_E5M2 s=copy:F8_E8M0(0)", model);
	p = rules("=w -v");
	BECOMES(&p, "w=copy:F8_E4M3(0) v=skip s=copy:F8_E8M0(0)", model);
	p = rules("+w =v"); /* a name does not say that there are no scales */
	REFUSES(&p, "a.st: w: type F8_E4M3 (1 tensor is FP8): FP8 weights usually have "
		"separate scales, and then an average of the weights alone is wrong", model);
}
END_TEST

static bool no_c128(enum bl_dtype d)
{
	return d != BL_C128;
}

START_TEST(types)
{
	static const char model[] = "w:F32:3 b:BF16: n:I64: z:C64: y:C128: e:F8_E5M2:2 c:F32:";
	struct bl_policy p = rules("=c");

	p.f8 = BL_F8_AVERAGE;
	p.retype = true;
	p.dtype = BL_F16;
	BECOMES(&p, "w=avg:F16 b=avg:F16 n=copy:I64(0) z=avg:C64 y=avg:C128 e=avg:F16 "
		"c=copy:F32(0)", model);
	p.dtype = BL_F32;
	BECOMES(&p, "w=avg:F32 b=avg:F32 n=copy:I64(0) z=avg:C64 y=avg:C64 e=avg:F32 "
		"c=copy:F32(0)", model);
	p.dtype = BL_F64;
	BECOMES(&p, "w=avg:F64 b=avg:F64 n=copy:I64(0) z=avg:C128 y=avg:C128 e=avg:F64 "
		"c=copy:F32(0)", model);
	p.holds = no_c128;
	BECOMES(&p, "w=avg:F64 b=avg:F64 n=copy:I64(0) z=avg:C64 y=avg:C128 e=avg:F64 "
		"c=copy:F32(0)", model);
}
END_TEST

/* w is in all; f lacks in the first, m in the middle, l in the last, where i does too. */
#define THREE "w:F32: m:F32: l:F32: i:I64:", "w:F32: f:F32: l:F32:", "w:F32: f:F32: m:F32:"

START_TEST(missing)
{
	struct bl_policy p = {.copy_from = 2};

	REFUSES(&p, "a.st: f: missing, but c.st has it\nb.st: m: missing, but c.st has it\n"
		"a.st: l: not in c.st (1 more checkpoint differs)\na.st: i: not in c.st", THREE);
	p.missing = BL_MISSING_COPY;
	BECOMES(&p, "w=avg:F32 f=copy:F32(2) m=copy:F32(2) l=skip i=skip", THREE);
	p.missing = BL_MISSING_SKIP;
	BECOMES(&p, "w=avg:F32 f=skip m=skip l=skip i=skip", THREE);
	p.missing = BL_MISSING_UNION;
	BECOMES(&p, "w=avg:F32 f=avg:F32 m=avg:F32 l=avg:F32 i=copy:I64(0)", THREE);
	p.missing = BL_MISSING_COPY;
	p.copy_from = 0;
	BECOMES(&p, "w=avg:F32 f=copy:F32(2) m=copy:F32(0) l=skip i=skip", THREE);
	p = rules("-[fmli] =w");
	BECOMES(&p, "w=copy:F32(0) f=skip m=skip l=skip i=skip", THREE);
	/* What is copied must be in all checkpoints, too. */
	p = rules("=x");
	REFUSES(&p, "a.st: x: missing, but b.st has it", "w:F32:", "w:F32: x:F32:");
}
END_TEST

/* Shapes and types must agree whatever is missing, but in tensors that are left out by name. */
START_TEST(differing)
{
	struct bl_policy p = {.missing = BL_MISSING_SKIP};

	REFUSES(&p, "a.st: f: shape 2, but c.st has 3", "w:F32: f:F32:2", "w:F32:",
		"w:F32: f:F32:3");
	p.missing = BL_MISSING_UNION;
	REFUSES(&p, "a.st: f: type F16, but c.st has F32", "w:F32: f:F16:", "w:F32:",
		"w:F32: f:F32:");
	p = rules("-f");
	BECOMES(&p, "w=avg:F32 f=skip", "w:F32: f:F16:", "w:F32:", "w:F32: f:F32:");
}
END_TEST

/* ---- settings of their own ---- */

static struct bl_overlay mean = {.glob = "*.m"}, fast = {.glob = "f*"}, none = {.glob = "none"};

/* Of averages only, counted, in the order of the tensors; the first pattern that matches holds. */
START_TEST(own_settings)
{
	struct bl_policy p = rules("=c* +none +*.m +f* +*.m");
	static const size_t want[] = {1, 2, 0, 0, 0, 2, 1};

	rule[1].overlay = &none;
	rule[2].overlay = &fast;
	rule[3].overlay = &mean;
	rule[4].overlay = &none;
	ck_assert_int_eq(CHOOSE(&p, "a.m:F32: f1:F32: c.m:F32: w:F32: f.n:I32: f2:F16: "
		"f.m:F16:"), 0);
	becomes("a.m=avg:F32 f1=avg:F32 c.m=copy:F32(0) w=avg:F32 f.n=copy:I32(0) f2=avg:F16 "
		"f.m=avg:F16");
	ck_assert_mem_eq(s.overlay_of, want, sizeof want);
	ck_assert_uint_eq(s.overlays, 2);
	ck_assert(s.overlay[0] == &fast && s.overlay[1] == &mean);
	ck_assert(s.overlay_tensors[0] == 2 && s.overlay_tensors[1] == 2);
	ck_assert_uint_eq(bl_selection_plain(&s), 1);
	end();
	/* Whatever leaves a tensor out of the averages leaves its settings unused. */
	p.missing = BL_MISSING_SKIP;
	p.copy_from = 1;
	BECOMES(&p, "f1=skip w=avg:F32", "w:F32:", "f1:F32: w:F32:");
	p.missing = BL_MISSING_COPY;
	ck_assert_int_eq(CHOOSE(&p, "w:F32:", "f1:F32: w:F32:"), 0);
	becomes("f1=copy:F32(1) w=avg:F32");
	ck_assert(s.overlays == 0 && s.overlay_of[0] == 0 && bl_selection_plain(&s) == 1);
	end();
}
END_TEST

START_TEST(own_source)
{
	struct bl_policy p = rules("=a* =b* +c*");

	p.copy_from = 2;
	rule[0].from = "first";
	rule[1].from = "20";
	rule[1].copy_from = 1;
	BECOMES(&p, "a=copy:F32(0) b=copy:F32(1) c=avg:F32 d=copy:I32(2) an=copy:I32(0)",
		"a:F32: b:F32: c:F32: d:I32: an:I32:", "a:F32: b:F32: c:F32: d:I32: an:I32:",
		"a:F32: b:F32: c:F32: d:I32: an:I32:");
	/* Where that one lacks it, from the last that has it. */
	p.missing = BL_MISSING_COPY;
	BECOMES(&p, "c=avg:F32 a=copy:F32(2) b=copy:F32(1)", "c:F32:", "c:F32: a:F32: b:F32:",
		"c:F32: a:F32: b:F32:");
}
END_TEST

/* ---- weights ---- */

static double weight[2][3], part[2][3];
static struct bl_case cases[2];
static struct bl_row row[2];
static char name[2][4] = {"one", "two"};

/* A plan of two outputs over three checkpoints: the parts and a divisor. */
static struct bl_plan plan(const double *first, const double *second, double divisor)
{
	const double *of[] = {first, second};

	for (size_t p = 0; p < 2; p++) {
		for (size_t t = 0; t < 3; t++) {
			part[p][t] = of[p][t];
			weight[p][t] = of[p][t] / divisor;
		}
		row[p] = (struct bl_row){.settings = &cases[p], .weight = weight[p],
			.part = part[p], .divisor = divisor, .averages = true};
		cases[p].output = name[p];
	}
	return (struct bl_plan){.row = row, .rows = 2, .checkpoints = 3};
}

START_TEST(all_have_all)
{
	const struct bl_plan p = plan((const double[]){1, 2, 3}, (const double[]){3, 2, 1}, 6);
	struct bl_policy policy = {.missing = BL_MISSING_UNION};
	struct bl_shares shares;

	ck_assert_int_eq(CHOOSE(&policy, "w:F32:", "w:F32:", "w:F32:"), 0);
	ck_assert_int_eq(
		bl_shares_make(&s, &p, (const size_t[]){1}, 1, &shares, &err), 0);
	ck_assert(shares.n == 1 && !shares.of);
	ck_assert_ptr_eq(shares.weights[0].weight[0], part[1]);
	ck_assert(shares.weights[0].divisor[0] == 6 && shares.weights[0].scale[0] == 1);
	bl_shares_free(&shares);
	end();
}
END_TEST

/* f is in b and c, m in a and c as is k, l in a and b. */
START_TEST(some_lack_some)
{
	const struct bl_plan p = plan((const double[]){1, 2, 4}, (const double[]){0.5, 0, 0.25}, 1);
	struct bl_policy policy = {.missing = BL_MISSING_UNION};
	static const struct {
		size_t tensor;
		double weight[2][3], divisor[2];
	} want[] = {
		{0, {{1, 2, 4}, {0.5, 0, 0.25}}, {1, 1}},
		{1, {{0, 2, 4}, {0, 0, 0.25}}, {6, 0.25}},
		{2, {{1, 0, 4}, {0.5, 0, 0.25}}, {5, 0.75}},
		{3, {{1, 0, 4}, {0.5, 0, 0.25}}, {5, 0.75}},
		{4, {{1, 2, 0}, {0.5, 0, 0}}, {3, 0.5}},
	};
	struct bl_shares shares;

	ck_assert_int_eq(CHOOSE(&policy, "w:F32: m:F32: l:F32: k:F16:", "w:F32: f:F32: l:F32:",
		"w:F32: f:F32: m:F32: k:F16:"), 0);
	ck_assert_uint_eq(s.partial, 4);
	ck_assert_int_eq(
		bl_shares_make(&s, &p, (const size_t[]){0, 1}, 2, &shares, &err), 0);
	ck_assert_uint_eq(shares.n, 4);
	ck_assert_uint_eq(shares.of[2], shares.of[3]);
	for (size_t i = 0; i < 5; i++) {
		const struct bl_weights *w = &shares.weights[shares.of[want[i].tensor]];

		for (size_t o = 0; o < 2; o++) {
			ck_assert_mem_eq(w->weight[o], want[i].weight[o], sizeof want[i].weight[o]);
			ck_assert_double_eq(w->divisor[o], want[i].divisor[o]);
			ck_assert_double_eq(w->scale[o], 1);
		}
	}
	bl_shares_free(&shares);
	end();
}
END_TEST

/* Two outputs and one overlay, over three checkpoints: w as the outputs, f and k as the overlay, k
 * missing in b, as is m, l missing in c. */
START_TEST(rows_of_their_own)
{
	static const double first[] = {5, 6, 0}, second[] = {1, 0, 1};
	struct bl_plan p = plan((const double[]){1, 2, 4}, (const double[]){0.5, 0.25, 0.25}, 1);
	static const struct {
		size_t tensor;
		double weight[2][3], divisor[2];
	} want[] = {
		{0, {{1, 2, 4}, {0.5, 0.25, 0.25}}, {1, 1}},
		{1, {{5, 6, 0}, {1, 0, 1}}, {11, 2}},
		{2, {{5, 0, 0}, {1, 0, 1}}, {5, 2}},
		{3, {{1, 0, 4}, {0.5, 0, 0.25}}, {5, 0.75}},
		{4, {{5, 0, 0}, {1, 0, 1}}, {5, 2}},
		{5, {{1, 2, 0}, {0.5, 0.25, 0}}, {3, 0.75}},
	};
	const struct bl_overlay *const overlay[] = {&fast};
	struct bl_row overlaid[2] = {
		{.settings = &cases[0], .part = (double *)(uintptr_t)first, .divisor = 11,
			.averages = true},
		{.settings = &cases[1], .part = (double *)(uintptr_t)second, .divisor = 2,
			.averages = true}};
	struct bl_policy policy = rules("+[fk]*");
	struct bl_shares shares;

	p.overlay = overlay;
	p.overlays = 1;
	p.overlaid = overlaid;
	rule[0].overlay = &fast;
	policy.missing = BL_MISSING_UNION;
	ck_assert_int_eq(CHOOSE(&policy, "w:F32: f:F32: k:F32: m:F32: l:F32: k2:F16:",
		"w:F32: f:F32: l:F32:", "w:F32: f:F32: k:F32: m:F32: k2:F16:"), 0);
	becomes("w=avg:F32 f=avg:F32 k=avg:F32 m=avg:F32 k2=avg:F16 l=avg:F32");
	for (size_t swapped = 0; swapped < 2; swapped++) {
		const size_t which[] = {swapped, 1 - swapped};

		ck_assert_int_eq(bl_shares_make(&s, &p, which, 2, &shares, &err), 0);
		ck_assert_uint_eq(shares.n, 5);
		ck_assert_uint_eq(shares.of[2], shares.of[4]);
		for (size_t i = 0; i < 6; i++) {
			const size_t kind = shares.of[want[i].tensor];
			const struct bl_weights *w = &shares.weights[kind];

			for (size_t o = 0; o < 2; o++) {
				ck_assert_mem_eq(w->weight[o], want[i].weight[which[o]],
					sizeof want[i].weight[o]);
				ck_assert_double_eq(w->divisor[o], want[i].divisor[which[o]]);
				ck_assert_double_eq(w->scale[o], 1);
			}
		}
		/* What all have is not copied. */
		ck_assert_ptr_eq(shares.weights[shares.of[1]].weight[swapped], first);
		bl_shares_free(&shares);
	}
	overlaid[1].part = (double[]){0, 1, 0};
	ck_assert_int_eq(bl_shares_make(&s, &p, (const size_t[]){0, 1}, 2, &shares, &err), -1);
	ck_assert_str_eq(err.text, "two: k: the 2 checkpoints that have it have weights whose sum "
		"is 0");
	bl_shares_free(&shares);
	end();
}
END_TEST

START_TEST(no_weight_left)
{
	static const double bad[][3] = {{0, 0, 1}, {0.5, -0.5, 1}, {0.5, -0.75, 1}};
	static const char *const sum[] = {"0", "0", "-0.125"};
	struct bl_policy policy = {.missing = BL_MISSING_UNION};

	for (size_t i = 0; i < 3; i++) {
		const struct bl_plan p = plan((const double[]){1, 1, 1}, bad[i], 2);
		struct bl_shares shares;
		char want[200];

		snprintf(want, sizeof want, "two: l: the 2 checkpoints that have it have weights "
			"whose sum is %s", sum[i]);
		ck_assert_int_eq(CHOOSE(&policy, "w:F32: l:F32:", "l:F32: w:F32:", "w:F32:"), 0);
		ck_assert_int_eq(
			bl_shares_make(&s, &p, (const size_t[]){0, 1}, 2, &shares, &err), -1);
		ck_assert_str_eq(err.text, want);
		ck_assert_int_eq(err.code, BL_INPUT);
		bl_shares_free(&shares);
		end();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("select");
	TCase *t = tcase_create("select");
	const TTest *const test[] = {by_type, by_rule, kept_unless_named, optimizer_state, sealed,
		eight_bits, types, missing, differing, own_settings, own_source, all_have_all,
		some_lack_some, rows_of_their_own, no_weight_left};

	for (size_t i = 0; i < sizeof test / sizeof test[0]; i++)
		tcase_add_test(t, test[i]);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
