/*
 * progress.h - what is said on standard error while a run goes on, and when it is done.
 */
#ifndef BL_PROGRESS_H
#define BL_PROGRESS_H

#include "report.h"
#include "run.h"
#include "settings.h"

/* A thread that shows how far a run is. */
struct bl_progress_view;

/*
 * Starts showing progress as --progress, --quiet and the terminal ask for: one line that is drawn
 * again at most ten times a second, or with plain, or on a terminal that cannot go back in a line
 * (TERM=dumb), a line of its own every five seconds. Nothing is shown in the first moments, so that
 * a short run stays silent. *view is NULL where nothing will be shown. progress is borrowed until
 * bl_progress_stop; its totals must be set. Error: BL_LIMIT, no memory or no thread.
 */
int bl_progress_start(struct bl_progress_view **view, const struct bl_progress *progress,
	const struct bl_settings *settings, struct bl_err *err) BL_MUST_USE;

/* Ends the thread and wipes its line off the terminal. NULL is legal. */
void bl_progress_stop(struct bl_progress_view *view);

/*
 * The line of progress after so many seconds, in at most columns (below 256) columns: percent and
 * bytes, then as much as fits of rate, time left and a bar. Returns buf, which holds 256 bytes.
 */
const char *bl_progress_line(
	uint64_t done, uint64_t total, double seconds, size_t columns, char *buf);

/* The most memory that the process has held, in bytes; 0: not known. */
uint64_t bl_peak_memory(void);

/*
 * What was done, after success: a line per output (eight of them, then their number) and what it
 * took. which[0..n) are the outputs of the report that were made, skipped counts those that were
 * there already. peak: bytes of memory.
 */
void bl_summary(FILE *to, const struct bl_report *r, const size_t *which, size_t n, size_t skipped,
	const struct bl_tally *tally, double seconds);

#endif
