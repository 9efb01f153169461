/* test_overlay.c - settings of some tensors: from texts, over those of an output, in a plan. */
#include "case_text.h"
#include "replay.h"
#include "rules.h"
#include "suite.h"

static struct bl_err err;

/* ---- texts ---- */

START_TEST(taken_apart)
{
	static const struct {
		const char *text, *glob, *value;
		enum bl_option option;
		double number;
		enum bl_unit unit;
	} row[] = {
		{"*.running_*:method=uniform", "*.running_*", "uniform", BL_OPT_METHOD, 0, 0},
		{"a:b:decay=.5", "a:b", ".5", BL_OPT_DECAY, 0.5, 0},
		{"a::half-life=10%", "a:", "10%", BL_OPT_HALF_LIFE, 10, BL_UNIT_PERCENT},
		{"[a:]:window=3ckpt", "[a:]", "3ckpt", BL_OPT_WINDOW, 3, BL_UNIT_CKPT},
		{"x y/\n:damping=inf", "x y/\n", "inf", BL_OPT_DAMPING, HUGE_VAL, 0},
		{"*:update-every=2", "*", "2", BL_OPT_UPDATE_EVERY, 2, 0},
		{"*:average=true", "*", "true", BL_OPT_AVERAGE, 1, 0},
		{"*:copy=true", "*", "true", BL_OPT_COPY, 1, 0},
		{"*:skip=true", "*", "true", BL_OPT_SKIP, 1, 0},
		{"*:copy-from=a:b=c,d", "*", "a:b=c,d", BL_OPT_COPY_FROM, 0, 0},
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		const size_t glob = strlen(row[i].glob);
		struct bl_said said;

		ck_assert_msg(bl_said_parse(row[i].text, &said, &err) == 0, "%s: %s",
			row[i].text, err.text);
		ck_assert_uint_eq(said.glob, glob);
		ck_assert_mem_eq(row[i].text, row[i].glob, glob);
		ck_assert_int_eq(said.option, row[i].option);
		ck_assert_str_eq(said.value.text, row[i].value);
		ck_assert_ptr_eq(said.value.text,
			row[i].text + strlen(row[i].text) - strlen(row[i].value));
		ck_assert(said.value.number == row[i].number);
		ck_assert_int_eq(said.value.unit, row[i].unit);
	}
}
END_TEST

