/*
 * events.h - what a program tells other programs: --report and --json (lib/event.h).
 *
 * A report that is a file appears when the run ends, whole or not at all; one that is a pipe, a
 * device or a descriptor gets every event when it happens. What goes wrong with it never stops a
 * run: it is told at its end.
 */
#ifndef BL_EVENTS_H
#define BL_EVENTS_H

#include "args.h"
#include "culprit.h"
#include "event.h"
#include "inputs.h"
#include "recipe.h"

/* With no more than its program it is nobody who listens: then all of this does nothing. Freed with
 * bl_events_free. */
struct bl_events {
	const char *program; /* "belay-avg", as on standard error */
	const char *path; /* NULL: no report */
	bool table;       /* .tsv */
	bool on_stdout;
	int fd;           /* of a stream, ours; -1: a file */
	unsigned flags;   /* of a file: enum bl_output_flag */
	FILE *to;         /* what the file will hold */
	char *text;
	size_t size;
	const volatile sig_atomic_t *stop;
	double begun;     /* seconds of the monotonic clock */
	bool failed;
	struct bl_err err; /* why */
};

/* What a run was called with. All borrowed, settings for as long as the events. */
struct bl_call {
	int argc;
	char *const *argv;
	const struct bl_settings *settings;
	const struct bl_args *args;
	const struct bl_recipe *recipe; /* NULL: the program has none */
	const volatile sig_atomic_t *stop;
};

/*
 * Opens the report that is asked for, and tells of the start. Waits for the reader of a named pipe.
 * Errors: BL_USAGE for both options, a report on standard output beside something else, a file that
 * is no report, one that is an input; those of bl_output_examine; BL_OUTPUT for what cannot be
 * opened; BL_OK without a text where a signal came. After a failure the report may be open all the
 * same, to tell of it.
 */
int bl_events_open(
	struct bl_events *e, const struct bl_call *call, struct bl_err *err) BL_MUST_USE;

/* A line under way: what is told is printed to j. */
struct bl_event_line {
	char *text;
	size_t size;
	struct bl_json_printer j;
};

/* Begins an event, or with _line a line of the table or an event. False: nobody wants it. */
bool bl_events_begin(struct bl_events *e, struct bl_event_line *l);
bool bl_events_begin_line(struct bl_events *e, struct bl_event_line *l);

/* Ends it. last: also when a signal has come. */
void bl_events_end_line(struct bl_events *e, struct bl_event_line *l, bool last);

void bl_events_remark(struct bl_events *e, bool warning, const char *path, const char *message);

/* Seconds since they were opened. */
double bl_events_seconds(const struct bl_events *e);

/* Tells of the result; of it signal, counts and bytes are set. */
void bl_events_result(struct bl_events *e, const struct bl_suspects *suspects,
	struct bl_result *result, const struct bl_err *err);

/*
 * Completes the report. rc and err: how the run has ended. Returns rc or, where only the report has
 * failed, -1 with err set, BL_OUTPUT; where the run had failed before, err has a line more. BL_OK
 * without a text: a signal came while a reader was waited for.
 */
int bl_events_complete(struct bl_events *e, int rc, struct bl_err *err) BL_MUST_USE;

void bl_events_free(struct bl_events *e);

#endif
