/* diff.c - two checkpoints: which tensors differ, and how. */
#include "diff.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *bl_diff_word(enum bl_diff_fate fate)
{
	static const char *const word[BL_DIFF_FATES] = {
		[BL_DIFF_SAME] = "same",
		[BL_DIFF_WITHIN] = "within",
		[BL_DIFF_VALUES] = "differ",
		[BL_DIFF_TYPE] = "type",
		[BL_DIFF_SHAPE] = "shape",
		[BL_DIFF_ONLY_A] = "only_a",
		[BL_DIFF_ONLY_B] = "only_b",
		[BL_DIFF_LEFT_OUT] = "left_out",
	};

	return word[fate];
}

/* ---- a tile ---- */

/* What one thread has. */
struct room {
	bool equal; /* the tile is, and nothing else is known of it */
	struct bl_comparing c;
};

static bool one_type(const struct bl_diff_of *of)
{
	return of->tensor[0]->dtype == of->tensor[1]->dtype;
}

/* Which element of the tensor, in C order, is number e of a span. */
static uint64_t element_of(const struct bl_tensor *t, const struct bl_span *span, uint64_t e)
{
	uint64_t chunk = span->first, element = 0, stride = 1;

	if (!span->chunk)
		return span->first + e;
	for (unsigned i = t->rank; i-- > 0;) {
		const uint64_t grid = (t->dim[i] - 1) / t->chunk[i] + 1;

		element += (chunk % grid * t->chunk[i] + e % t->chunk[i]) * stride;
		stride *= t->dim[i];
		chunk /= grid;
		e /= t->chunk[i];
	}
	return element;
}

/* Elements of a span that are in the tensor: a chunk may reach beyond its edge. */
static uint64_t elements_of(const struct bl_tensor *t, const struct bl_span *span)
{
	uint64_t chunk = span->first, n = 1;

	if (!span->chunk)
		return span->count;
	for (unsigned i = t->rank; i-- > 0;) {
		const uint64_t grid = (t->dim[i] - 1) / t->chunk[i] + 1;
		const uint64_t left = t->dim[i] - chunk % grid * t->chunk[i];

		n *= left < t->chunk[i] ? left : t->chunk[i];
		chunk /= grid;
	}
	return n;
}

/* What was found of a tile, told of the tensor. */
static void settle(struct bl_difference *found, const struct bl_tensor *t, const struct bl_sight *s)
{
	const unsigned lanes = bl_dtype(t->dtype)->lanes;

	found->finite -= (s->n - elements_of(t, &s->span)) * lanes;
	for (size_t k = 0; k < BL_EXTREMES; k++) {
		struct bl_spot *spot = &found->spot[k];

		if (spot->there)
			spot->at = element_of(t, &s->span, spot->at / lanes) * lanes +
				spot->at % lanes;
	}
}

static void look(const struct bl_survey *s, const struct bl_sight *sight, void *memory)
{
	const struct bl_diff *d = s->state;
	const struct bl_diff_of *of = &d->of[d->place[sight->tensor]];
	const struct bl_tensor *t = &d->cat.tensor[sight->tensor];
	const size_t bytes = (size_t)(((uint64_t)sight->n * bl_dtype(t->dtype)->bits + 7) / 8);
	struct room *room = memory;

	room->equal = one_type(of) && !d->again &&
		memcmp(sight->tile[0], sight->tile[1], bytes) == 0;
	if (room->equal)
		return;
	room->c.kernels = d->kernels;
	room->c.dtype[0] = of->tensor[0]->dtype;
	room->c.dtype[1] = of->tensor[1]->dtype;
	room->c.tolerance = of->tolerance;
	bl_compare(&room->c, sight->tile[0], sight->tile[1], sight->n);
	settle(&room->c.found, t, sight);
}

/* ---- a tensor ---- */