/* Through the settings, as the command line and recipes come. */
START_TEST(refused_texts)
{
	static const struct {
		const char *text, *message, *hint;
	} row[] = {
		{"", "GLOB:key=value was expected", "such as '*.running_*:method=uniform'"},
		{"w", "GLOB:key=value was expected", "such as '*.running_*:method=uniform'"},
		{"a:b", "GLOB:key=value was expected", "such as '*.running_*:method=uniform'"},
		{"decay=.5", "GLOB:key=value was expected", "such as '*.running_*:method=uniform'"},
		{":decay=.5", "GLOB:key=value was expected",
			"such as '*.running_*:method=uniform'"},
		{"w=x:decay=.5", "GLOB:key=value was expected",
			"such as '*.running_*:method=uniform'"},
		{"w:decy=.5", "unknown option \"decy\"", "did you mean \"decay\"?"},
		{"w:skp=true", "unknown option \"skp\"", "did you mean \"skip\"?"},
		{"w:=.5", "unknown option \"\"", "some tensors can have a method and its options, "
			"average=true, copy=true, skip=true and copy-from"},
		{"w:thread=2", "unknown option \"thread\"", "some tensors can have a method and "
			"its options, average=true, copy=true, skip=true and copy-from"},
		{"w:threads=2", "\"threads\" cannot be said of some tensors only",
			"some tensors can have a method and its options, average=true, copy=true, "
			"skip=true and copy-from"},
		{"w:tensor-option=x:decay=.5",
			"\"tensor-option\" cannot be said of some tensors only",
			"some tensors can have a method and its options, average=true, copy=true, "
			"skip=true and copy-from"},
		{"w:a-key-that-is-longer-than-any-there-is=2",
			"unknown option \"a-key-that-is-longer-than-any-the\"",
			"some tensors can have a method and its options, average=true, copy=true, "
			"skip=true and copy-from"},
		{"w:decay=1", "1 is out of range (at least 0, below 1)", ""},
		{"w:decay=", "\"\" is not a number", ""},
		{"w:decay=.5,.6", "it takes one value, not the list \".5,.6\"", ""},
		{"w:half-life=1:9:3", "it takes one value, not the list \"1:9:3\"", ""},
		{"w:method=ema,spring", "it takes one value, not the list \"ema,spring\"", ""},
		{"w:method=sprin", "\"sprin\" is not one of ", "did you mean \"spring\"?"},
		{"w:copy=false", "\"false\" is not the only word for it, true", ""},
		{"w:copy=", "\"\" is not the only word for it, true", ""},
		{"w:copy-from=", "it is empty", ""},
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
		for (int typed = 0; typed < 2; typed++) {
			const char *where = typed ? "--tensor-option" : "a.yaml:3:5";
			struct bl_settings s = {0};
			char want[256];

			snprintf(want, sizeof want, "%s%s %s: %s", where, typed ? "" : ":",
				row[i].text, row[i].message);
			ck_assert_int_eq(bl_settings_set(
				&s, "tensor-option", row[i].text, where, &err), -1);
			ck_assert_int_eq(err.code, BL_USAGE);
			ck_assert_msg(strncmp(err.text, want, strlen(want)) == 0, "%s", err.text);
			ck_assert_str_eq(err.hint, row[i].hint);
			ck_assert(!bl_settings_given(&s, BL_OPT_TENSOR_OPTION) && s.repeats == 0);
		}
}
END_TEST

/* ---- rules ---- */

static struct bl_settings settings;
static struct bl_rules rules;

/* "copy a* tensor-option x:decay=.5": what was said, in this order. */
static int rules_of(const char *text)
{
	static char copy[512];
	char *save = NULL;

	bl_rules_free(&rules);
	bl_settings_free(&settings);
	settings.repeats = 0;
	snprintf(copy, sizeof copy, "%s", text);
	for (char *key = strtok_r(copy, " ", &save); key; key = strtok_r(NULL, " ", &save))
		ck_assert_msg(bl_settings_set(&settings, key, strtok_r(NULL, " ", &save), key,
			&err) == 0, "%s", err.text);
	memset(&err, 0, sizeof err);
	return bl_rules_make(&settings, &rules, &err);
}

/* "copy a* from first; average b decay=.5": the rules in words. */
static void rules_are(const char *said, const char *want)
{
	static const char *const fate[] = {"copy", "average", "skip"};
	char got[512] = "";
	size_t at = 0;

	ck_assert_msg(rules_of(said) == 0, "%s", err.text);
	for (size_t i = 0; i < rules.n; i++) {
		const struct bl_rule *r = &rules.rule[i];
		char overlay[256];

		ck_assert(!r->used);
		at += (size_t)snprintf(got + at, sizeof got - at, "%s%s %s%s%s", i ? "; " : "",
			fate[r->fate], r->glob, r->from ? " from " : "", r->from ? r->from : "");
		if (r->overlay)
			at += (size_t)snprintf(got + at, sizeof got - at, " | %s",
				bl_overlay_text(r->overlay, overlay, sizeof overlay));
		ck_assert(!r->overlay || r->option == BL_OPT_TENSOR_OPTION);
	}
	ck_assert_str_eq(got, want);
}

START_TEST(in_their_order)
{
	rules_are("half-life 3", "");
	rules_are("copy a tensor-option b:decay=.5 skip c average d",
		"copy a; average b | b:decay=.5; skip c; average d");
	rules_are("tensor-option a:copy=true tensor-option b:skip=true tensor-option "
		"c:average=true tensor-option d:copy-from=first",
		"copy a; skip b; average c; copy d from first");
	/* What follows each other with the same pattern is one rule; the later of one key holds. */
	rules_are("tensor-option a:method=belay tensor-option a:gain=2 tensor-option a:gain=3 "
		"tensor-option a:average=true tensor-option b:decay=.1",
		"average a | a:method=belay, gain=3; average b | b:decay=.1");
	rules_are("tensor-option a:decay=.1 tensor-option b:decay=.2 tensor-option a:hold=left",
		"average a | a:decay=.1; average b | b:decay=.2; average a | a:hold=left");
	rules_are("tensor-option a:decay=.1 average a tensor-option a:decay=.2",
		"average a | a:decay=.1; average a; average a | a:decay=.2");
	rules_are("average a tensor-option a:decay=.1", "average a; average a | a:decay=.1");
	rules_are("tensor-option ab:decay=.1 tensor-option a:decay=.2",
		"average ab | ab:decay=.1; average a | a:decay=.2");
	rules_are("tensor-option a:decay=.1 tensor-option ab:decay=.2",
		"average a | a:decay=.1; average ab | ab:decay=.2");
	rules_are("tensor-option a:copy=true tensor-option a:copy-from=7", "copy a from 7");
	bl_rules_free(&rules);
	bl_settings_free(&settings);
}
END_TEST

START_TEST(not_together)
{
	static const char *const said[][2] = {
		{"a:copy=true", "a:decay=.5"}, {"a:decay=.5", "a:copy=true"},
		{"a:skip=true", "a:copy=true"}, {"a:copy-from=last", "a:average=true"},
		{"a:method=uniform", "a:skip=true"},
	};

	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		char text[128], want[128];

		snprintf(text, sizeof text, "tensor-option %s tensor-option %s", said[i][0],
			said[i][1]);
		snprintf(want, sizeof want, "--tensor-option %s: excludes what was said of that "
			"pattern before", said[i][1]);
		ck_assert_int_eq(rules_of(text), -1);
		ck_assert_int_eq(err.code, BL_USAGE);
		ck_assert_str_eq(err.text, want);
	}
	bl_rules_free(&rules);
	bl_settings_free(&settings);
}
END_TEST

