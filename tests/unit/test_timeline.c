/* test_timeline.c - times and the order of checkpoints, recorded, by pattern or by index. */
#include "trial.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct trial trial;
/* What its inputs record. */
static struct bl_catalog cat[TRIAL_MOST];
static struct bl_meta meta[TRIAL_MOST][2];

/* Adds an input that records up to two values; NULL keys for none. */
static void add(
	const char *path, const char *key, const char *value, const char *key2, const char *value2)
{
	const size_t i = trial.count++;

	ck_assert_uint_lt(i, TRIAL_MOST);
	meta[i][0] = (struct bl_meta){.key = key, .value = value};
	meta[i][1] = (struct bl_meta){.key = key2, .value = value2};
	cat[i] = (struct bl_catalog){.meta = meta[i]};
	cat[i].metas = (key != NULL) + (key2 != NULL);
	trial.input[i] = (struct bl_time_input){path, &cat[i]};
}

static void begin(void)
{
	memset(&trial, 0, sizeof trial);
}

START_TEST(records)
{
	begin();
	add("ckpt_3.h5", "epoch", "1", "step", "25.0");
	add("ckpt_2.h5", "step", "1e3", "epoch", "1");
	add("ckpt_1.h5", "step", "-5", "epoch", "1");
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "25 1000 -5"); /* and the names say otherwise */
	ck_assert_int_eq(trial.origin, BL_TIME_KEY);
	ck_assert_str_eq(trial.key, "step");
	trial_check_sorted(&trial);

	/* A key that only some carry gives way to one that all do. */
	begin();
	add("a.h5", "step", "10", "epoch", "2");
	add("b.h5", "epoch", "1", NULL, NULL);
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "2 1");
	ck_assert_str_eq(trial.key, "epoch");
}
END_TEST

START_TEST(each_key)
{
	static const char *const keys[] = {"step", "global_step", "iteration", "epoch"};

	begin();
	add("a.h5", keys[_i], "7", NULL, NULL);
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "7");
	ck_assert_str_eq(trial.key, keys[_i]);
	for (int later = _i + 1; later < 4; later++) {
		begin();
		add("a.h5", keys[later], "8", keys[_i], "7");
		ck_assert_int_eq(trial_find(&trial), 0);
		ck_assert_str_eq(trial_times(&trial), "7");
	}
}
END_TEST

START_TEST(partly_recorded)
{
	begin();
	add("ckpt_1.h5", "step", "10", NULL, NULL);
	add("ckpt_2.h5", NULL, NULL, NULL, NULL);
	add("ckpt_3.h5", "step", "30", NULL, NULL);
	ck_assert_int_eq(trial_find(&trial), -1);
	ck_assert_int_eq(trial.err.code, BL_USAGE);
	ck_assert_str_eq(trial.err.text,
		"1 of 3 checkpoints do not record their step, the others do\n"
		"   -  ckpt_2.h5\n  10  ckpt_1.h5\n  30  ckpt_3.h5");
	ck_assert_ptr_nonnull(strstr(trial.err.hint, "--times=index"));

	/* Both remedies of the hint work. */
	trial.rule.pattern = "ckpt_(.*)\\.h5";
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "1 2 3");
	ck_assert_int_eq(trial.origin, BL_TIME_PATTERN);
	trial.rule.index = true;
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "0 1 2");
	ck_assert_int_eq(trial.origin, BL_TIME_INDEX);
}
END_TEST

