/*
 * target_args.c - fuzzes the command lines of all three programs.
 *
 * An input is a command line, one word in each line; the first one chooses the program by its first
 * letter: a (belay-avg), d, s.
 */
#include "args.h"
#include "choice.h"
#include "fuzz.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 64

static enum bl_program program_of(char c)
{
	return c == 'd' ? BL_DIFF : c == 's' ? BL_SHOW : BL_AVG;
}

/* What a program makes of its settings before it looks at any file. */
static void use(const struct bl_settings *s)
{
	struct bl_case *cases = NULL;
	struct bl_rules rules = {0};
	struct bl_wish wish;
	struct bl_err err = {0};
	size_t n = 0;

	if (s->program == BL_DIFF)
		return;
	if (bl_settings_expand(s, &cases, &n, &err) != 0)
		fuzz_must_say(&err);
	else
		bl_cases_free(cases, n);
	if (s->program == BL_SHOW)
		return;
	if (bl_rules_make(s, &rules, &err) != 0)
		fuzz_must_say(&err);
	bl_rules_free(&rules);
	if (bl_wish_read(&wish, s, false, &err) != 0)
		fuzz_must_say(&err);
}

static void run(char *text)
{
	char *argv[WORDS + 1] = {text};
	struct bl_settings s = {.program = program_of(text[0])};
	struct bl_args args = {0};
	struct bl_err err = {0};
	int argc = 0;

	for (char *word = text; word && argc < WORDS;) {
		char *end = strchr(word, '\n');

		argv[argc++] = word;
		if (end)
			*end++ = '\0';
		word = end;
	}
	argv[argc] = NULL;
	if (bl_args_parse(argc, argv, &s, &args, &err) == 0)
		use(&s);
	else
		fuzz_must_say(&err);
	bl_args_free(&args);
	bl_settings_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	fuzz_must(text != NULL, "there is memory for a text");
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	run(text);
	free(text);
	return 0;
}
