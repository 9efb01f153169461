/* memory_stream.c - streams into memory. */
#include "config.h"

#include "memory_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 256 /* bytes at first */

/* What has come so far, and where it is to be put in the end. */
struct memory {
	char *text;
	size_t size, room;
	char **to_text;
	size_t *to_size;
};

/* Room for n more bytes and a NUL. */
static int make_room(struct memory *m, size_t n)
{
	size_t room = m->room;
	char *bigger;

	while (room - m->size <= n)
		if (__builtin_mul_overflow(room, 2, &room))
			return -1;
	if (room == m->room)
		return 0;
	bigger = realloc(m->text, room);
	if (!bigger)
		return -1;
	m->text = bigger;
	m->room = room;
	return 0;
}

/* 0 is an error here, after which ferror() is true. */
static ssize_t put(void *cookie, const char *text, size_t n)
{
	struct memory *m = cookie;

	if (make_room(m, n) != 0) {
		errno = ENOMEM;
		return 0;
	}
	memcpy(m->text + m->size, text, n);
	m->size += n;
	return (ssize_t)n;
}

/* There is only one place: behind what was written. */
static int tell(void *cookie, off64_t *offset, int whence)
{
	const struct memory *m = cookie;

	if (*offset != 0 || whence == SEEK_SET) {
		errno = EINVAL;
		return -1;
	}
	*offset = (off64_t)m->size;
	return 0;
}

static int finish(void *cookie)
{
	struct memory *m = cookie;

	m->text[m->size] = '\0';
	*m->to_text = m->text;
	*m->to_size = m->size;
	free(m);
	return 0;
}

FILE *bl_memory_stream(char **text, size_t *size)
{
	struct memory *m = malloc(sizeof *m);
	FILE *to = NULL;

	*text = NULL;
	*size = 0;
	if (!m)
		return NULL;
	*m = (struct memory){malloc(ROOM), 0, ROOM, text, size};
	if (m->text)
		to = fopencookie(m, "w", (cookie_io_functions_t){NULL, put, tell, finish});
	if (to)
		return to;
	free(m->text);
	free(m);
	return NULL;
}

int bl_memory_close(FILE *to, char **text)
{
	bool failed = !to || ferror(to) != 0;

	if (to && fclose(to) != 0)
		failed = true;
	if (!failed)
		return 0;
	free(*text);
	*text = NULL;
	return -1;
}