static void take(struct bl_survey *s, size_t tensor, bool last, void *memory)
{
	struct bl_diff *d = s->state;
	struct bl_diff_of *of = &d->of[d->place[tensor]];
	const struct room *room = memory;

	if (room->equal) {
		d->equal = true;
	} else {
		bl_difference_join(&d->found, &room->c.found);
		bl_sums_join(&d->sums, &room->c.sums);
	}
	if (!last)
		return;
	bl_compare_conclude(&d->found, &d->sums);
	of->looked = !d->equal;
	of->found = d->found;
	d->equal = false;
	memset(&d->found, 0, sizeof d->found);
	memset(&d->sums, 0, sizeof d->sums);
}

bool bl_diff_again(struct bl_diff *d)
{
	for (size_t i = 0; i < d->cat.tensors; i++) {
		const struct bl_diff_of *of = &d->of[d->place[i]];

		d->needed[i] = of->found.differing > 0 && !of->looked;
		d->again = d->again || d->needed[i];
	}
	return d->again;
}

static enum bl_diff_fate fate_of(const struct bl_diff_of *of)
{
	if (!of->compared || of->fate == BL_DIFF_TYPE)
		return of->fate;
	if (of->found.beyond > 0)
		return BL_DIFF_VALUES;
	return of->found.differing > 0 ? BL_DIFF_WITHIN : BL_DIFF_SAME;
}

void bl_diff_finish(struct bl_diff *d)
{
	for (size_t i = 0; i < d->tensors; i++) {
		struct bl_diff_of *of = &d->of[i];

		of->fate = fate_of(of);
		d->count[of->fate]++;
		d->values += of->compared ? of->values : 0;
		d->beyond += of->found.beyond;
	}
}

/* ---- before the values ---- */

static bool matches(struct bl_diff_glob *glob, size_t n, const char *name)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (fnmatch(glob[i].glob, name, 0) != 0)
			continue;
		any = glob[i].used = true;
	}
	return any;
}

static bool is_wanted(struct bl_diff_policy *p, const char *name)
{
	const bool in = p->includes == 0 || matches(p->include, p->includes, name);

	return !matches(p->exclude, p->excludes, name) && in;
}

/* The tolerance of a tensor: that of the first rule that matches, over that of all. */
static struct bl_tolerance tolerance_of(struct bl_diff_policy *p, const char *name)
{
	struct bl_tolerance t = p->tolerance;
	bool found = false;

	for (size_t i = 0; i < p->rules; i++) {
		struct bl_diff_rule *r = &p->rule[i];

		if ((found && r->used) || fnmatch(r->glob, name, 0) != 0)
			continue;
		r->used = true;
		if (found)
			continue;
		found = true;
		if (r->exact)
			t = (struct bl_tolerance){0};
		else
			t.given = true;
		t.abs = r->abs ? r->tolerance.abs : t.abs;
		t.rel = r->rel ? r->tolerance.rel : t.rel;
		t.ulp = r->ulp ? r->tolerance.ulp : t.ulp;
	}
	return t;
}

/* Values that are numbers, and that nothing can read. */
static int refuse_sealed(const struct bl_diff *d, const struct bl_diff_of *of, struct bl_err *err)
{
	for (size_t t = 0; t < 2; t++) {
		if (!of->tensor[t]->sealed)
			continue;
		bl_fail(err, BL_INPUT, "%s: %s: %s", d->source[t].path, of->tensor[t]->name,
			of->tensor[t]->sealed);
		return bl_hint(err, "--exclude leaves it out");
	}
	return 0;
}

/* What can be said of a tensor without its values. */
static int decide(const struct bl_diff *d, const struct bl_diff_policy *p, struct bl_diff_of *of,
	struct bl_err *err)
{
	const struct bl_tensor *a = of->tensor[0], *b = of->tensor[1];

	if (!a || !b) {
		of->fate = a ? BL_DIFF_ONLY_A : BL_DIFF_ONLY_B;
		of->values = a ? a->count : b->count;
		return 0;
	}
	of->fate = bl_same_shape(a, b) ? BL_DIFF_SAME : BL_DIFF_SHAPE;
	of->values = b->count;
	if (of->fate != BL_DIFF_SAME)
		return 0;
	if (refuse_sealed(d, of, err) != 0)
		return -1;
	of->compared = bl_comparable(a->dtype, b->dtype);
	if (a->dtype == BL_OTHER && b->dtype == BL_OTHER)
		of->fate = BL_DIFF_LEFT_OUT;
	else if (!of->compared || (a->dtype != b->dtype && !p->any_type))
		of->fate = BL_DIFF_TYPE;
	return 0;
}

