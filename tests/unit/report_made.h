/*
 * report_made.h - a report of a plan that is really made, for the tests of reports.
 */
#ifndef BL_REPORT_MADE_H
#define BL_REPORT_MADE_H

#include "report.h"
#include "rules.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MOST 2000

/* A report of a plan that was really made. */
static struct {
	struct bl_settings settings;
	struct bl_case *cases;
	size_t n;
	int64_t time[MOST];
	struct bl_plan plan;
	struct bl_rules rules;
	const struct bl_overlay *overlay[64];
	size_t tensors[64];
	struct bl_report_input input[MOST];
	struct bl_report_output output[64];
	char name[MOST][64];
	struct bl_report r;
	struct bl_err err;
} it;

static inline void set(const char *key, const char *value)
{
	ck_assert_msg(
		bl_settings_set(&it.settings, key, value, key, &it.err) == 0, "%s", it.err.text);
}

/* As if every pattern with settings of its own had tensors: the first one, the second two, ... */
static inline void make_rules(const struct bl_history *history)
{
	size_t n = 0;

	ck_assert_msg(bl_rules_make(&it.settings, &it.rules, &it.err) == 0, "%s", it.err.text);
	for (size_t i = 0; i < it.rules.n && n < 64; i++)
		if (it.rules.rule[i].overlay)
			it.overlay[n++] = it.rules.rule[i].overlay;
	for (size_t k = 0; k < n; k++)
		it.tensors[k] = k + 1;
	ck_assert_msg(bl_plan_overlay(&it.plan, it.overlay, n, history, &it.err) == 0, "%s",
		it.err.text);
}

/* Checkpoints every gap steps, and options as "key value key value". */
static inline void make(size_t count, int64_t gap, const char *options)
{
	const struct bl_history history = {{it.time, count}, NULL, NULL, 0};
	char copy[1024], *save = NULL;

	ck_assert_uint_le(count, MOST);
	memset(&it, 0, sizeof it); /* whatever a failed test has left */
	strcpy(copy, options);
	for (char *key = strtok_r(copy, " ", &save); key; key = strtok_r(NULL, " ", &save))
		set(key, strtok_r(NULL, " ", &save));
	for (size_t t = 0; t < count; t++) {
		it.time[t] = (int64_t)t * gap;
		snprintf(it.name[t], sizeof it.name[t], "runs/ckpt_%" PRId64 ".h5", it.time[t]);
		it.input[t] = (struct bl_report_input){it.name[t], it.time[t], 1000 + t, true};
	}
	ck_assert_int_eq(bl_settings_expand(&it.settings, &it.cases, &it.n, &it.err), 0);
	ck_assert_msg(
		bl_plan_make(it.cases, it.n, &history, &it.plan, &it.err) == 0, "%s", it.err.text);
	make_rules(&history);
	for (size_t p = 0; p < it.n; p++)
		it.output[p] = (struct bl_report_output){it.cases[p].output, 40200, 5000000};
	it.r = (struct bl_report){
		.version = "1.2.3",
		.plan = &it.plan,
		.input = it.input,
		.output = it.output,
		.origin = BL_TIME_KEY,
		.time_key = "step",
		.format = "hdf5",
		.tensors = 13,
		.averaged = 12,
		.copied = 1,
		.rule = it.rules.rule,
		.rules = it.rules.n,
		.overlay_tensors = it.tensors,
		.budget = {262144, 4, 2, 3250000, 1648200, 40200},
	};
}

static inline void end(void)
{
	bl_plan_free(&it.plan);
	bl_rules_free(&it.rules);
	bl_cases_free(it.cases, it.n);
	bl_settings_free(&it.settings);
	memset(&it, 0, sizeof it);
}

/* What a function prints; the caller frees it. */
static inline char *printed(void (*print)(FILE *, const struct bl_report *))
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	print(to, &it.r);
	fclose(to);
	return text;
}

#endif
