/*
 * test_hdf5_scribe.c - scribes that opened their file and die later.
 */
#include "fake_child.h"
#include "hdf5_scribe.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static void open_only(int wire)
{
	hear(wire);
	bl_h5_child_tell(wire, NULL, NULL, 0);
	hear(wire);
}

/* It dies later: this call fails and all after it. */
START_TEST(scribe_dies_later)
{
	static const struct bl_h5_duty duty = {open_only, true, BL_OUTPUT, PATIENCE, NULL, NULL};
	struct bl_h5_place place = {.header = 96, .size = 8, .rank = 1};
	struct bl_h5_scribe *s = NULL;
	struct bl_err err = {0};
	uint64_t size, address;
	const int fd = open_sample(&size);
	int pair[2] = {-1, -1};

	ck_assert_int_eq(bl_h5_scribe_open(&s, &duty, NULL, fd, 0, size, &err), 0);
	for (int i = 0; i < 2; i++) {
		err.text[0] = '\0';
		ck_assert_int_eq(bl_h5_scribe_place(s, &place, 1, &err), -1);
		ck_assert_int_eq(err.code, BL_OUTPUT);
		ck_assert_msg(strstr(err.text, CRASH), "%s", err.text);
		if (i == 0) /* the number that the wire had has another meaning now */
			ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	}
	ck_assert_int_eq(bl_h5_scribe_attribute(s, "a", "b", &err), -1);
	ck_assert_int_eq(bl_h5_scribe_store(s, 96, "", 1, &err), -1);
	ck_assert_int_eq(bl_h5_scribe_allocate(s, 96, &address, &err), -1);
	ck_assert_int_eq(bl_h5_scribe_close(s, &size, &err), -1);
	close(pair[0]);
	close(pair[1]);
	close(fd);
}
END_TEST

static void crash_later(int wire)
{
	open_only(wire);
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void is_killed_later(int wire)
{
	open_only(wire);
	raise(SIGKILL);
}

/* A copy on which the library crashes is that of a damaged file; to be killed says nothing. */
START_TEST(scribe_crashes_on_a_copy)
{
	const struct bl_h5_duty duty = {_i ? is_killed_later : crash_later, true, BL_OUTPUT,
		PATIENCE, NULL, "old.h5"};
	struct bl_h5_scribe *s = NULL;
	struct bl_err err = {0};
	uint64_t size, address;
	const int fd = open_sample(&size);

	ck_assert_int_eq(bl_h5_scribe_open(&s, &duty, NULL, fd, 0, size, &err), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(bl_h5_scribe_allocate(s, 96, &address, &err), -1);
		ck_assert_int_eq(err.code, _i ? BL_OUTPUT : BL_INPUT);
		ck_assert_str_eq(err.text, _i ? "the HDF5 library crashed on it" :
			"old.h5: damaged (the HDF5 library crashed on a copy of it)");
	}
	bl_h5_scribe_abandon(s);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5_scribe");
	TCase *tc = tcase_create("scribe");

	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, scribe_dies_later);
	tcase_add_loop_test(tc, scribe_crashes_on_a_copy, 0, 2);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
