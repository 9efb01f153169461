/* test_args.c - the command line. */
#include "args.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 16

/* A command line in words, NULL behind the last, and what became of it. */
struct line {
	char *argv[WORDS_MAX];
	int argc;
	struct bl_settings s;
	struct bl_args args;
	struct bl_err err;
};

static int parse_for(enum bl_program program, struct line *l, const char *const *word)
{
	memset(l, 0, sizeof *l);
	l->s.program = program;
	l->argv[l->argc++] = strdup("belay-avg");
	for (; *word; word++)
		l->argv[l->argc++] = strdup(*word);
	return bl_args_parse(l->argc, l->argv, &l->s, &l->args, &l->err);
}

static int parse(struct line *l, const char *const *word)
{
	return parse_for(0, l, word);
}

static void clear(struct line *l)
{
	for (int i = 0; i < l->argc; i++)
		free(l->argv[i]);
	bl_settings_free(&l->s);
	bl_args_free(&l->args);
	ck_assert_uint_eq(l->args.operands, 0);
}

/* "key=value key=value | operand operand": what was understood. */
static void understood(const char *want, const char *const *word)
{
	struct line l;
	char got[1024] = "";
	size_t at = 0;

	ck_assert_msg(parse(&l, word) == 0, "%s", l.err.text);
	for (unsigned o = 0; o < BL_OPTIONS; o++)
		for (size_t i = 0; i < l.s.given[o].n; i++)
			at += (size_t)snprintf(got + at, sizeof got - at, "%s=%s ",
				bl_option((enum bl_option)o)->key, l.s.given[o].value[i].text);
	at += (size_t)snprintf(got + at, sizeof got - at, "|");
	for (size_t i = 0; i < l.args.operands; i++)
		at += (size_t)snprintf(got + at, sizeof got - at, " %s", l.args.operand[i]);
	ck_assert_str_eq(got, want);
	clear(&l);
}

static void refused(const char *text, const char *hint, const char *const *word)
{
	struct line l;

	ck_assert_int_eq(parse(&l, word), -1);
	ck_assert_int_eq(l.err.code, BL_USAGE);
	ck_assert_str_eq(l.err.text, text);
	ck_assert_str_eq(l.err.hint, hint);
	clear(&l);
}

#define UNDERSTOOD(want, ...) understood(want, (const char *[]){__VA_ARGS__, NULL})
#define REFUSED(text, hint, ...) refused(text, hint, (const char *[]){__VA_ARGS__, NULL})

START_TEST(options_and_operands)
{
	understood("|", (const char *[]){NULL});
	UNDERSTOOD("| a b", "a", "b");
	UNDERSTOOD("output=avg.h5 | a b", "a", "b", "-o", "avg.h5");
	UNDERSTOOD("output=avg.h5 | a b", "a", "-oavg.h5", "b");
	UNDERSTOOD("output=avg.h5 | a b", "--output=avg.h5", "a", "b");
	UNDERSTOOD("decay=0.9 output=o | a b c", "a", "--decay", "0.9", "b", "--output", "o", "c");
	UNDERSTOOD("force=true | --decay -o", "-f", "--", "--decay", "-o");
	UNDERSTOOD("output=- | -", "-", "-o", "-");
	UNDERSTOOD("half-life=1 half-life=10% | x", "--half-life=1,10%", "x");
	UNDERSTOOD("output=--force | x", "--output", "--force", "x");
	UNDERSTOOD("output=a=b | x", "--output=a=b", "x");
	UNDERSTOOD("decay=.8 | x", "--decay=.9", "x", "--decay=.8");
}
END_TEST

START_TEST(letters)
{
	UNDERSTOOD("output=avg force=true verbose=true quiet=true | x", "-fvqoavg", "x");
	UNDERSTOOD("force=true dry-run=true | x", "x", "-nf");
	REFUSED("-x: there is no such option", "", "-fx");
	REFUSED("-\\xc3: there is no such option", "", "-\xc3\xa4");
	REFUSED("-o: it needs a value, FILE", "", "a", "-fo");
	REFUSED("-o: it is empty", "", "-o", "");
}
END_TEST

START_TEST(optional_argument)
{
	UNDERSTOOD("plan=text | json", "--plan", "json");
	UNDERSTOOD("plan=json |", "--plan=json");
	REFUSED("--plan: \"yaml\" is not one of text, json", "", "--plan=yaml");
	REFUSED("--plan: \"\" is not one of text, json", "", "--plan=");
}
END_TEST

