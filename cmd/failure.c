/* failure.c - what stands on standard output in place of a JSON document. */
#include "failure.h"

#include "event.h"

static const char *some(const char *text)
{
	return text[0] ? text : NULL;
}

void bl_failure_print(const char *program, const struct bl_suspects *suspects, int signal,
	const struct bl_err *err)
{
	struct bl_json_printer j = {.to = stdout};
	struct bl_result result = {.code = err->code, .signal = signal};
	struct bl_culprit culprit;

	bl_culprit_find(&culprit, suspects, err->text);
	if (!signal) {
		result.message = some(err->text);
		result.hint = some(err->hint);
		result.file = some(culprit.file);
	}
	bl_event_failure(&j, program, &result);
	fflush(stdout); /* a signal ends the program without it */
}
