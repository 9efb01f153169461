/*
 * publish.h - a whole run on one output, for the tests of output.c.
 */
#ifndef BL_PUBLISH_H
#define BL_PUBLISH_H

#include "output.h"

#include <string.h>

/* Writes all of text to an open output and publishes it. */
static inline int publish_text(struct bl_output *o, const char *text, struct bl_err *err)
{
	if (bl_output_reserve(o, strlen(text), err) != 0 ||
		bl_output_write(o, 0, text, strlen(text), err) != 0 || bl_output_sync(o, err) != 0)
		return -1;
	return bl_output_publish(o, err);
}

/* One run from the first look to the end: 0, or its exit code. */
static inline int publish_file(
	const char *path, unsigned flags, const char *text, struct bl_err *err)
{
	struct bl_output *o = NULL;
	bool exists;
	int rc = -1;

	err->code = BL_OK;
	if (bl_output_examine(path, flags, &exists, err) == 0 &&
		bl_output_open(path, flags, NULL, &o, err) == 0)
		rc = publish_text(o, text, err);
	bl_output_close(o);
	return rc == 0 ? 0 : (int)err->code;
}

#endif
