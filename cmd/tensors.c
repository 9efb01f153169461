/* tensors.c - what the settings say of the tensors, and what becomes of these. */
#include "tensors.h"

#include "translate.h"
#include "value.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- settings to policy ---- */

#define WORDS(table) ((unsigned)(sizeof(table) / sizeof(table)[0]))

/* Which of an option's so many words holds. */
static unsigned word_of(const struct bl_settings *s, enum bl_option o, unsigned words)
{
	unsigned n = 0;

	for (const char *w = bl_option(o)->choices; n + 1 < words; n++) {
		const size_t len = strcspn(w, " ");
		char word[32];

		memcpy(word, w, len);
		word[len] = '\0';
		if (bl_settings_word_is(s, o, word))
			break;
		w += len + (w[len] == ' ');
	}
	return n;
}

/* The checkpoint with a time as the inputs carry it. */
static int find_time(const struct bl_inputs *in, const struct bl_settings *s, const char *text,
	size_t *at, struct bl_err *err)
{
	static const struct bl_option_info number = {
		.kind = BL_KIND_NUMBER, .low = -1e18, .high = 1e18};
	struct bl_value room, time;
	const struct bl_value *unit = bl_settings_get(s, BL_OPT_TIME_UNIT, &room);

	if (bl_value_parse(&number, text, &time, err) != 0)
		return bl_fail(err, BL_USAGE, "\"%s\" is not first, last or a time", text);
	for (size_t t = 0; t < in->n; t++) {
		*at = t;
		if (fabs(time.number / (unit ? unit->number : 1) - (double)in->time[t]) < 1e-6)
			return 0;
	}
	return bl_fail(err, BL_USAGE, "no checkpoint has the time %s", text);
}

/* What tensors are copied from: first, last or a time. */
static int find_source(const struct bl_inputs *in, const struct bl_settings *s, const char *text,
	size_t *at, struct bl_err *err)
{
	*at = strcmp(text, "first") == 0 ? 0 : in->n - 1;
	if (strcmp(text, "first") == 0 || strcmp(text, "last") == 0)
		return 0;
	return find_time(in, s, text, at, err);
}

/* The patterns, and what the files are that they copy from. */
static int take_rules(struct bl_tensors *t, const struct bl_inputs *in,
	const struct bl_settings *s, struct bl_err *err)
{
	if (bl_rules_make(s, &t->rules, err) != 0)
		return -1;
	t->policy.rule = t->rules.rule;
	t->policy.rules = t->rules.n;
	for (size_t i = 0; i < t->rules.n; i++) {
		struct bl_rule *rule = &t->rules.rule[i];

		if (rule->from && find_source(in, s, rule->from, &rule->copy_from, err) != 0)
			return bl_prefix(err, "--tensor-option %s:copy-from=%s", rule->glob,
				rule->from);
	}
	return 0;
}

static int make_policy(struct bl_policy *policy, const struct bl_inputs *in,
	const struct bl_format *format, const struct bl_settings *s, struct bl_err *err)
{
	/* In the order of the words in the option table. */
	static const enum bl_missing missing[] = {
		BL_MISSING_REFUSE, BL_MISSING_COPY, BL_MISSING_SKIP, BL_MISSING_UNION};
	static const enum bl_f8_policy f8[] = {BL_F8_REFUSE, BL_F8_COPY, BL_F8_AVERAGE};
	static const enum bl_dtype dtype[] = {BL_OTHER, BL_F64, BL_F32, BL_F16, BL_BF16};
	struct bl_value room;
	const char *from = bl_settings_get(s, BL_OPT_COPY_FROM, &room)->text;

	policy->missing = missing[word_of(s, BL_OPT_MISSING, WORDS(missing))];
	policy->f8 = f8[word_of(s, BL_OPT_F8, WORDS(f8))];
	policy->dtype = dtype[word_of(s, BL_OPT_DTYPE, WORDS(dtype))];
	policy->retype = policy->dtype != BL_OTHER;
	policy->holds = format->holds;
	if (find_source(in, s, from, &policy->copy_from, err) != 0)
		return bl_prefix(err, "--copy-from");
	return 0;
}

/* ---- what is no array of numbers ---- */

