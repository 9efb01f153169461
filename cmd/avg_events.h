/*
 * avg_events.h - what belay-avg tells other programs, beside what every program does
 * (lib/outcome.h).
 */
#ifndef BL_AVG_EVENTS_H
#define BL_AVG_EVENTS_H

#include "events.h"
#include "hashes.h"
#include "outcome.h"
#include "outputs.h"

/* Refuses (BL_USAGE) a report that is one of the outputs, or the state, and drops it then. */
int bl_avg_events_apart(struct bl_events *e, const struct bl_case *cases, size_t n,
	const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;

/* Memory that the report of a sweep may take, in bytes. */
uint64_t bl_avg_events_bytes(const struct bl_events *e, size_t n);

void bl_avg_events_plan(struct bl_events *e, const struct bl_report *r);

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

/* Tells of the digests, the outputs and the result, and completes the report; otherwise like
 * bl_events_complete. */
int bl_avg_events_end(
	struct bl_events *e, const struct bl_ending *end, int rc, struct bl_err *err) BL_MUST_USE;

#endif
