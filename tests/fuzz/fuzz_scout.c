/*
 * fuzz_scout.c - a scout that says what an input wants it to; in the place of hdf5_scout.c, so that
 * no process is started.
 */
#include "fuzz_files.h"
#include "hdf5_scout.h"

#include <stdlib.h>
#include <string.h>

static struct {
	const uint64_t *word;
	size_t words;
} answer;

void fuzz_scout_says(const uint64_t *word, size_t words)
{
	answer.word = word;
	answer.words = words;
}

int bl_h5_scout_walk(struct bl_h5_scout *s, int fd, uint64_t base, uint64_t size,
	struct bl_h5_words *index, struct bl_err *err)
{
	(void)s, (void)fd, (void)base, (void)size;
	if (!answer.word)
		return bl_fail(err, BL_INPUT, "the HDF5 library has crashed on it");
	index->word = malloc(answer.words ? answer.words * sizeof *index->word : 1);
	if (!index->word)
		return bl_fail_memory(err, answer.words * sizeof *index->word, "an index");
	if (answer.words)
		memcpy(index->word, answer.word, answer.words * sizeof *index->word);
	index->count = index->room = answer.words;
	return 0;
}

int bl_h5_scout_read(struct bl_h5_scout *s, int fd, const struct bl_h5_chunk *chunk, void *dst,
	size_t bytes, struct bl_err *err)
{
	(void)s, (void)fd, (void)chunk, (void)err;
	memset(dst, 0, bytes);
	return 0;
}

struct bl_h5_scout *bl_h5_scout_of(struct bl_files *pool, struct bl_err *err)
{
	struct bl_files_kept *kept = bl_files_kept(pool, BL_KEPT_HDF5);

	if (!kept->data && !(kept->data = calloc(1, sizeof(struct bl_h5_scout))))
		bl_fail_memory(err, sizeof(struct bl_h5_scout), "a process for HDF5");
	kept->free = free;
	return kept->data;
}
