/* grow.c - what a growing run gives the engine. */
#include "grow.h"

#include <stdlib.h>
#include <string.h>

#define MEAN "mean/"
#define LAST "last/"

/* A vector of a state, or its last checkpoint, as a source or a sink. */
struct bl_grow_part {
	const struct bl_source *source; /* the file that is read, or NULL */
	struct bl_sink *sink;           /* the file that is made, or NULL */
	const size_t *place; /* per tensor of the selection: where the file has it, behind base */
	size_t base;
	uint64_t vector;
};

/* ---- parts of a state as sources and sinks ---- */

/* A span of tensor t as the file has it: vector after vector, in scalars. */
static struct bl_span within(const struct bl_grow_part *part, const struct bl_tensor *t,
	const struct bl_tensor *file, struct bl_span span)
{
	/* The file may hold a complex number as two. */
	const uint64_t pairs = bl_dtype(t->dtype)->lanes / bl_dtype(file->dtype)->lanes;

	return (struct bl_span){.first = (part->vector * t->count + span.first) * pairs,
		.count = span.count * pairs};
}

static int read_part(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err)
{
	const struct bl_grow_part *part = src->state;
	const size_t place = part->base + part->place[tensor];
	const struct bl_tensor *file = &part->source->cat.tensor[place];

	return part->source->format->read(part->source, place,
		within(part, &src->cat.tensor[tensor], file, span), dst, work, err);
}

static int write_part(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err)
{
	const struct bl_grow_part *part = snk->state;
	const size_t place = part->base + part->place[tensor];
	const struct bl_tensor *file = &bl_sink_catalog(&part->sink->plan)->tensor[place];

	return part->sink->format->write(part->sink, place,
		within(part, &snk->plan.cat->tensor[tensor], file, span), src, work, turn, err);
}

static const struct bl_format part_format = {
	.name = "state",
	.read = read_part,
	.write = write_part,
};

/* ---- what the file holds ---- */

/* Most tensors and extents of a file that can be read again (formats/safetensors.h). */
#define MOST_TENSORS 1000000
#define MOST_RANK 64

/* One more tensor of the file: of vectors (0: it is no list of them) like t. */
static int add_tensor(struct bl_catalog *file, const char *prefix, const struct bl_tensor *t,
	enum bl_dtype dtype, uint64_t vectors, struct bl_err *err)
{
	const bool pairs = dtype == BL_C128; /* which safetensors has not */
	struct bl_tensor *to = &file->tensor[file->tensors];
	const size_t size = strlen(prefix) + strlen(t->name) + 1;
	char *name = bl_catalog_alloc(file, size, err);
	uint64_t *dim = bl_catalog_alloc(file, (t->rank + 2) * sizeof *dim, err);

	if (!name || !dim)
		return -1;
	if (t->rank + 2 > MOST_RANK)
		return bl_fail(err, BL_LIMIT, "%s has too many dimensions for a state", t->name);
	strcpy(name, prefix);
	strcat(name, t->name);
	*to = (struct bl_tensor){.name = name, .dtype = pairs ? BL_F64 : dtype, .dim = dim};
	if (vectors)
		dim[to->rank++] = vectors;
	for (unsigned i = 0; i < t->rank; i++)
		dim[to->rank++] = t->dim[i];
	if (pairs)
		dim[to->rank++] = 2;
	file->tensors++;
	return bl_tensor_measure(to, err) == 0 ? 0 : bl_prefix(err, "%s", name);
}

/* Numbers the averaged tensors and lists what the file holds of them. */
static int list_file(struct bl_grow *g, struct bl_err *err)
{
	const struct bl_selection *s = g->selection;
	const size_t n = s->cat.tensors;

	g->number = calloc(n + 1, sizeof *g->number);
	if (!g->number)
		return bl_fail_memory(err, n * sizeof *g->number, "the state");
	for (size_t i = 0; i < n; i++)
		g->number[i] = s->averaged[i] ? g->averages++ : BL_NOWHERE;
	if (g->averages > MOST_TENSORS / 2)
		return bl_fail(err, BL_LIMIT, "a state of %zu tensors would have more than %d",
			g->averages, MOST_TENSORS);
	if (bl_catalog_reserve(&g->file, 2 * g->averages, 1, err) != 0)
		return -1;
	for (unsigned last = 0; last < 2; last++)
		for (size_t i = 0; i < n; i++) {
			const struct bl_tensor *t = bl_aligned_tensor(&s->all, i);

			if (s->averaged[i] && add_tensor(&g->file, last ? LAST : MEAN, t,
				last ? t->dtype : bl_dtype_as(t->dtype, BL_F64),
				last ? 0 : g->vectors, err) != 0)
				return -1;
		}
	return 0;
}

