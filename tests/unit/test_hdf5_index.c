/*
 * test_hdf5_index.c - the index as hostile input: every word of it rewritten must be refused, or
 * leave a catalogue that cannot lead outside the file.
 */
#include "hdf5_state.h"
#include "made_h5.h"
#include "sample.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct bl_files *pool;

static const struct made list[] = {
	{"plain", "f4", 2, {3, 4}, {0}, 0, 0, 0},
	{"b/complex", ">c8", 1, {4}, {0}, 0, 0, 0},
	{"b/deflated", "f4", 2, {5, 6}, {2, 4}, MADE_SHUFFLE | MADE_DEFLATE | MADE_FLETCHER, 0, 1},
	{"b/raw", ">f8", 1, {7}, {2}, MADE_PARTLY, 0, 2},
	{"b/edges", "f2", 1, {7}, {4}, MADE_DEFLATE | MADE_RAW_EDGES, 0, 0},
	{"none", "f4", 1, {9}, {4}, MADE_UNWRITTEN, 0, 0},
	{"unwritten", "f8", 1, {4}, {0}, MADE_UNWRITTEN, 0, 7},
	{"compact", "f4", 1, {3}, {0}, MADE_COMPACT, 0, 0},
	{"empty", "f4", 1, {0}, {0}, 0, 0, 0},
	{"int", "i4", 1, {3}, {2}, MADE_SHUFFLE, 0, 0},
	{"", "", 0, {0}, {0}, 0, 0, 0},
};

static const struct made_file how = {.name = "index", .newest = true, .user_block = 512};

/* A file and its index. */
struct scene {
	struct bl_file *file;
	struct bl_h5_super super;
	struct bl_h5_words index;
	char *path;
};

static void set_attribute(hid_t file, const char *name, const char *text)
{
	hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR), attribute;

	H5Tset_size(type, strlen(text));
	attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	H5Awrite(attribute, type, text);
	H5Aclose(attribute);
	H5Sclose(space);
	H5Tclose(type);
}

static void scene_make(struct scene *s)
{
	struct bl_err err = {0};
	hid_t file;
	int fd;

	memset(s, 0, sizeof *s);
	s->path = strdup(scratch_path("index"));
	file = made_open(s->path, &how);
	set_attribute(file, "step", "12");
	set_attribute(file, "note", "of more than one word");
	for (size_t i = 0; list[i].name[0]; i++)
		made_dataset(file, &list[i]);
	H5Lcreate_hard(file, "plain", file, "tied", H5P_DEFAULT, H5P_DEFAULT);
	made_close(file);
	ck_assert_int_eq(bl_file_open(pool, s->path, &s->file, &err), 0);
	fd = bl_file_borrow(s->file, &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_msg(bl_h5_super_read(s->file, 0, bl_file_size(s->file), &s->super, &err) == 0 &&
		bl_h5_walk(fd, 0, s->super.size, 0, &s->index, &err) == 0, "%s", err.text);
	bl_file_return(s->file);
}

static void scene_free(struct scene *s)
{
	bl_h5_words_free(&s->index);
	bl_file_close(s->file);
	free(s->path);
}

/* A source of a copy of an index; closed with drop(). */
static int adopt(const struct scene *s, const uint64_t *word, size_t words, struct bl_source *src,
	struct bl_err *err)
{
	struct bl_h5_words copy = {
		.word = malloc(words * sizeof *word), .count = words, .room = words};

	memcpy(copy.word, word, words * sizeof *word);
	*src = (struct bl_source){.format = &bl_format_hdf5, .path = s->path, .file = s->file};
	return bl_h5_adopt(src, &copy, &s->super, 0, err);
}

static void drop(struct bl_source *src)
{
	src->file = NULL; /* is the scene's */
	bl_source_close(src);
}

/* Notes each byte of the file that a tensor claims. */
static void mark(const struct scene *s, unsigned char *taken, uint64_t first, uint64_t bytes)
{
	bool twice = false;

	if (first < s->super.end || first > s->super.size || bytes > s->super.size - first)
		ck_abort_msg("bytes outside the file");
	for (uint64_t i = 0; i < bytes; i++)
		twice |= taken[first + i]++ != 0;
	if (twice)
		ck_abort_msg("bytes taken twice");
}

/* Nothing an accepted index says may lie outside the file or twice in it. */
static void check_places(const struct scene *s, const struct bl_source *src)
{
	const struct bl_h5 *h = src->state;
	unsigned char *taken = calloc(1, s->super.size);

	for (size_t i = 0; i < src->cat.tensors; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];
		const struct bl_h5_object *o = &h->object[i];

		if (o->layout == BL_H5_CONTIGUOUS)
			mark(s, taken, o->address, t->bytes);
		for (uint64_t k = 0; o->extent && k < t->chunks; k++) {
			const struct bl_h5_extent e = bl_h5_extent(o, k);

			if (e.address != BL_H5_NOWHERE)
				mark(s, taken, e.address, e.size);
		}
	}
	free(taken);
}

