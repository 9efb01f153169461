/* args.c - the command line to settings and operands. */
#include "args.h"

#include "value.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG 256 /* getopt's value of long option o is LONG + o; letters lie below */

/* What getopt wants to know, made from the table. */
struct grammar {
	struct option option[BL_OPTIONS + 1];
	char letters[3 * BL_OPTIONS + 1];
};

static void make_grammar(struct grammar *g, enum bl_program program)
{
	struct option *option = g->option;
	char *letter = g->letters;

	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const struct bl_option_info *info = bl_option(o);
		int has = info->argument ? required_argument : no_argument;

		if (!bl_option_is_of(o, program))
			continue;
		if (info->flags & BL_OPTIONAL)
			has = optional_argument;
		*option++ = (struct option){info->key, has, NULL, LONG + (int)o};
		if (!info->letter)
			continue;
		*letter++ = (char)info->letter;
		for (int colon = 0; colon < has; colon++)
			*letter++ = ':';
	}
	*option = (struct option){NULL, 0, NULL, 0};
	*letter = '\0';
}

/* The option of a value of getopt's, and how it was typed; BL_OPTIONS for none. */
static enum bl_option typed(int value, enum bl_program program, char *where, size_t cap)
{
	enum bl_option o = 0;

	if (value >= LONG) {
		o = (enum bl_option)(value - LONG);
		snprintf(where, cap, "--%s", bl_option(o)->key);
		return o;
	}
	snprintf(where, cap, "-%c", value);
	while (o < BL_OPTIONS &&
		(bl_option(o)->letter != value || !bl_option_is_of(o, program)))
		o++;
	return o;
}

static int fail_unknown(
	const char *name, const char *where, enum bl_program program, struct bl_err *err)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const char *key = bl_option(o)->key;

		if (bl_option_is_of(o, program) && bl_nearer(name, key, strlen(key), &best))
			near = key;
	}
	bl_fail(err, BL_USAGE, "%s: there is no such option", where);
	return near ? bl_hint(err, "did you mean --%s?", near) : -1;
}

/* A long option that is none, or the beginning of several. */
static int fail_long(const char *text, enum bl_program program, struct bl_err *err)
{
	const size_t len = strcspn(text, "=");
	char name[64], where[sizeof name + 2], list[512];
	size_t at = 0;

	snprintf(name, sizeof name, "%.*s", (int)len - 2, text + 2);
	snprintf(where, sizeof where, "--%s", name);
	list[0] = '\0';
	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const char *key = bl_option(o)->key;

		if (name[0] && bl_option_is_of(o, program) &&
			strncmp(key, name, strlen(name)) == 0 && at < sizeof list)
			at += (size_t)snprintf(list + at, sizeof list - at, "%s--%s",
				at ? ", " : "", key);
	}
	if (at)
		return bl_fail(err, BL_USAGE, "%s: this may be %s", where, list);
	return fail_unknown(name, where, program, err);
}

/* What getopt has refused. */
static int fail_getopt(char **argv, struct bl_settings *s, struct bl_err *err)
{
	char where[80];
	const char *equals;
	enum bl_option o;

	if (optopt == 0)
		return fail_long(argv[optind - 1], s->program, err);
	o = typed(optopt, s->program, where, sizeof where);
	if (o == BL_OPTIONS)
		return bl_fail(err, BL_USAGE, "%s: there is no such option", where);
	/* An argument too many or too few: the settings have the words for it. */
	equals = strchr(argv[optind - 1], '=');
	return bl_settings_set(s, bl_option(o)->key, equals ? equals + 1 : NULL, where, err);
}

static int keep_operands(int argc, char *const *argv, struct bl_args *args, struct bl_err *err)
{
	const size_t n = argc > optind ? (size_t)(argc - optind) : 0;

	args->operand = calloc(n + 1, sizeof *args->operand);
	if (!args->operand)
		return bl_fail_memory(err, (n + 1) * sizeof *args->operand, "operands");
	for (; args->operands < n; args->operands++)
		args->operand[args->operands] = argv[(size_t)optind + args->operands];
	return 0;
}

/* The options, up to one behind which nothing counts. */
static int take_options(int argc, char **argv, const struct grammar *g, struct bl_settings *s,
	struct bl_err *err)
{
	enum bl_option o = BL_OPTIONS;
	char where[80];

	while (o != BL_OPT_HELP && o != BL_OPT_VERSION) {
		const int value = getopt_long(argc, argv, g->letters, g->option, NULL);

		if (value == -1)
			break;
		if (value == '?')
			return fail_getopt(argv, s, err);
		o = typed(value, s->program, where, sizeof where);
		if (bl_settings_set(s, bl_option(o)->key, optarg, where, err) != 0)
			return -1;
	}
	return 0;
}

/* Options that ask for what programs read. */
static bool reports(enum bl_option o)
{
	return o == BL_OPT_REPORT || o == BL_OPT_JSON || o == BL_OPT_SHOW_REPORT ||
	       o == BL_OPT_SHOW_JSON || o == BL_OPT_PLAN;
}

/* What is wrong is known. Where it shall be reported may stand behind it. */
static void seek_report(int argc, char **argv, const struct grammar *g, struct bl_settings *s)
{
	struct bl_err unheard;
	char where[80];
	int value;

	while ((value = getopt_long(argc, argv, g->letters, g->option, NULL)) != -1) {
		enum bl_option o = BL_OPTIONS;

		if (value != '?')
			o = typed(value, s->program, where, sizeof where);
		if (reports(o))
			(void)!bl_settings_set(s, bl_option(o)->key, optarg, where, &unheard);
	}
}

/* words: a copy of argv, which getopt reorders. */
static int parse(int argc, char **words, struct bl_settings *s, struct bl_args *args,
	struct bl_err *err)
{
	struct grammar g;
	struct bl_err unheard;
	int rc;

	make_grammar(&g, s->program);
	opterr = 0;
	optind = 0; /* start anew, also in a process that has parsed before */
	rc = take_options(argc, words, &g, s, err);
	if (rc != 0)
		seek_report(argc, words, &g, s);
	return keep_operands(argc, words, args, rc == 0 ? err : &unheard) == 0 ? rc : -1;
}

int bl_args_parse(int argc, char *const *argv, struct bl_settings *s, struct bl_args *args,
	struct bl_err *err)
{
	char **words = calloc((size_t)argc + 1, sizeof *words);
	int rc;

	if (!words)
		return bl_fail_memory(err, ((size_t)argc + 1) * sizeof *words, "operands");
	memcpy(words, argv, (size_t)argc * sizeof *words);
	rc = parse(argc, words, s, args, err);
	free(words);
	return rc;
}

void bl_args_free(struct bl_args *args)
{
	for (size_t i = 0; i < args->n_listed; i++)
		free(args->listed[i]);
	free(args->listed);
	free(args->operand);
	memset(args, 0, sizeof *args);
}
