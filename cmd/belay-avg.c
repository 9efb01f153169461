/*
 * belay-avg.c - averages checkpoints.
 *
 *   argv, recipe -> settings -> open sources -> select -> plan -> create sinks -> run tiles
 *     -> commit
 */
#include "config.h"

#include "account.h"
#include "args.h"
#include "avg_events.h"
#include "failure.h"
#include "growing.h"
#include "hashes.h"
#include "help.h"
#include "inputs.h"
#include "limits.h"
#include "lines.h"
#include "outputs.h"
#include "plan.h"
#include "profiles.h"
#include "progress.h"
#include "recipe_write.h"
#include "recipes.h"
#include "remarks.h"
#include "replay.h"
#include "run.h"
#include "sandbox.h"
#include "shares.h"
#include "signals.h"
#include "streams.h"
#include "tensors.h"
#include "writing.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* All that a run holds. */
struct run {
	struct bl_settings settings; /* what holds for all runs of the recipe */
	struct bl_args args;
	struct bl_recipe recipe;
	const struct bl_settings *impossible; /* the run that cannot be planned; NULL: none */
	struct bl_case *cases;
	size_t n_cases;
	struct bl_inputs in;
	struct bl_outputs out;
	struct bl_growing growing;
	struct bl_tensors tensors;
	double *given; /* weights from a file; NULL: none */
	struct bl_plan plan;
	struct bl_account account;
	struct bl_job job;
	struct bl_progress progress;
	struct bl_shares shares;
	struct bl_hashes hashes;
	size_t skipped; /* outputs that were there already */
	struct bl_events events;
	struct bl_voice voice;
	const volatile sig_atomic_t *stop;
};

static int usage(struct run *r, struct bl_err *err)
{
	if (r->args.operands == 0) {
		bl_fail(err, BL_USAGE, "no checkpoints are named");
		return bl_hint(err, "belay-avg ckpt_*.h5 -o avg.h5; more by belay-avg --help");
	}
	if (bl_settings_given(&r->settings, BL_OPT_DIGEST) &&
		!bl_settings_given(&r->settings, BL_OPT_REPORT) &&
		!bl_settings_given(&r->settings, BL_OPT_JSON)) {
		bl_fail(err, BL_USAGE, "--digest: there is no report that could hold them");
		return bl_hint(err, "--report FILE or --json");
	}
	for (size_t i = 0; i < r->recipe.runs; i++) {
		if (bl_settings_given(&r->recipe.run[i], BL_OPT_OUTPUT))
			continue;
		bl_fail(err, BL_USAGE, "no output is named");
		bl_hint(err, "-o FILE");
		return r->recipe.run[i].where ? bl_prefix(err, "%s", r->recipe.run[i].where) : -1;
	}
	for (size_t i = 0; i < r->args.operands; i++) {
		const char *name = r->args.operand[i];

		if (bl_settings_given(&r->settings, BL_OPT_PLAN) && strcmp(name, "json") == 0 &&
			access(name, F_OK) != 0) {
			bl_fail(err, BL_USAGE, "json: is no checkpoint");
			return bl_hint(err, "did you mean --plan=json?");
		}
	}
	return 0;
}

/* The weights of all checkpoints, of those that a state has seen too. */
static int make_rows(struct run *r, struct bl_err *err)
{
	const struct bl_selection *s = &r->tensors.selection;
	int64_t *n = bl_inputs_times(&r->in, err);
	const struct bl_history history = {{n, r->in.past + r->in.n}, r->given, r->in.profile,
		(uint64_t)bl_settings_number(&r->settings, BL_OPT_MEMORY)};
	int rc = -1;

	if (n)
		rc = bl_plan_make(r->cases, r->n_cases, &history, &r->plan, err);
	if (rc == 0)
		rc = bl_plan_overlay(&r->plan, s->overlay, s->overlays, &history, err);
	free(n);
	return rc;
}