/* ---- over an output's settings ---- */

/* The overlay of "tensor-option" values for one pattern: "decay=.5 hold=left". */
static const struct bl_overlay *overlay_of(const char *text)
{
	static char said[512];
	char copy[256], *save = NULL;
	size_t at = 0;

	snprintf(copy, sizeof copy, "%s", text);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		at += (size_t)snprintf(said + at, sizeof said - at, "tensor-option *:%s ", w);
	ck_assert_msg(rules_of(said) == 0, "%s", err.text);
	ck_assert_uint_eq(rules.n, 1);
	return rules.rule[0].overlay;
}

/* What the case is under the overlay, as "key=value key=value". */
static void lies_over(const char *overlay, const char *under, const char *want)
{
	static struct case_text text;
	struct bl_case merged;
	char got[256] = "";
	size_t at = 0;

	read_settings(&text, under);
	text.c.output = text.text;
	text.c.index = 7;
	merged = bl_overlay_case(overlay_of(overlay), &text.c);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (merged.value[o])
			at += (size_t)snprintf(got + at, sizeof got - at, "%s%s=%s", at ? " " : "",
				bl_option(o)->key, merged.value[o]->text);
	ck_assert_msg(strcmp(got, want) == 0, "%s over %s: %s", overlay, under, got);
	ck_assert_ptr_eq(merged.output, text.text);
	ck_assert_uint_eq(merged.index, 7);
}

START_TEST(one_over_the_other)
{
	lies_over("hold=left", "", "hold=left");
	lies_over("hold=left", "decay=.5 hold=mid start=zero", "decay=.5 hold=left start=zero");
	/* A length takes the place of any other. */
	lies_over("decay=.5", "half-life=3", "decay=.5");
	lies_over("half-life=2ckpt", "kappa=.1 gamma=.2 method=spring",
		"method=spring half-life=2ckpt");
	lies_over("rel-std=.1", "mean-age=3 damping=2", "rel-std=.1 damping=2");
	lies_over("mean-age=.1", "rel-std=3 window=2", "mean-age=.1 window=2");
	lies_over("kappa=.1", "method=belay half-life=3 damping=2 gain=2",
		"method=belay gain=2 kappa=.1");
	lies_over("kappa=.1", "method=spring kappa=.2 gamma=.3", "method=spring kappa=.1");
	lies_over("gamma=.1", "method=spring kappa=.2 gamma=.3", "method=spring kappa=.2 gamma=.1");
	lies_over("window=3", "half-life=2", "half-life=2 window=3");
	/* A method keeps what it takes. */
	lies_over("method=uniform", "decay=.5 hold=left update-every=2 time-unit=3 dtype=f16",
		"method=uniform time-unit=3 dtype=f16");
	lies_over("method=belay", "half-life=5 start=zero hold=mid",
		"method=belay half-life=5 hold=mid");
	lies_over("method=ema", "method=belay half-life=5 damping=2 gain=3 particle=model",
		"method=ema half-life=5");
	lies_over("method=window window=3", "window=7 half-life=3", "method=window window=3");
	lies_over("method=ema", "method=window window=7", "method=ema");
	lies_over("method=spring damping=.5 decay=.9", "method=belay kappa=.1 gamma=.2 gain=3",
		"method=spring decay=.9 damping=.5");
	/* A method with an option that it does not take is for the plan to refuse. */
	lies_over("method=uniform decay=.5", "half-life=7", "method=uniform decay=.5");
	bl_rules_free(&rules);
	bl_settings_free(&settings);
}
END_TEST