/* The selection's tensors in the types of vectors, or of the last checkpoint; not chunked. */
static int list_types(struct bl_grow *g, bool doubles, struct bl_catalog *cat, struct bl_err *err)
{
	const struct bl_selection *s = g->selection;

	if (bl_catalog_reserve(cat, s->cat.tensors, 0, err) != 0)
		return -1;
	for (size_t i = 0; i < s->cat.tensors; i++) {
		const struct bl_tensor *is = bl_aligned_tensor(&s->all, i);
		struct bl_tensor *t = &cat->tensor[cat->tensors++];

		*t = s->cat.tensor[i];
		t->chunk = NULL;
		t->dtype = doubles && s->averaged[i] ? bl_dtype_as(is->dtype, BL_F64) : is->dtype;
		if (s->averaged[i] && bl_tensor_measure(t, err) != 0)
			return bl_prefix(err, "%s", t->name);
	}
	return 0;
}

/* ---- what the state holds ---- */

/* Tensor `want` of the file that is to be, in the state: its place there. */
static int find_tensor(const struct bl_grow *g, const struct bl_lookup *names,
	const struct bl_tensor *want, size_t *place, struct bl_err *err)
{
	const char *name = want->name + strlen(MEAN); /* LAST is as long */
	const struct bl_tensor *t;
	char a[200], b[200];

	*place = bl_lookup_find(names, want->name);
	if (*place == BL_NOWHERE)
		return bl_fail(err, BL_INPUT, "%s: is averaged, but the state has none", name);
	t = &g->source->cat.tensor[*place];
	if (t->dtype == want->dtype && bl_same_shape(t, want))
		return 0;
	return bl_fail(err, BL_INPUT, "%s: the state has %s %s, this run makes %s %s", want->name,
		bl_dtype(t->dtype)->name, bl_shape_text(t, a, sizeof a),
		bl_dtype(want->dtype)->name, bl_shape_text(want, b, sizeof b));
}

/* All are found; the state must have no others. */
static int refuse_others(const struct bl_grow *g, struct bl_err *err)
{
	const struct bl_catalog *cat = &g->source->cat;
	struct bl_lookup names = {0};
	int rc = 0;

	if (cat->tensors == g->file.tensors)
		return 0;
	for (size_t i = 0; rc == 0 && i < g->file.tensors; i++) {
		size_t number = i;

		rc = bl_lookup_add(&names, g->file.tensor[i].name, &number, err);
	}
	for (size_t i = 0; rc == 0 && i < cat->tensors; i++)
		if (bl_lookup_find(&names, cat->tensor[i].name) == BL_NOWHERE)
			rc = bl_fail(err, BL_INPUT, "%s: is in the state, but not averaged now",
				cat->tensor[i].name);
	bl_lookup_free(&names);
	return rc;
}

/* Finds everything in the state. */
static int find_all(struct bl_grow *g, struct bl_err *err)
{
	const struct bl_catalog *cat = &g->source->cat;
	const size_t n = g->selection->cat.tensors;
	struct bl_lookup names = {0};
	int rc = bl_lookup_reserve(&names, cat->tensors, err);

	g->mean = calloc(n + 1, sizeof *g->mean);
	g->last = calloc(n + 1, sizeof *g->last);
	if (rc == 0 && (!g->mean || !g->last))
		rc = bl_fail_memory(err, n * sizeof *g->mean, "the state");
	for (size_t i = 0; rc == 0 && i < cat->tensors; i++) {
		size_t number = i;

		rc = bl_lookup_add(&names, cat->tensor[i].name, &number, err);
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const size_t k = g->number[i];

		if (k == BL_NOWHERE)
			continue;
		rc = find_tensor(g, &names, &g->file.tensor[k], &g->mean[i], err);
		if (rc == 0)
			rc = find_tensor(g, &names, &g->file.tensor[g->averages + k], &g->last[i],
				err);
	}
	bl_lookup_free(&names);
	return rc == 0 ? refuse_others(g, err) : -1;
}

/* ---- rows ---- */

