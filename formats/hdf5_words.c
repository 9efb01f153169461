/* hdf5_words.c - writes the words of an index. */
#include "hdf5_index.h"

#include <stdlib.h>
#include <string.h>

/* n words more; NULL when there is no room. */
static uint64_t *extend(struct bl_h5_words *w, size_t n)
{
	if (w->failed || n > BL_H5_INDEX_WORDS - w->count) {
		w->failed = true;
		return NULL;
	}
	if (w->count + n > w->room) {
		size_t room = w->room ? w->room : 512;
		uint64_t *bigger;

		while (room < w->count + n)
			room *= 2;
		bigger = realloc(w->word, room * sizeof *bigger);
		if (!bigger) {
			w->failed = w->no_memory = true;
			return NULL;
		}
		w->word = bigger;
		w->room = room;
	}
	w->count += n;
	return w->word + w->count - n;
}

void bl_h5_put(struct bl_h5_words *w, uint64_t value)
{
	uint64_t *at = extend(w, 1);

	if (at)
		*at = value;
}

void bl_h5_put_bytes(struct bl_h5_words *w, const void *bytes, size_t len)
{
	const size_t words = len / 8 + (len % 8 != 0);
	uint64_t *at;

	bl_h5_put(w, len);
	at = extend(w, words);
	if (!at || words == 0)
		return;
	at[words - 1] = 0;
	memcpy(at, bytes, len);
}

int bl_h5_words_fail(const struct bl_h5_words *w, struct bl_err *err)
{
	if (w->no_memory)
		return bl_fail_memory(err, (w->count + 1) * sizeof *w->word, "its index");
	return bl_fail(err, BL_INPUT, "its index takes over %zu bytes", 8 * BL_H5_INDEX_WORDS);
}

void bl_h5_words_trim(struct bl_h5_words *w)
{
	uint64_t *smaller = w->count ? realloc(w->word, w->count * sizeof *w->word) : NULL;

	if (!smaller)
		return;
	w->word = smaller;
	w->room = w->count;
}

void bl_h5_words_free(struct bl_h5_words *w)
{
	free(w->word);
	memset(w, 0, sizeof *w);
}