/* Only the library that has it in the last checkpoint knows what it is. */
static int refuse_odd(const struct bl_selection *s, size_t i, struct bl_err *err)
{
	const struct bl_tensor *t = &s->cat.tensor[i];
	const size_t last = s->all.sources - 1;

	if (t->dtype != BL_OTHER || s->skipped[i] || s->from[i] == last)
		return 0;
	bl_fail(err, BL_USAGE, "%s: %s: is no array of numbers, and can be copied from the last "
		"checkpoint only", s->all.source[s->from[i]].path, t->name);
	return bl_hint(err, "--skip leaves it out");
}

/* Formats that spell names alike are HDF5, and keep more than tensors and metadata. */
static bool translates(const struct bl_inputs *in, const struct bl_format *format)
{
	return format->dotted != in->source[in->n - 1].format->dotted;
}

/* Before more is made of checkpoints with very many tensors. */
static int check_memory(const struct bl_inputs *in, const struct bl_format *format,
	const struct bl_settings *s, struct bl_err *err)
{
	struct bl_value room;
	const uint64_t memory = (uint64_t)bl_settings_get(s, BL_OPT_MEMORY, &room)->number;
	uint64_t needed = bl_inputs_bytes(in) + bl_selection_least(in->source, in->n);

	if (translates(in, format))
		needed += bl_translation_least(&in->source[in->n - 1]);
	if (needed <= memory)
		return 0;
	bl_fail(err, BL_LIMIT, "%llu bytes of memory are not enough: over %llu are needed for what "
		"is known of the checkpoints", (unsigned long long)memory,
		(unsigned long long)needed);
	return bl_hint(err, "--memory allows more");
}

/* What stands around the tensors of the last checkpoint is not kept in a format that only has
 * tensors. */
static int unwrap(struct bl_selection *s, const struct bl_source *last,
	const struct bl_format *format, struct bl_err *err)
{
	for (size_t i = 0; i < last->cat.extras && !format->wraps; i++)
		if (last->cat.extra[i].outer &&
			bl_catalog_extra(&s->cat, &last->cat.extra[i], err) != 0)
			return -1;
	return 0;
}

int bl_tensors_select(struct bl_tensors *t, const struct bl_inputs *in,
	const struct bl_format *format, const struct bl_settings *s, struct bl_err *err)
{
	const struct bl_source *last = &in->source[in->n - 1];

	if (check_memory(in, format, s, err) != 0 ||
		make_policy(&t->policy, in, format, s, err) != 0 ||
		take_rules(t, in, s, err) != 0 ||
		bl_select(in->source, in->n, &t->policy, &t->selection, err) != 0)
		return -1;
	if (translates(in, format) ? bl_translate(&t->selection, format, err) != 0
			: unwrap(&t->selection, last, format, err) != 0)
		return -1;
	if (t->selection.skips > 0 && t->selection.averages + t->selection.copies == 0)
		return bl_fail(err, BL_USAGE, "all tensors are left out");
	for (size_t i = 0; i < t->selection.cat.tensors; i++)
		if (refuse_odd(&t->selection, i, err) != 0)
			return -1;
	return 0;
}

/* As PyTorch, Keras 2 and flax call them; Keras 3 has numbers for names, behind gamma and beta. */
const char *bl_tensors_statistic(const struct bl_tensors *t)
{
	static const char *const form[] = {
		"*running_mean", "*running_var", "*moving_mean", "*moving_mean:0",
		"*moving_variance", "*moving_variance:0", "*batch_normalization*[/.]vars[/.][23]",
	};
	const struct bl_catalog *cat = &t->selection.cat;

	for (size_t i = 0; i < cat->tensors; i++) {
		const char *name = cat->tensor[i].name;

		if (!t->selection.averaged[i])
			continue;
		for (size_t k = 0; k < sizeof form / sizeof form[0]; k++)
			if (fnmatch(form[k], name, 0) == 0)
				return name;
	}
	return NULL;
}

const char *bl_tensors_unsaid(const struct bl_tensors *t)
{
	const struct bl_selection *s = &t->selection;

	for (size_t i = 0; i < s->cat.tensors; i++) {
		const struct bl_tensor *tensor = &s->cat.tensor[i];

		if (tensor->dtype == BL_OTHER && tensor->keep && !s->skipped[i])
			return tensor->name;
	}
	return NULL;
}

void bl_tensors_free(struct bl_tensors *t)
{
	bl_selection_free(&t->selection);
	bl_rules_free(&t->rules);
	memset(t, 0, sizeof *t);
}
