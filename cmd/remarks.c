/* remarks.c - what is said on standard error beside the plan, the summary and errors. */
#include "remarks.h"

#include <string.h>

void bl_remark_rules(const struct bl_voice *voice, const struct bl_policy *policy)
{
	for (size_t i = 0; i < policy->rules; i++)
		if (!policy->rule[i].used)
			bl_say(voice, NULL, BL_WARNING, "--%s %s: no tensor has such a name",
				bl_option(policy->rule[i].option)->key, policy->rule[i].glob);
}

void bl_remark_plan(const struct bl_voice *voice, const char *path, const struct bl_plan *plan,
	size_t p)
{
	char text[512];

	for (size_t set = 0; set <= plan->overlays; set++) {
		const char *glob = set ? plan->overlay[set - 1]->glob : "";

		for (size_t n = 0; bl_plan_warning(bl_plan_row(plan, p, set), n, text, sizeof text);
			n++)
			bl_say(voice, path, BL_WARNING, "%s%s%s", glob, set ? ": " : "", text);
	}
}

void bl_remark_existing(const struct bl_voice *voice, const struct bl_outputs *o)
{
	size_t n = 0, first = 0;

	if (o->flags & BL_REPLACE || o->keep_existing || o->growing)
		return;
	for (size_t p = o->n; p-- > 0;) {
		n += o->exists[p];
		first = o->exists[p] ? p : first;
	}
	if (n == 1)
		bl_say(voice, o->sink[first].path, BL_NOTE, "exists already; only -f replaces it");
	else if (n > 1)
		bl_say(voice, o->sink[first].path, BL_NOTE,
			"exists already, and so do %zu more; only -f replaces them", n - 1);
}

void bl_remark_losses(const struct bl_voice *voice, const char *path,
	const struct bl_catalog *cat, const char *format)
{
	for (size_t i = 0; i < cat->extras; i++) {
		const struct bl_extra *e = &cat->extra[i];
		const char *which = !e->first ? "" : e->n == 1 ? " (" : " (first: ";
		const bool weights = e->outer && strcmp(format, "hdf5") == 0;

		bl_say(voice, path, BL_NOTE, "%llu %s %s not kept in %s%s%s%s%s",
			(unsigned long long)e->n, e->n == 1 ? e->one : e->many,
			e->n == 1 ? "is" : "are", format, which, e->first ? e->first : "",
			e->first ? ")" : "",
			weights ? "; Keras loads weights from names that end in .weights.h5" : "");
	}
}

void bl_remark_averages(const struct bl_voice *voice, const char *path,
	const struct bl_tensors *tensors, const struct bl_settings *s)
{
	const char *statistic = bl_tensors_statistic(tensors);
	const char *unsaid = bl_tensors_unsaid(tensors);

	if (tensors->selection.averages == 0 && tensors->policy.rules == 0 &&
		tensors->policy.missing == BL_MISSING_REFUSE)
		bl_say(voice, path, BL_WARNING,
			"no tensor has a type that is averaged: all are copied");
	else if (tensors->selection.averages == 0)
		bl_say(voice, path, BL_WARNING, "no tensor is averaged");
	if (statistic)
		bl_say(voice, path, BL_NOTE, "statistics such as %s are averaged like weights; "
			"they are not those of the averaged network", statistic);
	if (unsaid && !bl_settings_given(s, BL_OPT_OPAQUE2))
		bl_say(voice, path, BL_NOTE, "data of two opaque bytes, such as %s, are copied; "
			"if they are bfloat16, --opaque2=bf16 averages them", unsaid);
}
