/* hdf5_scribe.c - a process that lets libhdf5 change a file whose raw data this one writes. */
#include "hdf5_scribe.h"

#include "hdf5_index.h"
#include "hdf5_pen.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is asked. Numbers and payload of the question; numbers of the answer. */
enum {
	OPEN = 1,  /* base, size, with a descriptor */
	ALLOCATE,  /* header; address */
	PLACE,     /* header, size, mask; the coordinate; address */
	STORE,     /* header; the values */
	ATTRIBUTE, /* bytes of the name; name and text, each ended by a 0 */
	CLOSE      /* -; size */
};

#define PAYLOAD ((uint64_t)1 << 30) /* bytes of a payload, at most */

/* ---- in the child ---- */

static int answer_attribute(struct bl_h5_pen *pen, const char *text, const struct bl_h5_message *m,
	struct bl_err *err)
{
	if (m->number[0] < 1 || m->number[0] >= m->bytes)
		return bl_fail(err, BL_OUTPUT, "an attribute without a name");
	return bl_h5_pen_attribute(pen, text, text + m->number[0], err);
}

/* Does what m asks; number is the answer. */
static int do_it(struct bl_h5_pen *pen, const struct bl_h5_message *m, void *payload, int fd,
	uint64_t *number, struct bl_err *err)
{
	const uint64_t *n = m->number;

	switch (m->what) {
	case OPEN:
		return bl_h5_pen_open(pen, fd, n[0], n[1], err);
	case ALLOCATE:
		return bl_h5_pen_allocate(pen, n[0], number, err);
	case PLACE:
		return bl_h5_pen_place(pen, n[0], payload, (unsigned)(m->bytes / sizeof *n), n[1],
			(uint32_t)n[2], number, err);
	case STORE:
		return bl_h5_pen_store(pen, n[0], payload, (size_t)m->bytes, err);
	case ATTRIBUTE:
		return answer_attribute(pen, payload, m, err);
	case CLOSE:
		return bl_h5_pen_close(pen, number, err);
	default:
		return bl_fail(err, BL_BUG, "a question without a meaning");
	}
}

static void serve(int wire)
{
	uint64_t coordinate[BL_H5_RANK];
	struct bl_h5_pen pen = {.file = -1, .dataset = -1};
	struct bl_h5_message m;
	bool heard = true;
	int fd;

	while (heard && bl_h5_child_hear(wire, &m, &fd) && m.bytes <= PAYLOAD) {
		void *payload = m.bytes <= sizeof coordinate ? coordinate : malloc((size_t)m.bytes);
		uint64_t number[4] = {0};
		struct bl_err err;

		if (!payload || !bl_h5_child_hear_bytes(wire, payload, (size_t)m.bytes))
			return;
		bl_h5_child_hurry(m.what == OPEN ? m.number[1] : pen.window.size);
		err.code = BL_OK;
		if (do_it(&pen, &m, payload, fd, number, &err) == 0)
			heard = bl_h5_child_tell(wire, number, NULL, 0);
		else
			heard = bl_h5_child_tell_error(wire, &err);
		if (payload != coordinate)
			free(payload);
	}
}

const struct bl_h5_duty bl_h5_scribing = {.serve = serve, .writes = true, .blame = BL_OUTPUT};

/* ---- in the parent ---- */

struct bl_h5_scribe {
	struct bl_h5_child child;
	pthread_mutex_t lock;
	uint64_t size; /* of the file when it was opened */
};

/* Asks and waits; one at a time. *number is the answer's first, where the caller wants one. */
static int ask(struct bl_h5_scribe *s, const struct bl_h5_message *m, const void *payload, int fd,
	uint64_t *number, struct bl_err *err)
{
	struct bl_h5_message answer;
	int rc = -1;

	pthread_mutex_lock(&s->lock);
	if (s->child.pid == 0)
		bl_fail(err, BL_OUTPUT, "the HDF5 library crashed on it");
	else
		rc = bl_h5_child_ask(&s->child, m, payload, fd, s->size, &answer, err);
	if (rc == 0 && answer.bytes != 0)
		rc = bl_h5_child_distrust(&s->child, err);
	pthread_mutex_unlock(&s->lock);
	if (rc == 0 && number)
		*number = answer.number[0];
	return rc;
}

/* The same file once more: a lock on fd must not live on in the child should this process die. */
static int reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

int bl_h5_scribe_open(struct bl_h5_scribe **scribe, const struct bl_h5_duty *duty, int fd,
	uint64_t base, uint64_t size, struct bl_err *err)
{
	const struct bl_h5_message m = {.what = OPEN, .number = {base, size}};
	struct bl_h5_scribe *s = calloc(1, sizeof *s);
	int own, rc;

	if (!s)
		return bl_fail_memory(err, sizeof *s, "an output");
	pthread_mutex_init(&s->lock, NULL); /* cannot fail without attributes */
	s->size = size;
	own = reopen(fd);
	rc = bl_h5_child_start(&s->child, duty, err);
	if (rc == 0)
		rc = ask(s, &m, NULL, own >= 0 ? own : fd, NULL, err);
	if (own >= 0)
		close(own);
	if (rc == 0)
		*scribe = s;
	else
		bl_h5_scribe_abandon(s);
	return rc;
}

int bl_h5_scribe_allocate(struct bl_h5_scribe *s, uint64_t header, uint64_t *address,
	struct bl_err *err)
{
	const struct bl_h5_message m = {.what = ALLOCATE, .number = {header}};

	return ask(s, &m, NULL, -1, address, err);
}

int bl_h5_scribe_place(struct bl_h5_scribe *s, uint64_t header, const uint64_t *coordinate,
	unsigned rank, uint64_t size, uint32_t mask, uint64_t *address, struct bl_err *err)
{
	const struct bl_h5_message m = {.what = PLACE, .number = {header, size, mask},
		.bytes = rank * sizeof *coordinate};

	return ask(s, &m, coordinate, -1, address, err);
}

int bl_h5_scribe_store(struct bl_h5_scribe *s, uint64_t header, const void *values, size_t bytes,
	struct bl_err *err)
{
	const struct bl_h5_message m = {.what = STORE, .number = {header}, .bytes = bytes};

	return ask(s, &m, values, -1, NULL, err);
}

int bl_h5_scribe_attribute(struct bl_h5_scribe *s, const char *name, const char *text,
	struct bl_err *err)
{
	const size_t named = strlen(name) + 1, worded = strlen(text) + 1;
	const struct bl_h5_message m = {.what = ATTRIBUTE, .number = {named},
		.bytes = named + worded};
	char *both = malloc(named + worded);
	int rc;

	if (!both)
		return bl_fail_memory(err, named + worded, "an attribute");
	memcpy(both, name, named);
	memcpy(both + named, text, worded);
	rc = ask(s, &m, both, -1, NULL, err);
	free(both);
	return rc;
}

int bl_h5_scribe_close(struct bl_h5_scribe *s, uint64_t *size, struct bl_err *err)
{
	const struct bl_h5_message m = {.what = CLOSE};
	int rc = ask(s, &m, NULL, -1, size, err);

	bl_h5_scribe_abandon(s);
	return rc;
}

void bl_h5_scribe_abandon(struct bl_h5_scribe *s)
{
	if (!s)
		return;
	bl_h5_child_stop(&s->child);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
