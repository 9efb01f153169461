/* json_file.c - JSON in a file, scanned without the whole of it in memory. */
#include "json_file.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW ((size_t)256 << 10)

/* Twice the room, or the first of it: no more than there is to read. */
static int grow(struct bl_json_file *f)
{
	const size_t first = f->left < WINDOW ? (size_t)f->left : WINDOW;
	const size_t room = f->room ? 2 * f->room : first;
	char *window = realloc(f->window, room);

	if (!window)
		return bl_fail_memory(&f->trouble, room, "a header");
	f->window = window;
	f->room = room;
	return 0;
}

static bool more(struct bl_json *j)
{
	struct bl_json_file *f = (struct bl_json_file *)j;
	const size_t kept = j->length - j->start;
	size_t n;

	if (f->left == 0 || f->trouble.code != BL_OK)
		return false;
	if (kept && j->start)
		memmove(f->window, f->window + j->start, kept);
	j->length = kept;
	j->before += j->start;
	j->at -= j->start;
	j->start = 0;
	if (kept >= f->room / 2 && grow(f) != 0)
		return false;
	n = f->left < f->room - kept ? (size_t)f->left : f->room - kept;
	j->text = f->window;
	if (bl_file_read(f->file, f->next, f->window + kept, n, &f->trouble) != 0)
		return false;
	j->length += n;
	f->next += n;
	f->left -= n;
	return true;
}

void bl_json_file_init(struct bl_json_file *f, struct bl_file *file, uint64_t offset,
	uint64_t length)
{
	memset(f, 0, sizeof *f);
	bl_json_init(&f->json, "", 0);
	f->json.more = more;
	f->file = file;
	f->next = offset;
	f->left = length;
}

int bl_json_file_end(struct bl_json_file *f, int rc, struct bl_err *err)
{
	free(f->window);
	f->window = NULL;
	if (f->trouble.code == BL_OK)
		return rc;
	*err = f->trouble;
	return -1;
}
