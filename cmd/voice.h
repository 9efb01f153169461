/*
 * voice.h - what is said on standard error by the way, and in the report.
 */
#ifndef BL_VOICE_H
#define BL_VOICE_H

#include "events.h"

/* Who hears it. */
struct bl_voice {
	struct bl_events *events; /* hear all */
	bool quiet;               /* standard error does not */
};

enum bl_tone { BL_PLAIN, BL_NOTE, BL_WARNING };

/* Says something of a file; "-" is standard output, NULL is of none. On standard error, what a
 * terminal might act on is escaped. */
void bl_say(const struct bl_voice *voice, const char *path, enum bl_tone tone, const char *fmt,
	...) BL_PRINTF(4, 5);

#endif
