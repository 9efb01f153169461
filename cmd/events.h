/*
 * events.h - what belay-avg tells other programs: --report and --json (lib/event.h, lib/outcome.h).
 *
 * A report that is a file appears when the run ends, whole or not at all; one that is a pipe, a
 * device or a descriptor gets every event when it happens. What goes wrong with it never stops a
 * run: it is told at its end.
 */
#ifndef BL_EVENTS_H
#define BL_EVENTS_H

#include "args.h"
#include "hashes.h"
#include "inputs.h"
#include "outcome.h"
#include "outputs.h"
#include "recipe.h"

/* Zero-initialised is nobody who listens: then all of this does nothing. Freed with
 * bl_events_free. */
struct bl_events {
	const char *path; /* NULL: no report */
	bool table;       /* .tsv */
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
	const struct bl_recipe *recipe;
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

/* Refuses (BL_USAGE) a report that is one of the outputs, or the state, and drops it then. */
int bl_events_apart(struct bl_events *e, const struct bl_case *cases, size_t n,
	const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;

/* Memory that the report of a sweep may take, in bytes. */
uint64_t bl_events_bytes(const struct bl_events *e, size_t n);

void bl_events_plan(struct bl_events *e, const struct bl_report *r);
void bl_events_remark(struct bl_events *e, bool warning, const char *path, const char *message);

/* How a run has ended. All borrowed. */
struct bl_ending {
	int signal; /* that it will end by; 0: none */
	const struct bl_call *call;
	const struct bl_inputs *in;
	const struct bl_case *cases;
	size_t n_cases;
	const struct bl_outputs *out;
	const struct bl_report *report; /* NULL: there is no plan */
	bool planned;                   /* no more than the plan was asked for */
	const struct bl_progress *progress;
	const struct bl_hashes *hashes;
};

/*
 * Tells of the digests, of the outputs and of the result, and completes the report. rc and err: how
 * the run has ended. Returns rc or, where only the report has failed, -1 with err set, BL_OUTPUT;
 * where the run had failed before, err has a line more. BL_OK without a text: a signal came while a
 * reader was waited for.
 */
int bl_events_end(
	struct bl_events *e, const struct bl_ending *end, int rc, struct bl_err *err) BL_MUST_USE;

void bl_events_free(struct bl_events *e);

#endif
