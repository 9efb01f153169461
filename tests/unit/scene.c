/* scene.c - runs of the engine on checkpoints in memory, and what they must give. */
#include "scene.h"

#include "arith.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void scene_init(struct scene *sc, size_t sources, size_t sinks)
{
	memset(sc, 0, sizeof *sc);
	for (size_t t = 0; t < sources; t++) {
		snprintf(sc->path[t], sizeof sc->path[t], "%c", (int)('a' + t));
		sc->source[t].format = t % 3 == 0 ? &memory_working : t % 3 == 1 ? &memory_plain
										 : &memory_other;
		sc->source[t].path = sc->path[t];
	}
	for (size_t p = 0; p < sinks; p++) {
		char *path = sc->path[SCENE_SOURCES + p];

		snprintf(path, sizeof sc->path[0], "out%d", (int)(p % 10));
		sc->sink[p].format = p % 2 ? &memory_plain : &memory_other;
		sc->sink[p].path = path;
		sc->scale[p] = 1;
		sc->divisor[p] = 1;
		sc->row[0][p] = sc->weight[p];
		for (size_t k = 0; k < SCENE_SHARES; k++)
			sc->row[1 + k][p] = sc->share[k].weight[p];
	}
	sc->weights[0] = (struct bl_weights){sc->row[0], sc->divisor, sc->scale};
	for (size_t k = 0; k < SCENE_SHARES; k++)
		sc->weights[1 + k] = (struct bl_weights){
			sc->row[1 + k], sc->share[k].divisor, sc->share[k].scale};
	sc->job = (struct bl_job){.source = sc->source,
		.sources = sources,
		.cat = &sc->source[sources - 1].cat,
		.map = sc->maps,
		.sink = sc->sink,
		.sinks = sinks,
		.weights = sc->weights,
		.n_weights = 1,
		.averaged = sc->averaged,
		.needed = sc->needed,
		.kernels = bl_kernels(NULL),
		.memory = UINT64_MAX / 4,
		.threads = 1,
		.progress = &sc->progress};
}

void scene_tensor(struct scene *sc, size_t t, const char *name, enum bl_dtype dtype, unsigned rank,
	const uint64_t *dim, const uint64_t *chunk)
{
	struct bl_catalog *cat = &sc->source[t].cat;
	struct bl_err err;
	struct bl_tensor *tensor;
	uint64_t *extent;

	ck_assert_uint_lt(cat->tensors, 16);
	ck_assert_int_eq(bl_catalog_reserve(cat, 1, 0, &err), 0);
	extent = bl_catalog_alloc(cat, 2 * rank * sizeof *extent, &err);
	tensor = &cat->tensor[cat->tensors++];
	*tensor = (struct bl_tensor){.dtype = dtype, .rank = rank, .dim = extent,
		.chunk = chunk ? extent + rank : NULL};
	tensor->name = bl_catalog_text(cat, name, strlen(name), &err);
	for (unsigned i = 0; i < rank; i++) {
		extent[i] = dim[i];
		extent[rank + i] = chunk ? chunk[i] : 0;
	}
	if (bl_tensor_measure(tensor, &err) != 0)
		ck_abort_msg("%s", err.text);
}

void scene_tensors(struct scene *sc, const char *name, enum bl_dtype dtype, unsigned rank,
	const uint64_t *dim, const uint64_t *chunk)
{
	for (size_t t = 0; t < sc->job.sources; t++)
		scene_tensor(sc, t, name, dtype, rank, dim, chunk);
}

