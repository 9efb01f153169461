/* test_settings.c - the option table and the values that it admits. */
#include "settings.h"
#include "suite.h"
#include "value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE "recipe.yaml:12"
/* Settings of a program that has an option. */
static struct bl_settings settings_for(const struct bl_option_info *row)
{
	const enum bl_program of = row->flags & (BL_AVG | BL_SHOW | BL_DIFF);

	return (struct bl_settings){.program = of == BL_SHOW || of == BL_DIFF ? of : BL_AVG};
}

/* Sets and expects success; the first value. */
static const struct bl_value *set(struct bl_settings *s, const char *key, const char *value)
{
	struct bl_err err = {0};

	ck_assert_msg(bl_settings_set(s, key, value, WHERE, &err) == 0, "%s %s: %s", key,
		value ? value : "(none)", err.text);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (strcmp(bl_option(o)->key, key) == 0 && bl_option_is_of(o, s->program))
			return s->given[o].value;
	ck_abort_msg("%s is set, but not in the table", key);
}

/* Sets and expects the message, which begins with the place, and the hint ("" for none). */
static void refused(const char *key, const char *value, const char *text, const char *hint)
{
	struct bl_settings s = {0};
	struct bl_err err = {0};
	char whole[512];

	ck_assert_msg(bl_settings_set(&s, key, value, WHERE, &err) == -1, "%s %s is accepted", key,
		value ? value : "(none)");
	ck_assert_int_eq(err.code, BL_USAGE);
	snprintf(whole, sizeof whole, "%s: %s", WHERE, text);
	ck_assert_str_eq(err.text, whole);
	ck_assert_str_eq(err.hint, hint);
	for (unsigned o = 0; o < BL_OPTIONS; o++)
		ck_assert(!bl_settings_given(&s, (enum bl_option)o));
	bl_settings_free(&s);
}

/* Is value accepted, and as this number? */
static bool accepts(const struct bl_option_info *info, double number)
{
	struct bl_settings s = settings_for(info);
	struct bl_err err = {0};
	char text[64];
	bool ok;

	snprintf(text, sizeof text, "%.17g", number);
	ok = bl_settings_set(&s, info->key, text, WHERE, &err) == 0;
	if (ok)
		ck_assert_double_eq(set(&s, info->key, text)->number, number);
	else
		ck_assert_msg(strstr(err.text, "is out of range (") || strstr(err.text, "whole"),
			"%s %s: %s", info->key, text, err.text);
	bl_settings_free(&s);
	return ok;
}

static bool is_number(const struct bl_option_info *info)
{
	return info->kind == BL_KIND_NUMBER || info->kind == BL_KIND_LENGTH ||
		info->kind == BL_KIND_WHOLE || info->kind == BL_KIND_SIZE;
}

static bool is_whole(const struct bl_option_info *info)
{
	return info->kind == BL_KIND_WHOLE || info->kind == BL_KIND_SIZE;
}

START_TEST(rows_are_sound)
{
	const struct bl_option_info *row = bl_option((enum bl_option)_i);
	const unsigned units = BL_PERCENT | BL_CKPT;

	ck_assert(row->key && row->group && row->help && row->paragraph);
	ck_assert_uint_gt(strlen(row->key), 1);
	ck_assert_uint_le(strlen(row->key), 32); /* longer ones would have no "did you mean" */
	for (const char *c = row->key; *c; c++)
		ck_assert_msg(islower(*c) || isdigit(*c) || *c == '-', "%s", row->key);
	for (int before = 0; before < _i; before++) {
		const struct bl_option_info *other = bl_option((enum bl_option)before);

		if (!bl_option_is_of((enum bl_option)before, settings_for(row).program))
			continue;
		ck_assert_str_ne(row->key, other->key);
		ck_assert(!row->letter || row->letter != other->letter);
	}
	ck_assert(!row->letter || isalpha(row->letter));
	ck_assert_msg(row->help[strlen(row->help) - 1] != '.', "%s", row->key);
	ck_assert_msg(isupper(row->paragraph[0]), "%s", row->key);
	ck_assert_msg(row->paragraph[strlen(row->paragraph) - 1] == '.', "%s", row->key);
	ck_assert_ptr_null(strstr(row->paragraph, "  "));
	ck_assert_int_eq(row->kind == BL_KIND_FLAG, row->argument == NULL);
	ck_assert_int_eq(row->kind == BL_KIND_WORD, row->choices != NULL);
	ck_assert(!is_number(row) || row->low < row->high);
	ck_assert(!(row->flags & units) || row->kind == BL_KIND_LENGTH);
	ck_assert(!(row->flags & BL_SWEEPS) || row->flags & BL_METHOD);
	ck_assert(!(row->flags & BL_LIST) || (is_number(row) && !(row->flags & BL_SWEEPS)));
	ck_assert(!(row->flags & BL_SWEEPS) || is_number(row) || _i == BL_OPT_METHOD);
	ck_assert(!(row->flags & BL_METHOD && is_number(row)) || row->flags & BL_SWEEPS);
	ck_assert(!(row->flags & BL_OPTIONAL) || row->fallback);
}
END_TEST

