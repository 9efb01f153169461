/*
 * report.h - the plan, the provenance and the method in words, as text and JSON.
 *
 * Nothing here keeps or changes what it is given, so all of it may be called from any thread.
 *
 * ---- the plan as JSON: one object, keys in this order ----
 *
 *   schema            1; a number above it means that a field has changed its meaning or gone
 *   belay             version of the program, a string
 *   times             where the times came from:
 *     from            "key" (recorded), "pattern" (--time-pattern), "name", "index"
 *                     (--times=index), "provenance" (of snapshots)
 *     key             the recorded key, null unless from is "key"
 *     first, last     of the checkpoints, whole numbers, in units of --time-unit where it is given
 *   checkpoints       one object each, by ascending time:
 *     path            as seen from folder, or as given where that is not possible; bytes that are
 *                     no UTF-8 are replaced by U+FFFD
 *     path_hex        only where bytes were replaced: all bytes of path, two hex digits each
 *     time            a whole number
 *     size            of the file, in bytes
 *     read            false where none of its data are: no average has a weight for it, nothing is
 *                     copied from it
 *   folder            the folder that all checkpoints have in common, with its slash; may be ""
 *   chosen            only where an option chose: given, how many checkpoints there were; left_out,
 *                     how many of them each of these options left out, by its name
 *   format            name of the outputs' format
 *   tensors           count, averaged, copied: of one output; aliases: further names of those;
 *                     skipped: tensors of the checkpoints that are left out; partial: of the
 *                     averaged, such as not all checkpoints have
 *   outputs           one object each, in the order of the sweep:
 *     path, path_hex  as it will be written
 *     size            bytes expected; null where not known
 *     disk_free       bytes free on its file system; null where not known
 *     method          a word
 *     settings        what was given of all this, option to text as typed: options of the method,
 *                     and what else the bytes depend on; of files without their folders
 *     resolved        the numbers that follow, see below
 *     sum, sum_abs    of the weights w and of |w|
 *     mean_age        sum of w times age; ages count from the last checkpoint, in the unit of times
 *                     (in checkpoints where the length was given in ckpt)
 *     half_life       smallest age with at least half of the weight; null where there is none
 *     rel_std         standard deviation of the ages over the covered time; null where negative
 *                     weights leave no variance
 *     asked           the length that was asked for in every language, null where there was none:
 *                     half_life, mean_age, decay (per step, or per update with --update-every),
 *                     rel_std; of the EMA that it names, for power of its own profile
 *     effective_number  1 / sum of w^2
 *     first_share     weight of the first checkpoint
 *     warnings        strings
 *     tensor_options  tensors with settings of their own, one object for each pattern that has any:
 *       match         the pattern
 *       tensors       how many
 *       method, settings, resolved, sum, sum_abs, mean_age, half_life, effective_number,
 *       first_share, warnings   as above, of these tensors: settings are all that hold for them
 *       weights, weights_hex    as below
 *   run               how it will be done:
 *     read_bytes, written_bytes   values read and written in all, decoded
 *     memory_bytes    allocated at most
 *     tile_bytes      values of one checkpoint that are worked on at a time
 *     tile_inputs     checkpoints whose tiles are in memory at once, for one thread
 *     threads
 *     disk_bytes      of all outputs together; null where not known
 *   weights           of the tensors without settings of their own: one array per output of one
 *                     number per checkpoint, each the shortest decimal that reads back as the
 *                     same double
 *   weights_hex       the same as strings of C99 hexadecimal floats, exact
 *
 * resolved holds, where the method has them, one object each of value (decimal) and hex (exact):
 *   half-life         that was asked for, in the unit of times
 *   window            in the unit of times
 *   warmup-updates    with --warmup: updates until the pull is kappa, or until the last checkpoint
 *   kappa, gamma, pull, restore, gain   per step (per update with --update-every), numbers of the
 *                     recurrence in the manual
 *   exponent          g of power, and of the power average that posthoc stands for
 *   residual, residual-share, condition   of posthoc, see the manual
 *   lag, multiplier, ema-power, bias-power, min   of bema
 *
 * ---- the provenance: one object on one line, keys in this order ----
 *
 *   belay             version of the program
 *   method, settings, resolved   as above; settings also holds what else was given that the bytes
 *                     depend on
 *   tensors           only where such were given: the patterns in their order, one object each of
 *                     match, a pattern, and average, copy or skip: true, or copy-from and a
 *                     checkpoint, or options of the methods and their values as typed
 *   format            of the output
 *   times             from, key as above
 *   inputs            path, path_hex, time, size of every checkpoint as above
 *   weights           strings of C99 hexadecimal floats
 *   tensor_options    only where some tensors have settings of their own: match, method, settings,
 *                     resolved and weights of each, as above
 */
#ifndef BL_REPORT_H
#define BL_REPORT_H