START_TEST(bad_records)
{
	static const struct {
		const char *value, *message;
	} bad[] = {
		{"", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"ten", "the recorded step: 1 of 2 times are no decimal numbers\n  ten  b.h5\n    "
			"1  a.h5"},
		{"0x10", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"nan", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"inf", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"1e", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"1e+", "the recorded step: 1 of 2 times are no decimal numbers"},
		{".", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"-", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"+1", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"1 ", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"1,5", "the recorded step: 1 of 2 times are no decimal numbers"},
		{"0.5", "the recorded step: 1 of 2 times are not whole (--time-unit=U counts in "
			"units of U)"},
		{"1e-3", "the recorded step: 1 of 2 times are not whole"},
		{"1e400", "the recorded step: 1 of 2 times are 2^53 or more"},
		{"-9007199254740992", "the recorded step: 1 of 2 times are 2^53 or more"},
		{"1.00", "the recorded step: 2 of 2 checkpoints share their time with another"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		begin();
		add("a.h5", "step", "1", NULL, NULL);
		add("b.h5", "step", bad[i].value, NULL, NULL);
		ck_assert_int_eq(trial_find(&trial), -1);
		ck_assert_int_eq(trial.err.code, BL_USAGE);
		ck_assert_msg(strncmp(trial.err.text, bad[i].message, strlen(bad[i].message)) == 0,
			"'%s': %s", bad[i].value, trial.err.text);
	}
}
END_TEST

START_TEST(good_records)
{
	static const struct {
		const char *value;
		int64_t time;
	} good[] = {
		{"25.", 25},
		{"-.0", 0},
		{"1.5e1", 15},
		{"1E+2", 100},
		{"100e-2", 1},
		{"007", 7},
		{"9007199254740991", 9007199254740991},
		{"-9007199254740991", -9007199254740991},
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		begin();
		add("a.h5", "step", good[i].value, NULL, NULL);
		ck_assert_msg(trial_find(&trial) == 0, "%s: %s", good[i].value, trial.err.text);
		ck_assert_int_eq(trial.time[0], good[i].time);
	}
}
END_TEST

START_TEST(units)
{
	begin();
	add("a.h5", "epoch", "0.5", NULL, NULL);
	add("b.h5", "epoch", "0.25", NULL, NULL);
	add("c.h5", "epoch", "1.2500001", NULL, NULL);
	trial.rule.unit = 0.25;
	ck_assert_int_eq(trial_find(&trial), 0); /* off by 4e-7 units */
	ck_assert_str_eq(trial_times(&trial), "2 1 5");

	add("d.h5", "epoch", "1.500001", NULL, NULL);
	ck_assert_int_eq(trial_find(&trial), -1); /* off by 4e-6 units */
	ck_assert_ptr_nonnull(strstr(trial.err.text, "1 of 4 times are no whole multiple of "
						     "--time-unit=0.25\n   1.500001  d.h5\n"));

	/* A unit that is no binary fraction, a name, and times that fall together. */
	begin();
	add("a_100.h5", NULL, NULL, NULL, NULL);
	add("a_300.h5", NULL, NULL, NULL, NULL);
	trial.rule.unit = 0.1;
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "1000 3000");
	trial.rule.unit = 100;
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "1 3");
	trial.rule.unit = 1e300;
	ck_assert_int_eq(trial_find(&trial), -1);
	ck_assert_ptr_nonnull(strstr(trial.err.text, "2 of 2 checkpoints share their time"));
}
END_TEST

START_TEST(own_key)
{
	begin();
	trial.rule.key = "tokens";
	trial.rule.pattern = "(.)";
	add("a.h5", "tokens", "300", "step", "1");
	add("b.h5", "tokens", "200", "step", "2");
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "300 200");
	ck_assert_str_eq(trial.key, "tokens");
	add("c.h5", "step", "3", NULL, NULL);
	ck_assert_int_eq(trial_find(&trial), -1);
	ck_assert_str_eq(trial.err.text, "--time-key=tokens: 1 of 3 checkpoints do not record it\n"
					 "    -  c.h5\n  300  a.h5\n  200  b.h5");
}
END_TEST

