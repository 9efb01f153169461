/*
 * target_index.c - fuzzes the decoder of what the process that calls libhdf5 answers, and reads the
 * values where that says they are.
 *
 * An input is two words (of 8 bytes, little-endian), the index of an HDF5 file (hdf5_index.h), and
 * the file. The first word is the number of words of the index, that there are plugins (bit 32),
 * and the bytes of the user block in units of 512 (from bit 40); the second what is said to be the
 * size of the file. The mutator changes whole words.
 */
#include "fuzz.h"
#include "fuzz_files.h"
#include "fuzz_source.h"
#include "hdf5_state.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 16 /* bytes */

static uint64_t word_at(const uint8_t *data, size_t i)
{
	uint64_t w;

	memcpy(&w, data + 8 * i, sizeof w);
	return w;
}

/* Bytes of the file that a tensor takes. */
static void must_be_inside(const struct bl_h5_super *super, uint64_t first, uint64_t bytes)
{
	fuzz_must(first >= super->end && first <= super->size && bytes <= super->size - first,
		"what a tensor takes is in the file");
}

static void check_places(const struct bl_source *src)
{
	const struct bl_h5 *h = src->state;

	for (size_t i = 0; i < src->cat.tensors; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];
		const struct bl_h5_object *o = &h->object[i];

		if (o->layout == BL_H5_CONTIGUOUS)
			must_be_inside(&h->super, o->address, t->bytes);
		for (uint64_t k = 0; o->extent && k < t->chunks; k++) {
			const struct bl_h5_extent e = bl_h5_extent(o, k);

			if (e.address != BL_H5_NOWHERE)
				must_be_inside(&h->super, e.address, e.size);
		}
	}
}

/* Opens the file by the words, which are copied, to memory that has not a word more. */
static void run(struct bl_source *src, const uint8_t *data, size_t words,
	const struct bl_h5_super *super)
{
	struct bl_h5_words index = {
		.word = malloc(words ? 8 * words : 1), .count = words, .room = words};
	struct bl_err err = {0};

	fuzz_must(index.word != NULL, "there is memory for an index");
	if (words)
		memcpy(index.word, data + HEAD, 8 * words);
	if (bl_h5_adopt(src, &index, super, 0, &err) == 0) {
		check_places(src);
		fuzz_source_read(src);
	} else {
		fuzz_must_say(&err);
	}
}

/* Opens the file as the programs do, twice: the second takes over the index of the first, for all
 * bytes are the same. */
static void open_twice(struct bl_files *pool, const uint8_t *data, size_t words)
{
	uint64_t *word = malloc(words ? 8 * words : 1);
	struct bl_source src[2];
	struct bl_err err[2] = {{.code = BL_OK}, {.code = BL_OK}};
	int rc[2];

	fuzz_must(word != NULL, "there is memory for an index");
	if (words)
		memcpy(word, data + HEAD, 8 * words);
	fuzz_scout_says(word, words);
	for (size_t i = 0; i < 2; i++) {
		rc[i] = bl_source_open(&src[i], pool, "in.h5", &err[i]);
		if (rc[i] == 0)
			fuzz_source_read(&src[i]);
		else
			fuzz_must_say(&err[i]);
	}
	fuzz_must(rc[0] == rc[1] && strcmp(err[0].text, err[1].text) == 0,
		"what was opened before makes no difference");
	fuzz_must(rc[0] != 0 || bl_catalog_shares(&src[0].cat, &src[1].cat),
		"the same file has the same index");
	bl_source_close(&src[0]);
	bl_source_close(&src[1]);
	fuzz_scout_says(NULL, 0);
	free(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bl_h5_super super = {.made = false};
	struct fuzz_file file = {.name = "in.h5"};
	struct bl_source src = {.format = &bl_format_hdf5, .path = file.name};
	struct bl_files *pool = NULL;
	struct bl_err err = {0};
	uint64_t head;
	size_t words;

	if (size < HEAD)
		return 0;
	head = word_at(data, 0);
	words = (uint32_t)head;
	if (words > (size - HEAD) / 8)
		words = (size - HEAD) / 8;
	file.bytes = data + HEAD + 8 * words;
	file.size = size - HEAD - 8 * words;
	super.size = word_at(data, 1);
	super.start = (head >> 40 & 0xff) * 512;
	super.end = super.start + 96;
	fuzz_files_are(&file, 1);
	fuzz_must(bl_files_new(&pool, 0, &err) == 0 &&
		bl_file_open(pool, file.name, &src.file, &err) == 0, "there is memory for a file");
	src.pool = pool;
	bl_h5_scout_of(pool, &err)->has_plugins = head >> 32 & 1;
	run(&src, data, words, &super);
	bl_source_close(&src);
	if (file.size > super.end && memcmp(file.bytes + super.start, "\x89HDF", 4) == 0)
		open_twice(pool, data, words);
	bl_files_free(pool);
	return 0;
}

/* ---- the mutator ---- */

static uint64_t interesting(uint32_t *state, const uint8_t *data, size_t words, uint64_t old)
{
	static const uint64_t number[] = {0, 1, 2, 3, 4, 5, 8, 32, 96, 1 << 16, 1 << 20,
		UINT32_MAX, (uint64_t)1 << 32, (uint64_t)1 << 61, INT64_MAX,
		(uint64_t)1 << 63, UINT64_MAX};

	switch (fuzz_draw(state, 5)) {
	case 0:
		return number[fuzz_draw(state, sizeof number / sizeof number[0])];
	case 1:
		return old + fuzz_draw(state, 17) - 8;
	case 2:
		return word_at(data, fuzz_draw(state, words));
	case 3:
		return old ^ (uint64_t)1 << fuzz_draw(state, 64);
	default:
		return fuzz_draw(state, 1 << fuzz_draw(state, 16));
	}
}

/* Makes the numbers true that tell how many words there are. */
static void settle(uint8_t *data, size_t words)
{
	const uint64_t head = (word_at(data, 0) & ~(uint64_t)UINT32_MAX) | words;
	const uint64_t all = words;

	memcpy(data, &head, sizeof head);
	if (words >= 2)
		memcpy(data + HEAD + 8, &all, sizeof all);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	uint32_t state = seed | 1u << 31;
	size_t words, at;
	uint64_t changed;

	if (size < HEAD + 16)
		return fuzz_mutate(data, size, max);
	words = (uint32_t)word_at(data, 0);
	if (words < 2 || words > (size - HEAD) / 8 || fuzz_draw(&state, 6) == 0)
		return fuzz_mutate(data, size, max);
	at = fuzz_draw(&state, words + 2); /* the head too */
	switch (fuzz_draw(&state, 8)) {
	case 0: /* a word more */
		if (size + 8 > max || at < 2)
			break;
		memmove(data + 8 * at + 8, data + 8 * at, size - 8 * at);
		settle(data, words + 1);
		return size + 8;
	case 1: /* a word less */
		if (at < 2)
			break;
		memmove(data + 8 * at, data + 8 * at + 8, size - 8 * at - 8);
		settle(data, words - 1);
		return size - 8;
	default:
		break;
	}
	changed = interesting(&state, data, size / 8, word_at(data, at));
	memcpy(data + 8 * at, &changed, sizeof changed);
	return size;
}