START_TEST(fallbacks_hold)
{
	const struct bl_option_info *row = bl_option((enum bl_option)_i);
	struct bl_settings s = settings_for(row), given = settings_for(row);
	struct bl_value room;
	const struct bl_value *v = bl_settings_get(&s, (enum bl_option)_i, &room);

	ck_assert_int_eq(v != NULL, row->fallback && !(row->flags & BL_OPTIONAL));
	if (row->fallback)
		set(&given, row->key, row->fallback);
	if (v) {
		const struct bl_value *typed = bl_settings_get(&given, (enum bl_option)_i, NULL);

		ck_assert_str_eq(v->text, row->fallback);
		ck_assert_str_eq(typed->text, row->fallback);
		ck_assert_double_eq(typed->number, v->number);
		ck_assert_double_eq(bl_settings_number(&s, (enum bl_option)_i), v->number);
		ck_assert(bl_settings_word_is(&s, (enum bl_option)_i, row->fallback));
		ck_assert_int_eq(typed->unit, v->unit);
	}
	bl_settings_free(&given);
}
END_TEST

START_TEST(ranges_end)
{
	const struct bl_option_info *row = bl_option((enum bl_option)_i);
	const bool low_open = row->flags & BL_LOW_OPEN, high_open = row->flags & BL_HIGH_OPEN;

	if (!is_number(row))
		return;
	ck_assert_int_eq(accepts(row, row->low), !low_open);
	ck_assert_int_eq(accepts(row, row->high), !high_open);
	if (is_whole(row)) {
		ck_assert(!accepts(row, row->low - 1) && accepts(row, row->low + 1));
		ck_assert(!accepts(row, row->high + 2) && accepts(row, row->high - 1));
		return;
	}
	ck_assert(!accepts(row, nextafter(row->low, -HUGE_VAL)));
	ck_assert(accepts(row, nextafter(row->low, HUGE_VAL)));
	ck_assert(accepts(row, nextafter(row->high, -HUGE_VAL)));
	ck_assert(isinf(row->high) || !accepts(row, nextafter(row->high, HUGE_VAL)));
}
END_TEST

START_TEST(words_are_known)
{
	const struct bl_option_info *row = bl_option((enum bl_option)_i);
	char words[256], *rest = words, *w;

	if (row->kind != BL_KIND_WORD)
		return;
	snprintf(words, sizeof words, "%s", row->choices);
	while ((w = strsep(&rest, " "))) {
		struct bl_settings s = settings_for(row);
		struct bl_err err = {0};
		char text[64];

		ck_assert_uint_gt(strlen(w), 0);
		ck_assert_str_eq(set(&s, row->key, w)->text, w);
		ck_assert(bl_settings_word_is(&s, (enum bl_option)_i, w));
		snprintf(text, sizeof text, "%sx", w);
		ck_assert_int_eq(bl_settings_set(&s, row->key, text, WHERE, &err), -1);
		ck_assert_msg(strstr(err.text, w) != NULL, "%s", err.text);
		snprintf(text, sizeof text, "did you mean \"%s\"?", w);
		ck_assert_str_eq(err.hint, text);
		snprintf(text, sizeof text, "%.*s", (int)strlen(w) - 1, w);
		ck_assert_int_eq(bl_settings_set(&s, row->key, text, WHERE, &err), -1);
		bl_settings_free(&s);
	}
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		const char *text;
		double number;
	} good[] = {
		{"0", 0}, {"1", 1}, {"+1", 1}, {"-0", 0}, {"1.", 1}, {".5", .5}, {"007", 7},
		{"2.5e-1", .25}, {"1E2", 100}, {"1e+2", 100}, {"1e-400", 0},
	};
	static const char *const bad[] = {
		"abc", ".", "-", "+", "e5", " 1", "", "nan", "inf", "infinity", "--1", "-.e1",
		"0000000000000000000000000000000000000000000000000000000000000001",
	};
	static const char *const tail[] = {
		"1 ", "1e", "1e+", "1f", "1_0", "1.2.3", "0x10", "10%", "4ckpt",
	};
	char text[128];

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct bl_settings s = {0};
		const struct bl_value *v = set(&s, "gain", good[i].text);

		ck_assert_double_eq(v->number, good[i].number);
		ck_assert(!signbit(v->number));
		ck_assert_str_eq(v->text, good[i].text);
		bl_settings_free(&s);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(text, sizeof text, "\"%s\" is not a number", bad[i]);
		refused("gain", bad[i], *bad[i] ? text : "it is empty", "");
	}
	for (size_t i = 0; i < sizeof tail / sizeof tail[0]; i++) {
		struct bl_settings s = {0};
		struct bl_err err = {0};

		ck_assert_int_eq(bl_settings_set(&s, "gain", tail[i], WHERE, &err), -1);
		ck_assert_ptr_nonnull(strstr(err.text, "is not a bare number: without"));
	}
	refused("decay", "10%", "\"10%\" is not a bare number: without \"%\", please", "");
	refused("decay", "1", "1 is out of range (at least 0, below 1)", "");
	refused("kappa", "0", "0 is out of range (above 0, below 4)", "");
	refused("threads", "1.5", "1.5 is not a whole number", "");
	refused("damping", "1e999", "1e999 is out of range (above 0, at most inf)", "");
}
END_TEST

