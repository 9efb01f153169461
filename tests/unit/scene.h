/*
 * scene.h - runs of the engine on checkpoints in memory, and what they must give.
 */
#ifndef BL_SCENE_H
#define BL_SCENE_H

#include "align.h"
#include "memory.h"
#include "run.h"

#define SCENE_SOURCES 20
#define SCENE_SINKS 11
#define SCENE_SHARES 6

/* Too large for a stack; zero it or scene_init it first. All of it may be changed between
 * scene_ready and a run. */
struct scene {
	struct bl_source source[SCENE_SOURCES]; /* paths "a", "b", ... */
	struct memory in[SCENE_SOURCES];
	struct bl_alignment all;
	const size_t *maps[SCENE_SOURCES]; /* those of all */
	struct bl_catalog cat;             /* of the outputs; see scene_retype */
	struct bl_sink sink[SCENE_SINKS];  /* paths "out0", "out1", ... */
	struct memory out[SCENE_SINKS];
	double weight[SCENE_SINKS][SCENE_SOURCES];
	double scale[SCENE_SINKS], divisor[SCENE_SINKS];
	struct scene_share {
		double weight[SCENE_SINKS][SCENE_SOURCES];
		double scale[SCENE_SINKS], divisor[SCENE_SINKS];
	} share[SCENE_SHARES]; /* the same for such tensors as some sources lack */
	const double *row[1 + SCENE_SHARES][SCENE_SINKS];
	struct bl_weights weights[1 + SCENE_SHARES];
	size_t weights_of[16], from[16];
	bool averaged[16], needed[16];
	struct bl_progress progress;
	struct bl_job job;
	char path[SCENE_SOURCES + SCENE_SINKS][8];
};

/* Sources and sinks without tensors yet; all weights 0, all scales and divisors 1. */
void scene_init(struct scene *sc, size_t sources, size_t sinks);

/* Gives source t one more tensor, of rank extents; chunk NULL: in C order. At most 16 in all. */
void scene_tensor(struct scene *sc, size_t t, const char *name, enum bl_dtype dtype, unsigned rank,
	const uint64_t *dim, const uint64_t *chunk);

/* The same for all sources. */
void scene_tensors(struct scene *sc, const char *name, enum bl_dtype dtype, unsigned rank,
	const uint64_t *dim, const uint64_t *chunk);

/* All tensors are there: makes values, maps and the job: all floating tensors averaged, all needed,
 * all with the same weights, one thread, as much memory as there is. */
void scene_ready(struct scene *sc);

/* Gives tensor i of the outputs another type; after scene_ready. */
void scene_retype(struct scene *sc, size_t i, enum bl_dtype dtype);

/* The outputs have no chunks, whatever the sources have. */
void scene_flatten(struct scene *sc);

/* Where source t has tensor i of the outputs, or BL_NOWHERE. */
size_t scene_place(const struct scene *sc, size_t t, size_t i);

/* Tensor i as the sources have it, and the weights of source t for it in output p. */
const struct bl_tensor *scene_input(const struct scene *sc, size_t i);
double scene_weight(const struct scene *sc, size_t i, size_t p, size_t t);

/* Element e's lane of a tensor, the tensors counted as the last source has them: bits of all. */
void scene_put(struct scene *sc, size_t t, size_t tensor, uint64_t scalar, uint64_t bits);

/* A scene of anything; tame: with values that no average overflows. Ready. */
void scene_random(struct scene *sc, uint64_t seed, bool tame);

/* Outputs, counts and progress back to nothing. */
void scene_clear(struct scene *sc);
void scene_free(struct scene *sc);

/* What output p must hold of a tensor, one scalar after the other from the formula of run.h;
 * malloc'd. Adds to tally what was not finite, as with keep_nonfinite. */
unsigned char *scene_expect(
	const struct scene *sc, size_t p, size_t tensor, struct bl_tally *tally);

/* The least memory that the engine says it needs for one thread. */
uint64_t scene_least_memory(struct scene *sc);

#endif
