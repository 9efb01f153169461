/* show_write.c - files that belay-show makes. */
#include "show.h"

#include "writing.h"

static unsigned flags_of(const struct bl_show *show)
{
	return bl_settings_given(show->settings, BL_OPT_FORCE) ? BL_REPLACE : 0;
}

int bl_show_may_write(const struct bl_show *show, const char *path, const struct bl_inputs *in,
	struct bl_err *err)
{
	return bl_may_write(path, flags_of(show), in, err);
}

int bl_show_write(const struct bl_show *show, const char *path, const char *text, size_t size,
	struct bl_err *err)
{
	return bl_write(path, flags_of(show), show->stop, text, size, err);
}
