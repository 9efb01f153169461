/*
 * settings_text.h - settings as a line of text, and from pairs.
 */
#ifndef BL_SETTINGS_TEXT_H
#define BL_SETTINGS_TEXT_H

#include "settings.h"

#include <check.h>
#include <stdio.h>

/* Sets pairs of key and value, NULL behind the last. */
static inline void set_pairs(struct bl_settings *s, const char *const *pair)
{
	struct bl_err err = {0};

	for (; *pair; pair += 2)
		ck_assert_msg(bl_settings_set(s, pair[0], pair[1], pair[0], &err) == 0, "%s",
			err.text);
}

/* "half-life=1,2 hold=left copy=1:a,0:b": what repeats has its number before it. */
static inline const char *settings_text(const struct bl_settings *s, char *buf, size_t cap)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const struct bl_given *g = &s->given[o];
		const struct bl_option_info *info = bl_option((enum bl_option)o);

		for (size_t i = 0; i < g->n && at < cap; i++) {
			at += (size_t)snprintf(buf + at, cap - at, "%s%s%s",
				i ? "," : at ? " " : "", i ? "" : info->key, i ? "" : "=");
			if (info->flags & BL_REPEATS && at < cap)
				at += (size_t)snprintf(
					buf + at, cap - at, "%.0f:", g->value[i].number);
			if (at < cap)
				at += (size_t)snprintf(buf + at, cap - at, "%s", g->value[i].text);
		}
	}
	ck_assert(at < cap);
	return buf;
}

#endif