START_TEST(infinite_damping)
{
	struct bl_settings s = {0};

	ck_assert(isinf(set(&s, "damping", "1,inf")[1].number));
	bl_settings_free(&s);
	refused("damping", "-inf", "\"-inf\" is not a number", "");
	refused("damping", "1:inf:3", "1:inf:3: its ends are too far apart", "");
	refused("damping", "1:inf:log3", "1:inf:log3: its ends are too far apart", "");
}
END_TEST

START_TEST(lengths)
{
	static const char *const hint = "a bare number counts time, 10% is a share of the covered "
					"time, 4ckpt counts checkpoints";
	struct bl_settings s = {0};

	ck_assert_int_eq(set(&s, "half-life", "1e3")->unit, BL_UNIT_TIME);
	ck_assert_int_eq(set(&s, "half-life", "12.5%")->unit, BL_UNIT_PERCENT);
	ck_assert_double_eq(set(&s, "half-life", "12.5%")->number, 12.5);
	ck_assert_str_eq(set(&s, "half-life", "12.5%")->text, "12.5%");
	ck_assert_int_eq(set(&s, "window", "4ckpt")->unit, BL_UNIT_CKPT);
	ck_assert_double_eq(set(&s, "window", "1e1ckpt")->number, 10);
	bl_settings_free(&s);
	refused("half-life", "5steps", "\"5steps\": unknown unit \"steps\"", hint);
	refused("half-life", "5 %", "\"5 %\": unknown unit \" %\"", hint);
	refused("half-life", "5%%", "\"5%%\": unknown unit \"%%\"", hint);
	refused("half-life", "5CKPT", "\"5CKPT\": unknown unit \"CKPT\"", hint);
	refused("half-life", "%", "\"%\" is not a number", "");
	refused("window", "0%", "0% is out of range (above 0, at most 1e15)", "");
}
END_TEST

START_TEST(sizes)
{
	static const struct {
		const char *text;
		double bytes;
	} good[] = {
		{"1048576", 1048576}, {"1048576B", 1048576}, {"2000kB", 2e6}, {"5MB", 5e6},
		{"5GB", 5e9}, {"1TB", 1e12}, {"2048KiB", 2097152}, {"1MiB", 1048576},
		{"64MiB", 67108864}, {"1.5GiB", 1610612736}, {"1TiB", 1099511627776},
		{"1.0000001MiB", 1048576},
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct bl_settings s = {0};

		ck_assert_double_eq(set(&s, "memory", good[i].text)->number, good[i].bytes);
		bl_settings_free(&s);
	}
	refused("memory", "1048575",
		"1048575 is out of range (at least 1MiB, at most 1024TiB)", "");
	refused("memory", "1025TiB",
		"1025TiB is out of range (at least 1MiB, at most 1024TiB)", "");
	refused("memory", "5gb", "\"5gb\": unknown unit \"gb\"",
		"units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB");
	refused("memory", "MiB", "\"MiB\" is not a number", "");
}
END_TEST

