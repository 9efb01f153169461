/*
 * args.h - the command line to settings and operands.
 */
#ifndef BL_ARGS_H
#define BL_ARGS_H

#include "settings.h"

/* What is no option. Zero-initialised is empty. */
struct bl_args {
	const char **operand; /* operands of them, borrowed from argv or listed; owned */
	size_t operands;
	char **listed; /* what lists.h has added; owned */
	size_t n_listed;
};

/*
 * Reads the command line by the options of s->program: GNU long options, abbreviated as far as they
 * stay unambiguous, `--option=value`, letters, operands anywhere (unless POSIXLY_CORRECT is set),
 * `--`. Stops behind --help and --version, so that these work whatever
 * else was typed behind them. Prints nothing. Behind what is wrong, --report, --json and --plan are
 * still found, and the operands.
 *
 * Whatever happens, the caller frees settings and args. Errors BL_USAGE, beginning with the option
 * as it was typed. Not thread-safe: getopt is not.
 */
int bl_args_parse(int argc, char *const *argv, struct bl_settings *s, struct bl_args *args,
	struct bl_err *err) BL_MUST_USE;
void bl_args_free(struct bl_args *args);

#endif