/* Tensor i of the alignment, if it is wanted; then it is one of those whose values are compared, or
 * not. */
static int add(struct bl_diff *d, struct bl_diff_policy *p, const struct bl_alignment *all,
	size_t i, struct bl_err *err)
{
	const char *name = bl_aligned_tensor(all, i)->name;
	struct bl_diff_of *of = &d->of[d->tensors];
	size_t place[2];

	if (!is_wanted(p, name)) {
		d->excluded++;
		return 0;
	}
	for (size_t t = 0; t < 2; t++) {
		place[t] = bl_aligned_place(all, t, i);
		if (place[t] != BL_NOWHERE)
			of->tensor[t] = &d->source[t].cat.tensor[place[t]];
	}
	of->tolerance = tolerance_of(p, name);
	if (decide(d, p, of, err) != 0)
		return -1;
	if (of->compared) {
		const size_t n = d->cat.tensors++;

		d->cat.tensor[n] = *of->tensor[1];
		d->map[0][n] = place[0];
		d->map[1][n] = place[1];
		d->place[n] = d->tensors;
		d->needed[n] = true;
	}
	d->tensors++;
	return 0;
}

static int make_room(struct bl_diff *d, size_t n, struct bl_err *err)
{
	d->of = calloc(n + 1, sizeof *d->of);
	d->map[0] = calloc(n + 1, sizeof *d->map[0]);
	d->map[1] = calloc(n + 1, sizeof *d->map[1]);
	d->place = calloc(n + 1, sizeof *d->place);
	d->needed = calloc(n + 1, sizeof *d->needed);
	if (!d->of || !d->map[0] || !d->map[1] || !d->place || !d->needed)
		return bl_fail_memory(err, n * sizeof *d->of, "the differences");
	return bl_catalog_reserve(&d->cat, n, 0, err);
}

int bl_diff_make(struct bl_diff *d, const struct bl_source *source, struct bl_diff_policy *policy,
	const struct bl_kernels *kernels, struct bl_err *err)
{
	struct bl_alignment all = {0};
	int rc;

	*d = (struct bl_diff){.source = source, .kernels = kernels};
	d->survey = (struct bl_survey){
		.room = sizeof(struct room), .state = d, .bare = true, .look = look, .take = take};
	rc = bl_align(source, 2, &all, err);
	if (rc == 0)
		rc = make_room(d, all.tensors, err);
	for (size_t i = 0; i < all.tensors && rc == 0; i++)
		rc = add(d, policy, &all, i, err);
	bl_alignment_free(&all);
	return rc;
}

void bl_diff_free(struct bl_diff *d)
{
	bl_catalog_free(&d->cat);
	free(d->of);
	free(d->map[0]);
	free(d->map[1]);
	free(d->place);
	free(d->needed);
	memset(d, 0, sizeof *d);
}

uint64_t bl_diff_bytes(const struct bl_source *source)
{
	const uint64_t one = sizeof(struct bl_diff_of) + 3 * sizeof(size_t) + sizeof(bool) +
		sizeof(struct bl_tensor) + sizeof(struct bl_aligned) + 2 * sizeof(size_t);
	uint64_t n, bytes;

	if (__builtin_add_overflow(source[0].cat.tensors, source[1].cat.tensors, &n) ||
		__builtin_mul_overflow(n + 1, one, &bytes))
		return UINT64_MAX;
	return bytes;
}

void bl_diff_job(struct bl_diff *d, struct bl_job *job)
{
	job->source = d->source;
	job->sources = 2;
	job->cat = &d->cat;
	job->map = (const size_t *const *)d->map;
	job->sinks = 1;
	job->n_weights = 1;
	job->averaged = job->needed = d->needed;
	job->survey = &d->survey;
}
