/* hdf5_scout.c - a process that walks HDF5 files for this one, one after the other. */
#include "hdf5_scout.h"

#include <stdlib.h>
#include <unistd.h>

enum { WALK = 1 }; /* base, size; answer: the index */

/* ---- in the child ---- */

static bool walk(int wire, int fd, const struct bl_h5_message *question)
{
	struct bl_h5_words index = {0};
	struct bl_err err = {0};
	bool heard;

	bl_h5_child_hurry(question->number[1]);
	if (bl_h5_walk(fd, question->number[0], question->number[1], &index, &err) == 0)
		heard = bl_h5_child_tell(wire, NULL, index.word, index.count * sizeof *index.word);
	else
		heard = bl_h5_child_tell_error(wire, &err);
	bl_h5_words_free(&index);
	return heard;
}

static void serve(int wire)
{
	struct bl_h5_message question;
	int fd;

	while (bl_h5_child_hear(wire, &question, &fd)) {
		if (question.what != WALK || fd < 0 || !walk(wire, fd, &question))
			return;
		close(fd);
	}
}

const struct bl_h5_duty bl_h5_scouting = {.serve = serve, .blame = BL_INPUT};

/* ---- in the parent ---- */

int bl_h5_scout_walk(struct bl_h5_scout *s, int fd, uint64_t base, uint64_t size,
	struct bl_h5_words *index, struct bl_err *err)
{
	const struct bl_h5_message question = {.what = WALK, .number = {base, size}};
	struct bl_h5_message answer;

	if (!bl_h5_child_is_idle(&s->child)) {
		bl_h5_child_stop(&s->child);
		if (bl_h5_child_start(&s->child, s->duty, err) != 0)
			return -1;
	}
	if (bl_h5_child_ask(&s->child, &question, NULL, fd, size, &answer, err) != 0)
		return -1;
	if (answer.bytes == 0 || answer.bytes % sizeof *index->word ||
		answer.bytes / sizeof *index->word > BL_H5_INDEX_WORDS)
		return bl_h5_child_distrust(&s->child, err);
	index->word = malloc((size_t)answer.bytes);
	if (!index->word) {
		bl_h5_child_stop(&s->child);
		return bl_fail_memory(err, (size_t)answer.bytes, "an index");
	}
	index->count = index->room = (size_t)answer.bytes / sizeof *index->word;
	return bl_h5_child_take(&s->child, index->word, (size_t)answer.bytes, size, err);
}

static void free_scout(void *scout)
{
	struct bl_h5_scout *s = scout;

	if (!s)
		return;
	bl_h5_child_stop(&s->child);
	free(s);
}

struct bl_h5_scout *bl_h5_scout_of(struct bl_file *file, struct bl_err *err)
{
	struct bl_files_kept *kept = bl_files_kept(file);
	struct bl_h5_scout *s;

	if (kept->data)
		return kept->data;
	s = calloc(1, sizeof *s);
	if (!s) {
		bl_fail_memory(err, sizeof *s, "a process for HDF5");
		return NULL;
	}
	s->duty = &bl_h5_scouting;
	kept->data = s;
	kept->free = free_scout;
	return s;
}
