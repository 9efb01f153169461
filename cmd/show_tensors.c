/* show_tensors.c - the tensors and metadata of checkpoints. */
#include "show.h"

#include "listing.h"
#include "sandbox.h"

static int print(const struct bl_settings *s, const struct bl_inputs *in, struct bl_err *err)
{
	const struct bl_screen screen = bl_screen_of(stdout);

	if (bl_settings_given(s, BL_OPT_SHOW_JSON))
		bl_listing_json(stdout, in);
	else if (bl_settings_given(s, BL_OPT_TREE))
		return bl_listing_tree(stdout, in, &screen, err);
	else
		bl_listing_text(stdout, in, &screen);
	return 0;
}

int bl_show_tensors(const struct bl_show *show, struct bl_err *err)
{
	struct bl_inputs in = {.stop = show->stop, .look = true};
	int rc =
		bl_inputs_open(&in, show->args->operand, show->args->operands, show->settings, err);

	rc = bl_inputs_unchanged(&in, rc, err);
	if (rc == 0)
		rc = bl_sandbox_reading(&in, show->settings, NULL, err);
	if (rc == 0)
		rc = print(show->settings, &in, err);
	bl_inputs_free(&in);
	return rc;
}