#include "choose.h"
#include "json.h"
#include "paths.h"
#include "plan.h"
#include "run.h"
#include "select.h"

#include <stdio.h>

/* One input, in time order. */
struct bl_report_input {
	const char *path;
	int64_t time;
	uint64_t size; /* bytes */
	bool read;     /* some weight is not 0 */
};

/* One output. */
struct bl_report_output {
	const char *path;
	uint64_t size;      /* expected bytes; 0: not known beforehand */
	uint64_t disk_free; /* bytes on its file system; 0: not known */
};

/* All there is to tell. Borrowed. */
struct bl_report {
	const char *version;
	const struct bl_plan *plan;
	const struct bl_report_input *input;   /* plan->checkpoints of them */
	const struct bl_report_output *output; /* plan->rows of them */
	enum bl_time_origin origin;
	const char *time_key; /* for BL_TIME_KEY */
	const struct bl_chosen *chosen; /* how the inputs were; NULL: all were taken */
	const char *format;   /* name of the output format */
	size_t tensors, averaged, copied, aliases, skipped, partial;
	const char *copy_from; /* path of the checkpoint that copies are from; NULL: the last */
	const struct bl_rule *rule; /* what was said of tensors; rules of them */
	size_t rules;
	const size_t *overlay_tensors; /* how many tensors have each of the plan's overlays */
	struct bl_budget budget;
};

/* --plan=text: order, times, weights, outputs, bytes, memory, disk, in 80 columns. Without memory
 * for it, paths stand as they were given. */
void bl_report_plan_text(FILE *to, const struct bl_report *r);

/* --plan=json: the object above, over several lines. */
void bl_report_plan_json(FILE *to, const struct bl_report *r);

/* The method of output p and what it was given, without a line break:
 * "ema, half-life 100 (10% of 1000), hold right". */
void bl_report_method(FILE *to, const struct bl_report *r, size_t p);

/* The same of any row of the plan. */
void bl_report_row(FILE *to, const struct bl_report *r, const struct bl_row *row);

/* The same without the method, beginning with ", " where it is not empty. */
void bl_report_settings(FILE *to, const struct bl_report *r, const struct bl_row *row);

/* One option and its value for people: "hold right", "half-life 5.93128%", "normalize". */
void bl_report_setting(FILE *to, enum bl_option o, const struct bl_value *v);

/*
 * The provenance of output p: one line of JSON, see above. No clock, no host, no absolute path: the
 * same bytes for the same run. malloc'd, freed by the caller; NULL when there is no memory, with
 * err set.
 */
char *bl_report_provenance(const struct bl_report *r, size_t p, struct bl_err *err) BL_MUST_USE;

/* ---- what the text and the JSON share ---- */

/* Does the method of a row take an option? */
bool bl_row_takes(const struct bl_row *row, enum bl_option o);

/* The option that names the length of a row, BL_OPTIONS where none does. It need not have been
 * given: then the length is the default. */
enum bl_option bl_row_length(const struct bl_row *row);

/* The numbers that follow from the settings of a row of the plan, in a fixed order.
 * Returns how many. */
size_t bl_report_resolved(
	const struct bl_report *r, const struct bl_row *row, struct bl_resolved *out);

/* The inputs' paths as seen from their folder; freed by the caller with bl_paths_free. Error:
 * BL_LIMIT, no memory. */
int bl_report_paths(const struct bl_report *r, struct bl_paths *paths, struct bl_err *err)
	BL_MUST_USE;

/* Bytes of all outputs together; 0: not known. */
uint64_t bl_report_disk(const struct bl_report *r);

/* Tensors that have settings of their own. */
size_t bl_report_overlaid(const struct bl_report *r);

/* The value of an option as it was typed; of a file without its folder, which others need not
 * know. It points into text. */
const char *bl_report_typed(enum bl_option o, const char *text);

/* Members of JSON objects: from and key of the times; method and settings of a case; method,
 * settings and resolved of a row; its warnings. */
void bl_report_put_origin(struct bl_json_printer *j, const struct bl_report *r);
void bl_report_put_settings(struct bl_json_printer *j, const struct bl_case *c);
void bl_report_put_method(struct bl_json_printer *j, const struct bl_report *r,
	const struct bl_row *row);
void bl_report_put_warnings(struct bl_json_printer *j, const struct bl_row *row);

/* Members of the plan: times, checkpoints, folder, format and tensors; run; of an output those from
 * method to warnings; its tensor_options, with their weights if these are wanted. */
void bl_report_put_inputs(struct bl_json_printer *j, const struct bl_report *r);
void bl_report_put_run(struct bl_json_printer *j, const struct bl_report *r);
void bl_report_put_row(
	struct bl_json_printer *j, const struct bl_report *r, const struct bl_row *row);
void bl_report_put_overlaid(
	struct bl_json_printer *j, const struct bl_report *r, size_t p, bool weights);

#endif