static int make_plan(struct run *r, struct bl_err *err)
{
	/* No state goes with these, which are given for all checkpoints. */
	if (!r->in.past && bl_given_weights(&r->in, &r->settings, &r->given, err) != 0)
		return -1;
	if (make_rows(r, err) == 0)
		return bl_growing_compare(&r->growing, &r->in, &r->plan, &r->settings, err);
	if (r->plan.rows == 0 || r->plan.overlays > 0) /* it is said already */
		return -1;
	/* Of a sweep, which output it is that cannot be had. */
	if (r->n_cases > 1)
		bl_prefix(err, "%s", r->cases[r->plan.rows - 1].output);
	r->impossible = r->cases[r->plan.rows - 1].settings;
	return -1;
}

/* The weights of output p once more, by marching through the steps: of tensors with its settings
 * (set 0) or with settings of their own. */
static int check_row(const struct run *r, size_t p, size_t set, struct bl_err *err)
{
	const char *glob = set ? r->plan.overlay[set - 1]->glob : "";
	const char *output = r->cases[p].output;
	double difference;

	if (bl_go_on(r->stop, err) != 0)
		return -1;
	if (bl_replay_check(bl_plan_row(&r->plan, p, set), &difference, err) != 0) {
		if (set)
			bl_prefix(err, "%s", glob);
		return bl_prefix(err, "%s", bl_output_title(output));
	}
	bl_say(&r->voice, output, BL_PLAIN, "%s%sweights agree with the replay to %.1e", glob,
		set ? ": " : "", difference);
	return 0;
}

/* --check: every row of weights. */
static int check(const struct run *r, struct bl_err *err)
{
	for (size_t p = 0; p < r->plan.rows; p++)
		for (size_t set = 0; set <= r->plan.overlays; set++)
			if (check_row(r, p, set, err) != 0)
				return -1;
	return 0;
}

static int make_job(struct run *r, struct bl_err *err)
{
	const struct bl_settings *s = &r->settings;
	const struct bl_selection *selection = &r->tensors.selection;

	if (bl_shares_make(selection, &r->plan, r->out.which, r->out.n, &r->shares, err) != 0)
		return -1;
	r->job = (struct bl_job){
		.source = r->in.source,
		.sources = r->in.n,
		.cat = &selection->cat,
		.map = (const size_t *const *)selection->all.map,
		.sink = r->out.sink,
		.sinks = r->out.n,
		.weights = r->shares.weights,
		.n_weights = r->shares.n,
		.weights_of = r->shares.of,
		.averaged = selection->averaged,
		.from = selection->from,
		.needed = r->out.needed,
		.runs = r->out.format->runs,
		.overhead = bl_inputs_bytes(&r->in) + bl_selection_bytes(selection) +
			bl_plan_bytes(&r->plan) + r->shares.bytes + r->out.bytes +
			bl_avg_events_bytes(&r->events, r->n_cases),
		.keep_nonfinite = bl_settings_word_is(s, BL_OPT_NONFINITE, "keep"),
		.stop = r->stop,
		.progress = &r->progress,
	};
	if (bl_limits_set(&r->job, s, err) != 0)
		return -1;
	if (bl_growing_job(
		    &r->growing, &r->in, selection, &r->plan, &r->out, &r->job, err) != 0)
		return -1;
	return bl_hashes_make(&r->hashes, &r->in, selection, &r->out, s, &r->job, err);
}

static int make_provenance(struct run *r, struct bl_err *err)
{
	if (bl_settings_given(&r->settings, BL_OPT_NO_PROVENANCE))
		return 0;
	for (size_t p = 0; p < r->n_cases; p++) {
		r->out.provenance[p] = bl_report_provenance(&r->account.report, p, err);
		if (!r->out.provenance[p])
			return -1;
	}
	return 0;
}

static bool wants_plan(const struct run *r)
{
	return bl_settings_given(&r->settings, BL_OPT_PLAN) ||
		bl_settings_given(&r->settings, BL_OPT_DRY_RUN);
}