/* ---- in a plan ---- */

#define TIMES "0 10 20 50 60 100"

static struct case_text one, two, three;
static struct bl_plan plan;

static uint64_t most; /* bytes that it may take; 0: any */

static int plan_overlaid(const struct bl_overlay *const *overlay, size_t n)
{
	const struct bl_case cases[] = {one.c, two.c};
	const struct bl_history history = {one.time, NULL, NULL, most};
	static struct bl_case kept[2];

	memcpy(kept, cases, sizeof kept);
	bl_plan_free(&plan);
	ck_assert_msg(bl_plan_make(kept, 2, &history, &plan, &err) == 0, "%s", err.text);
	return bl_plan_overlay(&plan, overlay, n, &history, &err);
}

/* The row is that of a plan with these settings alone. */
static void is_row(size_t p, size_t set, const char *settings_alone)
{
	const struct bl_row *got = bl_plan_row(&plan, p, set), *want;
	struct bl_plan alone;
	double difference;

	read_times(&three, TIMES);
	ck_assert_int_eq(plan_of(&three, settings_alone, &alone, &err), 0);
	want = &alone.row[0];
	ck_assert_ptr_eq(got->dynamics, want->dynamics);
	ck_assert_mem_eq(got->weight, want->weight, 6 * sizeof *got->weight);
	ck_assert_mem_eq(got->part, want->part, 6 * sizeof *got->part);
	ck_assert_mem_eq(got->time.n, want->time.n, 6 * sizeof *got->time.n);
	ck_assert_double_eq(got->divisor, want->divisor);
	ck_assert_double_eq(got->mean_age, want->mean_age);
	ck_assert_int_eq(got->counts_checkpoints, want->counts_checkpoints);
	ck_assert_int_eq(bl_replay_check(got, &difference, &err), 0);
	bl_plan_free(&alone);
}

/* A plan takes no more than it may, neither before the overlays nor with them. */
START_TEST(within_bounds)
{
	const struct bl_overlay *overlay[2];
	uint64_t rows, all;

	read_times(&one, TIMES);
	read_settings(&one, "half-life=20");
	read_settings(&two, "method=uniform");
	ck_assert_int_eq(
		rules_of("tensor-option a:method=uniform tensor-option b:method=belay"), 0);
	overlay[0] = rules.rule[0].overlay;
	overlay[1] = rules.rule[1].overlay;
	ck_assert_int_eq(plan_overlaid(overlay, 2), 0);
	all = bl_plan_bytes(&plan);
	ck_assert_int_eq(plan_overlaid(NULL, 0), 0);
	rows = bl_plan_bytes(&plan);
	ck_assert_uint_gt(all, 3 * rows);
	most = all;
	ck_assert_int_eq(plan_overlaid(overlay, 2), 0);
	most--;
	ck_assert_int_eq(plan_overlaid(overlay, 2), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.text, "2 outputs with 2 patterns and 6 checkpoints"));
	ck_assert_ptr_null(plan.overlaid);
	most = rows;
	ck_assert_int_eq(plan_overlaid(NULL, 0), 0);
	bl_plan_free(&plan);
	{
		const struct bl_history history = {one.time, NULL, NULL, rows - 1};
		const struct bl_case cases[] = {one.c, two.c};

		ck_assert_int_eq(bl_plan_make(cases, 2, &history, &plan, &err), -1);
	}
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_ptr_null(plan.row);
	most = 0;
	bl_plan_free(&plan);
	bl_rules_free(&rules);
	bl_settings_free(&settings);
}
END_TEST

