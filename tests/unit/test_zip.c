/* test_zip.c - zip files of every kind: read, cut and damaged. */
#include "made_zip.h"
#include "sample.h"
#include "suite.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "model.weights.h5"

START_TEST(reads_every_kind)
{
	struct made_zip_places p;
	unsigned char *w = made_weights(1000, 1), *bytes = made_zip(made_zip_kind[_i], w, 1000, &p);
	struct opened *o = open_zip(bytes, p.end);

	ck_assert_msg(o->rc == 0, "%s", o->err.text);
	ck_assert_uint_eq(o->zip.members, 3);
	ck_assert_uint_eq(o->zip.directory, p.directory);
	ck_assert_uint_eq(o->m->header.value, p.header);
	ck_assert_uint_eq(o->m->data, p.data);
	ck_assert_uint_eq(o->m->size.value, 1000);
	ck_assert_uint_eq(o->m->stored.value, 1000);
	ck_assert(memcmp(bytes + o->m->data, w, 1000) == 0);
	close_zip(o);
	free(bytes);
	free(w);
}
END_TEST

/* No file that is cut within its directory is read, whatever the byte. */
START_TEST(refuses_cuts)
{
	struct made_zip_places p;
	unsigned char *w = made_weights(100, 1), *bytes = made_zip(made_zip_kind[_i], w, 100, &p);

	for (size_t n = 0; n < p.end; n++) {
		struct opened *o = open_zip(bytes, n);

		ck_assert_msg(o->rc != 0, "%#x: %zu of %zu bytes", made_zip_kind[_i], n, p.end);
		ck_assert_int_eq(o->err.code, BL_INPUT);
		ck_assert_str_eq(o->err.text, n < 4 ? "is no zip file" :
			n < p.last + 22 ? "its zip directory is missing" :
			"its zip directory does not end where the file does");
		close_zip(o);
	}
	free(bytes);
	free(w);
}
END_TEST

/* Where a byte is damaged. */
enum place { HEADER, DESCRIPTOR, ROW, RECORD, LOCATOR, LAST, DIRECTORY };

#define M "member " NAME ": "
#define DAMAGED "its zip directory is damaged"
#define DIFFERS M "its header differs from the zip directory"
#define DESCRIBED M "its descriptor differs from the zip directory"
#define PARTS "is one part of a zip file in several"
#define OUTSIDE M "lies outside the zip file"