START_TEST(abbreviations)
{
	UNDERSTOOD("half-life=5 |", "--half=5");
	UNDERSTOOD("decay=.5 |", "--dec", ".5");
	UNDERSTOOD("time-unit=2 |", "--time-u=2");
	UNDERSTOOD("times=index |", "--times=index");
	REFUSED("--decc: there is no such option", "did you mean --decay?", "--decc");
}
END_TEST

START_TEST(messages_name_the_option)
{
	REFUSED("--half-life: \"abc\" is not a number", "", "--half-life", "abc");
	REFUSED("--half-life: \"abc\" is not a number", "", "--half=abc");
	REFUSED("--half-life: it needs a value, LENGTH", "", "x", "--half-life");
	REFUSED("--decay: -1 is out of range (at least 0, below 1)", "", "--decay", "-1");
	REFUSED("--force: it takes no value, but has \"yes=no\"", "", "--force=yes=no");
	REFUSED("--force: it takes no value, but has \"\"", "", "--forc=");
	REFUSED("--time: this may be --times, --time-key, --time-pattern, --time-unit", "",
		"--time=3");
	REFUSED("--halflife: there is no such option", "did you mean --half-life?", "x",
		"--halflife=3", "y");
	REFUSED("--bogus: there is no such option", "", "--bogus");
	REFUSED("--: there is no such option", "", "--=3");
	REFUSED("--\\n: there is no such option", "", "--\n");
}
END_TEST

/* What is wrong is the first thing that is; the report may be named behind it. */
static void report_behind(const char *text, const char *report, size_t operands,
	const char *const *word)
{
	struct line l;
	const struct bl_given *given = &l.s.given[BL_OPT_REPORT];

	ck_assert_int_eq(parse(&l, word), -1);
	ck_assert_str_eq(l.err.text, text);
	ck_assert_str_eq(given->n ? given->value->text : "", report);
	ck_assert_uint_eq(l.args.operands, operands);
	clear(&l);
}

#define BEHIND(text, report, operands, ...) \
	report_behind(text, report, operands, (const char *[]){__VA_ARGS__, NULL})

START_TEST(report_behind_what_is_wrong)
{
	const char *bogus = "--bogus: there is no such option";
	struct line l;

	BEHIND(bogus, "r", 2, "a", "--bogus", "b", "--report", "r");
	BEHIND(bogus, "r", 1, "--report=r", "--bogus", "a");
	BEHIND(bogus, "s", 0, "--report=r", "--bogus", "--no", "--rep=s", "-z", "--decay=2");
	BEHIND("--decay: 2 is out of range (at least 0, below 1)", "r", 1, "--decay=2",
		"--half-life", "x", "--report", "r", "a");
	BEHIND(bogus, "", 1, "--bogus", "--report=", "a");
	BEHIND(bogus, "", 2, "--bogus", "--", "--report=r", "a");
	BEHIND("--report: it needs a value, FILE", "", 0, "--report");
	/* Of other options nothing is taken any more. */
	ck_assert_int_eq(parse(&l, (const char *[]){"--bogus", "--json", "-f", NULL}), -1);
	ck_assert(bl_settings_given(&l.s, BL_OPT_JSON));
	ck_assert(!bl_settings_given(&l.s, BL_OPT_FORCE));
	clear(&l);
}
END_TEST

START_TEST(arguments_stay_in_order)
{
	const char *const word[] = {"a", "-f", "b", "-o", "c", NULL};
	struct line l;

	ck_assert_int_eq(parse(&l, word), 0);
	for (int i = 1; i < l.argc; i++)
		ck_assert_str_eq(l.argv[i], word[i - 1]);
	clear(&l);
}
END_TEST

START_TEST(help_stops)
{
	UNDERSTOOD("help=true | --bogus", "--help", "--bogus");
	UNDERSTOOD("force=true version=true | -x", "-f", "--version", "-x");
	UNDERSTOOD("help=true |", "-h");
	REFUSED("--bogus: there is no such option", "", "--bogus", "--help");
}
END_TEST

