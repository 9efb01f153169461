/*
 * report.h - the plan, the provenance and the summary as text and JSON.
 */
#ifndef BL_REPORT_H
#define BL_REPORT_H

#include "plan.h"
#include "run.h"

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
	const struct bl_report_input *input; /* plan->checkpoints of them */
	const struct bl_report_output *output; /* plan->rows of them */
	enum bl_time_origin origin;
	const char *time_key; /* for BL_TIME_KEY */
	const char *format;   /* name of the output format */
	size_t tensors, averaged, copied, aliases;
	struct bl_budget budget;
};

/* --plan=text: order, times, weights, outputs, bytes, memory, disk. */
void bl_report_plan_text(FILE *to, const struct bl_report *r);

/* --plan=json: one object with "schema": 1. */
void bl_report_plan_json(FILE *to, const struct bl_report *r);

/*
 * The provenance of output p: one line of JSON; version, method and settings, inputs (paths
 * relative to their common folder) with times and sizes, weights as hex floats. No clock, no host,
 * no absolute path: the same bytes for the same run. malloc'd, freed by the caller; NULL when there
 * is no memory, with err set.
 */
char *bl_report_provenance(const struct bl_report *r, size_t p, struct bl_err *err) BL_MUST_USE;

#endif
