/* hdf5_scribe.c - a process that lets libhdf5 change a file whose raw data this one writes. */
#include "hdf5_scribe.h"

#include "hdf5_pen.h"
#include "hdf5_skeleton.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is asked: numbers and payload of the question; of the answer. */
enum {
	OPEN = 1,  /* base, size, plugins, with a descriptor */
	ALLOCATE,  /* header; address */
	PLACE,     /* -; struct bl_h5_place, some; their addresses as a payload */
	SELECT,    /* header; a coordinate */
	WRITE,     /* -; the values of the chunk that is selected */
	STORE,     /* header; the values */
	ATTRIBUTE, /* bytes of the name; name and text, each ended by a 0 */
	CLOSE,     /* -; size */
	MAKE,      /* base, 0, plugins, with a descriptor */
	BUILD      /* base, size of the template, where its descriptor is there; wishes; size,
	              losses */
};

#define PAYLOAD ((uint64_t)1 << 30) /* bytes of a payload, at most */

/* ---- in the child ---- */

static int answer_attribute(struct bl_h5_pen *pen, const char *text, const struct bl_h5_message *m,
	struct bl_err *err)
{
	if (m->number[0] < 1 || m->number[0] > m->bytes)
		return bl_fail(err, BL_OUTPUT, "an attribute without a name");
	return bl_h5_pen_attribute(
		pen, text, m->number[0] < m->bytes ? text + m->number[0] : NULL, err);
}

static int answer_place(struct bl_h5_pen *pen, const struct bl_h5_place *place,
	const struct bl_h5_message *m, uint64_t *address, struct bl_err *err)
{
	const size_t n = (size_t)m->bytes / sizeof *place;

	if (n > BL_H5_BATCH)
		return bl_fail(err, BL_OUTPUT, "%zu chunks at once", n);
	for (size_t i = 0; i < n; i++)
		if (bl_h5_pen_place(pen, place[i].header, place[i].coordinate, place[i].rank,
			    place[i].size, place[i].mask, &address[i], err) != 0)
			return -1;
	return 0;
}

static int answer_build(struct bl_h5_pen *pen, const struct bl_h5_message *m, const void *payload,
	int fd, uint64_t *number, struct bl_err *err)
{
	struct bl_h5_window from = {.fd = fd, .base = m->number[0], .size = m->number[1],
		.plugins = pen->window.plugins};
	struct bl_h5_wishes wishes;
	struct bl_h5_losses lost = {0, 0, 0};
	int rc = bl_h5_wishes_take(payload, (size_t)m->bytes / sizeof(uint64_t), &wishes, err);

	if (rc == 0)
		rc = bl_h5_skeleton(&pen->window, fd < 0 ? NULL : &from, &wishes, &lost, err);
	if (from.unread)
		rc = bl_fail_errno(err, BL_INPUT, from.unread, "cannot be read");
	bl_h5_wishes_free(&wishes);
	number[0] = pen->window.end;
	number[1] = lost.references;
	number[2] = lost.links;
	number[3] = lost.names;
	return rc;
}

/* Does what m asks; number is the answer, or for PLACE its payload. */
static int obey(struct bl_h5_pen *pen, const struct bl_h5_message *m, void *payload, int fd,
	uint64_t *number, struct bl_err *err)
{
	const uint64_t *n = m->number;

	switch (m->what) {
	case OPEN:
		return bl_h5_pen_open(pen, fd, n[0], n[1], n[2] != 0, err);
	case ALLOCATE:
		return bl_h5_pen_allocate(pen, n[0], number, err);
	case PLACE:
		return answer_place(pen, payload, m, number, err);
	case SELECT:
		return bl_h5_pen_select(pen, n[0], payload, (unsigned)(m->bytes / sizeof *n), err);
	case WRITE:
		return bl_h5_pen_write(pen, payload, (size_t)m->bytes, err);
	case STORE:
		return bl_h5_pen_store(pen, n[0], payload, (size_t)m->bytes, err);
	case ATTRIBUTE:
		return answer_attribute(pen, payload, m, err);
	case CLOSE:
		return bl_h5_pen_close(pen, number, err);
	case MAKE:
		pen->window = (struct bl_h5_window){.fd = fd, .base = n[0], .plugins = n[2] != 0};
		return 0;
	case BUILD:
		return answer_build(pen, m, payload, fd, number, err);
	default:
		return bl_fail(err, BL_BUG, "a question without a meaning");
	}
}

