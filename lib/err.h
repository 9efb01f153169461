/*
 * err.h - the error record.
 *
 * Every fallible function returns 0 or -1 and takes a struct bl_err last. The message is written
 * where the cause is known; the module's edge prefixes file and tensor once; only cmd prints.
 * A struct bl_err belongs to its caller and to one thread.
 */
#ifndef BL_ERR_H
#define BL_ERR_H

#include <signal.h>
#include <stddef.h>

#define BL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define BL_MUST_USE __attribute__((warn_unused_result))

/* The exit codes, which scripts rely on. */
enum bl_exit {
	BL_OK = 0,     /* done */
	BL_DIFFER = 1, /* belay-diff: the operands differ */
	BL_USAGE = 2,  /* usage or settings */
	BL_INPUT = 3,  /* an input */
	BL_OUTPUT = 4, /* an output */
	BL_LIMIT = 5,  /* memory or another limit */
	BL_BUG = 6     /* an inner contradiction */
};

/* Zero-initialised is "no error". */
struct bl_err {
	enum bl_exit code;
	int errnum;      /* of the call that failed: bl_fail_errno; else 0 */
	char text[4096]; /* one line, or a line and a table; control characters are escaped */
	char hint[1024]; /* what to do about it; empty for none */
};

/*
 * Sets code and text, drops an older message and hint, returns -1. Bytes that a terminal might
 * act on, or that are no UTF-8, are written as \n, \t or \xNN, so names need no escaping. Of
 * what is too long, the middle is left out.
 */
int bl_fail(struct bl_err *err, enum bl_exit code, const char *fmt, ...) BL_PRINTF(3, 4);

/* The same, with ": " and strerror(errnum) behind it. Where a process has too many files open
 * (EMFILE) the code is BL_LIMIT, with a hint. */
int bl_fail_errno(struct bl_err *err, enum bl_exit code, int errnum, const char *fmt, ...)
	BL_PRINTF(4, 5);

/* Fails without a word, where there is nobody to tell or nothing to say. Returns -1. */
int bl_fail_silently(struct bl_err *err, enum bl_exit code);

/* Fails without a word, code BL_OK, where a signal has set *stop, which may be NULL: an
 * interruption. */
int bl_go_on(const volatile sig_atomic_t *stop, struct bl_err *err) BL_MUST_USE;

/* Puts a "prefix: " before the text. Returns -1. */
int bl_prefix(struct bl_err *err, const char *fmt, ...) BL_PRINTF(2, 3);

/* Appends a line to the text. Returns -1. */
int bl_line(struct bl_err *err, const char *fmt, ...) BL_PRINTF(2, 3);

/* Sets the hint. Returns -1. */
int bl_hint(struct bl_err *err, const char *fmt, ...) BL_PRINTF(2, 3);

/* Out of memory: code BL_LIMIT, naming how many bytes of what. Returns -1. */
int bl_fail_memory(struct bl_err *err, size_t bytes, const char *what);

/*
 * Escapes text of len bytes into buf (cap bytes, always terminated), as bl_fail does. Returns the
 * length written. What does not fit is cut at a whole character.
 */
size_t bl_escape(char *buf, size_t cap, const char *text, size_t len);

#endif
