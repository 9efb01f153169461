/*
 * confine.h - a process gives up what it will not need: files, and TCP.
 *
 * By Landlock, which Linux has since 5.13, as far as the kernel at hand goes. It holds for the
 * thread that calls and all that it starts from then on, and for ever: so there must be no other
 * thread. What is open already stays open, and files can still be examined (stat), whatever they
 * are.
 */
#ifndef BL_CONFINE_H
#define BL_CONFINE_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

/* Sanitizers map terabytes, and read files to tell what they find. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define BL_SANITIZED 1
#endif
#endif
#ifndef BL_SANITIZED
#define BL_SANITIZED 0
#endif

/* A build that counts its lines (config.h) writes the counts where it was built, at its end. */
#ifdef COUNTED
#define BL_COUNTED 1
#else
#define BL_COUNTED 0
#endif

/* What may be done to a file or, where it is a folder, to all that is beneath it; the kernel's own
 * numbers. A rename removes one name and makes another. */
enum bl_may {
	BL_MAY_EXECUTE = 1 << 0,
	BL_MAY_WRITE = 1 << 1 | 1 << 14, /* open for writing, truncate */
	BL_MAY_READ = 1 << 2,
	BL_MAY_LIST = 1 << 3,
	BL_MAY_REMOVE_FOLDER = 1 << 4,
	BL_MAY_REMOVE_FILE = 1 << 5,
	BL_MAY_MAKE_FOLDER = 1 << 7,
	BL_MAY_MAKE_FILE = 1 << 8
};

/* What is being put together. Zero-initialised is "not confined": then all of this does nothing. */
struct bl_confine {
	bool begun;
	int rules;
	uint64_t rights; /* that are given up, but for what is let */
	int why;         /* errno of what went wrong; 0: nothing */
};

/* Begins to give up all rights but those to be kept everywhere (enum bl_may). signals: also to send
 * any to processes outside; those that were started before are outside. */
void bl_confine_begin(struct bl_confine *c, uint64_t everywhere, bool signals);

/* But these rights to what is open on fd (O_PATH will do), borrowed. */
void bl_confine_let(struct bl_confine *c, int fd, uint64_t may);

/* The same for what path leads to; what is not there is passed over. */
void bl_confine_let_path(struct bl_confine *c, const char *path, uint64_t may);

/* The same for a file that the kernel makes up (in /proc): a descriptor stays open on it as long as
 * the process lives, for it would be another file the next time it is looked for. */
void bl_confine_let_made_up(struct bl_confine *c, const char *path, uint64_t may);

/* Gives up nothing, and frees what is in c. */
void bl_confine_drop(struct bl_confine *c);

/* Gives them up, with everything else in c; -1 and why in c->why: nothing was given up. Not begun
 * is 0. */
int bl_confine_end(struct bl_confine *c) BL_MUST_USE;

#endif