/* Width bytes at a place, and what is then said. */
static const struct wrong {
	unsigned how;
	enum place place;
	unsigned at, width;
	uint64_t value;
	const char *message;
} wrong[] = {
	{0, HEADER, 0, 1, 'Q', M "is not where the zip directory says"},
	{0, HEADER, 6, 2, 1, DIFFERS},
	{0, HEADER, 6, 2, 8, DIFFERS},
	{0, HEADER, 8, 2, 8, DIFFERS},
	{0, HEADER, 14, 1, 0, DIFFERS},
	{0, HEADER, 14, 4, 0, DIFFERS},
	{0, HEADER, 18, 4, 99, DIFFERS},
	{0, HEADER, 18, 4, UINT32_MAX, DIFFERS},
	{0, HEADER, 22, 4, 101, DIFFERS},
	{0, HEADER, 26, 2, 15, M "has another name in its header"},
	{ZIP_BEHIND, HEADER, 26, 2, 17, M "has another name in its header"},
	{0, HEADER, 26, 2, 65535, OUTSIDE},
	{0, HEADER, 28, 2, 65535, OUTSIDE},
	{0, HEADER, 30, 1, 'M', M "has another name in its header"},
	{ZIP_EXTRAS, HEADER, 48, 2, 6, DIFFERS},
	{ZIP_EXTRAS, HEADER, 46, 2, 1, DIFFERS},
	{ZIP_WIDE_HEADER, HEADER, 48, 2, 12, DIFFERS},
	{ZIP_WIDE_HEADER, HEADER, 50, 8, 101, DIFFERS},
	{ZIP_WIDE_HEADER, HEADER, 58, 8, 0, DIFFERS},
	{ZIP_WIDE, HEADER, 18, 4, 5, DIFFERS},
	{ZIP_WIDE, HEADER, 57, 1, 1, DIFFERS},
	{ZIP_LATE, HEADER, 18, 4, 100, DIFFERS},
	{ZIP_LATE | ZIP_WIDE, HEADER, 50, 8, 100, DIFFERS},
	{ZIP_LATE, DESCRIPTOR, 0, 1, 'Q', DESCRIBED},
	{ZIP_LATE, DESCRIPTOR, 4, 4, 1, DESCRIBED},
	{ZIP_LATE, DESCRIPTOR, 8, 1, 99, DESCRIBED},
	{ZIP_LATE | ZIP_LATE_WIDE, DESCRIPTOR, 23, 1, 1, DESCRIBED},
	{0, ROW, 0, 1, 'Q', DAMAGED},
	{0, ROW, 8, 2, 1, DIFFERS},
	{0, ROW, 10, 2, 8, DIFFERS},
	{0, ROW, 16, 4, 5, DIFFERS},
	{ZIP_BEHIND, ROW, 20, 4, 101, DIFFERS},
	{0, ROW, 20, 4, 1 << 30, OUTSIDE},
	{0, ROW, 20, 4, UINT32_MAX, OUTSIDE},
	{0, ROW, 28, 2, 65535, DAMAGED},
	{0, ROW, 30, 2, 65535, DAMAGED},
	{0, ROW, 32, 2, 65535, DAMAGED},
	{0, ROW, 34, 2, 1, PARTS},
	{0, ROW, 42, 4, 1, M "is not where the zip directory says"},
	{0, ROW, 42, 4, UINT32_MAX - 1, OUTSIDE},
	{ZIP_WIDE, ROW, 64, 2, 20, DAMAGED},
	{ZIP_WIDE, ROW, 64, 2, 30, DAMAGED},
	{ZIP_WIDE, ROW, 62, 2, 2, OUTSIDE},
	{ZIP_WIDE | ZIP_EXTRAS, ROW, 62, 2, 1, DAMAGED},
	{ZIP_WIDE, ROW, 66, 8, UINT64_MAX, DIFFERS},
	{ZIP_WIDE, ROW, 74, 8, UINT64_MAX, OUTSIDE},
	{ZIP_WIDE, ROW, 82, 8, UINT64_MAX, OUTSIDE},
	{ZIP_WIDE, ROW, 82, 8, INT64_MAX, OUTSIDE},
	{ZIP_WIDE_END, RECORD, 0, 1, 'Q', DAMAGED},
	{ZIP_WIDE_END, RECORD, 4, 8, 43, DAMAGED},
	{ZIP_WIDE_END, RECORD, 4, 8, UINT64_MAX, DAMAGED},
	{ZIP_WIDE_END, RECORD, 16, 1, 1, DAMAGED},
	{ZIP_WIDE_END, RECORD, 24, 8, 2, DAMAGED},
	{ZIP_WIDE_END, RECORD, 40, 8, UINT64_MAX, DAMAGED},
	{ZIP_WIDE_END, RECORD, 48, 8, UINT64_MAX, DAMAGED},
	{ZIP_WIDE_END, RECORD, 48, 8, 0, DAMAGED},
	{ZIP_WIDE_EXTRA, RECORD, 32, 8, UINT64_MAX, DAMAGED},
	{ZIP_WIDE_END, LOCATOR, 0, 1, 'Q', DAMAGED},
	{ZIP_WIDE_END, LOCATOR, 4, 4, 1, PARTS},
	{ZIP_WIDE_END, LOCATOR, 8, 8, UINT64_MAX, DAMAGED},
	{ZIP_WIDE_END, LOCATOR, 8, 8, 0, DAMAGED},
	{ZIP_WIDE_END, LOCATOR, 16, 4, 2, PARTS},
	{ZIP_WIDE_EXTRA, LAST, 10, 2, 4, DAMAGED},
	{ZIP_WIDE_EXTRA, LAST, 12, 4, 5, DAMAGED},
	{ZIP_WIDE_EXTRA, LAST, 16, 4, 5, DAMAGED},
	{0, LAST, 4, 2, 1, PARTS},
	{0, LAST, 6, 2, 1, PARTS},
	{0, LAST, 8, 2, 2, PARTS},
	{0, LAST, 8, 4, 0x00020002, DAMAGED},
	{0, LAST, 8, 4, 0x00040004, DAMAGED},
	{ZIP_EXTRAS, LAST, 8, 4, 0x00040004, DAMAGED},
	{0, LAST, 8, 4, UINT32_MAX, DAMAGED},
	{0, LAST, 12, 4, 1, DAMAGED},
	{0, LAST, 12, 4, UINT32_MAX, DAMAGED},
	{0, LAST, 16, 4, 1, DAMAGED},
	{0, LAST, 16, 4, UINT32_MAX, DAMAGED},
	{0, LAST, 20, 2, 1, "its zip directory does not end where the file does"},
	{ZIP_EXTRAS, LAST, 20, 2, 7, "its zip directory does not end where the file does"},
	{ZIP_EXTRAS, LAST, 26, 4, 0x06054b50, "its zip directory is missing"},
	{0, DIRECTORY, 0, 1, 'Q', DAMAGED},
};

