/*
 * state.h - what a growing run keeps beside its numbers: what they are of.
 *
 * A state is a safetensors file. Of every averaged tensor NAME it holds
 *
 *   mean/NAME   F64, [vectors, shape of NAME]: the vectors of all outputs, one output after the
 *               other (resume.h), complex numbers as pairs along one more axis
 *   last/NAME   the last checkpoint's, where the path to the next one begins; C128 as such pairs
 *
 * and under the metadata key "belay.state" one JSON object:
 *
 *   schema        1
 *   times         from (key, pattern, name), key, pattern, unit: how the times were found
 *   outputs       one object each, in the order of the sweep:
 *     path, path_hex  as it was typed
 *     vectors, mass   what is kept, and its number (hexadecimal float)
 *     settings        what decides on the weights: option to text
 *   checkpoints   path (as it was typed), path_hex, time, size of all that were folded in
 *
 * path_hex stands for a path that is no UTF-8, as in report.h.
 */
#ifndef BL_STATE_H
#define BL_STATE_H

#include "plan.h"

#define BL_STATE_KEY "belay.state"

/* A text by its name. */
struct bl_named {
	const char *name, *text;
};

/* An output, and what is kept of it. */
struct bl_state_output {
	const char *path;
	unsigned vectors; /* 1..BL_KEPT */
	double mass;
	struct bl_named *setting;
	size_t settings;
};

/* A checkpoint that was folded in. */
struct bl_past {
	const char *path;
	int64_t time;
	uint64_t size; /* bytes */
};

/* Zero-initialised is empty. Freed with bl_state_free, also after a failure. */
struct bl_state {
	struct bl_named *times;
	size_t n_times;
	struct bl_state_output *output;
	size_t outputs;
	struct bl_past *past; /* by ascending time */
	size_t checkpoints;
	struct bl_catalog texts; /* its memory holds what the rest points to */
};

/* Reads the JSON text into an empty state, and checks all that it can check alone. Errors:
 * BL_INPUT; BL_LIMIT. */
int bl_state_read(struct bl_state *s, const char *json, struct bl_err *err) BL_MUST_USE;

/* The JSON text; malloc'd. NULL when there is no memory, with err set. */
char *bl_state_text(const struct bl_state *s, struct bl_err *err) BL_MUST_USE;

/* How the times of a run are found. Texts are borrowed, NULL: none. */
struct bl_state_times {
	enum bl_time_origin origin;
	const char *key, *pattern;
	double unit; /* 0: none */
};

/* Describes a run in an empty state: times, and the outputs of a plan, with nothing kept of them.
 * The checkpoints are left to the caller. Error: BL_LIMIT. */
int bl_state_describe(struct bl_state *s, const struct bl_plan *plan,
	const struct bl_state_times *times, struct bl_err *err) BL_MUST_USE;

/* Puts one checkpoint behind those that are there. Error: BL_LIMIT. */
int bl_state_add(struct bl_state *s, const struct bl_past *past, struct bl_err *err) BL_MUST_USE;

/* Puts one more output, to be filled in, or a text by its name, behind those that are there. */
struct bl_state_output *bl_state_output(struct bl_state *s, struct bl_err *err) BL_MUST_USE;
int bl_state_name(struct bl_state *s, struct bl_named **list, size_t *n, const char *name,
	const char *text, struct bl_err *err) BL_MUST_USE;

/* Refuses (BL_USAGE) a run that finds times in another way than the state has; of times, the origin
 * does not matter. */
int bl_state_same_times(const struct bl_state *state, struct bl_state_times times,
	struct bl_err *err) BL_MUST_USE;

/* Refuses (BL_USAGE) a run whose settings are not those of the state, naming what differs. */
int bl_state_same(const struct bl_state *state, const struct bl_state *run, struct bl_err *err)
	BL_MUST_USE;

/* Refuses (BL_USAGE) a row whose length would be another one with every new checkpoint. */
int bl_state_lengths(const struct bl_row *row, struct bl_err *err) BL_MUST_USE;

/* How the times of a state were found: "from", "key", "pattern", "unit"; NULL: it has none. */
const char *bl_state_time_rule(const struct bl_state *s, const char *name);

void bl_state_free(struct bl_state *s);

#endif
