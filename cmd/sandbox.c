/* sandbox.c - a program keeps to its own files. */
#include "config.h"

#include "sandbox.h"

#include <string.h>

static bool is_off(const struct bl_settings *s)
{
	return bl_settings_word_is(s, BL_OPT_SANDBOX, "off") ||
	       (BL_COUNTED && !bl_settings_word_is(s, BL_OPT_SANDBOX, "required"));
}

/* What may be done everywhere: sanitizers read what they tell of, and plugins that are loaded for
 * one pair after the other need what nobody knows. */
static uint64_t everywhere(const struct bl_settings *s)
{
	const bool plugins =
		bl_settings_given(s, BL_OPT_SETS) && bl_settings_given(s, BL_OPT_HDF5_PLUGINS);

	return BL_SANITIZED || plugins ? BL_MAY_READ | BL_MAY_LIST | BL_MAY_EXECUTE : 0;
}

void bl_sandbox_begin(struct bl_confine *c, const struct bl_settings *s, const struct bl_events *e)
{
	static const enum bl_option written[] = {
		BL_OPT_SVG, BL_OPT_SHOW_REPORT, BL_OPT_JUNIT, BL_OPT_MARKDOWN};

	*c = (struct bl_confine){.begun = false};
	if (is_off(s))
		return;
	/* Processes for HDF5 that run already are outside, and have to be ended. */
	bl_confine_begin(c, everywhere(s), false);
	bl_confine_let_made_up(c, "/proc/self/status", BL_MAY_READ);
	if (e && e->path && e->fd < 0)
		bl_output_confine_later(e->path, c);
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++)
		if (bl_settings_given(s, written[i]))
			bl_output_confine_later(s->given[written[i]].value->text, c);
}

void bl_sandbox_processes(struct bl_confine *c)
{
	bl_confine_let_path(c, "/dev/null", BL_MAY_READ | BL_MAY_WRITE);
	bl_confine_let_made_up(c, "/proc/self/statm", BL_MAY_READ);
}

int bl_sandbox_end(struct bl_confine *c, const struct bl_settings *s, struct bl_err *err)
{
	if (bl_confine_end(c) == 0 || !bl_settings_word_is(s, BL_OPT_SANDBOX, "required"))
		return 0;
	bl_fail_errno(err, BL_LIMIT, c->why,
		"--sandbox=required: the kernel cannot keep the program to its files");
	return bl_hint(err, "--sandbox=on does without where it has to");
}

int bl_sandbox_reading(const struct bl_inputs *in, const struct bl_settings *s,
	const struct bl_events *e, struct bl_err *err)
{
	struct bl_confine c;

	bl_sandbox_begin(&c, s, e);
	if (in->pool)
		bl_files_confine(in->pool, &c);
	return bl_sandbox_end(&c, s, err);
}