void scene_ready(struct scene *sc)
{
	struct bl_err err;

	for (size_t t = 0; t < sc->job.sources; t++) {
		memory_init(&sc->in[t], &sc->source[t].cat);
		sc->source[t].state = &sc->in[t];
	}
	ck_assert_int_eq(bl_align(sc->source, sc->job.sources, &sc->all, &err), 0);
	if (bl_alignment_check(&sc->all, NULL, false, &err) != 0)
		ck_abort_msg("%s", err.text);
	ck_assert_uint_le(sc->all.tensors, 16);
	ck_assert_int_eq(bl_catalog_reserve(&sc->cat, 16, 0, &err), 0);
	for (size_t i = 0; i < sc->all.tensors; i++) {
		sc->cat.tensor[sc->cat.tensors++] = *bl_aligned_tensor(&sc->all, i);
		sc->averaged[i] = bl_dtype_averages(sc->cat.tensor[i].dtype);
		sc->needed[i] = true;
		sc->from[i] = sc->all.tensor[i].last;
	}
	for (size_t t = 0; t < sc->job.sources; t++)
		sc->maps[t] = sc->all.map[t];
	for (size_t p = 0; p < sc->job.sinks; p++) {
		memory_init(&sc->out[p], &sc->cat);
		sc->out[p].chunked = true;
		sc->sink[p].state = &sc->out[p];
	}
	sc->job.cat = &sc->cat;
	sc->job.from = sc->from;
	sc->job.weights_of = sc->weights_of;
}

void scene_retype(struct scene *sc, size_t i, enum bl_dtype dtype)
{
	const bool chunked = sc->out[0].chunked; /* all are alike */
	struct bl_err err;

	for (size_t p = 0; p < sc->job.sinks; p++)
		memory_free(&sc->out[p]);
	sc->cat.tensor[i].dtype = dtype;
	if (bl_tensor_measure(&sc->cat.tensor[i], &err) != 0)
		ck_abort_msg("%s", err.text);
	for (size_t p = 0; p < sc->job.sinks; p++) {
		memory_init(&sc->out[p], &sc->cat);
		sc->out[p].chunked = chunked;
	}
}

void scene_flatten(struct scene *sc)
{
	const struct bl_catalog *const before = sc->job.cat;
	struct bl_err err;

	if (before != &sc->cat) {
		ck_assert_int_eq(bl_catalog_reserve(&sc->cat, before->tensors, 0, &err), 0);
		memcpy(sc->cat.tensor, before->tensor, before->tensors * sizeof *before->tensor);
		sc->cat.tensors = before->tensors;
		sc->job.cat = &sc->cat;
	}
	for (size_t i = 0; i < sc->cat.tensors; i++) {
		sc->cat.tensor[i].chunk = NULL;
		if (bl_tensor_measure(&sc->cat.tensor[i], &err) != 0)
			ck_abort_msg("%s", err.text);
	}
}

size_t scene_place(const struct scene *sc, size_t t, size_t i)
{
	return bl_aligned_place(&sc->all, t, i);
}

const struct bl_tensor *scene_input(const struct scene *sc, size_t i)
{
	return bl_aligned_tensor(&sc->all, i);
}

double scene_weight(const struct scene *sc, size_t i, size_t p, size_t t)
{
	return sc->weights[sc->weights_of[i]].weight[p][t];
}

void scene_put(struct scene *sc, size_t t, size_t tensor, uint64_t scalar, uint64_t bits)
{
	const size_t i = scene_place(sc, t, tensor);

	arith_put(bl_dtype(sc->source[t].cat.tensor[i].dtype)->scalar, sc->in[t].value[i], scalar,
		bits);
}

/* One tensor of the model, before its places and chunks. */
struct sketch {
	char name[8];
	enum bl_dtype dtype;
	unsigned rank;
	uint64_t dim[3], chunk[3]; /* chunk that all sources may share */
	bool chunked;
	bool lacking[SCENE_SOURCES]; /* the sources without it */
};

static void draw_chunk(uint64_t *seed, const struct sketch *k, uint64_t *chunk)
{
	for (unsigned i = 0; i < k->rank; i++)
		chunk[i] = 1 + arith_below(seed, k->dim[i] + 2);
	if (k->rank && k->dim[0] > 100) /* not a thousand tiles */
		chunk[0] += 20;
}