START_TEST(bounds_are_readable)
{
	const struct bl_option_info size = {.kind = BL_KIND_SIZE};
	const struct bl_option_info number = {.kind = BL_KIND_NUMBER};
	char text[BL_NUMBER_TEXT];

	ck_assert_str_eq(bl_bound_text(&size, 1572864, text, sizeof text), "1536KiB");
	ck_assert_str_eq(bl_bound_text(&size, 1073741824, text, sizeof text), "1GiB");
	ck_assert_str_eq(bl_bound_text(&size, 1000, text, sizeof text), "1kB");
	ck_assert_str_eq(bl_bound_text(&size, 1001, text, sizeof text), "1001B");
	ck_assert_str_eq(bl_bound_text(&size, 0, text, sizeof text), "0");
	ck_assert_str_eq(bl_bound_text(&number, 1048576, text, sizeof text), "1048576");
}
END_TEST

START_TEST(texts_flags_and_arguments)
{
	struct bl_settings s = {0};

	ck_assert_str_eq(set(&s, "output", "a,b:{c}")->text, "a,b:{c}");
	ck_assert_str_eq(set(&s, "force", NULL)->text, "true");
	ck_assert_double_eq(bl_settings_number(&s, BL_OPT_FORCE), 1);
	ck_assert_str_eq(set(&s, "plan", NULL)->text, "text");
	ck_assert_str_eq(set(&s, "plan", "json")->text, "json");
	bl_settings_free(&s);
	refused("output", NULL, "it needs a value, FILE", "");
	refused("output", "", "it is empty", "");
	refused("force", "yes", "it takes no value, but has \"yes\"", "");
	refused("memory", "1GB,2GB", "it takes one value, not the list \"1GB,2GB\"", "");
	refused("threads", "1:4:4", "it takes one value, not the list \"1:4:4\"", "");
	refused("hold", "left,mid", "it takes one value, not the list \"left,mid\"", "");
	refused("hold", "imd", "\"imd\" is not one of linear, right, left, mid",
		"did you mean \"mid\"?");
	refused("times", "indx", "\"indx\" is not the only word for it, index",
		"did you mean \"index\"?");
}
END_TEST

/* What people call a method elsewhere is told by our name for it. */
START_TEST(other_names)
{
	static const char *const name[][2] = {
		{"swa", "uniform"}, {"mean", "uniform"}, {"lawa", "window"}, {"edm2", "power"},
		{"karras", "power"}, {"1-sqrt", "minus-sqrt"}, {"linear", "linear-decay"},
		{"emma", "ema"}, {"windows", "window"},
	};
	const char *choice = bl_option(BL_OPT_METHOD)->choices;
	char list[256] = "", text[512], hint[128];

	for (size_t at = 0; *choice; choice++)
		at += (size_t)sprintf(list + at, *choice == ' ' ? ",%c" : "%c", *choice);
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		snprintf(text, sizeof text, "\"%s\" is not one of %s", name[i][0], list);
		snprintf(hint, sizeof hint, "did you mean \"%s\"?", name[i][1]);
		refused("method", name[i][0], text, hint);
	}
	refused("hold", "swa", "\"swa\" is not one of linear, right, left, mid", "");
}
END_TEST

START_TEST(unknown_keys)
{
	static const struct {
		const char *typed, *meant;
	} near[] = {
		{"halflife", "half-life"}, {"haf-life", "half-life"}, {"halv-live", "half-life"},
		{"dacey", "decay"}, {"meanage", "mean-age"}, {"hlep", "help"}, {"memroy", "memory"},
	};
	char text[128], hint[128];

	for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
		snprintf(text, sizeof text, "unknown option \"%s\"", near[i].typed);
		snprintf(hint, sizeof hint, "did you mean \"%s\"?", near[i].meant);
		refused(near[i].typed, "1", text, hint);
	}
	refused("learning-rate", "1", "unknown option \"learning-rate\"", "");
	refused("", "1", "unknown option \"\"", "");
	refused("half-life-of-the-exponential-moving-average", "1",
		"unknown option \"half-life-of-the-exponential-moving-average\"", "");
}
END_TEST