START_TEST(own_pattern)
{
	begin();
	add("a5/x7-0.5.h5", "step", "1", NULL, NULL);
	add("a6/x8-1.5.h5", "step", "2", NULL, NULL);
	trial.rule.pattern = "a([0-9])/(x)";
	ck_assert_int_eq(trial_find(&trial), 0); /* asked for, so before what is recorded */
	ck_assert_str_eq(trial_times(&trial), "5 6");
	trial.rule.pattern = "[0-9]";
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "5 6");
	trial.rule.pattern = "-(.*)\\.h5$";
	trial.rule.unit = 0.5;
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "1 3");
	trial.rule.unit = 0;
	trial.rule.pattern = "x8|a([0-9])";
	add("x8", NULL, NULL, NULL, NULL);
	ck_assert_int_eq(trial_find(&trial), -1); /* it matches, but its group took no part */
	ck_assert_str_eq(trial.err.text, "--time-pattern=x8|a([0-9]): 1 of 3 paths do not match\n"
					 "  -  x8\n  5  a5/x7-0.5.h5\n  6  a6/x8-1.5.h5");
	trial.rule.pattern = "a(";
	ck_assert_int_eq(trial_find(&trial), -1);
	ck_assert_int_eq(trial.err.code, BL_USAGE);
	ck_assert_ptr_eq(strstr(trial.err.text, "--time-pattern=a(: "), trial.err.text);
}
END_TEST

START_TEST(index_order)
{
	begin();
	trial.rule.index = true;
	trial.rule.unit = 3;
	add("b_9.h5", "step", "9", NULL, NULL);
	add("b_9.h5", "step", "9", NULL, NULL);
	add("a.h5", NULL, NULL, NULL, NULL);
	ck_assert_int_eq(trial_find(&trial), 0);
	ck_assert_str_eq(trial_times(&trial), "0 1 2");
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(trial.order[i], i);
	ck_assert_int_eq(trial.origin, BL_TIME_INDEX);
	ck_assert_ptr_null(trial.key);
	trial.count = 0;
	ck_assert_int_eq(trial_find(&trial), -1);
	ck_assert_int_eq(trial.err.code, BL_USAGE);
}
END_TEST

START_TEST(long_tables)
{
	static char path[40][16], deep[400];
	size_t lines = 1;

	begin();
	for (size_t i = 0; i < 40; i++) {
		sprintf(path[i], "c%zu.h5", i);
		add(path[i], NULL, NULL, NULL, NULL);
	}
	memset(deep, 'd', sizeof deep - 1);
	memcpy(deep + sizeof deep - 10, "/\n\033\xff.h5", 8);
	trial.input[39].path = deep;
	trial.input[38].path = "c07.h5";
	ck_assert_int_eq(trial_find(&trial), -1);
	ck_assert_ptr_nonnull(strstr(trial.err.text, "1 of 40 checkpoints have no time"));
	ck_assert_ptr_nonnull(strstr(trial.err.text, "  -  ...ddd"));
	ck_assert_ptr_nonnull(strstr(trial.err.text, "/\\n\\x1b\\xff.h5"));
	for (const char *s = trial.err.text; (s = strchr(s, '\n')) != NULL; s++)
		lines++;
	ck_assert_uint_eq(lines, 12);
	ck_assert_str_eq(strrchr(trial.err.text, '\n'), "\n  ... and 30 more");

	/* The clashing ones stand first, however late they come. */
	trial.count = 39;
	ck_assert_int_eq(trial_find(&trial), -1);
	ck_assert_ptr_nonnull(
		strstr(trial.err.text, "2 of 39 checkpoints share their time with another\n"
				       "   7  c7.h5\n  07  c07.h5\n   0  c0.h5\n   1  c1.h5\n"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timeline");
	TCase *tc = tcase_create("timeline");

	tcase_add_test(tc, records);
	tcase_add_loop_test(tc, each_key, 0, 4);
	tcase_add_test(tc, partly_recorded);
	tcase_add_test(tc, bad_records);
	tcase_add_test(tc, good_records);
	tcase_add_test(tc, units);
	tcase_add_test(tc, own_key);
	tcase_add_test(tc, own_pattern);
	tcase_add_test(tc, index_order);
	tcase_add_test(tc, long_tables);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
