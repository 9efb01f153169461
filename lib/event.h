/*
 * event.h - what a program tells other programs: one event per line, each an object of JSON.
 *
 * Every event begins with these members, in this order:
 *
 *   schema            1; a number above it means that a member has changed its meaning or gone.
 *                     Members may come in without it
 *   event             its kind, a word
 *   program           "belay-avg"
 *
 * Of every program:
 *
 *   start             the first event
 *     version         of the program, a string
 *     arguments       strings, those of the command line behind the program's name
 *   note, warning     what it says by the way
 *     path, path_hex  of the file that it is said of (report.h); path null where it is of none
 *     message         one line
 *   result            the last event, of every run that can still tell it, and the only one
 *     exit_code       that the program ends with; 128 + n where signal n ends it
 *     status          the same as a word: ok, differ, usage, input, output, limit, bug, signal
 *     signal          n; null where there was none
 *     message, hint   as on standard error, where the first one comes behind the name of the
 *                     program; null: none
 *     file            the file that the message begins with; null: none
 *     tensor          that it names behind it; null: none
 *     counts          an object of counts, which each program has of its own
 *     read_bytes, written_bytes   values so far, decoded
 *     seconds         since the start
 *     peak_memory     bytes that the process held at most; 0: not known
 *
 * Texts are as they are, but for bytes that are no UTF-8, which are U+FFFD; those of message and
 * hint are escaped as err.h says.
 */
#ifndef BL_EVENT_H
#define BL_EVENT_H

#include "json.h"

#define BL_EVENT_SCHEMA 1

/* Begins an event on one line: the object and its first members. program: its name. */
void bl_event_begin(struct bl_json_printer *j, const char *program, const char *event);

/* Ends it, and its line. */
void bl_event_end(struct bl_json_printer *j);

/* The events of every program, whole. argv[0] is left out; path may be NULL. */
void bl_event_start(struct bl_json_printer *j, const char *program, const char *version, int argc,
	char *const *argv);
void bl_event_remark(struct bl_json_printer *j, const char *program, bool warning,
	const char *path, const char *message);

struct bl_count {
	const char *name;
	uint64_t n;
};

/* How a run has ended. Texts may be NULL. All borrowed. */
struct bl_result {
	enum bl_exit code;
	int signal; /* that ends the program; 0: none */
	const char *message, *hint, *file, *tensor;
	const struct bl_count *count; /* counts of them */
	size_t counts;
	uint64_t read_bytes, written_bytes;
	double seconds;
	uint64_t peak_memory;
};

void bl_event_result(
	struct bl_json_printer *j, const char *program, const struct bl_result *result);

/* The result up to file, alone on its line: in place of a document that could not be made. */
void bl_event_failure(
	struct bl_json_printer *j, const char *program, const struct bl_result *result);

/* Does text begin as an event of a program of ours? It may be cut anywhere behind 80 bytes. */
bool bl_event_is(const char *text, size_t length);

#endif
