/* profile_recorded.c - the profile of an average from the provenance that is recorded in it. */
#include "profile.h"

#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEX 64 /* bytes of a number, with its NUL */

/* What is read for, and what is found. */
struct reader {
	struct bl_json j;
	struct bl_err *err;
	bool power, ema;                 /* the method */
	const char *but;                 /* why it has no plain profile; NULL: it has one */
	double exponent, kappa, first;   /* less than 0: not seen */
	bool dated;
	struct bl_profile_when when;
};

static int fail(struct reader *r)
{
	return bl_fail(r->err, BL_INPUT, "its provenance is none of belay");
}

static enum bl_json_token next(struct reader *r)
{
	const enum bl_json_token token = bl_json_next(&r->j, r->err);

	if (token == BL_JSON_FAIL)
		bl_prefix(r->err, "provenance");
	return token;
}

/* The next token must be this one. */
static int expect(struct reader *r, enum bl_json_token token)
{
	const enum bl_json_token got = next(r);

	if (got == BL_JSON_FAIL)
		return -1;
	return got == token ? 0 : fail(r);
}

/* Passes over the next value. */
static int pass(struct reader *r)
{
	if (next(r) == BL_JSON_FAIL)
		return -1;
	return bl_json_skip(&r->j, r->err) == 0 ? 0 : bl_prefix(r->err, "provenance");
}

/* The members of the object that comes next, each taken once its key has been read. */
static int take_members(struct reader *r, int (*take)(struct reader *r))
{
	enum bl_json_token token;

	if (expect(r, BL_JSON_OBJECT) != 0)
		return -1;
	while ((token = next(r)) == BL_JSON_KEY)
		if (take(r) != 0)
			return -1;
	return token == BL_JSON_OBJECT_END ? 0 : -1;
}

/* The number that the next value is, a string with a decimal or hexadecimal float. */
static int take_number(struct reader *r, double *number)
{
	char text[HEX], *end;

	if (expect(r, BL_JSON_STRING) != 0)
		return -1;
	if (r->j.size >= sizeof text)
		return fail(r);
	bl_json_text(&r->j, text);
	*number = strtod(text, &end);
	return end > text && !*end && isfinite(*number) ? 0 : fail(r);
}

/* ---- its members ---- */

static int take_setting(struct reader *r)
{
	const bool warmup = bl_json_is(&r->j, "warmup"), every = bl_json_is(&r->j, "update-every");
	const bool unit = bl_json_is(&r->j, "time-unit");
	const bool length = bl_json_is(&r->j, "half-life") || bl_json_is(&r->j, "mean-age");

	if (unit)
		return take_number(r, &r->when.unit);
	if (expect(r, BL_JSON_STRING) != 0)
		return -1;
	if (warmup && !bl_json_is(&r->j, "none"))
		r->but = "has a warm-up";
	else if (every && !bl_json_is(&r->j, "1"))
		r->but = "is not updated at every step";
	else if (length && r->j.size > 4 &&
		memcmp(r->j.text + r->j.start + r->j.size - 4, "ckpt", 4) == 0)
		r->but = "counts checkpoints, not time";
	return 0;
}

static int take_exponent(struct reader *r)
{
	return bl_json_is(&r->j, "hex") ? take_number(r, &r->exponent) : pass(r);
}

static int take_kappa(struct reader *r)
{
	return bl_json_is(&r->j, "hex") ? take_number(r, &r->kappa) : pass(r);
}

static int take_resolved(struct reader *r)
{
	if (bl_json_is(&r->j, "exponent"))
		return take_members(r, take_exponent);
	return bl_json_is(&r->j, "kappa") ? take_members(r, take_kappa) : pass(r);
}

static int take_input_member(struct reader *r)
{
	if (!bl_json_is(&r->j, "time"))
		return pass(r);
	if (expect(r, BL_JSON_INTEGER) != 0)
		return -1;
	if (r->j.integer >= (uint64_t)1 << 53)
		return fail(r);
	r->when.time = r->j.negative ? -(int64_t)r->j.integer : (int64_t)r->j.integer;
	r->dated = true;
	return 0;
}

/* The last one's time remains. */
static int take_inputs(struct reader *r)
{
	enum bl_json_token token;

	if (expect(r, BL_JSON_ARRAY) != 0)
		return -1;
	while ((token = next(r)) == BL_JSON_OBJECT) {
		while ((token = next(r)) == BL_JSON_KEY)
			if (take_input_member(r) != 0)
				return -1;
		if (token != BL_JSON_OBJECT_END)
			return -1;
	}
	if (token == BL_JSON_FAIL)
		return -1;
	return token == BL_JSON_ARRAY_END ? 0 : fail(r);
}

static int take_weights(struct reader *r)
{
	enum bl_json_token token;

	if (expect(r, BL_JSON_ARRAY) != 0 || take_number(r, &r->first) != 0)
		return -1;
	while ((token = next(r)) == BL_JSON_STRING)
		continue;
	if (token == BL_JSON_FAIL)
		return -1;
	return token == BL_JSON_ARRAY_END ? 0 : fail(r);
}

static int take_method(struct reader *r)
{
	if (expect(r, BL_JSON_STRING) != 0)
		return -1;
	r->power = bl_json_is(&r->j, "power");
	r->ema = bl_json_is(&r->j, "ema");
	return 0;
}

static int take(struct reader *r)
{
	if (bl_json_is(&r->j, "method"))
		return take_method(r);
	if (bl_json_is(&r->j, "settings"))
		return take_members(r, take_setting);
	if (bl_json_is(&r->j, "resolved"))
		return take_members(r, take_resolved);
	if (bl_json_is(&r->j, "inputs"))
		return take_inputs(r);
	if (bl_json_is(&r->j, "weights"))
		return take_weights(r);
	if (bl_json_is(&r->j, "tensor_options"))
		r->but = "has settings of its own for some tensors";
	return pass(r);
}

int bl_profile_recorded(const char *provenance, struct bl_profile *out,
	struct bl_profile_when *when, struct bl_err *err)
{
	struct reader r = {
		.err = err, .exponent = -1, .kappa = -1, .first = -1, .when.unit = 1};

	bl_json_init(&r.j, provenance, strlen(provenance));
	if (take_members(&r, take) != 0 || expect(&r, BL_JSON_END) != 0)
		return -1;
	if (!r.power && !r.ema)
		return bl_fail(err, BL_USAGE, "it is an average of a method that keeps no profile: "
			"power or ema was expected");
	if (r.but)
		return bl_fail(err, BL_USAGE, "it is an average without a plain profile: it %s",
			r.but);
	*out = (struct bl_profile){r.power, r.power ? r.exponent : r.kappa, fabs(r.first)};
	*when = r.when;
	if (!r.dated || !(out->number > 0 && out->number <= (r.power ? 1e45 : 1)))
		return fail(&r);
	return 0;
}