static size_t where(const struct made_zip_places *p, enum place place)
{
	return (const size_t[]){p->header, p->descriptor, p->row, p->record, p->locator, p->last,
		p->directory}[place];
}

START_TEST(refuses_damage)
{
	const struct wrong *w = &wrong[_i];
	struct made_zip_places p;
	unsigned char *data = made_weights(100, 1), *bytes = made_zip(w->how, data, 100, &p);
	struct opened *o;

	bl_zip_put(bytes + where(&p, w->place) + w->at, w->width, w->value);
	o = open_zip(bytes, p.end);
	ck_assert_msg(o->rc != 0, "damage %d: read", _i);
	ck_assert_int_eq(o->err.code, BL_INPUT);
	ck_assert_msg(strcmp(o->err.text, w->message) == 0, "damage %d: %s, not %s", _i,
		o->err.text, w->message);
	close_zip(o);
	free(bytes);
	free(data);
}
END_TEST

/* No damage of one byte makes the reader read what is not there. */
START_TEST(survives_damage)
{
	static const unsigned char value[] = {0, 1, 0xff};
	struct made_zip_places p;
	const unsigned how = made_zip_kind[MADE_ZIP_KINDS - 1 - _i];
	unsigned char *w = made_weights(40, 1), *bytes = made_zip(how, w, 40, &p);

	for (size_t at = 4; at < p.end; at++) {
		const unsigned char before = bytes[at];

		for (size_t k = 0; k < sizeof value; k++) {
			struct opened *o;

			bytes[at] = value[k];
			o = open_zip(bytes, p.end);
			ck_assert(o->rc == 0 ? o->m->behind <= o->m->next &&
				o->m->next <= p.directory && o->m->size.value == 40 :
				o->err.code == BL_INPUT && o->err.text[0]);
			close_zip(o);
		}
		bytes[at] = before;
	}
	free(bytes);
	free(w);
}
END_TEST

/* Two bytes at once, in the header and in the row: what is said of weights that cannot be used. */
START_TEST(refuses_what_is_not_stored)
{
	static const struct {
		unsigned header, row;
		uint64_t value;
		const char *message;
	} both[] = {
		{6, 8, 1, M "is encrypted"},
		{6, 8, 0x41, M "is encrypted"},
		{6, 8, 0x2000, M "is encrypted"},
		{6, 8, 0x20, M "is compressed (method 0), and cannot be read in place"},
		{8, 10, 8, M "is compressed (method 8), and cannot be read in place"},
		{8, 10, 93, M "is compressed (method 93), and cannot be read in place"},
		{22, 24, 101, M "has two different sizes"},
		{22, 24, 99, M "has two different sizes"},
		{30, 46, 'M' | 'o' << 8, "has no member " NAME},
	};

	for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
		struct made_zip_places p;
		unsigned char *w = made_weights(100, 1), *bytes = made_zip(0, w, 100, &p);
		struct opened *o;

		bl_zip_put(bytes + p.header + both[i].header, 2, both[i].value);
		bl_zip_put(bytes + p.row + both[i].row, 2, both[i].value);
		o = open_zip(bytes, p.end);
		ck_assert_int_ne(o->rc, 0);
		ck_assert_str_eq(o->err.text, both[i].message);
		close_zip(o);
		free(bytes);
		free(w);
	}
}
END_TEST