/* What every option needs, by its name and by its letter, is only what its row says. */
static void reach(enum bl_option o, enum bl_program program)
{
	const struct bl_option_info *row = bl_option(o);
	const char *value = row->kind == BL_KIND_WORD ? row->choices : "2MiB";
	char key[128], letter[3] = {'-', (char)row->letter, '\0'}, text[64];
	struct line l;

	if (row->kind == BL_KIND_NUMBER || row->kind == BL_KIND_LENGTH)
		value = "0.5";
	if (row->kind == BL_KIND_WHOLE)
		value = "2";
	if (row->kind == BL_KIND_SAID)
		value = "*:hold=left";
	snprintf(text, sizeof text, "%.*s", (int)strcspn(value, " "), value);
	for (int form = 0; form < (row->letter ? 3 : 2); form++) {
		const bool joined = row->argument && form == 1;
		const bool apart = row->argument && !joined && !(row->flags & BL_OPTIONAL);
		const char *const word[] = {form == 2 ? letter : key, apart ? text : NULL, NULL};

		snprintf(key, sizeof key, joined ? "--%s=%s" : "--%s", row->key, text);
		ck_assert_int_eq(parse_for(program, &l, word), 0);
		ck_assert(bl_settings_given(&l.s, o));
		ck_assert_uint_eq(l.args.operands, 0);
		snprintf(key, sizeof key, "--%s", row->key);
		ck_assert_str_eq(l.s.given[o].where, form == 2 ? letter : key);
		ck_assert_str_eq(l.s.given[o].value->text, !row->argument ? "true" :
			joined || apart ? text : row->fallback);
		clear(&l);
	}
}

/* An option is reached in its programs, and in no other one. */
START_TEST(every_option)
{
	static const enum bl_program program[] = {BL_AVG, BL_SHOW, BL_DIFF};
	const enum bl_option o = (enum bl_option)_i;

	for (size_t i = 0; i < sizeof program / sizeof program[0]; i++) {
		char key[128];
		const char *const word[] = {key, NULL};
		struct line l;

		snprintf(key, sizeof key, "--%s", bl_option(o)->key);
		if (bl_option_is_of(o, program[i])) {
			reach(o, program[i]);
			continue;
		}
		if (parse_for(program[i], &l, word) == 0) /* another option may have that key */
			ck_assert(!bl_settings_given(&l.s, o));
		clear(&l);
	}
	ck_assert(bl_option_is_of(o, 0) == bl_option_is_of(o, BL_AVG));
}
END_TEST

START_TEST(options_of_programs)
{
	struct line l;
	const char *const tree[] = {"--tree", "--half-life=5", NULL};
	const char *const output[] = {"--sync", "yes", NULL};

	ck_assert_int_eq(parse_for(BL_SHOW, &l, tree), 0);
	ck_assert(bl_settings_given(&l.s, BL_OPT_TREE));
	ck_assert(bl_settings_given(&l.s, BL_OPT_HALF_LIFE));
	clear(&l);
	ck_assert_int_eq(parse_for(BL_SHOW, &l, output), -1);
	ck_assert_str_eq(l.err.text, "--sync: there is no such option");
	clear(&l);
	REFUSED("--tree: there is no such option", "", "--tree");
	ck_assert_int_eq(parse_for(BL_DIFF, &l, tree + 1), -1);
	ck_assert_str_eq(l.err.text, "--half-life: there is no such option");
	clear(&l);
}
END_TEST

START_TEST(no_words_at_all)
{
	struct bl_settings s = {0};
	struct bl_args args = {0};
	struct bl_err err = {0};
	char *argv[] = {NULL};

	ck_assert_int_eq(bl_args_parse(0, argv, &s, &args, &err), 0);
	ck_assert_uint_eq(args.operands, 0);
	bl_args_free(&args);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("args");
	TCase *tc = tcase_create("args");

	unsetenv("POSIXLY_CORRECT");
	tcase_add_test(tc, options_and_operands);
	tcase_add_test(tc, letters);
	tcase_add_test(tc, optional_argument);
	tcase_add_test(tc, abbreviations);
	tcase_add_test(tc, messages_name_the_option);
	tcase_add_test(tc, report_behind_what_is_wrong);
	tcase_add_test(tc, arguments_stay_in_order);
	tcase_add_test(tc, help_stops);
	tcase_add_loop_test(tc, every_option, 0, BL_OPTIONS);
	tcase_add_test(tc, options_of_programs);
	tcase_add_test(tc, no_words_at_all);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
