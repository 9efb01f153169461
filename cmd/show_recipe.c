/* show_recipe.c - the recipe that made an average. */
#include "show.h"

#include "recipe_write.h"
#include "sandbox.h"

#include <string.h>

static int print(const struct bl_settings *s, const struct bl_source *src, struct bl_err *err)
{
	const char *provenance = bl_catalog_meta(&src->cat, "belay");

	if (!provenance)
		return bl_fail(err, BL_INPUT, "%s: is no average that belay made, or one made with "
			"--no-provenance", src->path);
	if (bl_settings_given(s, BL_OPT_SHOW_JSON)) {
		puts(provenance);
		return 0;
	}
	if (bl_recipe_of_provenance(stdout, provenance, strlen(provenance), err) == 0)
		return 0;
	return err->code == BL_INPUT ? bl_prefix(err, "%s", src->path) : -1;
}

int bl_show_recipe(const struct bl_show *show, struct bl_err *err)
{
	struct bl_inputs in = {.stop = show->stop, .look = true};
	int rc = bl_inputs_open(
		&in, show->args->operand, show->args->operands, show->settings, err);

	rc = bl_inputs_unchanged(&in, rc, err);
	if (rc == 0 && in.n > 1)
		rc = bl_fail(err, BL_USAGE, "--recipe: one average was expected, not %zu", in.n);
	if (rc == 0)
		rc = bl_sandbox_reading(&in, show->settings, NULL, err);
	if (rc == 0)
		rc = print(show->settings, &in.source[0], err);
	bl_inputs_free(&in);
	return rc;
}
