/* output_confine.c - where outputs may still be made, renamed and removed. */
#include "output_state.h"

#include <stdlib.h>
#include <string.h>

void bl_output_confine(const struct bl_output *out, struct bl_confine *c)
{
	uint64_t dir = BL_MAY_MAKE_FILE | BL_MAY_REMOVE_FILE;

	if (out->kind == BL_OUT_FOLDER) {
		bl_confine_let(c, out->fd, BL_MAY_READ | BL_MAY_WRITE | BL_MAY_MAKE_FILE);
		/* The folder that is replaced is emptied. */
		dir = BL_MAY_MAKE_FOLDER | BL_MAY_REMOVE_FOLDER | BL_MAY_REMOVE_FILE | BL_MAY_LIST;
	}
	if (out->dir >= 0)
		bl_confine_let(c, out->dir, dir);
}

void bl_output_confine_later(const char *path, struct bl_confine *c)
{
	struct bl_err ignored;
	char *folder, *name;

	if (strcmp(path, "-") == 0 || bl_output_split(path, &folder, &name, &ignored) != 0)
		return;
	bl_confine_let_path(c, folder,
		BL_MAY_LIST | BL_MAY_READ | BL_MAY_WRITE | BL_MAY_MAKE_FILE | BL_MAY_REMOVE_FILE);
	free(folder);
	free(name);
}
