/* hdf5_scout.c - a process that walks HDF5 files for this one, and reads what is unusual. */
#include "hdf5_scout.h"

#include "hdf5_through.h"

#include <stdlib.h>
#include <unistd.h>

/* What is asked, with a file's descriptor. */
enum {
	WALK = 1, /* base, size, flags of the walk; answer: the index */
	READ      /* base, size, header, bytes; the coordinate; answer: these bytes */
};

/* ---- in the child ---- */

static bool walk(int wire, int fd, const struct bl_h5_message *question)
{
	const uint64_t *n = question->number;
	struct bl_h5_words index = {0};
	struct bl_err err = {0};
	bool heard;

	bl_h5_child_hurry(n[1]);
	if (bl_h5_walk(fd, n[0], n[1], (unsigned)n[2], &index, &err) == 0)
		heard = bl_h5_child_tell(wire, NULL, index.word, index.count * sizeof *index.word);
	else
		heard = bl_h5_child_tell_error(wire, &err);
	bl_h5_words_free(&index);
	return heard;
}

static int read_chunk(int fd, const uint64_t *n, const struct bl_h5_slab *slab, struct bl_err *err)
{
	struct bl_h5_window window = {.fd = fd, .base = n[0], .size = n[1], .plugins = true};
	hid_t file, dataset = -1;
	int rc = -1;

	bl_h5_tame(true);
	file = bl_h5_attach(&window, false, BL_INPUT, err);
	if (file < 0)
		return -1;
	dataset = H5Oopen_by_addr(file, n[2]);
	if (dataset < 0)
		bl_h5_fail(err, BL_INPUT, "the HDF5 library cannot open it again");
	else
		rc = bl_h5_through_read(dataset, slab, err);
	if (window.unread)
		rc = bl_fail_errno(err, BL_INPUT, window.unread, "cannot be read");
	bl_h5_drop(dataset);
	bl_h5_drop(file);
	return rc;
}

static bool read_one(int wire, int fd, const struct bl_h5_message *question)
{
	const uint64_t *n = question->number;
	uint64_t coordinate[BL_H5_RANK];
	struct bl_h5_slab slab = {coordinate, (unsigned)(question->bytes / sizeof *coordinate),
		NULL, (size_t)n[3]};
	struct bl_err err = {0};
	bool heard;

	if (question->bytes > sizeof coordinate ||
		!bl_h5_child_hear_bytes(wire, coordinate, (size_t)question->bytes))
		return false;
	bl_h5_child_hurry(n[1] + n[3]);
	slab.values = calloc(1, slab.bytes);
	if (!slab.values)
		bl_fail_memory(&err, slab.bytes, "a chunk");
	if (slab.values && read_chunk(fd, n, &slab, &err) == 0)
		heard = bl_h5_child_tell(wire, NULL, slab.values, slab.bytes);
	else
		heard = bl_h5_child_tell_error(wire, &err);
	free(slab.values);
	return heard;
}

static void serve(int wire)
{
	struct bl_h5_message question;
	bool heard = true;
	int fd;

	while (heard && bl_h5_child_hear(wire, &question, &fd) && fd >= 0) {
		heard = question.what == READ ? read_one(wire, fd, &question)
		                              : walk(wire, fd, &question);
		close(fd);
	}
}

const struct bl_h5_duty bl_h5_scouting = {.serve = serve, .blame = BL_INPUT};

/* ---- in the parent ---- */

static int start(struct bl_h5_scout *s, struct bl_err *err)
{
	struct bl_h5_duty duty = *s->duty;

	duty.stop = s->stop;
	bl_h5_child_stop(&s->child);
	return bl_h5_child_start(&s->child, &duty, s->has_plugins ? &s->plugins : NULL, err);
}

/* Takes the index that is answered. */
static int take_index(struct bl_h5_scout *s, uint64_t bytes, uint64_t size,
	struct bl_h5_words *index, struct bl_err *err)
{
	if (bytes == 0 || bytes % sizeof *index->word ||
		bytes / sizeof *index->word > BL_H5_INDEX_WORDS)
		return bl_h5_child_distrust(&s->child, err);
	index->word = malloc((size_t)bytes);
	if (!index->word) {
		bl_h5_child_stop(&s->child);
		return bl_fail_memory(err, (size_t)bytes, "an index");
	}
	index->count = index->room = (size_t)bytes / sizeof *index->word;
	return bl_h5_child_take(&s->child, index->word, (size_t)bytes, size, err);
}

int bl_h5_scout_walk(struct bl_h5_scout *s, int fd, uint64_t base, uint64_t size,
	struct bl_h5_words *index, struct bl_err *err)
{
	const unsigned flags = (s->has_plugins ? BL_H5_PLUGINS : 0) |
		(s->opaque_bf16 ? BL_H5_OPAQUE_BF16 : 0);
	const struct bl_h5_message question = {.what = WALK, .number = {base, size, flags}};
	struct bl_h5_message answer;
	struct bl_err ignored;
	int rc;

	if (!bl_h5_child_is_idle(&s->child) && start(s, err) != 0)
		return -1;
	rc = bl_h5_child_ask(&s->child, &question, NULL, fd, size, &answer, err);
	if (rc == 0)
		rc = take_index(s, answer.bytes, size, index, err);
	/* Once there are threads, nobody can be started any more to read other files. */
	if (s->child.pid == 0 && s->has_plugins && start(s, &ignored) != 0)
		return -1;
	return rc;
}

int bl_h5_scout_read(struct bl_h5_scout *s, int fd, const struct bl_h5_chunk *chunk, void *dst,
	size_t bytes, struct bl_err *err)
{
	const struct bl_h5_message question = {.what = READ,
		.number = {chunk->base, chunk->size, chunk->header, bytes},
		.bytes = chunk->rank * sizeof *chunk->coordinate};
	const uint64_t work = chunk->size + bytes;
	struct bl_h5_message answer = {0};
	int rc = -1;

	pthread_mutex_lock(&s->lock);
	if (s->child.pid == 0)
		bl_h5_child_gone(&s->child, err);
	else
		rc = bl_h5_child_ask(&s->child, &question, chunk->coordinate, fd, work, &answer,
			err);
	if (rc == 0 && answer.bytes != bytes)
		rc = bl_h5_child_distrust(&s->child, err);
	else if (rc == 0)
		rc = bl_h5_child_take(&s->child, dst, bytes, work, err);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static void free_scout(void *scout)
{
	struct bl_h5_scout *s = scout;

	if (!s)
		return;
	bl_h5_child_stop(&s->child);
	bl_h5_plugins_free(&s->plugins);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct bl_h5_scout *bl_h5_scout_of(struct bl_files *pool, struct bl_err *err)
{
	struct bl_files_kept *kept = bl_files_kept(pool, BL_KEPT_HDF5);
	struct bl_h5_scout *s;

	if (kept->data)
		return kept->data;
	s = calloc(1, sizeof *s);
	if (!s) {
		bl_fail_memory(err, sizeof *s, "a process for HDF5");
		return NULL;
	}
	s->duty = &bl_h5_scouting;
	pthread_mutex_init(&s->lock, NULL); /* cannot fail without attributes */
	kept->data = s;
	kept->free = free_scout;
	return s;
}