/* Lets every row of the plan go on from what was kept of it. */
static int resume_rows(struct bl_grow *g, struct bl_err *err)
{
	const size_t from = g->state ? g->past - !g->still : 0;

	g->resume = calloc(g->plan->rows, sizeof *g->resume);
	if (!g->resume)
		return bl_fail_memory(err, g->plan->rows * sizeof *g->resume, "the weights");
	for (size_t p = 0; p < g->plan->rows; p++) {
		const struct bl_row *row = &g->plan->row[p];
		struct bl_resume *r = &g->resume[p];

		if (bl_resume_start(row, r, err) != 0)
			return -1;
		if (g->state && g->state->output[p].vectors != r->vectors)
			return bl_fail(err, BL_INPUT, "the state has %u vectors of output %zu, "
				"not %u", g->state->output[p].vectors, p, r->vectors);
		r->mass = g->state ? g->state->output[p].mass : 0;
		r->vectors = g->state ? r->vectors : 0;
		if (bl_resume_row(row, from, r, err) != 0)
			return -1;
		g->vectors += r->vectors;
	}
	return 0;
}

/* Vector k of row p as a row over the sources; first: the first vector of row p. */
static void fill_row(const struct bl_grow *g, size_t p, unsigned k, size_t first, double *to)
{
	const struct bl_resume *r = &g->resume[p];
	const size_t kept = g->state ? g->vectors : 0;

	for (unsigned j = 0; g->state && j < r->vectors; j++)
		to[first + j] = r->carry[k][j];
	for (size_t i = kept; !g->still && i < g->sources; i++)
		to[i] = r->part[k][i - kept];
}

static size_t first_vector(const struct bl_grow *g, size_t p)
{
	size_t first = 0;

	while (p > 0)
		first += g->resume[--p].vectors;
	return first;
}

/* The rows of all sinks. */
static int fill_rows(struct bl_grow *g, const size_t *which, size_t outputs, struct bl_err *err)
{
	double *divisor;
	size_t s = outputs, values;

	if (__builtin_mul_overflow(g->sinks, g->sources, &values))
		return bl_fail_memory(err, SIZE_MAX, "the weights");
	g->value = calloc(values + 1, sizeof *g->value);
	g->ones = calloc(2 * g->sinks + 1, sizeof *g->ones);
	g->row = calloc(g->sinks + 1, sizeof *g->row);
	if (!g->value || !g->ones || !g->row)
		return bl_fail_memory(err, values * sizeof *g->value, "the weights");
	divisor = g->ones + g->sinks;
	for (size_t i = 0; i < g->sinks; i++) {
		g->row[i] = g->value + i * g->sources;
		g->ones[i] = divisor[i] = 1;
	}
	for (size_t o = 0; o < outputs; o++) {
		const size_t p = which[o];

		fill_row(g, p, 0, first_vector(g, p), g->value + o * g->sources);
		divisor[o] = g->resume[p].divisor[0];
	}
	for (size_t p = 0, first = 0; s < g->sinks && p < g->plan->rows; p++) {
		for (unsigned k = 0; k < g->resume[p].vectors; k++, s++) {
			fill_row(g, p, k, first, g->value + s * g->sources);
			divisor[s] = g->resume[p].divisor[k];
		}
		first += g->resume[p].vectors;
	}
	if (s < g->sinks) /* the last checkpoint itself */
		g->value[s * g->sources + g->sources - 1] = 1;
	g->weights = (struct bl_weights){g->row, divisor, g->ones};
	g->bytes += (values + 3 * g->sinks) * sizeof *g->value;
	return 0;
}

/* ---- sources and sinks ---- */

/* A view on a vector of the state, or on its last checkpoint. */
static struct bl_source view(struct bl_grow *g, size_t n, const struct bl_catalog *cat,
	const size_t *place, uint64_t vector)
{
	g->part[n] = (struct bl_grow_part){
		.source = g->source, .place = place, .vector = vector};
	return (struct bl_source){.format = &part_format, .path = g->source->path,
		.cat = {.tensor = cat->tensor, .tensors = cat->tensors}, .state = &g->part[n]};
}

