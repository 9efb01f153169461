/*
 * completion.c - the completions of a program for a shell, made from the option table while belay
 * is built:
 *
 *   completion bash belay-avg > completions/bash/belay-avg
 */
#include "completion.h"

#include <string.h>

/* All that is installed; one that is missing here ends the build. */
static const struct {
	const char *name;
	enum bl_program program;
} program[] = {
	{"belay-avg", BL_AVG},
	{"belay-diff", BL_DIFF},
	{"belay-show", BL_SHOW},
};

static const struct {
	const char *name;
	bl_completion *print;
} shell[] = {
	{"bash", bl_completion_bash},
	{"zsh", bl_completion_zsh},
	{"fish", bl_completion_fish},
};

#define PROGRAMS (sizeof program / sizeof program[0])
#define SHELLS (sizeof shell / sizeof shell[0])

enum bl_completed bl_completed_of(const struct bl_option_info *info)
{
	if (info->choices)
		return info->flags & BL_SWEEPS ? BL_COMPLETED_LIST : BL_COMPLETED_WORDS;
	if (info->argument && strcmp(info->argument, "DIR") == 0)
		return BL_COMPLETED_FOLDERS;
	if (info->flags & (BL_FILE | BL_PATH) ||
		(info->argument && strcmp(info->argument, "FILE") == 0))
		return BL_COMPLETED_FILES;
	return BL_COMPLETED_NOTHING;
}

int main(int argc, char **argv)
{
	size_t s = 0, p = 0;

	while (argc == 3 && s < SHELLS && strcmp(shell[s].name, argv[1]) != 0)
		s++;
	while (argc == 3 && p < PROGRAMS && strcmp(program[p].name, argv[2]) != 0)
		p++;
	if (argc != 3 || s == SHELLS || p == PROGRAMS) {
		fputs("usage: completion bash|zsh|fish PROGRAM\n", stderr);
		return 2;
	}
	shell[s].print(stdout, program[p].name, program[p].program);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
