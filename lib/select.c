/* select.c - which tensors the outputs hold, what becomes of each, and in which type. */
#include "select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* The first rule that matches; NULL: none. Marks all that do. */
static struct bl_rule *find_rule(struct bl_policy *policy, const char *name)
{
	struct bl_rule *first = NULL;

	for (size_t i = 0; i < policy->rules; i++) {
		struct bl_rule *r = &policy->rule[i];

		if ((first && r->used) || fnmatch(r->glob, name, 0) != 0)
			continue;
		r->used = true;
		first = first ? first : r;
	}
	return first;
}

/* Keras's optimizers, as HDF5 and as safetensors spells them: momentum and variance are no
 * weights. */
static bool is_optimizer(const char *name)
{
	const size_t part = strcspn(name, "/.");
	static const char *const group[] = {"optimizer", "optimizer_weights"};

	for (size_t i = 0; i < sizeof group / sizeof group[0]; i++)
		if (name[part] && part == strlen(group[i]) && memcmp(name, group[i], part) == 0)
			return true;
	return false;
}

/* What becomes of a tensor that all checkpoints have; the type has the last word. */
static enum bl_fate choose(const struct bl_policy *policy, const struct bl_rule *rule,
	const struct bl_tensor *t)
{
	const bool f8 = bl_dtype_is_f8(t->dtype);
	const bool weights = f8 || bl_dtype_averages(t->dtype) || t->seals_weights;

	if (rule && rule->fate != BL_FATE_AVERAGE)
		return rule->fate;
	if ((!rule && (t->keep || is_optimizer(t->name))) || (f8 && policy->f8 == BL_F8_COPY))
		return BL_FATE_COPY;
	return weights ? BL_FATE_AVERAGE : BL_FATE_COPY;
}

/* What becomes of one that some of them lack. */
static enum bl_fate choose_missing(
	const struct bl_policy *policy, const struct bl_selection *s, size_t i, enum bl_fate fate)
{
	const bool in_last = s->all.tensor[i].last + 1 == s->all.sources;

	if (fate == BL_FATE_SKIP || policy->missing == BL_MISSING_SKIP)
		return BL_FATE_SKIP;
	if (policy->missing == BL_MISSING_COPY)
		return in_last ? BL_FATE_COPY : BL_FATE_SKIP;
	return fate;
}

/* Tensor i is averaged with settings of its own. */
static void take_overlay(struct bl_selection *s, size_t i, const struct bl_overlay *overlay)
{
	size_t k = 0;

	while (k < s->overlays && s->overlay[k] != overlay)
		k++;
	if (k == s->overlays)
		s->overlay[s->overlays++] = overlay;
	s->overlay_tensors[k]++;
	s->overlay_of[i] = 1 + k;
}

/* Decides on tensor i; *named: a rule leaves it out. */
static void decide(struct bl_policy *policy, struct bl_selection *s, size_t i, bool *named)
{
	const struct bl_aligned *a = &s->all.tensor[i];
	const bool partial = a->holders < s->all.sources;
	const struct bl_rule *rule = find_rule(policy, bl_aligned_tensor(&s->all, i)->name);
	const size_t copy_from = rule && rule->from ? rule->copy_from : policy->copy_from;
	enum bl_fate fate = choose(policy, rule, bl_aligned_tensor(&s->all, i));

	*named = fate == BL_FATE_SKIP;
	if (partial)
		fate = choose_missing(policy, s, i, fate);
	s->averaged[i] = fate == BL_FATE_AVERAGE;
	s->skipped[i] = fate == BL_FATE_SKIP;
	s->from[i] = bl_aligned_place(&s->all, copy_from, i) == BL_NOWHERE ? a->last : copy_from;
	if (fate == BL_FATE_AVERAGE && rule && rule->overlay)
		take_overlay(s, i, rule->overlay);
	s->averages += fate == BL_FATE_AVERAGE;
	s->copies += fate == BL_FATE_COPY;
	s->skips += fate == BL_FATE_SKIP;
	s->partial += fate == BL_FATE_AVERAGE && partial;
}

/* What is to be averaged must be readable in every checkpoint. */
static int refuse_sealed(const struct bl_selection *s, struct bl_err *err)
{
	for (size_t t = 0; t < s->all.sources; t++)
		for (size_t i = 0; i < s->all.tensors; i++) {
			const struct bl_source *source = &s->all.source[t];
			const size_t at = bl_aligned_place(&s->all, t, i);

			if (!s->averaged[i] || at == BL_NOWHERE || !source->cat.tensor[at].sealed)
				continue;
			bl_fail(err, BL_INPUT, "%s: %s: %s", source->path,
				source->cat.tensor[at].name, source->cat.tensor[at].sealed);
			return bl_hint(err, "--skip leaves it out");
		}
	return 0;
}

