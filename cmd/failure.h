/*
 * failure.h - what stands on standard output in place of a JSON document that could not be made.
 */
#ifndef BL_FAILURE_H
#define BL_FAILURE_H

#include "culprit.h"

/*
 * Prints the result of a run that has failed, as err says, or that signal ends (0: none), and sees
 * it off: whoever reads gets one value of JSON in any case, and can tell by event which it is.
 */
void bl_failure_print(const char *program, const struct bl_suspects *suspects, int signal,
	const struct bl_err *err);

#endif