/* Reads all there is, whatever comes of it; a sanitizer would see a step outside. */
static void read_all(const struct bl_source *src)
{
	for (size_t i = 0; i < src->cat.tensors; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];
		const size_t chunk = t->chunk_count * bl_dtype(t->dtype)->bits / 8;
		unsigned char *values;
		struct bl_err err;
		void *work;

		if (t->dtype == BL_OTHER || t->bytes > 1 << 20 || chunk > 1 << 20)
			continue;
		values = malloc(t->bytes > chunk ? t->bytes : chunk + 1);
		work = src->format->work_new(chunk);
		if (src->format->read(src, i, (struct bl_span){false, 0, t->count}, values, work,
			&err) != 0)
			ck_assert_int_ne(err.code, BL_OK);
		for (uint64_t k = 0; k < t->chunks && k < 100; k++)
			if (src->format->read(src, i, (struct bl_span){true, k, t->chunk_count},
				values, work, &err) != 0)
				ck_assert_int_ne(err.code, BL_OK);
		src->format->work_free(work);
		free(values);
	}
}

START_TEST(tells_what_is_there)
{
	struct scene s;
	struct bl_source src;
	struct bl_err err = {0};

	scene_make(&s);
	ck_assert_msg(adopt(&s, s.index.word, s.index.count, &src, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(src.cat.tensors, 10);
	ck_assert_uint_eq(src.cat.aliases, 1);
	ck_assert_uint_eq(src.cat.metas, 2);
	ck_assert_str_eq(bl_catalog_meta(&src.cat, "step"), "12");
	ck_assert_str_eq(bl_catalog_meta(&src.cat, "note"), "of more than one word");
	ck_assert_str_eq(src.cat.tensor[0].name, "b/complex");
	ck_assert_str_eq(src.cat.tensor[8].name, "plain");
	ck_assert_uint_eq(s.super.start, 512);
	check_places(&s, &src);
	drop(&src);
	scene_free(&s);
}
END_TEST

/* Rewrites a word in way w; false behind the last way. */
static bool rewrite(uint64_t *word, unsigned way)
{
	static const uint64_t value[] = {0, 1, 2, 8, 32, 255, 512, 4096, 0x100000000, INT64_MAX,
		UINT64_MAX, UINT64_MAX - 511};
	const unsigned values = sizeof value / sizeof value[0];

	if (way < values)
		*word = value[way];
	else if (way < values + 64)
		*word ^= UINT64_C(1) << (way - values);
	else if (way == values + 64)
		++*word;
	else if (way == values + 65)
		--*word;
	else
		return false;
	return true;
}

START_TEST(survives_any_word)
{
	struct scene s;
	size_t accepted = 0, refused = 0;

	scene_make(&s);
	for (size_t at = 0; at < s.index.count; at++) {
		const uint64_t was = s.index.word[at];

		for (unsigned way = 0; rewrite(&s.index.word[at], way); way++) {
			struct bl_source src;
			struct bl_err err = {0};

			if (adopt(&s, s.index.word, s.index.count, &src, &err) == 0) {
				accepted += s.index.word[at] != was;
				check_places(&s, &src);
				read_all(&src);
			} else {
				refused++;
				if (err.code != BL_INPUT || err.text[0] == '\0')
					ck_abort_msg("word %zu: %d: %s", at, (int)err.code,
						err.text);
			}
			drop(&src);
			s.index.word[at] = was;
		}
	}
	ck_assert_uint_gt(refused, 1000);
	ck_assert_uint_gt(accepted, 1000); /* values, names and fill values may be any */
	scene_free(&s);
}
END_TEST

/* Cut anywhere, or with words behind it. */
START_TEST(refuses_other_lengths)
{
	struct scene s;
	struct bl_source src;

	scene_make(&s);
	for (size_t n = 0; n < s.index.count; n++) {
		struct bl_err err = {0};

		ck_assert_int_ne(adopt(&s, s.index.word, n, &src, &err), 0);
		drop(&src);
		if (n < 2)
			continue;
		s.index.word[1] = n; /* and says so */
		ck_assert_int_ne(adopt(&s, s.index.word, n, &src, &err), 0);
		drop(&src);
		s.index.word[1] = s.index.count;
	}
	bl_h5_put(&s.index, 0);
	s.index.word[1]++;
	ck_assert_int_ne(adopt(&s, s.index.word, s.index.count, &src, &(struct bl_err){0}), 0);
	drop(&src);
	scene_free(&s);
}
END_TEST

/* No extras: for each kind a number and a text without bytes. */
#define EXTRAS ((size_t)2 * BL_H5_EXTRAS)

/* An index of one dataset, made by hand. */
static const char *judge(const struct bl_h5_super *super, const uint64_t *word, size_t words)
{
	static struct bl_err err;
	struct bl_catalog cat = {0};
	struct bl_h5_object *object;

	memset(&err, 0, sizeof err);
	if (bl_h5_index_read(word, words, super, false, &cat, &object, &err) == 0)
		snprintf(err.text, sizeof err.text, "accepted");
	free(object);
	bl_catalog_free(&cat);
	return err.text;
}

/* What libhdf5 would not show us, one by one. */
START_TEST(says_what_is_wrong)
{
	static const struct {
		uint64_t element, swap, stored, dim, layout, tail[8];
		size_t tails;
		const char *message;
	} row[] = {
		{4, 0, 40, 10, BL_H5_CONTIGUOUS, {400}, 1, "accepted"},
		{4, 4, 40, 10, BL_H5_CONTIGUOUS, {400}, 1, "accepted"},
		{4, 2, 40, 10, BL_H5_CONTIGUOUS, {400}, 1, "w: its index is damaged"},
		{8, 0, 40, 10, BL_H5_CONTIGUOUS, {400}, 1, "w: its index is damaged"},
		{4, 0, 40, 10, BL_H5_CONTIGUOUS, {961}, 1,
			"w: 40 bytes at 961 lie beyond the end of the file (1000 bytes)"},
		{4, 0, 40, 10, BL_H5_CONTIGUOUS, {UINT64_MAX - 8}, 1,
			"w: 40 bytes at 18446744073709551607 lie beyond the end of the file (1000 "
			"bytes)"},
		{4, 0, 40, 10, BL_H5_CONTIGUOUS, {90}, 1,
			"w: its data lie over the file's superblock"},
		{4, 0, 40, 10, BL_H5_CONTIGUOUS, {190}, 1, "w: lies over the header of w"},
		{4, 0, 40, (uint64_t)1 << 40, BL_H5_CONTIGUOUS, {400}, 1,
			"w: its shape needs 4398046511104 bytes, but 40 are stored"},
		{4, 0, 40, (uint64_t)1 << 62, BL_H5_CONTIGUOUS, {400}, 1,
			"w: its shape has more than 2^64 bits"},
		{4, 0, 0, (uint64_t)1 << 40, BL_H5_UNALLOCATED, {0}, 1,
			"w: it declares 4398046511104 bytes and stores 0, over 1000 times less"},
		{4, 0, 0, 10, BL_H5_UNALLOCATED, {4, 7}, 2, "accepted"},
		{4, 0, 0, 10, BL_H5_UNALLOCATED, {3, 7}, 2, "w: its index is damaged"},
		{4, 0, 0, 0, BL_H5_EMPTY, {0}, 0, "accepted"},
		{4, 0, 0, 1, BL_H5_EMPTY, {0}, 0, "w: its index is damaged"},
		{4, 0, 8, 2, BL_H5_INLINE, {8, 7}, 2, "accepted"},
		{4, 0, 8, 2, BL_H5_INLINE, {7, 7}, 2, "w: its index is damaged"},
		/* fill, chunk extent, raw edges, filters, through, chunks, address, size */
		{4, 0, 40, 10, BL_H5_CHUNKED, {0, 10, 0, 0, 1, 1, 400, 40}, 8, "accepted"},
		{4, 0, 40, 10, BL_H5_CHUNKED, {0, 10, 0, 0, 2, 1, 400, 40}, 8,
			"w: its index is damaged"},
		{4, 0, 40, 10, BL_H5_CHUNKED, {0, 0, 0, 0, 1, 1, 400, 40}, 8,
			"w: its chunk shape is impossible"},
		{4, 0, 40, 10, BL_H5_CHUNKED, {0, 10, 0, 0, 1, 1, 400, 39}, 8,
			"w: chunk 0: 39 bytes are stored, not 40"},
		{4, 0, 40, 10, BL_H5_CHUNKED, {0, 10, 0, 0, 1, 1, 980, 40}, 8,
			"w: chunk 0: 40 bytes at 980 lie beyond the end of the file (1000 bytes)"},
		{4, 0, 40, 10, BL_H5_CHUNKED, {0, 10, 0, 0, 1, 2, 400, 40}, 8,
			"w: its index is damaged"},
		{4, 0, 40, 10, BL_H5_CHUNKED, {0, (uint64_t)1 << 29, 0, 0, 1, 0}, 6,
			"w: its chunks are larger than 1073741824 bytes"},
	};
	static const struct bl_h5_super super = {1000, 0, 96, false};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		uint64_t word[64] = {BL_H5_MARK, 0, 0, 0, 1, 1, 'w', 200, 20, BL_F32,
			row[i].element, row[i].swap, row[i].stored, 1, row[i].dim, row[i].layout};
		const char *said;

		word[1] = 16 + row[i].tails + EXTRAS;
		memcpy(word + 16, row[i].tail, sizeof row[i].tail);
		said = judge(&super, word, word[1]);
		ck_assert_msg(strcmp(said, row[i].message) == 0, "row %zu: %s", i, said);
	}
}
END_TEST

/* A file that is being made is no bomb: it stores nothing yet. */
START_TEST(waits_for_values)
{
	const struct bl_h5_super made = {1000, 0, 96, true}, found = {1000, 0, 96, false};
	const uint64_t word[22 + EXTRAS] = {BL_H5_MARK, 22 + EXTRAS, 0, 0, 1, 1, 'w', 200, 20,
		BL_F32, 4, 0, 0, 1, (uint64_t)1 << 40, BL_H5_CHUNKED, 0, 1 << 20, BL_H5_RESIZABLE,
		0, 1, 0};

	ck_assert_str_eq(judge(&made, word, word[1]), "accepted");
	ck_assert_str_eq(judge(&found, word, word[1]),
		"w: it declares 4398046511104 bytes and stores 0, over 1000 times less");
}
END_TEST

/* Filters: fill, chunk extent, raw edges, then the pipeline. */
START_TEST(judges_pipelines)
{
	static const struct {
		uint64_t dtype, filters, pair[6];
		const char *message;
	} row[] = {
		{BL_F32, 3, {2, 4, 1, 9, 3, 0}, "accepted"},
		{BL_F32, 1, {1, 10}, "w: its deflate level is 10"},
		{BL_F32, 1, {0, 0}, "w: its index is damaged"},
		{BL_F32, 1, {4, 0}, "accepted"},
		{BL_I32, 1, {4, 0}, "accepted"},
		{BL_F32, 2, {1, 4, 1, 4}, "accepted"},
		{BL_F32, 1, {32015, 0}, "accepted"},
		{BL_F32, 1, {3, 0}, "accepted"},
		{BL_F32, 1, {1, 1}, "w: chunk 0: 300 bytes are stored for 40"},
	};
	static const struct bl_h5_super super = {1000, 0, 96, false};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		uint64_t word[64] = {BL_H5_MARK, 0, 0, 0, 1, 1, 'w', 200, 20, row[i].dtype, 4, 0,
			30, 1, 10, BL_H5_CHUNKED, 0, 10, 0, row[i].filters};
		size_t n = 20 + 2 * row[i].filters;
		const char *said;

		memcpy(word + 20, row[i].pair, sizeof row[i].pair);
		word[n] = word[n + 1] = 1;
		word[n + 2] = 400;
		word[n + 3] = i + 1 < sizeof row / sizeof row[0] ? 30 : 300;
		word[1] = n + 4 + EXTRAS;
		said = judge(&super, word, word[1]);
		ck_assert_msg(strcmp(said, row[i].message) == 0, "row %zu: %s", i, said);
	}
}
END_TEST