static void draw_sketch(uint64_t *seed, struct sketch *k, size_t n)
{
	static const enum bl_dtype dtypes[] = {BL_F16, BL_BF16, BL_F32, BL_F64, BL_C64, BL_C128,
		BL_F32, BL_F16, BL_I32, BL_U8, BL_BOOL, BL_F4, BL_F6_E2M3, BL_F8_E4M3, BL_F8_E5M2,
		BL_F64};
	static const uint64_t extents[] = {0, 1, 2, 3, 5, 8, 13, 17};

	memset(k, 0, sizeof *k);
	snprintf(k->name, sizeof k->name, "w%d", (int)(n % 100));
	k->dtype = dtypes[arith_below(seed, 16)];
	k->rank = (unsigned)arith_below(seed, 4);
	for (unsigned i = 0; i < k->rank; i++)
		k->dim[i] = extents[arith_below(seed, 20) % 7 + (arith_below(seed, 8) != 0)];
	if (arith_below(seed, 3) == 0) { /* several tiles */
		k->rank = 1 + (unsigned)arith_below(seed, 2);
		k->dim[0] =
			k->rank == 1 ? 500 + arith_below(seed, 2500) : 100 + arith_below(seed, 100);
		k->dim[1] = 10;
	}
	if (bl_dtype(k->dtype)->bits < 8) { /* whole bytes only */
		k->rank = k->rank ? k->rank : 1;
		k->dim[k->rank - 1] *= 4;
	}
	k->chunked = bl_dtype(k->dtype)->bits >= 8 && k->rank && arith_below(seed, 3) != 0;
	draw_chunk(seed, k, k->chunk);
}

static void draw_model(struct scene *sc, uint64_t *seed)
{
	const size_t n = 1 + arith_below(seed, 6), shift = arith_below(seed, 2);
	const bool shared = arith_below(seed, 2), gaps = arith_below(seed, 3) == 0;
	struct sketch sketch[6];

	for (size_t i = 0; i < n; i++)
		draw_sketch(seed, &sketch[i], i);
	for (size_t i = 1; i < n; i++) { /* so that some can share a tile */
		if (arith_below(seed, 2) && bl_dtype(sketch[i - 1].dtype)->bits >= 8) {
			sketch[i].dtype = sketch[i - 1].dtype;
			sketch[i].chunked = sketch[i - 1].chunked;
		}
	}
	for (size_t i = 0; gaps && i < n; i++)
		for (size_t t = 0; t < sc->job.sources; t++)
			sketch[i].lacking[t] = i % 2 && arith_below(seed, 3) == 0;
	for (size_t i = 0; i < n; i++) /* somebody must have it */
		sketch[i].lacking[arith_below(seed, sc->job.sources)] = false;
	for (size_t t = 0; t < sc->job.sources; t++) {
		for (size_t i = 0; i < n; i++) {
			const struct sketch *k = &sketch[(i + t * shift) % n];
			uint64_t own[3];

			if (k->lacking[t])
				continue;
			draw_chunk(seed, k, own);
			scene_tensor(sc, t, k->name, k->dtype, k->rank, k->dim,
				!k->chunked || (!shared && arith_below(seed, 3) == 0) ? NULL
				: shared ? k->chunk : own);
		}
	}
}

/* Positive ones, some of either sign, one alone, some whose sum is not 1; one checkpoint may have
 * no weight in any output. */
static void draw_weights(struct scene *sc, uint64_t *seed)
{
	const size_t n = sc->job.sources, never = n > 1 ? arith_below(seed, 2 * n) : n;
	const bool dense = arith_below(seed, 3) == 0; /* no weight is 0 */

	for (size_t p = 0; p < sc->job.sinks; p++) {
		const uint64_t kind = dense ? arith_below(seed, 2) : arith_below(seed, 4);
		const size_t sure = (never + 1 + arith_below(seed, n > 1 ? n - 1 : 1)) % n;
		double sum = 0;

		for (size_t t = 0; t < n; t++) {
			const double w = (double)(1 + arith_below(seed, 1000)) / (1000 * (double)n);
			double *at = &sc->weight[p][t];

			if (t == sure || dense ||
				(t != never && kind != 2 && arith_below(seed, 3) != 0))
				*at = kind == 2 ? 1 : kind == 1 && arith_below(seed, 2) ? -w : w;
			sum += *at;
		}
		sc->scale[p] = kind == 3 ? sum : 1;
		sc->divisor[p] = kind == 0 ? (double)(1 + arith_below(seed, 50)) : 1;
	}
}

