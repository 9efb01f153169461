/*
 * belay-show.c - looks at checkpoints.
 *
 *   argv -> settings -> what is shown -> open sources -> show
 */
#include "args.h"
#include "help.h"
#include "inputs.h"
#include "signals.h"
#include "streams.h"

#include <string.h>

/* What can be shown: one row each. */
static const struct view {
	enum bl_option option; /* that asks for it; BL_OPTIONS: what is shown unasked */
	int (*show)(const struct bl_settings *s, const struct bl_inputs *in, struct bl_err *err);
} view[] = {
	{BL_OPTIONS, NULL},
};

static int usage(const struct bl_args *args, struct bl_err *err)
{
	if (args->operands > 0)
		return 0;
	bl_fail(err, BL_USAGE, "no checkpoints are named");
	return bl_hint(err, "belay-show ckpt_1000.h5; more by belay-show --help");
}

static int run(const struct bl_settings *s, const struct bl_args *args,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	struct bl_inputs in = {.stop = stop};
	int rc = usage(args, err);

	if (rc == 0)
		rc = bl_inputs_open(&in, args->operand, args->operands, s, err);
	if (rc == 0 && view[0].show)
		rc = view[0].show(s, &in, err);
	bl_inputs_free(&in);
	return rc;
}

int main(int argc, char **argv)
{
	const volatile sig_atomic_t *stop;
	struct bl_settings settings = {.program = BL_SHOW};
	struct bl_args args = {0};
	struct bl_err err = {0};
	int rc;

	bl_streams_hold();
	stop = bl_signals_start();
	rc = bl_args_parse(argc, argv, &settings, &args, &err);
	if (rc == 0 && bl_settings_given(&settings, BL_OPT_HELP))
		bl_help(stdout, BL_SHOW);
	else if (rc == 0 && bl_settings_given(&settings, BL_OPT_VERSION))
		bl_version(stdout, BL_SHOW);
	else if (rc == 0)
		rc = run(&settings, &args, stop, &err);
	bl_settings_free(&settings);
	bl_args_free(&args);
	bl_signals_finish();
	return bl_streams_end("belay-show", rc, &err);
}
