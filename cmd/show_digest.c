/* show_digest.c - the digests of checkpoints. */
#include "config.h"

#include "show.h"

#include "digests.h"
#include "sandbox.h"

#include <stdlib.h>

int bl_show_digest(const struct bl_show *show, struct bl_err *err)
{
	struct bl_inputs in = {.stop = show->stop, .look = true};
	struct bl_golden *golden = NULL;
	struct bl_progress progress = {0};
	int rc =
		bl_inputs_open(&in, show->args->operand, show->args->operands, show->settings, err);

	if (rc == 0)
		rc = bl_sandbox_reading(&in, show->settings, NULL, err);
	if (rc == 0)
		golden = calloc(in.n, sizeof *golden);
	if (rc == 0 && !golden)
		rc = bl_fail_memory(err, in.n * sizeof *golden, "the digests");
	if (rc == 0)
		rc = bl_digests_of_inputs(&in, show->settings, &progress, golden, err);
	if (rc == 0 && bl_settings_given(show->settings, BL_OPT_SHOW_JSON))
		bl_golden_json(stdout, PACKAGE_VERSION, golden, in.n);
	else if (rc == 0)
		bl_golden_text(stdout, golden, in.n);
	for (size_t t = 0; golden && t < in.n; t++)
		bl_golden_free(&golden[t]);
	free(golden);
	bl_inputs_free(&in);
	return rc;
}