/* The same; what could not be written fails too, of which the library does not know: it only
 * wonders at what it reads back. Nor is it trusted with what it could not read back. */
static int do_it(struct bl_h5_pen *pen, const struct bl_h5_message *m, void *payload, int fd,
	uint64_t *number, struct bl_err *err)
{
	const int rc = obey(pen, m, payload, fd, number, err);

	if (pen->window.failed)
		return bl_fail_errno(err, BL_OUTPUT, pen->window.failed, "cannot be written");
	if (pen->window.unread)
		return bl_fail_errno(err, BL_OUTPUT, pen->window.unread, "cannot be read back");
	return rc;
}

/* How much there is to do, in bytes of a file. */
static uint64_t work(const struct bl_h5_pen *pen, const struct bl_h5_message *m)
{
	if (m->what == BUILD) /* each word of a wish becomes several of a file */
		return m->number[1] + 8 * m->bytes;
	return (m->what == OPEN ? m->number[1] : pen->window.size) + m->bytes;
}

static void serve(int wire)
{
	struct bl_h5_place few[BL_H5_BATCH];
	struct bl_h5_pen pen = {.file = -1, .dataset = -1};
	struct bl_h5_message m;
	bool heard = true;
	int fd;

	while (heard && bl_h5_child_hear(wire, &m, &fd) && m.bytes <= PAYLOAD) {
		void *payload = m.bytes <= sizeof few ? few : malloc((size_t)m.bytes);
		uint64_t number[BL_H5_BATCH] = {0};
		struct bl_err err;

		if (!payload || !bl_h5_child_hear_bytes(wire, payload, (size_t)m.bytes))
			return;
		bl_h5_child_hurry(work(&pen, &m));
		err.code = BL_OK;
		if (do_it(&pen, &m, payload, fd, number, &err) != 0)
			heard = bl_h5_child_tell_error(wire, &err);
		else if (m.what == PLACE)
			heard = bl_h5_child_tell(wire, NULL, number,
				(size_t)m.bytes / sizeof *few * sizeof *number);
		else
			heard = bl_h5_child_tell(wire, number, NULL, 0);
		if (payload != few)
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

/* Asks and waits; one at a time. The answer's payload of exactly bytes bytes goes to dst. */
static int ask(struct bl_h5_scribe *s, const struct bl_h5_message *m, const void *payload, int fd,
	struct bl_h5_message *answer, void *dst, size_t bytes, struct bl_err *err)
{
	int rc = -1;

	pthread_mutex_lock(&s->lock);
	if (s->child.pid == 0)
		bl_h5_child_gone(&s->child, err);
	else
		rc = bl_h5_child_ask(&s->child, m, payload, fd, s->size + m->bytes, answer,
			err);
	if (rc == 0 && answer->bytes != bytes)
		rc = bl_h5_child_distrust(&s->child, err);
	else if (rc == 0)
		rc = bl_h5_child_take(&s->child, dst, bytes, s->size, err);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* The same where the answer is one number, if the caller wants one. */
static int ask_number(struct bl_h5_scribe *s, const struct bl_h5_message *m, const void *payload,
	uint64_t *number, struct bl_err *err)
{
	struct bl_h5_message answer;

	if (ask(s, m, payload, -1, &answer, NULL, 0, err) != 0)
		return -1;
	if (number)
		*number = answer.number[0];
	return 0;
}

/* The same file once more: a lock on fd must not live on in the child should this process die. */
static int reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Starts one and passes it a file. */
static int start(struct bl_h5_scribe **scribe, const struct bl_h5_duty *duty,
	const struct bl_h5_plugins *plugins, int fd, const struct bl_h5_message *m,
	struct bl_err *err)
{
	struct bl_h5_scribe *s = calloc(1, sizeof *s);
	struct bl_h5_message answer;
	int own, rc;

	if (!s)
		return bl_fail_memory(err, sizeof *s, "an output");
	pthread_mutex_init(&s->lock, NULL); /* cannot fail without attributes */
	s->size = m->number[1];
	own = reopen(fd);
	rc = bl_h5_child_start(&s->child, duty, plugins, err);
	if (rc == 0)
		rc = ask(s, m, NULL, own >= 0 ? own : fd, &answer, NULL, 0, err);
	if (own >= 0)
		close(own);
	if (rc == 0)
		*scribe = s;
	else
		bl_h5_scribe_abandon(s);
	return rc;
}

int bl_h5_scribe_open(struct bl_h5_scribe **scribe, const struct bl_h5_duty *duty,
	const struct bl_h5_plugins *plugins, int fd, uint64_t base, uint64_t size,
	struct bl_err *err)
{
	const struct bl_h5_message m = {.what = OPEN, .number = {base, size, plugins != NULL}};

	return start(scribe, duty, plugins, fd, &m, err);
}

int bl_h5_scribe_make(const struct bl_h5_duty *duty, const struct bl_h5_plugins *plugins, int fd,
	uint64_t base, const struct bl_h5_template *template, const struct bl_h5_words *wishes,
	uint64_t *size, struct bl_h5_losses *lost, struct bl_err *err)
{
	const struct bl_h5_message make = {.what = MAKE, .number = {base, 0, plugins != NULL}};
	const struct bl_h5_message build = {.what = BUILD,
		.number = {template->base, template->size},
		.bytes = wishes->count * sizeof *wishes->word};
	struct bl_h5_message answer;
	struct bl_h5_scribe *s;
	int rc;

	if (start(&s, duty, plugins, fd, &make, err) != 0)
		return -1;
	s->size = template->size + 8 * build.bytes;
	rc = ask(s, &build, wishes->word, template->fd, &answer, NULL, 0, err);
	if (rc == 0) {
		*size = answer.number[0];
		lost->references = answer.number[1];
		lost->links = answer.number[2];
		lost->names = answer.number[3];
	}
	bl_h5_scribe_abandon(s);
	return rc;
}

int bl_h5_scribe_allocate(struct bl_h5_scribe *s, uint64_t header, uint64_t *address,
	struct bl_err *err)
{
	const struct bl_h5_message m = {.what = ALLOCATE, .number = {header}};

	return ask_number(s, &m, NULL, address, err);
}

int bl_h5_scribe_place(struct bl_h5_scribe *s, struct bl_h5_place *place, size_t n,
	struct bl_err *err)
{
	const struct bl_h5_message m = {.what = PLACE, .bytes = n * sizeof *place};
	struct bl_h5_message answer;
	uint64_t address[BL_H5_BATCH] = {0};

	if (n > BL_H5_BATCH)
		return bl_fail(err, BL_BUG, "%zu chunks at once", n);
	if (ask(s, &m, place, -1, &answer, address, n * sizeof *address, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		place[i].address = address[i];
	return 0;
}

int bl_h5_scribe_write(struct bl_h5_scribe *s, const struct bl_h5_place *place, const void *values,
	struct bl_err *err)
{
	const struct bl_h5_message select = {.what = SELECT, .number = {place->header},
		.bytes = place->rank * sizeof *place->coordinate};
	const struct bl_h5_message write = {.what = WRITE, .bytes = place->size};

	if (ask_number(s, &select, place->coordinate, NULL, err) != 0)
		return -1;
	return ask_number(s, &write, values, NULL, err);
}

int bl_h5_scribe_store(struct bl_h5_scribe *s, uint64_t header, const void *values, size_t bytes,
	struct bl_err *err)
{
	const struct bl_h5_message m = {.what = STORE, .number = {header}, .bytes = bytes};

	return ask_number(s, &m, values, NULL, err);
}

int bl_h5_scribe_attribute(struct bl_h5_scribe *s, const char *name, const char *text,
	struct bl_err *err)
{
	const size_t named = strlen(name) + 1, worded = text ? strlen(text) + 1 : 0;
	const struct bl_h5_message m = {.what = ATTRIBUTE, .number = {named},
		.bytes = named + worded};
	char *both = malloc(named + worded);
	int rc;

	if (!both)
		return bl_fail_memory(err, named + worded, "an attribute");
	memcpy(both, name, named);
	if (text)
		memcpy(both + named, text, worded);
	rc = ask_number(s, &m, both, NULL, err);
	free(both);
	return rc;
}

int bl_h5_scribe_close(struct bl_h5_scribe *s, uint64_t *size, struct bl_err *err)
{
	const struct bl_h5_message m = {.what = CLOSE};
	int rc = ask_number(s, &m, NULL, size, err);

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