/* Those of the sources that have a tensor, where some lack it: one of them at least. */
static void draw_shares(struct scene *sc, uint64_t *seed)
{
	size_t n = 0;

	for (size_t i = 0; i < sc->cat.tensors; i++) {
		struct scene_share *share = &sc->share[n];

		if (sc->all.tensor[i].holders == sc->job.sources)
			continue;
		for (size_t p = 0; p < sc->job.sinks; p++) {
			bool any = false;

			for (size_t t = 0; t < sc->job.sources; t++) {
				if (scene_place(sc, t, i) != BL_NOWHERE)
					share->weight[p][t] = sc->weight[p][t];
				any = any || share->weight[p][t] != 0;
			}
			if (!any)
				share->weight[p][sc->all.tensor[i].last] = 1;
			share->scale[p] = sc->scale[p];
			share->divisor[p] = arith_below(seed, 2) ? 1 : 3;
		}
		sc->weights_of[i] = ++n;
	}
	sc->job.n_weights = 1 + n;
}

/* Other types for the outputs, copies from other sources, averages of 8-bit floats. */
static void draw_policies(struct scene *sc, uint64_t *seed)
{
	static const enum bl_dtype real[] = {BL_F16, BL_BF16, BL_F32, BL_F64};
	const bool retype = arith_below(seed, 2);

	for (size_t i = 0; i < sc->cat.tensors; i++) {
		const enum bl_dtype d = sc->cat.tensor[i].dtype;
		const size_t other = arith_below(seed, sc->job.sources);

		sc->averaged[i] = (sc->averaged[i] || bl_dtype_is_f8(d)) && arith_below(seed, 5);
		sc->needed[i] = sc->averaged[i] || arith_below(seed, 3) != 0;
		if (scene_place(sc, other, i) != BL_NOWHERE)
			sc->from[i] = other;
		if (sc->averaged[i] && retype)
			scene_retype(sc, i, bl_dtype_as(d, real[arith_below(seed, 4)]));
	}
}

static void draw_values(struct scene *sc, uint64_t *seed, bool tame)
{
	for (size_t t = 0; t < sc->job.sources; t++) {
		const struct bl_catalog *cat = &sc->source[t].cat;

		for (size_t i = 0; i < cat->tensors; i++) {
			const enum bl_scalar s = bl_dtype(cat->tensor[i].dtype)->scalar;

			for (size_t j = 0; s == BL_SCALAR_NONE && j < cat->tensor[i].bytes; j++)
				sc->in[t].value[i][j] = (unsigned char)arith_draw(seed);
			if (s == BL_SCALAR_NONE)
				continue;
			for (size_t j = 0; j < cat->tensor[i].bytes / bl_scalar_size(s); j++)
				arith_put(s, sc->in[t].value[i], j,
					tame ? arith_round(s, (double)arith_below(seed, 1 << 20) /
									      (1 << 17) -
								      4)
					     : arith_draw_bits(seed, s));
		}
	}
}

void scene_random(struct scene *sc, uint64_t seed, bool tame)
{
	const size_t sources = 1 + arith_below(&seed, SCENE_SOURCES);
	bool chunked;

	scene_init(sc, sources, 1 + arith_below(&seed, SCENE_SINKS));
	draw_model(sc, &seed);
	scene_ready(sc);
	draw_weights(sc, &seed);
	draw_shares(sc, &seed);
	draw_values(sc, &seed, tame);
	draw_policies(sc, &seed);
	chunked = arith_below(&seed, 2);
	if (!chunked)
		scene_flatten(sc);
	sc->job.runs = arith_below(&seed, 4) > 0;
	for (size_t p = 0; p < sc->job.sinks; p++) {
		sc->out[p].chunked = chunked;
		sc->sink[p].ordered = arith_below(&seed, 2);
		sc->out[p].turns = (unsigned)arith_below(&seed, 3);
		sc->out[p].seed = arith_below(&seed, 3);
	}
}

void scene_clear(struct scene *sc)
{
	for (size_t p = 0; p < sc->job.sinks; p++)
		memory_clear(&sc->out[p]);
	for (size_t t = 0; t < sc->job.sources; t++)
		memory_uncount(&sc->in[t]);
	memset(&sc->progress, 0, sizeof sc->progress);
}

void scene_free(struct scene *sc)
{
	for (size_t p = 0; p < sc->job.sinks; p++)
		memory_free(&sc->out[p]); /* looks into the catalogue */
	bl_catalog_free(&sc->cat);
	bl_alignment_free(&sc->all);
	for (size_t t = 0; t < sc->job.sources; t++) {
		memory_free(&sc->in[t]);
		bl_catalog_free(&sc->source[t].cat);
	}
}

