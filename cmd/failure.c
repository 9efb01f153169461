/* failure.c - what stands on standard output in place of a JSON document. */
#include "failure.h"

#include "event.h"

void bl_failure_print(const char *program, const struct bl_suspects *suspects, int signal,
	const struct bl_err *err)
{
	struct bl_json_printer j = {.to = stdout};
	struct bl_result result = {.code = err->code, .signal = signal};
	struct bl_culprit culprit;

	if (!signal) /* then standard error has nothing, either */
		bl_culprit_tell(&culprit, suspects, err, &result);
	bl_event_failure(&j, program, &result);
	fflush(stdout); /* a signal ends the program without it */
}