static bool wants_json_plan(const struct run *r)
{
	return bl_settings_given(&r->settings, BL_OPT_PLAN) &&
	       bl_settings_word_is(&r->settings, BL_OPT_PLAN, "json");
}

static void print_plan(const struct run *r)
{
	if (wants_json_plan(r))
		bl_report_plan_json(stdout, &r->account.report);
	else
		bl_report_plan_text(stdout, &r->account.report);
}

/* What is to be known of the tensors; with_plan: the plan says the rest to those who read it. */
static void remark(const struct run *r, bool with_plan)
{
	const struct bl_voice rest = {r->voice.events, r->voice.quiet || with_plan};
	const char *path = r->in.source[r->in.n - 1].path;

	bl_remark_rules(&r->voice, &r->tensors.policy);
	bl_remark_losses(&r->voice, path, &r->tensors.selection.cat, r->out.format->name);
	bl_remark_existing(&r->voice, &r->out);
	bl_remark_averages(&rest, path, &r->tensors, &r->settings);
	for (size_t p = 0; p < r->out.n; p++)
		bl_remark_plan(&rest, r->out.sink[p].path, &r->plan, r->out.which[p]);
}

/* The pass over the checkpoints. */
static int stream(struct run *r, struct bl_tally *tally, struct bl_err *err)
{
	struct bl_progress_view *view = NULL;
	int rc;

	r->progress.read_total = r->account.report.budget.read_bytes;
	r->progress.written_total = r->account.report.budget.written_bytes;
	if (bl_progress_start(&view, &r->progress, &r->settings, err) != 0)
		return -1;
	rc = bl_run(&r->job, tally, err);
	if (rc == 0)
		rc = bl_hashes_complete(
			&r->hashes, &r->in, &r->tensors.selection, &r->out, &r->job, err);
	bl_progress_stop(view);
	return rc;
}

/* Is all that was read what it was? rc: how what was done with it ended. */
static int unchanged(const struct run *r, int rc, struct bl_err *err)
{
	rc = bl_inputs_unchanged(&r->in, rc, err);
	return bl_growing_unchanged(&r->growing, rc, err);
}

/* Everything is open: from here on only that is within reach. */
static int keep_to_files(const struct run *r, struct bl_err *err)
{
	struct bl_confine c;

	bl_sandbox_begin(&c, &r->settings, &r->events);
	bl_files_confine(r->in.pool, &c);
	bl_growing_confine(&r->growing, &c);
	for (size_t p = 0; p < r->out.n; p++)
		bl_output_confine(r->out.file[p], &c);
	if (bl_sandbox_end(&c, &r->settings, err) != 0)
		return -1;
	if (c.why && bl_settings_given(&r->settings, BL_OPT_VERBOSE))
		bl_say(&r->voice, NULL, BL_NOTE,
			"the kernel cannot keep the program to its files: %s", strerror(c.why));
	return 0;
}

/* Makes and fills the outputs. */
static int fill_outputs(struct run *r, struct bl_tally *tally, struct bl_err *err)
{
	if (bl_growing_create(&r->growing, r->stop, err) != 0 ||
		bl_outputs_create(&r->out, &r->tensors.selection, r->stop, err) != 0)
		return -1;
	bl_growing_join(&r->growing, &r->out);
	/* All outputs are made alike. */
	if (r->out.sink[0].note[0])
		bl_say(&r->voice, r->out.sink[0].path, BL_NOTE, "%s", r->out.sink[0].note);
	if (keep_to_files(r, err) != 0 || stream(r, tally, err) != 0 ||
		bl_outputs_complete(&r->out, err) != 0)
		return -1;
	return bl_growing_complete(&r->growing, err);
}

/* Makes, fills and publishes the outputs, if what they are made of is still what it was. */
static int make_outputs(struct run *r, struct bl_tally *tally, struct bl_err *err)
{
	if (unchanged(r, fill_outputs(r, tally, err), err) != 0)
		return -1;
	if (bl_outputs_publish(&r->out, err) != 0)
		return -1;
	return bl_growing_publish(&r->growing, err);
}

