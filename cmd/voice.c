/* voice.c - what is said on standard error by the way. */
#include "voice.h"

#include "writing.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void print(const char *program, const char *path, const char *word, const char *message)
{
	char text[4096];

	fprintf(stderr, "%s: ", program);
	if (path) {
		path = bl_output_title(path);
		bl_escape(text, sizeof text, path, strlen(path));
		fprintf(stderr, "%s: ", text);
	}
	bl_escape(text, sizeof text, message, strlen(message));
	fprintf(stderr, "%s%s\n", word, text);
}

void bl_say(const struct bl_voice *voice, const char *path, enum bl_tone tone, const char *fmt, ...)
{
	static const char *const word[] = {
		[BL_PLAIN] = "", [BL_NOTE] = "note: ", [BL_WARNING] = "warning: "};
	char message[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	if (!voice->quiet)
		print(voice->events->program, path, word[tone], message);
	bl_events_remark(voice->events, tone == BL_WARNING, path, message);
}
