/* test_zip_write.c - zip files of every kind are completed around other weights. */
#include "made_zip.h"
#include "sample.h"
#include "suite.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the file must be: made anew around the other weights. And what it was made of before. */
static void complete_to(unsigned how, size_t old, size_t size)
{
	struct made_zip_places p, q;
	unsigned char *w = made_weights(old, 1), *v = made_weights(size, 2), *is;
	unsigned char *bytes = made_zip(how, w, old, &p), *should = made_zip(how, v, size, &q);
	struct opened *o = open_zip(bytes, p.end);
	char *path = strdup(scratch_path("new.zip"));
	struct bl_output *out = NULL;
	struct bl_err err = {0};
	size_t n, at = 0;

	ck_assert_msg(o->rc == 0, "%s", o->err.text);
	ck_assert_int_eq(bl_output_open(path, BL_REPLACE | BL_NO_SYNC, NULL, &out, &err), 0);
	ck_assert_int_eq(bl_output_write(out, 0, bytes, p.data, &err), 0);
	ck_assert_int_eq(bl_output_write(out, p.data, v, size, &err), 0);
	ck_assert_int_eq(bl_zip_resize(&o->zip, o->m, size, &err), 0);
	ck_assert_uint_eq(o->zip.size, q.end);
	ck_assert_int_eq(bl_output_resize(out, o->zip.size, &err), 0);
	ck_assert_msg(bl_zip_complete(&o->zip, o->m, o->file, out, &err) == 0, "%s", err.text);
	ck_assert_int_eq(bl_output_publish(out, &err), 0);
	bl_output_close(out);
	is = sample_read(path, &n);
	ck_assert_uint_eq(n, q.end);
	while (at < n && is[at] == should[at])
		at++;
	ck_assert_msg(at == n, "%#x: %zu to %zu: byte %zu", how, old, size, at);
	close_zip(o);
	free(path);
	free(is);
	free(should);
	free(bytes);
	free(v);
	free(w);
}

START_TEST(completes_every_kind)
{
	complete_to(made_zip_kind[_i], 1000, 1000);
	complete_to(made_zip_kind[_i], 1000, 70000);
	complete_to(made_zip_kind[_i], 70000, 1000);
	complete_to(made_zip_kind[_i], 3 << 20, (3 << 20) + 5);
}
END_TEST

/* The largest size that 32 bits take is one below all ones; 64 bits take more. */
static void resize_to(unsigned how, uint64_t size, bool fits)
{
	struct made_zip_places p;
	unsigned char *w = made_weights(100, 1), *bytes = made_zip(how, w, 100, &p);
	struct opened *o = open_zip(bytes, p.end);
	uint64_t next;
	int rc;

	ck_assert_msg(o->rc == 0, "%s", o->err.text);
	next = o->m->next;
	rc = bl_zip_resize(&o->zip, o->m, size, &o->err);
	ck_assert_msg((rc == 0) == fits, "%#x: %llu bytes", how, (unsigned long long)size);
	if (fits) {
		ck_assert_uint_eq(o->zip.size, p.end - 100 + size);
		ck_assert_uint_eq(o->m->next, next - 100 + size);
	} else {
		ck_assert_int_eq(o->err.code, BL_LIMIT);
		ck_assert_ptr_nonnull(strstr(o->err.text, "too narrow"));
		ck_assert_str_ne(o->err.hint, "");
	}
	close_zip(o);
	free(bytes);
	free(w);
}

START_TEST(keeps_widths)
{
	const uint64_t most = UINT32_MAX - 1ull;
	const unsigned wide = ZIP_WIDE | ZIP_BEHIND;
	struct made_zip_places p;

	resize_to(0, most - 1000, true);
	resize_to(0, most, false);
	resize_to(wide, most, false);
	resize_to(ZIP_WIDE_END, most, true);
	resize_to(ZIP_WIDE_END, most + 1, false);
	resize_to(ZIP_WIDE_END | ZIP_BEHIND, most - 1000, true);
	resize_to(ZIP_WIDE_END | ZIP_BEHIND, most, false);
	resize_to(ZIP_WIDE_EXTRA, most, false);
	resize_to(ZIP_WIDE_END | wide, most + 1, true);
	resize_to(ZIP_WIDE_END | wide, UINT64_C(1) << 45, true);
	resize_to(ZIP_WIDE_END | wide, UINT64_C(1) << 63, false);
	resize_to(ZIP_WIDE_END | wide, UINT64_MAX, false);
	resize_to(ZIP_WIDE_END | wide | ZIP_LATE, most + 1, false);
	resize_to(ZIP_WIDE_END | wide | ZIP_LATE | ZIP_LATE_BARE, most + 1, false);
	resize_to(ZIP_WIDE_END | wide | ZIP_LATE | ZIP_LATE_WIDE, most + 1, true);
	resize_to(ZIP_WIDE_END | wide | ZIP_LATE | ZIP_LATE_WIDE | ZIP_LATE_BARE, most + 1, true);
	resize_to(ZIP_WIDE_END | ZIP_WIDE_HEADER, most + 1, false);
	resize_to(ZIP_WIDE_END | wide | ZIP_NARROW_HEADER, most, true);
	resize_to(ZIP_WIDE_END | wide | ZIP_NARROW_HEADER, most + 1, false);
	/* Where the directory begins is a number, too. */
	free(made_zip(0, "", 0, &p));
	resize_to(0, most - p.directory, true);
	resize_to(0, most - p.directory + 1, false);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("zip_write");
	TCase *tc = tcase_create("files");
	int failed;

	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, completes_every_kind, 0, MADE_ZIP_KINDS);
	tcase_add_test(tc, keeps_widths);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	return failed;
}
