/*
 * hdf5_child.h - processes that call libhdf5, so that a file that breaks the library breaks nothing
 * else; and the wire to them.
 *
 * A child is forked, never executed, and must be before any thread is started. It holds nothing
 * but its end of a wire and what is passed to it; it may write no file it was not given, open
 * nothing, and takes limited memory and time. One question is answered by one answer. Whatever
 * comes from a child is hostile: it may have been taken over by the file it read.
 */
#ifndef BL_HDF5_CHILD_H
#define BL_HDF5_CHILD_H

#include "hdf5_plugins.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A question or an answer; a payload may stand behind it. */
struct bl_h5_message {
	uint32_t what;    /* a question: the child's own; an answer: enum bl_h5_answer */
	uint32_t carries; /* a question: a descriptor comes with it */
	uint64_t number[4];
	uint64_t bytes; /* of the payload */
};

enum bl_h5_answer { BL_H5_DONE = 1, BL_H5_FAILED }; /* failed: the payload is a struct bl_err */

/* What a child is for, and how much it may take. */
struct bl_h5_duty {
	void (*serve)(int wire); /* what it does; it ends when this returns */
	bool writes;             /* files passed to it, that is */
	enum bl_exit blame;      /* the code of its death: BL_INPUT or BL_OUTPUT */
	int patience;            /* milliseconds for each answer; 0: by the bytes of the file */
	const volatile sig_atomic_t *stop; /* once it is set nobody waits for an answer: see
	                                      bl_go_on(); NULL: none */
	const char *copied; /* the file that what it writes is a copy of, and that is to blame if
	                       the library fails on it; borrowed; NULL: none */
};

/* Why one is no more. */
enum bl_h5_end { BL_H5_CRASHED, BL_H5_SLOW, BL_H5_NONSENSE, BL_H5_STOPPED };

/* Zero-initialised is "none". */
struct bl_h5_child {
	struct bl_h5_duty duty;
	pid_t pid; /* 0: none */
	int wire;
	enum bl_h5_end how; /* of one that is no more */
	bool own;           /* for what it did itself: no signal came from elsewhere */
};

/* ---- the parent's side; not thread-safe ---- */

/* Starts a child. plugins: those that libhdf5 may use; NULL: none. Errors: BL_LIMIT. */
int bl_h5_child_start(struct bl_h5_child *c, const struct bl_h5_duty *duty,
	const struct bl_h5_plugins *plugins, struct bl_err *err) BL_MUST_USE;

/* Says why it is no more. Errors: its blame; BL_INPUT where it failed on a copy. */
int bl_h5_child_gone(const struct bl_h5_child *c, struct bl_err *err);

/* Ends it, whatever it is doing; none is legal. */
void bl_h5_child_stop(struct bl_h5_child *c);

/* Is it there, waiting for a question? */
bool bl_h5_child_is_idle(const struct bl_h5_child *c);

/*
 * Asks, with a payload of question->bytes bytes and a descriptor (-1: none), and waits for the
 * answer's head. size: bytes of the file it is about, which tell how long that may take. An error
 * leaves the child idle where it was the child that told it; else the child is gone, and the code
 * is that of its duty, or BL_OK where a signal has come.
 */
int bl_h5_child_ask(struct bl_h5_child *c, const struct bl_h5_message *question,
	const void *payload, int fd, uint64_t size, struct bl_h5_message *answer,
	struct bl_err *err) BL_MUST_USE;

/* Takes n bytes of the answer's payload. After an error the child is gone. */
int bl_h5_child_take(struct bl_h5_child *c, void *dst, size_t n, uint64_t size, struct bl_err *err)
	BL_MUST_USE;

/* The answer cannot be: ends the child and fails. */
int bl_h5_child_distrust(struct bl_h5_child *c, struct bl_err *err);

/* ---- the child's side ---- */

/* The next question; *fd is -1 where none came with it. False: nobody asks any more. */
bool bl_h5_child_hear(int wire, struct bl_h5_message *question, int *fd);
bool bl_h5_child_hear_bytes(int wire, void *dst, size_t n);

/* Limits the time until the next answer by the bytes of the file it is about. */
void bl_h5_child_hurry(uint64_t size);

/* Answers: false where nobody listens any more. number: 4 numbers, or NULL. */
bool bl_h5_child_tell(int wire, const uint64_t *number, const void *payload, size_t bytes);
bool bl_h5_child_tell_error(int wire, const struct bl_err *err);

/*
 * Gives up what a child has from its parent: descriptors but for the wire, which is returned anew,
 * the environment, signal handlers. parent: whose death ends it. -1 on error.
 */
int bl_h5_detach(int wire, pid_t parent);

/* Bytes of address space that a child is born with, most of them shared; 0: not known. The parent
 * asks: only that may be within its reach (confine.h). */
uint64_t bl_h5_inherited(void);

/* Gives up privileges, files, and memory beyond what is inherited; but what is in these folders may
 * be read. NULL: nothing. */
void bl_h5_confine(bool writes, uint64_t inherited, const struct bl_h5_plugins *readable);

#endif