/* Two members whose bytes or names are the same. */
START_TEST(refuses_shared_bytes_and_names)
{
	struct made_zip_places p;
	unsigned char *w = made_weights(100, 1), *bytes = made_zip(ZIP_BEHIND, w, 100, &p);
	struct opened *o;

	/* The weights reach into the header behind them. */
	bl_zip_put(bytes + p.header + 18, 4, 101);
	bl_zip_put(bytes + p.header + 22, 4, 101);
	bl_zip_put(bytes + p.row + 20, 4, 101);
	bl_zip_put(bytes + p.row + 24, 4, 101);
	o = open_zip(bytes, p.end);
	ck_assert_str_eq(o->err.text, M "shares bytes with another one");
	close_zip(o);
	free(bytes);

	/* The one behind gets the name of the one before, in its header and in the directory. */
	bytes = made_zip(0, w, 100, &p);
	memcpy(bytes + p.data - 16, "config.json", 11);
	memcpy(bytes + p.row + 46, "config.json", 11);
	bl_zip_put(bytes + p.header + 26, 2, 11);
	bl_zip_put(bytes + p.header + 28, 2, 5); /* what is left of the old name: no field */
	bl_zip_put(bytes + p.row + 28, 2, 11);
	bl_zip_put(bytes + p.row + 30, 2, 5);
	memset(bytes + p.data - 5, 0, 5);
	memset(bytes + p.row + 57, 0, 5);
	o = open_zip(bytes, p.end);
	ck_assert_str_eq(o->err.text, "member config.json: is in the zip file twice");
	close_zip(o);
	free(bytes);
	free(w);
}
END_TEST

/* The longest comment is found, a second end of a directory within a comment is not believed. */
START_TEST(finds_the_end)
{
	struct made_zip_places p;
	unsigned char *w = made_weights(100, 1), *bytes = made_zip(0, w, 100, &p);
	struct opened *o;

	bytes = realloc(bytes, p.end + 65535);
	memset(bytes + p.end, ' ', 65535);
	bl_zip_put(bytes + p.last + 20, 2, 65535);
	o = open_zip(bytes, p.end + 65535);
	ck_assert_msg(o->rc == 0, "%s", o->err.text);
	close_zip(o);
	o = open_zip(bytes, p.end + 65534);
	ck_assert_str_eq(o->err.text, "its zip directory does not end where the file does");
	close_zip(o);
	memcpy(bytes + p.end + 1000, bytes + p.last, 20);
	o = open_zip(bytes, p.end + 65535);
	ck_assert_str_eq(o->err.text, "its zip directory does not end where the file does");
	close_zip(o);
	bl_zip_put(bytes + p.end + 1020, 2, 65535 - 1022); /* it ends where the file does */
	o = open_zip(bytes, p.end + 65535);
	ck_assert_str_eq(o->err.text, DAMAGED);
	close_zip(o);
	free(bytes);
	free(w);
}
END_TEST

/* A directory of more bytes than are read. */
START_TEST(refuses_a_huge_directory)
{
	struct made_zip_places p;
	unsigned char *w = made_weights(5 << 20, 1), *bytes = made_zip(0, w, 5 << 20, &p);
	struct opened *o;

	bl_zip_put(bytes + p.last + 16, 4, p.data);
	bl_zip_put(bytes + p.last + 12, 4, p.last - p.data);
	o = open_zip(bytes, p.end);
	ck_assert_int_eq(o->err.code, BL_INPUT);
	ck_assert_str_eq(o->err.text, "its zip directory takes over 4194304 bytes");
	close_zip(o);
	free(bytes);
	free(w);
}
END_TEST

/* Numbers that are wrong in such a way that their sum, modulo 2^64, is right. */
START_TEST(refuses_sums_that_overflow)
{
	struct made_zip_places p;
	unsigned char *w = made_weights(100, 1), *bytes = made_zip(ZIP_WIDE_END, w, 100, &p);
	struct opened *o;

	bl_zip_put(bytes + p.record + 40, 8, UINT64_MAX);
	bl_zip_put(bytes + p.record + 48, 8, p.record + 1);
	o = open_zip(bytes, p.end);
	ck_assert_str_eq(o->err.text, DAMAGED);
	close_zip(o);
	free(bytes);
	free(w);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("zip");
	TCase *tc = tcase_create("files");
	int failed;

	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, reads_every_kind, 0, MADE_ZIP_KINDS);
	tcase_add_loop_test(tc, refuses_cuts, 0, MADE_ZIP_KINDS);
	tcase_add_loop_test(tc, refuses_damage, 0, (int)(sizeof wrong / sizeof wrong[0]));
	tcase_add_loop_test(tc, survives_damage, 0, 3);
	tcase_add_test(tc, refuses_what_is_not_stored);
	tcase_add_test(tc, refuses_shared_bytes_and_names);
	tcase_add_test(tc, finds_the_end);
	tcase_add_test(tc, refuses_a_huge_directory);
	tcase_add_test(tc, refuses_sums_that_overflow);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	return failed;
}