/* Two datasets with these names. */
static const char *judge_names(const char *one, size_t n, const char *two, size_t m)
{
	static const struct bl_h5_super super = {1000, 0, 96, false};
	struct bl_h5_words w = {0};
	const char *said;

	for (size_t i = 0; i < 5; i++)
		bl_h5_put(&w, i == 0 ? BL_H5_MARK : i == 4 ? 2 : 0);
	for (unsigned i = 0; i < 2; i++) {
		const uint64_t row[] = {200 + 20 * i, 20, BL_F32, 4, 0, 4, 0, BL_H5_CONTIGUOUS,
			400 + 4 * i};

		bl_h5_put_bytes(&w, i ? two : one, i ? m : n);
		for (size_t k = 0; k < sizeof row / sizeof row[0]; k++)
			bl_h5_put(&w, row[k]);
	}
	for (size_t i = 0; i < EXTRAS; i++)
		bl_h5_put(&w, 0);
	w.word[1] = w.count;
	said = judge(&super, w.word, w.count);
	bl_h5_words_free(&w);
	return said;
}

START_TEST(judges_names)
{
	ck_assert_str_eq(judge_names("a", 1, "b", 1), "accepted");
	ck_assert_str_eq(judge_names("a/b", 3, "a/b", 3),
		"a/b: two datasets have this name");
	ck_assert_str_eq(judge_names("a", 1, "a\0b", 3), "its index is damaged");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5_index");
	TCase *tc = tcase_create("index");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, tells_what_is_there);
	tcase_add_test(tc, survives_any_word);
	tcase_add_test(tc, refuses_other_lengths);
	tcase_add_test(tc, says_what_is_wrong);
	tcase_add_test(tc, waits_for_values);
	tcase_add_test(tc, judges_pipelines);
	tcase_add_test(tc, judges_names);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