START_TEST(rows_for_all)
{
	const struct bl_overlay *overlay[3];

	read_times(&one, TIMES);
	read_settings(&one, "half-life=20 hold=left");
	read_settings(&two, "method=belay half-life=30 gain=2");
	ck_assert_int_eq(rules_of("tensor-option a:method=uniform tensor-option b:half-life=2ckpt "
		"copy x tensor-option c:method=spring tensor-option c:damping=.5"), 0);
	overlay[0] = rules.rule[0].overlay;
	overlay[1] = rules.rule[1].overlay;
	overlay[2] = rules.rule[3].overlay;
	ck_assert_msg(plan_overlaid(overlay, 3) == 0, "%s", err.text);
	ck_assert_uint_eq(plan.rows, 2);
	ck_assert_uint_eq(plan.overlays, 3);
	is_row(0, 0, "half-life=20 hold=left");
	is_row(0, 1, "method=uniform");
	is_row(0, 2, "half-life=2ckpt hold=left");
	is_row(0, 3, "method=spring half-life=20 hold=left damping=.5");
	is_row(1, 0, "method=belay half-life=30 gain=2");
	is_row(1, 1, "method=uniform");
	is_row(1, 2, "method=belay half-life=2ckpt gain=2");
	is_row(1, 3, "method=spring half-life=30 damping=.5");
	ck_assert_uint_ge(bl_plan_bytes(&plan), 8 * 6 * 3 * sizeof(double));
	bl_plan_free(&plan);
	/* None at all: the plan is as it was. */
	ck_assert_int_eq(plan_overlaid(NULL, 0), 0);
	ck_assert_ptr_null(plan.overlaid);
	is_row(1, 0, "method=belay half-life=30 gain=2");
	bl_plan_free(&plan);
	bl_rules_free(&rules);
	bl_settings_free(&settings);
}
END_TEST

START_TEST(refused_rows)
{
	static const struct {
		const char *overlay, *message;
	} row[] = {
		{"damping=2", "one: --tensor-option *:damping=2: --damping does not apply to "
			"--method ema"},
		{"kappa=3", "one: --tensor-option *:kappa=3: unstable: kappa 3; stable where 0 < "
			"kappa < 2"},
		{"gain=2 method=spring", "one: --tensor-option *:method=spring, gain=2: --gain "
			"does not apply to --method spring"},
		{"half-life=3 decay=.5", "one: --tensor-option *:half-life=3, decay=.5: "
			"--half-life and --decay exclude each other"},
		{"method=window", "one: --tensor-option *:method=window: --method window needs "
			"--window"},
		{"update-every=7", "one: --tensor-option *:update-every=7: --update-every 7: the "
			"checkpoint at time 10 is 10 after the first, which is no multiple of it"},
		{"start=zero", "two: --tensor-option *:start=zero: --start does not apply to "
			"--method uniform"},
	};

	read_times(&one, TIMES);
	read_settings(&one, "half-life=20");
	read_settings(&two, "method=uniform");
	one.c.output = (char[]){"one"};
	two.c.output = (char[]){"two"};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		const struct bl_overlay *overlay = overlay_of(row[i].overlay);

		ck_assert_int_eq(plan_overlaid(&overlay, 1), -1);
		ck_assert_int_eq(err.code, BL_USAGE);
		ck_assert_str_eq(err.text, row[i].message);
		bl_plan_free(&plan);
		ck_assert_ptr_null(plan.overlaid);
	}
	bl_rules_free(&rules);
	bl_settings_free(&settings);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("overlay");
	TCase *c = tcase_create("overlay");

	tcase_add_test(c, taken_apart);
	tcase_add_test(c, refused_texts);
	tcase_add_test(c, in_their_order);
	tcase_add_test(c, not_together);
	tcase_add_test(c, one_over_the_other);
	tcase_add_test(c, within_bounds);
	tcase_add_test(c, rows_for_all);
	tcase_add_test(c, refused_rows);
	suite_add_tcase(s, c);
	return suite_run(s);
}
