/*
 * outputs.h - the averages of a run: examined early, made together, published last.
 */
#ifndef BL_OUTPUTS_H
#define BL_OUTPUTS_H

#include "formats.h"
#include "inputs.h"
#include "select.h"
#include "settings.h"

/* One output per case. Zero-initialised is empty; freed with bl_outputs_free also after a failure,
 * which removes all that was not published. */
struct bl_outputs {
	const struct bl_format *format;
	size_t n;
	size_t *which;     /* the case that output p is of */
	struct bl_sink *sink;
	struct bl_output **file;
	char **provenance; /* NULL entries: none */
	bool *exists, *own; /* own: it is replaced without -f */
	bool *published;   /* output p has its name */
	uint64_t *size;    /* and as many bytes */
	bool *written;     /* per tensor of the selection: not the last checkpoint's values */
	bool *needed;      /* per tensor of the selection: comes through write() */
	bool folders;      /* all of them are, as all of them are made alike */
	uint64_t shard_size; /* --shard-size; 0: not given */
	uint64_t bytes;    /* memory that the sinks will take */
	enum bl_compression compression; /* --compression, and its level */
	unsigned level;
	enum bl_deflate deflate; /* --deflate */
	unsigned flags;    /* enum bl_output_flag */
	bool keep_existing; /* --skip-existing: a file that is there is looked at, not refused */
	bool growing;       /* --state: the same; set before they are examined */
};

/* The names, before anything is opened: no clobbering, pipes for one output only. What is a folder
 * already, or named as one, is left to bl_outputs_suit. */
int bl_outputs_examine(struct bl_outputs *o, const struct bl_case *cases, size_t n,
	const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;

/* The inputs are known, and so the format of the outputs, and whether they are folders; none of the
 * inputs is an output. */
int bl_outputs_suit(struct bl_outputs *o, const struct bl_inputs *in, const struct bl_settings *s,
	struct bl_err *err) BL_MUST_USE;

/* Drops the outputs that exist and record the very run that would make them (o->provenance), with
 * --skip-existing; an existing one that records another is BL_USAGE. *skipped counts. */
int bl_outputs_skip(struct bl_outputs *o, struct bl_files *pool, size_t *skipped,
	struct bl_err *err) BL_MUST_USE;

/*
 * With a state: which of the outputs that exist are the run's own, to be replaced. These are those
 * that state (NULL: none) names, if belay made them, and such as record the very run that would
 * make them; any other is BL_USAGE, unless -f was given. still: nothing is new, so those that exist
 * are dropped, unless -f was given, and *skipped counts them.
 */
int bl_outputs_claim(struct bl_outputs *o, const struct bl_state *state, struct bl_files *pool,
	bool still, size_t *skipped, struct bl_err *err) BL_MUST_USE;

/* Fits the selection to the format of the outputs, and fills written and needed. */
int bl_outputs_choose(struct bl_outputs *o, struct bl_selection *selection,
	struct bl_err *err) BL_MUST_USE;

/* Makes the temporaries and their layout. */
int bl_outputs_create(struct bl_outputs *o, const struct bl_selection *selection,
	const volatile sig_atomic_t *stop, struct bl_err *err) BL_MUST_USE;

/* All values are written: completes and syncs every file. */
int bl_outputs_complete(struct bl_outputs *o, struct bl_err *err) BL_MUST_USE;

/* Gives every file its name. */
int bl_outputs_publish(struct bl_outputs *o, struct bl_err *err) BL_MUST_USE;

/* Removes all that was not published, and its room on the disk is free again. What is known of the
 * outputs stays. */
void bl_outputs_abandon(struct bl_outputs *o);

void bl_outputs_free(struct bl_outputs *o);

#endif
