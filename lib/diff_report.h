/*
 * diff_report.h - what sets two checkpoints apart, for other programs: as events (event.h) and as a
 * table.
 *
 * ---- events of belay-diff, besides those of every program ----
 *
 *   pair              the checkpoints, before what is said of them
 *     a, b            objects: path, path_hex, format, tensors
 *     time            of sets: a whole number, that of both
 *   alone             of sets, before all pairs: a checkpoint whose time the other set lacks
 *     time
 *     status          only_a, only_b
 *     path, path_hex
 *   tensor            one for each tensor that is not the same bit for bit, or with --verbose for
 *                     each; b's in its order, then such as a has beside them
 *     name, name_hex  as b spells it
 *     status          same; within: it differs within the tolerance; differ: beyond it; type,
 *                     shape: it has another one; only_a, only_b; left_out: is no array of numbers
 *     dtype           array of a's and b's; null where it has none
 *     shape           likewise, of arrays
 *     tolerance       object: abs, rel, ulp; null: bit for bit
 *     values          scalars that were compared, two of a complex number; null: none were. Then
 *                     all that follows is null, too
 *     differing       of these, such as are not the same
 *     beyond          such as differ beyond the tolerance
 *     nonfinite       of these, such of which one is not finite
 *     nan             array of counts, of a and of b; null where not known: of what is the same
 *     first           the first that is beyond; null: none is. An object: at, an array of
 *                     coordinates; part, real or imag of a complex number, else null; a and b, the
 *                     values, numbers or the words nan, inf, -inf
 *     max_abs         the largest |a - b|, of finite values that differ: the same with size, a
 *                     number, null where it is infinite
 *     max_rel         the largest |a - b| / |b| where b is not 0
 *     max_ulp         the most steps of the type, a whole number
 *     rms             root of the mean of (a - b)^2 over finite pairs; null where not known
 *     cosine          of the angle between a and b; null where not known, or one is all zeros
 *   metadata          with --verbose or --metadata, one for each key whose values differ
 *     key, key_hex
 *     a, b            texts; null: it has none
 *   verdict           of the pair, behind all that is said of it
 *     a, b            as in pair
 *     differ          true or false
 *     counts          object: tensors, compared or not; of these, by status: same, within, differ,
 *                     type, shape, only_a, only_b, left_out; excluded: by --include and --exclude;
 *                     metadata: keys that differ, where these are looked at
 *
 *   against           in place of these, with --against, one for each checkpoint
 *     listed, checkpoint   objects: path, path_hex, and time, null where it has none; null: it has
 *                     no counterpart
 *     differ          true or false
 *     tensors         objects: name, and status: differs, missing, new
 *
 * counts of the result: pairs that were compared, of these such as differ, checkpoints that are
 * alone, and the sums of those of the verdicts.
 *
 * ---- the table ----
 *
 * A line of names, then one line for each tensor; columns are separated by one tab. What is not
 * known, or empty, is NA. In texts a tab is \t, the end of a line \n, a backslash \\, other control
 * characters and bytes that are no UTF-8 \xNN. Columns:
 *
 *   tensor status dtype_a dtype_b shape_a shape_b values differing beyond nonfinite nan_a nan_b
 *   max_abs max_abs_at max_abs_a max_abs_b max_rel max_rel_at max_rel_a max_rel_b max_ulp
 *   max_ulp_at max_ulp_a max_ulp_b rms cosine first_at first_a first_b
 *
 * as in the event; shapes are like 3x4, or scalar, places like 0,17, of a complex number with .real
 * or .imag behind them.
 */
#ifndef BL_DIFF_REPORT_H
#define BL_DIFF_REPORT_H

#include "diff.h"
#include "event.h"

/* The events, whole. time: of the pair in sets, else NULL. */
void bl_diff_pair_event(struct bl_json_printer *j, const char *program,
	const struct bl_source *source, const int64_t *time);
void bl_diff_alone_event(struct bl_json_printer *j, const char *program, int64_t time,
	enum bl_diff_fate fate, const char *path);
void bl_diff_tensor_event(
	struct bl_json_printer *j, const char *program, const struct bl_diff_of *of);
void bl_diff_meta_event(
	struct bl_json_printer *j, const char *program, const struct bl_diff_meta *meta);
void bl_diff_verdict_event(
	struct bl_json_printer *j, const char *program, const struct bl_diff_view *v);

/* What verdicts and the result count. */
#define BL_DIFF_COUNTS (BL_DIFF_FATES + 3)

/* Adds those of a pair; the names are the same for all. count has BL_DIFF_COUNTS places. */
void bl_diff_count(struct bl_count *count, const struct bl_diff_view *v);

/* The line of names, and that of a tensor. */
void bl_diff_head(FILE *to);
void bl_diff_line(FILE *to, const struct bl_diff_of *of);

/* Does text begin as such a table? */
bool bl_diff_is_table(const char *text, size_t length);

#endif
