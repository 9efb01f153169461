/* test_output_tells.c - what outputs tell of themselves, and those that go to a descriptor. */
#include "folder.h"
#include "output.h"
#include "suite.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bl_err err;

static void size_is(const struct bl_output *o, uint64_t want)
{
	uint64_t size = 99;

	ck_assert_msg(bl_output_size(o, &size, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(size, want);
}

static bool meets(const char *path, const char *other)
{
	bool is;

	ck_assert_int_eq(bl_output_meets(path, other, &is, &err), 0);
	return is;
}

START_TEST(two_names_of_one_file)
{
	ck_assert_int_eq(mkdir("d", 0777), 0);
	ck_assert_int_eq(symlink("d", "link"), 0);
	ck_assert(meets("out", "./out"));
	ck_assert(meets("d/out", "link/out"));
	ck_assert(!meets("out", "out2"));
	ck_assert(!meets("out", "d/out"));
	ck_assert(!meets("gone/out", "gone/out2"));
	ck_assert(meets("-", "-"));
	ck_assert(!meets("-", "./-"));
	ck_assert_int_eq(close(creat("d/file", 0666)), 0);
	ck_assert_int_eq(symlink("d/file", "alias"), 0);
	ck_assert(meets("alias", "d/file"));
	ck_assert(!meets("alias", "d/alias"));
}
END_TEST

START_TEST(size_of_a_file)
{
	struct bl_output *o;

	ck_assert_int_eq(bl_output_open("out", 0, NULL, &o, &err), 0);
	size_is(o, 0);
	ck_assert_int_eq(bl_output_reserve(o, 7, &err), 0);
	size_is(o, 7);
	ck_assert_int_eq(bl_output_resize(o, 3, &err), 0);
	size_is(o, 3);
	bl_output_close(o);
}
END_TEST

START_TEST(size_of_a_folder)
{
	static const char *const name[] = {"a", "b", "c", "d", "e", "f", "g"};
	struct bl_output *o, *member;

	ck_assert_int_eq(bl_output_open_folder("out", 0, NULL, &o, &err), 0);
	size_is(o, 0);
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		ck_assert_int_eq(bl_output_member(o, name[i], &member, &err), 0);
		ck_assert_int_eq(bl_output_write(member, i, "12345", 5, &err), 0);
	}
	size_is(o, 7 * 5 + 0 + 1 + 2 + 3 + 4 + 5 + 6);
	bl_output_close(o);
}
END_TEST

START_TEST(goes_to_a_descriptor)
{
	const int fd = creat("log", 0666);
	struct bl_output *o;

	for (int i = 0; i < 2; i++) { /* the second one goes on behind the first */
		ck_assert_int_eq(bl_output_open_descriptor(fd, NULL, &o, &err), 0);
		ck_assert(bl_output_is_pipe(o));
		ck_assert_int_eq(bl_output_write(o, 0, "ab", 2, &err), 0);
		ck_assert_int_eq(bl_output_write(o, 2, "c", 1, &err), 0);
		size_is(o, 3);
		ck_assert_int_eq(bl_output_publish(o, &err), 0);
		bl_output_close(o);
	}
	ck_assert_int_eq(write(fd, "d", 1), 1); /* it is the caller's still */
	close(fd);
	ck_assert(folder_holds("log", "abcabcd"));
	ck_assert_int_eq(bl_output_open_descriptor(fd, NULL, &o, &err), -1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("outputs");
	TCase *t = tcase_create("tell");

	tcase_add_checked_fixture(t, folder_enter, folder_leave);
	tcase_add_test(t, two_names_of_one_file);
	tcase_add_test(t, size_of_a_file);
	tcase_add_test(t, size_of_a_folder);
	tcase_add_test(t, goes_to_a_descriptor);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