/* Scales beside the weights, in tensors of their own, are not known to be any. */
static int refuse_f8(const struct bl_selection *s, struct bl_err *err)
{
	const struct bl_tensor *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->all.tensors; i++) {
		const struct bl_tensor *t = bl_aligned_tensor(&s->all, i);

		if (!s->averaged[i] || !bl_dtype_is_f8(t->dtype))
			continue;
		first = first ? first : t;
		n++;
	}
	if (!first)
		return 0;
	bl_fail(err, BL_INPUT, "%s: %s: type %s (%zu tensor%s FP8): FP8 weights usually have "
		"separate scales, and then an average of the weights alone is wrong",
		s->all.source[s->all.sources - 1].path, first->name, bl_dtype(first->dtype)->name,
		n, n == 1 ? " is" : "s are");
	return bl_hint(err, "--f8=copy takes them from one checkpoint, --f8=average averages them "
		"all the same");
}

/* Describes tensor i as the outputs shall have it. */
static int describe(const struct bl_policy *policy, struct bl_selection *s, size_t i,
	struct bl_err *err)
{
	struct bl_tensor *t = &s->cat.tensor[s->cat.tensors++];

	*t = *bl_aligned_tensor(&s->all, i);
	if (s->averaged[i] && policy->retype) {
		const enum bl_dtype as = bl_dtype_as(t->dtype, policy->dtype);

		if (as == t->dtype || (policy->holds && !policy->holds(as)))
			return 0;
		t->dtype = as;
		if (bl_tensor_measure(t, err) != 0)
			return bl_prefix(err, "%s", t->name);
	}
	return 0;
}

/* Decides on all tensors, and checks that the checkpoints agree on them. */
static int decide_all(struct bl_policy *policy, struct bl_selection *s, struct bl_err *err)
{
	const size_t tensors = s->all.tensors;
	bool *named = calloc(tensors + 1, sizeof *named);
	int rc;

	if (!named)
		return bl_fail_memory(err, tensors * sizeof *named, "the selection");
	for (size_t i = 0; i < tensors; i++)
		decide(policy, s, i, &named[i]);
	rc = refuse_sealed(s, err);
	if (rc == 0)
		rc = bl_alignment_check(&s->all, named, policy->missing == BL_MISSING_REFUSE, err);
	free(named);
	return rc;
}

static int make_room(const struct bl_policy *policy, struct bl_selection *s, struct bl_err *err)
{
	const size_t tensors = s->all.tensors;

	s->averaged = calloc(tensors + 1, sizeof *s->averaged);
	s->skipped = calloc(tensors + 1, sizeof *s->skipped);
	s->from = calloc(tensors + 1, sizeof *s->from);
	s->overlay_of = calloc(tensors + 1, sizeof *s->overlay_of);
	s->overlay = calloc(policy->rules + 1, sizeof *s->overlay);
	s->overlay_tensors = calloc(policy->rules + 1, sizeof *s->overlay_tensors);
	if (!s->averaged || !s->skipped || !s->from || !s->overlay_of || !s->overlay ||
		!s->overlay_tensors || bl_catalog_reserve(&s->cat, tensors, 0, err) != 0)
		return bl_fail_memory(err, tensors * sizeof *s->cat.tensor, "the selection");
	return 0;
}

int bl_select(const struct bl_source *source, size_t n, struct bl_policy *policy,
	struct bl_selection *s, struct bl_err *err)
{
	memset(s, 0, sizeof *s);
	s->retype = policy->retype;
	s->dtype = policy->dtype;
	if (bl_align(source, n, &s->all, err) != 0 || make_room(policy, s, err) != 0)
		return -1;
	if (decide_all(policy, s, err) != 0)
		return -1;
	if (policy->f8 == BL_F8_REFUSE && refuse_f8(s, err) != 0)
		return -1;
	for (size_t i = 0; i < s->all.tensors; i++)
		if (describe(policy, s, i, err) != 0)
			return -1;
	return 0;
}

void bl_selection_free(struct bl_selection *s)
{
	bl_alignment_free(&s->all);
	bl_catalog_free(&s->cat);
	free(s->averaged);
	free(s->skipped);
	free(s->from);
	free(s->overlay_of);
	free(s->overlay);
	free(s->overlay_tensors);
	memset(s, 0, sizeof *s);
}

size_t bl_selection_plain(const struct bl_selection *s)
{
	size_t n = s->averages;

	for (size_t k = 0; k < s->overlays; k++)
		n -= s->overlay_tensors[k];
	return n;
}

uint64_t bl_selection_least(const struct bl_source *source, size_t n)
{
	return source[n - 1].cat.tensors * (sizeof(struct bl_aligned) + sizeof(struct bl_tensor) +
		2 * sizeof(bool) + sizeof(size_t));
}

uint64_t bl_selection_bytes(const struct bl_selection *s)
{
	return bl_alignment_bytes(&s->all) + bl_catalog_bytes(&s->cat) +
		s->all.tensors * (2 * sizeof(bool) + 2 * sizeof(size_t));
}
