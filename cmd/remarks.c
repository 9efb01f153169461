/* remarks.c - what is said on standard error beside the plan, the summary and errors. */
#include "remarks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bl_say(const char *path, const char *fmt, ...)
{
	char raw[1024], text[4096];
	va_list args;

	path = bl_output_title(path);
	bl_escape(text, sizeof text, path, strlen(path));
	fprintf(stderr, "belay-avg: %s: ", text);
	va_start(args, fmt);
	vsnprintf(raw, sizeof raw, fmt, args);
	va_end(args);
	bl_escape(text, sizeof text, raw, strlen(raw));
	fprintf(stderr, "%s\n", text);
}

void bl_remark_rules(const struct bl_policy *policy)
{
	for (size_t i = 0; i < policy->rules; i++) {
		const char *glob = policy->rule[i].glob;
		char text[512];

		if (policy->rule[i].used)
			continue;
		bl_escape(text, sizeof text, glob, strlen(glob));
		fprintf(stderr, "belay-avg: warning: --%s %s: no tensor has such a name\n",
			bl_option(policy->rule[i].option)->key, text);
	}
}

void bl_remark_plan(const char *path, const struct bl_plan *plan, size_t p)
{
	char text[512];

	for (size_t set = 0; set <= plan->overlays; set++) {
		const char *glob = set ? plan->overlay[set - 1]->glob : "";

		for (size_t n = 0; bl_plan_warning(bl_plan_row(plan, p, set), n, text, sizeof text);
			n++)
			bl_say(path, "warning: %s%s%s", glob, set ? ": " : "", text);
	}
}

void bl_remark_existing(const struct bl_outputs *o)
{
	size_t n = 0, first = 0;

	if (o->flags & BL_REPLACE || o->keep_existing || o->growing)
		return;
	for (size_t p = o->n; p-- > 0;) {
		n += o->exists[p];
		first = o->exists[p] ? p : first;
	}
	if (n == 1)
		bl_say(o->sink[first].path, "note: exists already; only -f replaces it");
	else if (n > 1)
		bl_say(o->sink[first].path, "note: exists already, and so do %zu more; only -f "
			"replaces them", n - 1);
}

void bl_remark_losses(const char *path, const struct bl_catalog *cat, const char *format)
{
	for (size_t i = 0; i < cat->extras; i++) {
		const struct bl_extra *e = &cat->extra[i];
		const char *which = !e->first ? "" : e->n == 1 ? " (" : " (first: ";
		const bool weights = e->outer && strcmp(format, "hdf5") == 0;

		bl_say(path, "note: %llu %s %s not kept in %s%s%s%s%s", (unsigned long long)e->n,
			e->n == 1 ? e->one : e->many, e->n == 1 ? "is" : "are", format, which,
			e->first ? e->first : "", e->first ? ")" : "",
			weights ? "; Keras loads weights from names that end in .weights.h5" : "");
	}
}

void bl_remark_averages(const char *path, const struct bl_tensors *tensors,
	const struct bl_settings *s)
{
	const char *statistic = bl_tensors_statistic(tensors);
	const char *unsaid = bl_tensors_unsaid(tensors);

	if (tensors->selection.averages == 0 && tensors->policy.rules == 0 &&
		tensors->policy.missing == BL_MISSING_REFUSE)
		bl_say(path, "warning: no tensor has a type that is averaged: all are copied");
	else if (tensors->selection.averages == 0)
		bl_say(path, "warning: no tensor is averaged");
	if (statistic)
		bl_say(path, "note: statistics such as %s are averaged like weights; they are "
			"not those of the averaged network", statistic);
	if (unsaid && !bl_settings_given(s, BL_OPT_OPAQUE2))
		bl_say(path, "note: data of two opaque bytes, such as %s, are copied; "
			"if they are bfloat16, --opaque2=bf16 averages them", unsaid);
}
