/*
 * outcome.h - what has become of each output of belay-avg, for other programs: as events (event.h)
 * and as a table.
 *
 * ---- events of belay-avg, besides those of every program ----
 *
 *   plan              once it is known what will be done: times, checkpoints, folder, format,
 *                     tensors and run, as in the plan (report.h)
 *   output            one for each, in the order of the sweep
 *     index           its number there, from 0
 *     path, path_hex  as it was given
 *     status          written; skipped: it was there already, of the same plan, or nothing was
 *                     new; planned: of --plan; failed: it was not written, and is not there; kept:
 *                     it was not written, for the run failed, and the one that was there already
 *                     is still there
 *     bytes           of the file, or of all files of a folder; of planned ones those expected;
 *                     null where not known
 *     method, settings, resolved, sum, sum_abs, mean_age, half_life, rel_std, asked,
 *     effective_number, first_share, warnings   as in the plan. Where there was no plan, as after a
 *                     mistake in the options, there are method and settings alone
 *     tensor_options  as in the plan, without the weights
 *
 *     digest          only with --digest: of the output; null where it was not written
 *   digest            only with --digest, where it got so far: one for each checkpoint, in the
 *                     order of time, then one for each output that was made
 *     of              input, output
 *     path, path_hex  as it was given
 *     time            of a checkpoint; null of an output
 *     digest, tensors, left_out   as of belay-show (golden.h)
 *
 * counts of the result: checkpoints that were opened or are in the state, tensors of one output,
 * outputs of the sweep, and how many of them were written, skipped, kept and failed.
 *
 * ---- the table ----
 *
 * A line of names, then one line for each output, in the order of the sweep; columns are separated
 * by one tab. What is not known, or empty, is NA. In texts a tab is \t, the end of a line \n, a
 * backslash \\, other control characters and bytes that are no UTF-8 \xNN. Columns:
 *
 *   output status bytes method name half_life_asked kappa gamma sum sum_abs effective_number
 *   mean_age half_life rel_std first_share warnings
 *
 * with --digest digest, and then one for each other option that the settings of an output hold, in
 * the order of the option table, with the value as typed. half_life_asked, kappa and gamma are as
 * resolved, warnings counts them, all else is as in the event.
 */
#ifndef BL_OUTCOME_H
#define BL_OUTCOME_H

#include "golden.h"
#include "report.h"

enum bl_output_fate {
	BL_OUTPUT_WRITTEN,
	BL_OUTPUT_SKIPPED,
	BL_OUTPUT_PLANNED,
	BL_OUTPUT_KEPT,
	BL_OUTPUT_FAILED
};

/* Of output p. All borrowed. */
struct bl_outcome {
	const struct bl_case *settings;
	const struct bl_report *report; /* NULL: there was no plan */
	size_t p;
	enum bl_output_fate fate;
	uint64_t bytes; /* 0: not known */
	bool digests;   /* they were asked for */
	const struct bl_golden *golden; /* of the output; NULL: not known */
};

/* The events, whole. */
void bl_outcome_plan_event(
	struct bl_json_printer *j, const char *program, const struct bl_report *r);
void bl_outcome_event(struct bl_json_printer *j, const char *program, const struct bl_outcome *o);

/* Of an input, or an output. */
void bl_outcome_digest_event(struct bl_json_printer *j, const char *program, bool input,
	const struct bl_golden *golden);

/* The line of names, for n cases, and that of one of them. */
void bl_outcome_head(FILE *to, const struct bl_case *cases, size_t n, bool digests);
void bl_outcome_line(
	FILE *to, const struct bl_case *cases, size_t n, const struct bl_outcome *o);

/* Does text begin as such a table? */
bool bl_outcome_is_table(const char *text, size_t length);

#endif