START_TEST(later_wins)
{
	struct bl_settings s = {0};
	struct bl_err err = {0};

	set(&s, "half-life", "1,2,3");
	ck_assert_uint_eq(s.given[BL_OPT_HALF_LIFE].n, 3);
	ck_assert_int_eq(bl_settings_set(&s, "half-life", "7", "--half-life", &err), 0);
	ck_assert_uint_eq(s.given[BL_OPT_HALF_LIFE].n, 1);
	ck_assert_str_eq(s.given[BL_OPT_HALF_LIFE].where, "--half-life");
	ck_assert_int_eq(bl_settings_set(&s, "half-life", "x", WHERE, &err), -1);
	ck_assert_double_eq(bl_settings_number(&s, BL_OPT_HALF_LIFE), 7);
	ck_assert_str_eq(s.given[BL_OPT_HALF_LIFE].where, "--half-life");
	bl_settings_free(&s);
	ck_assert(!bl_settings_given(&s, BL_OPT_HALF_LIFE));
	ck_assert_double_eq(bl_settings_number(&s, BL_OPT_HALF_LIFE), 0);
	ck_assert(!bl_settings_word_is(&s, BL_OPT_TIMES, "index"));
}
END_TEST

/* Digits of the shortest decimal that reads back as the same, by trying. */
static int shortest(double x)
{
	char text[64];

	for (int p = 1; p < 17; p++) {
		snprintf(text, sizeof text, "%.*e", p - 1, x);
		if (strtod(text, NULL) == x)
			return p;
	}
	return 17;
}

static int significant(const char *text)
{
	int n = 0, zeros = 0;

	for (; *text && *text != 'e'; text++) {
		if (!isdigit(*text) || (*text == '0' && n == 0))
			continue;
		zeros = *text == '0' ? zeros + 1 : 0;
		n++;
	}
	return n - zeros;
}

START_TEST(random_round_trips)
{
	unsigned short seed[3] = {1, 2, 3};

	for (int i = 0; i < 20000; i++) {
		const double x = ldexp(erand48(seed), (int)(nrand48(seed) % 300) - 200);
		const double few = bl_number_round(x, 1 + i % 15);
		struct bl_settings s = {0};
		char text[BL_NUMBER_TEXT];

		if (x == 0)
			continue;
		ck_assert_double_eq(strtod(bl_number_text(x, text, sizeof text), NULL), x);
		ck_assert_int_eq(strchr(text, '+') != NULL, 0);
		bl_number_text(few, text, sizeof text);
		ck_assert_int_eq(significant(text), shortest(few));
		ck_assert_int_le(significant(text), 1 + i % 15);
		ck_assert_double_le(fabs(few - x), x * (0.5 * pow(10, -(i % 15)) + 2e-16));
		if (x > 1e8)
			continue;
		bl_number_text(x, text, sizeof text);
		ck_assert_double_eq(set(&s, "gain", text)->number, x);
		ck_assert_str_eq(s.given[BL_OPT_GAIN].value->text, text);
		bl_settings_free(&s);
	}
}
END_TEST

/* Nothing that a user may type does more than fail with a message. */
START_TEST(random_garbage)
{
	static const char letters[] = "0123456789.,:+-eE%ckptlogMiBx \xff\n";
	unsigned short seed[3] = {4, 5, 6};

	for (int i = 0; i < 50000; i++) {
		const struct bl_option_info *row =
			bl_option((enum bl_option)(nrand48(seed) % BL_OPTIONS));
		struct bl_settings s = settings_for(row);
		struct bl_err err = {0};
		char text[12];
		size_t n = (size_t)nrand48(seed) % sizeof text;

		for (size_t c = 0; c < n; c++)
			text[c] = letters[(size_t)nrand48(seed) % (sizeof letters - 1)];
		text[n] = '\0';
		if (bl_settings_set(&s, row->key, text, WHERE, &err) != 0)
			ck_assert_ptr_eq(strstr(err.text, WHERE ": "), err.text);
		bl_settings_free(&s);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_loop_test(tc, rows_are_sound, 0, BL_OPTIONS);
	tcase_add_loop_test(tc, fallbacks_hold, 0, BL_OPTIONS);
	tcase_add_loop_test(tc, ranges_end, 0, BL_OPTIONS);
	tcase_add_loop_test(tc, words_are_known, 0, BL_OPTIONS);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, infinite_damping);
	tcase_add_test(tc, lengths);
	tcase_add_test(tc, sizes);
	tcase_add_test(tc, bounds_are_readable);
	tcase_add_test(tc, texts_flags_and_arguments);
	tcase_add_test(tc, other_names);
	tcase_add_test(tc, unknown_keys);
	tcase_add_test(tc, later_wins);
	tcase_add_test(tc, random_round_trips);
	tcase_add_test(tc, random_garbage);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