/* Leaves out the outputs that are there already, where that was asked for. */
static int leave_out(struct run *r, struct bl_err *err)
{
	if (r->growing.path)
		return bl_outputs_claim(&r->out, bl_growing_past(&r->growing), r->in.pool,
			r->in.still, &r->skipped, err);
	return bl_outputs_skip(&r->out, r->in.pool, &r->skipped, err);
}

/* Everything up to the plan: nothing is written, no value is read. */
static int prepare(struct run *r, struct bl_err *err)
{
	if (bl_runs_expand(r->recipe.run, r->recipe.runs, &r->cases, &r->n_cases, err) != 0 ||
		bl_avg_events_apart(&r->events, r->cases, r->n_cases, &r->settings, err) != 0)
		return -1;
	r->out.growing = bl_settings_given(&r->settings, BL_OPT_STATE);
	if (bl_outputs_examine(&r->out, r->cases, r->n_cases, &r->settings, err) != 0 ||
		bl_growing_open(&r->growing, &r->settings, r->cases, r->n_cases, err) != 0)
		return -1;
	r->in.stop = r->stop;
	r->in.snapshots = bl_cases_snapshots(r->cases, r->n_cases);
	r->in.leave = 4 * (r->n_cases + 1); /* a folder, a file, and for HDF5 a process */
	r->in.state = bl_growing_past(&r->growing);
	if (bl_inputs_open(&r->in, r->args.operand, r->args.operands, &r->settings, err) != 0)
		return -1;
	if (r->in.n == 0) /* nothing is new; is it the run of the state? */
		return make_plan(r, err);
	if (bl_outputs_suit(&r->out, &r->in, &r->settings, err) != 0)
		return -1;
	if (bl_tensors_select(&r->tensors, &r->in, r->out.format, &r->settings, err) != 0 ||
		make_plan(r, err) != 0)
		return -1;
	if (bl_account_make(&r->account, r->cases, &r->in, &r->tensors, r->out.format, &r->plan,
		    err) != 0 || make_provenance(r, err) != 0)
		return -1;
	if (leave_out(r, err) != 0 ||
		bl_outputs_choose(&r->out, &r->tensors.selection, err) != 0)
		return -1;
	return make_job(r, err);
}

static int run(struct run *r, struct bl_err *err)
{
	struct bl_tally tally = {0};
	struct timespec start, end;

	if (bl_settings_given(&r->settings, BL_OPT_PRINT_RECIPE))
		return bl_recipe_write(stdout, &r->recipe, err);
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (usage(r, err) != 0 || unchanged(r, prepare(r, err), err) != 0)
		return -1;
	if (r->in.n == 0) {
		bl_growing_tell(&r->growing, &r->in, &r->voice);
		return 0;
	}
	if (bl_settings_given(&r->settings, BL_OPT_CHECK) && check(r, err) != 0)
		return -1;
	if (r->out.n > 0 && bl_run_budget(&r->job, &r->account.report.budget, err) != 0)
		return -1;
	bl_hashes_account(&r->hashes, &r->in, &r->job, &r->account);
	bl_avg_events_plan(&r->events, &r->account.report);
	if (wants_plan(r)) {
		print_plan(r);
		remark(r, true);
		return 0;
	}
	if (bl_settings_given(&r->settings, BL_OPT_VERBOSE))
		bl_report_plan_text(stderr, &r->account.report);
	remark(r, bl_settings_given(&r->settings, BL_OPT_VERBOSE));
	if (r->out.n > 0 && make_outputs(r, &tally, err) != 0)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (!bl_settings_given(&r->settings, BL_OPT_QUIET))
		bl_summary(stderr, &r->account.report, r->out.which, r->out.n, r->skipped, &tally,
			(double)(end.tv_sec - start.tv_sec) +
				1e-9 * (double)(end.tv_nsec - start.tv_nsec));
	bl_growing_tell(&r->growing, &r->in, &r->voice);
	return 0;
}

