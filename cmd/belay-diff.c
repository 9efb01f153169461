/*
 * belay-diff.c - compares checkpoints.
 *
 *   argv -> settings -> which kind -> open pairs -> align -> run tiles -> tell
 */
#include "config.h"

#include "diff_run.h"
#include "help.h"
#include "signals.h"
#include "streams.h"

#include <stdlib.h>

/* What can be compared: one row each, the first whose option is given. */
static const struct kind {
	enum bl_option asks; /* BL_OPTIONS: comes unasked */
	int (*compare)(struct bl_diff_run *r, struct bl_err *err);
} kind[] = {
	{BL_OPT_AGAINST, bl_diff_against},
	{BL_OPT_SETS, bl_diff_sets},
	{BL_OPTIONS, bl_diff_two},
};

static int run(struct bl_diff_run *r, const struct bl_call *call, struct bl_err *err)
{
	const struct kind *k = kind;

	while (k->asks != BL_OPTIONS && !bl_settings_given(&r->settings, k->asks))
		k++;
	if (bl_diff_policy_make(&r->policy, &r->settings, err) != 0 ||
		bl_diff_pages_open(&r->pages, call, err) != 0)
		return -1;
	if (r->pages.on_stdout && r->events.on_stdout)
		return bl_fail(err, BL_USAGE, "a report and a page both want standard output");
	if (k->compare(r, err) != 0)
		return -1;
	return bl_diff_pages_write(&r->pages, r->verdict ? r->verdict : "", r->stop, err);
}

/* rc: of the command line, whose mistakes are reported too. */
static int report_and_run(
	struct bl_diff_run *r, const struct bl_call *call, int rc, struct bl_err *err)
{
	struct bl_err other = {0};

	r->voice.quiet = bl_settings_given(&r->settings, BL_OPT_QUIET);
	if (bl_events_open(&r->events, call, rc == 0 ? err : &other) != 0 && rc == 0)
		return -1;
	if (other.text[0])
		bl_line(err, "the report: %s", other.text);
	return rc == 0 ? run(r, call, err) : rc;
}

#define OWN_COUNTS 3 /* besides those of the verdicts */

/* How it has ended, and the end of the report. To differ is no error, but an exit code. */
static int tell(struct bl_diff_run *r, const struct bl_call *call, int *signal, int rc,
	struct bl_err *err)
{
	struct bl_count count[OWN_COUNTS + BL_DIFF_COUNTS] = {{"pairs", r->pairs},
		{"differing_pairs", r->differing}, {"alone", r->alone}};
	const struct bl_args named = {.operand = r->sets.path,
		.operands = r->sets.n[0] + r->sets.n[1]};
	const struct bl_suspects suspects = {call->argc, call->argv, &r->settings,
		named.operands ? &named : &r->args, &r->in, NULL, 0};
	struct bl_result result = {
		.signal = *signal,
		.count = count,
		.counts = r->count[0].name ? OWN_COUNTS + BL_DIFF_COUNTS : OWN_COUNTS,
		.read_bytes = r->progress.read_bytes,
	};
	struct bl_err end = {0};

	if (rc != 0)
		end = *err;
	for (size_t i = 0; i < BL_DIFF_COUNTS; i++)
		count[OWN_COUNTS + i] = r->count[i];
	if (rc == 0 && r->differ)
		end.code = BL_DIFFER;
	bl_events_result(&r->events, &suspects, &result, &end);
	rc = bl_events_complete(&r->events, rc, err);
	if (rc != 0 && err->code == BL_OK)
		*signal = bl_signals_came();
	return rc == 0 && r->differ ? bl_fail_silently(err, BL_DIFFER) : rc;
}

void bl_diff_run_free(struct bl_diff_run *r)
{
	bl_inputs_free(&r->in);
	bl_sets_free(&r->sets);
	bl_diff_policy_free(&r->policy);
	bl_diff_pages_free(&r->pages);
	free(r->verdict);
	bl_settings_free(&r->settings);
	bl_args_free(&r->args);
	bl_events_free(&r->events);
}

int main(int argc, char **argv)
{
	struct bl_err err = {0};
	struct bl_diff_run r = {.settings.program = BL_DIFF, .events.program = "belay-diff",
		.voice.events = &r.events};
	struct bl_call call = {argc, argv, &r.settings, &r.args, NULL, NULL};
	int rc, signal;

	bl_streams_hold();
	r.stop = call.stop = bl_signals_start();
	rc = bl_args_parse(argc, argv, &r.settings, &r.args, &err);
	if (rc == 0 && bl_settings_given(&r.settings, BL_OPT_HELP))
		bl_help(stdout, BL_DIFF);
	else if (rc == 0 && bl_settings_given(&r.settings, BL_OPT_VERSION))
		bl_version(stdout, BL_DIFF);
	else
		rc = report_and_run(&r, &call, rc, &err);
	if (rc == 0)
		rc = bl_streams_close(&err);
	signal = bl_signals_came();
	rc = tell(&r, &call, &signal, rc, &err);
	bl_diff_run_free(&r);
	bl_signals_finish(signal);
	return bl_streams_end("belay-diff", rc, &err);
}