static int make_sources(struct bl_grow *g, struct bl_err *err)
{
	const struct bl_alignment *all = &g->selection->all;
	const bool *averaged = g->selection->averaged;
	size_t n = 0;

	for (; g->state && n < g->vectors; n++)
		g->from[n] = view(g, n, &g->doubles, g->mean, n);
	if (g->state && !g->still) {
		/* behind the last source and sink is room for what a view is a view on */
		g->from[g->sources] = view(g, n, &g->lasts, g->last, 0);
		if (bl_wide_add(&g->wide, &g->from[g->sources], NULL, averaged,
			    g->lasts.tensors, &g->from[n], err) != 0)
			return -1;
		n++;
	}
	for (size_t t = 0; t < all->sources; t++, n++) {
		if (bl_wide_add(&g->wide, &all->source[t], all->map[t], averaged, all->tensors,
			    &g->from[n], err) != 0)
			return -1;
		g->map[n] = all->map[t];
	}
	g->bytes += g->wide.bytes;
	return 0;
}

static void make_owners(struct bl_grow *g, size_t outputs)
{
	for (size_t s = outputs; s < g->sinks; s++)
		g->own[s] = s + 1 < g->sinks ? &g->doubles : &g->lasts;
}

/* Counts sources and sinks, and makes room for them. */
static int make_room(struct bl_grow *g, size_t outputs, struct bl_err *err)
{
	const size_t kept = g->state ? g->vectors + !g->still : 0;

	g->sources = kept + g->selection->all.sources;
	g->sinks = outputs + (g->still ? 0 : g->vectors + 1);
	g->from = calloc(g->sources + 1, sizeof *g->from);
	g->map = calloc(g->sources, sizeof *g->map);
	g->to = calloc(g->sinks + 1, sizeof *g->to);
	g->own = calloc(g->sinks + 1, sizeof *g->own);
	g->part = calloc(g->sources + g->sinks + 1, sizeof *g->part);
	if (!g->from || !g->map || !g->to || !g->own || !g->part)
		return bl_fail_memory(err, g->sources * sizeof *g->from, "the state");
	g->bytes += (g->sources + 1) * sizeof *g->from + (g->sinks + 1) * sizeof *g->to;
	return 0;
}

int bl_grow_make(struct bl_grow *g, const size_t *which, size_t outputs, struct bl_err *err)
{
	if (resume_rows(g, err) != 0 || list_file(g, err) != 0 ||
		list_types(g, true, &g->doubles, err) != 0 ||
		list_types(g, false, &g->lasts, err) != 0)
		return -1;
	if (g->state && find_all(g, err) != 0)
		return -1;
	g->bytes = bl_catalog_bytes(&g->file) + bl_catalog_bytes(&g->doubles) +
		bl_catalog_bytes(&g->lasts);
	if (make_room(g, outputs, err) != 0 || make_sources(g, err) != 0)
		return -1;
	make_owners(g, outputs);
	return fill_rows(g, which, outputs, err);
}

void bl_grow_job(const struct bl_grow *g, struct bl_job *job)
{
	job->source = g->from;
	job->sources = g->sources;
	job->map = g->map;
	job->sink = g->to;
	job->sinks = g->sinks;
	job->weights = &g->weights;
	job->n_weights = 1;
	job->weights_of = NULL;
	job->from = NULL;
	job->own = g->own;
	job->widened = true;
	job->overhead += g->bytes;
}

void bl_grow_sinks(struct bl_grow *g, const struct bl_sink *output, size_t outputs,
	struct bl_sink *state)
{
	for (size_t p = 0; p < outputs; p++)
		g->to[p] = output[p];
	for (size_t s = outputs; s < g->sinks; s++) {
		struct bl_grow_part *part = &g->part[g->sources + s];
		const bool last = s + 1 == g->sinks;

		*part = (struct bl_grow_part){.sink = state, .place = g->number};
		part->base = last ? g->averages : 0;
		part->vector = last ? 0 : s - outputs;
		g->to[s] = (struct bl_sink){.format = &part_format, .path = state->path,
			.plan = {.cat = last ? &g->lasts : &g->doubles}, .state = part};
	}
}

void bl_grow_free(struct bl_grow *g)
{
	for (size_t p = 0; g->resume && p < g->plan->rows; p++)
		bl_resume_free(&g->resume[p]);
	free(g->resume);
	free(g->number);
	bl_catalog_free(&g->file);
	bl_catalog_free(&g->doubles);
	bl_catalog_free(&g->lasts);
	bl_wide_free(&g->wide);
	free(g->from);
	free(g->map);
	free(g->to);
	free(g->own);
	free(g->part);
	free(g->mean);
	free(g->last);
	free(g->row);
	free(g->value);
	free(g->ones);
	memset(g, 0, sizeof *g);
}