/* rc: of the command line, whose mistakes are reported too. */
static int report_and_run(struct run *r, const struct bl_call *call, int rc, struct bl_err *err)
{
	struct bl_err other = {0};

	if (rc == 0)
		rc = bl_recipe_load(&r->recipe, &r->settings, &r->args, r->stop, err);
	r->voice.quiet = bl_settings_given(&r->settings, BL_OPT_QUIET);
	if (bl_events_open(&r->events, call, rc == 0 ? err : &other) != 0 && rc == 0)
		return -1;
	if (other.text[0])
		bl_line(err, "the report: %s", other.text);
	return rc == 0 ? run(r, err) : rc;
}

static void free_run(struct run *r)
{
	bl_outputs_free(&r->out);
	bl_growing_free(&r->growing);
	bl_tensors_free(&r->tensors);
	bl_inputs_free(&r->in);
	bl_plan_free(&r->plan);
	free(r->given);
	bl_cases_free(r->cases, r->n_cases);
	bl_recipe_free(&r->recipe);
	bl_settings_free(&r->settings);
	bl_args_free(&r->args);
	bl_account_free(&r->account);
	bl_hashes_free(&r->hashes);
	bl_shares_free(&r->shares);
	bl_events_free(&r->events);
}

/* All that can be told of a run that is over, before the rest of it goes. What was not published
 * is removed first: the report may need its room on the disk. */
static int tell(struct run *r, const struct bl_call *call, int *signal, int rc, struct bl_err *err)
{
	const struct bl_ending ending = {
		.signal = *signal,
		.call = call,
		.in = &r->in,
		.cases = r->cases,
		.n_cases = r->n_cases,
		.out = &r->out,
		.report = r->account.report.plan ? &r->account.report : NULL,
		.planned = wants_plan(r),
		.progress = &r->progress,
		.hashes = &r->hashes,
	};

	bl_growing_abandon(&r->growing);
	bl_outputs_abandon(&r->out);
	rc = bl_avg_events_end(&r->events, &ending, rc, err);
	if (rc != 0 && err->code == BL_OK)
		*signal = bl_signals_came();
	return rc;
}

/* Standard output gets no plan; a report that is told there says why by itself. */
static void fail_plan(const struct run *r, const struct bl_call *call, const struct bl_err *err)
{
	const struct bl_suspects suspects = {
		call->argc, call->argv, &r->settings, &r->args, &r->in, r->cases, r->n_cases};
	struct bl_value room;
	const struct bl_value *report = bl_settings_get(&r->settings, BL_OPT_REPORT, &room);

	if (wants_json_plan(r) && !bl_settings_given(&r->settings, BL_OPT_JSON) &&
		(!report || strcmp(report->text, "-") != 0))
		bl_failure_print("belay-avg", &suspects, bl_signals_came(), err);
}

int main(int argc, char **argv)
{
	struct bl_err err = {0};
	struct run r = {.voice.events = &r.events, .events.program = "belay-avg"};
	struct bl_call call = {argc, argv, &r.settings, &r.args, &r.recipe, NULL};
	int rc, signal;

	bl_streams_hold();
	r.stop = call.stop = bl_signals_start();
	rc = bl_args_parse(argc, argv, &r.settings, &r.args, &err);
	if (rc == 0 && bl_settings_given(&r.settings, BL_OPT_HELP))
		bl_help(stdout, BL_AVG);
	else if (rc == 0 && bl_settings_given(&r.settings, BL_OPT_VERSION))
		bl_version(stdout, BL_AVG);
	else
		rc = report_and_run(&r, &call, rc, &err);
	if (rc != 0)
		bl_recipe_blame(r.impossible ? r.impossible : &r.settings, r.impossible, &err);
	if (rc == 0)
		rc = bl_streams_close(&err);
	else
		fail_plan(&r, &call, &err);
	signal = bl_signals_came();
	rc = tell(&r, &call, &signal, rc, &err);
	free_run(&r);
	bl_signals_finish(signal);
	return bl_streams_end("belay-avg", rc, &err);
}