/* One scalar of an output, and what goes into it. */
struct element {
	enum bl_scalar in, out;
	const double *weight;
	double scale, divisor;
	uint64_t x[SCENE_SOURCES]; /* bits; of no meaning where the weight is 0 */
	size_t sources, ref;
};

static bool is_wild(enum bl_scalar s, uint64_t bits)
{
	return !isfinite(arith_value(s, bits));
}

/* The rules for a result that is not finite. */
static uint64_t expect_wild(const struct element *e, struct bl_tally *tally)
{
	bool differs = false, wild = false;
	volatile double sum = 0, quotient;
	uint64_t plain;

	for (size_t t = 0; t < e->sources; t++) {
		volatile double small = arith_value(e->in, e->x[t]) * 0x1p-64;
		volatile double term = e->weight[t] * small;

		if (e->weight[t] == 0)
			continue;
		sum = sum + term;
		differs = differs || e->x[t] != e->x[e->ref];
		wild = wild || is_wild(e->in, e->x[t]);
	}
	quotient = sum / e->divisor;
	plain = arith_round(e->out, quotient * 0x1p64);
	if (!wild) {
		tally->overflowed += is_wild(e->out, plain);
		return plain;
	}
	tally->kept_nonfinite++;
	if (differs)
		return plain;
	return e->in == e->out ? e->x[e->ref]
	                       : arith_round(e->out, arith_value(e->in, e->x[e->ref]));
}

static uint64_t expect_scalar(struct element *e, struct bl_tally *tally)
{
	volatile double sum = 0, scaled, quotient, exact;
	uint64_t result;

	e->ref = e->sources - 1;
	while (e->weight[e->ref] == 0)
		e->ref--;
	for (size_t t = 0; t < e->sources; t++) {
		volatile double difference =
			arith_value(e->in, e->x[e->ref]) - arith_value(e->in, e->x[t]);
		volatile double term = e->weight[t] * difference;

		if (e->weight[t] != 0)
			sum = sum + term;
	}
	scaled = e->scale * arith_value(e->in, e->x[e->ref]);
	quotient = sum / e->divisor;
	exact = scaled - quotient;
	result = arith_round(e->out, exact);
	tally->saturated += arith_saturates(e->out, exact);
	return is_wild(e->out, result) ? expect_wild(e, tally) : result;
}

unsigned char *scene_expect(const struct scene *sc, size_t p, size_t tensor, struct bl_tally *tally)
{
	const struct bl_tensor *t = &sc->cat.tensor[tensor];
	const struct bl_weights *w = &sc->weights[sc->weights_of[tensor]];
	const size_t from = sc->from[tensor];
	struct element e = {bl_dtype(scene_input(sc, tensor)->dtype)->scalar,
		bl_dtype(t->dtype)->scalar, w->weight[p], w->scale[p], w->divisor[p], {0},
		sc->job.sources, 0};
	unsigned char *want = calloc(1, t->bytes + 1);

	if (!sc->needed[tensor])
		return want;
	if (!sc->averaged[tensor]) {
		memcpy(want, sc->in[from].value[scene_place(sc, from, tensor)], t->bytes);
		return want;
	}
	for (uint64_t j = 0; j < t->count * bl_dtype(t->dtype)->lanes; j++) {
		for (size_t k = 0; k < sc->job.sources; k++)
			if (scene_place(sc, k, tensor) != BL_NOWHERE)
				e.x[k] = arith_get(
					e.in, sc->in[k].value[scene_place(sc, k, tensor)], j);
		arith_put(e.out, want, j, expect_scalar(&e, tally));
	}
	return want;
}

uint64_t scene_least_memory(struct scene *sc)
{
	struct bl_job job = sc->job;
	struct bl_budget budget;
	struct bl_err err = {0};
	const char *needed;

	job.memory = 0;
	job.threads = 1;
	ck_assert_int_eq(bl_run_budget(&job, &budget, &err), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	needed = strstr(err.text, "enough: ");
	ck_assert_ptr_nonnull(needed);
	return strtoull(needed + 8, NULL, 10);
}
