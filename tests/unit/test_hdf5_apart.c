/*
 * test_hdf5_apart.c - what processes that call libhdf5 may do, and that this one never calls it.
 *
 * getenv() below stands in front of the C library's: it is by asking for HDF5_DEBUG that libhdf5
 * begins its work.
 */
#include "config.h"

#include "hdf5_child.h"
#include "sample.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(COUNTED)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

int H5open(void); /* of libhdf5, whose headers this test need not see */

/* Whom to tell that the library began: shared with all children. */
static struct {
	pid_t self;
	int begun;
} library;

char *getenv(const char *name)
{
	const size_t n = strlen(name);

	if (strcmp(name, "HDF5_DEBUG") == 0 && getpid() == library.self)
		library.begun++;
	for (char **e = environ; e && *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

/* Files of all kinds are read, and written through every kind of sink: all in children. */
START_TEST(library_stays_out)
{
	char **name, path[512];
	struct bl_files *pool;
	struct bl_err err = {0};
	size_t n, copied = 0;

	library.self = getpid();
	n = sample_list(sample_path("tests/data/cases/hdf5/%s", "valid"), &name);
	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
	if (_i) /* no plugins are there */
		ck_assert_int_eq(bl_hdf5_plugins(pool, sample_path("tests/data"), &err), 0);
	for (size_t i = 0; i < n; i++) {
		const char *from = sample_path("tests/data/cases/hdf5/valid/%s", name[i]);
		struct bl_source src;

		ck_assert_uint_lt(strlen(from), sizeof path);
		strcpy(path, from);
		if (bl_source_open(&src, pool, path, &err) != 0)
			continue;
		ck_assert_msg(sample_copy(&src, src.format, scratch_path("copy"), "{}",
			SAMPLE_WHOLE, &err) == 0, "%s: %s", path, err.text);
		copied++;
		bl_source_close(&src);
	}
	bl_files_free(pool);
	sample_list_free(name, n);
	ck_assert_uint_gt(copied, 20);
	ck_assert_int_eq(library.begun, 0);
}
END_TEST

/* Were it called, this would tell. */
START_TEST(library_would_be_seen)
{
	H5open();
	ck_assert_int_eq(library.begun, 1);
}
END_TEST

/* What a child finds, told as numbers. */
enum { ENVIRONMENT, OPEN_FDS, READ_ERROR, MAKE_ERROR, WRITE_ERROR, MEMORY, CORE, FINDINGS };

static bool has_landlock(void)
{
#ifdef SYS_landlock_create_ruleset
	return syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, 1U) > 0;
#else
	return false;
#endif
}

static uint64_t error_of(int fd)
{
	return fd >= 0 ? 0 : (uint64_t)errno;
}

static void look_around(int wire)
{
	uint64_t found[FINDINGS] = {0};
	struct bl_h5_message question;
	struct rlimit core = {1, 1};
	int passed;
	void *volatile much; /* compilers leave out what nobody uses */

	if (!bl_h5_child_hear(wire, &question, &passed))
		return;
	found[ENVIRONMENT] = environ && *environ;
	for (int fd = 0; fd < 1024; fd++)
		found[OPEN_FDS] += fcntl(fd, F_GETFD) >= 0;
	found[READ_ERROR] = error_of(open("/etc/passwd", O_RDONLY));
	found[MAKE_ERROR] = error_of(open(scratch_path("made"), O_RDWR | O_CREAT, 0600));
	found[WRITE_ERROR] = write(passed, "x", 1) == 1 ? 0 : (uint64_t)errno;
	much = malloc((size_t)512 << 20);
	found[MEMORY] = much != NULL;
	free(much);
	getrlimit(RLIMIT_CORE, &core);
	found[CORE] = core.rlim_cur;
	bl_h5_child_tell(wire, NULL, found, sizeof found);
}

static void ask_around(bool writes, uint64_t *found)
{
	const struct bl_h5_duty duty = {look_around, writes, BL_INPUT, 20000, NULL, NULL};
	const struct bl_h5_message question = {.what = 1};
	struct bl_h5_message answer;
	struct bl_h5_child c;
	struct bl_err err = {0};
	const int fd = open(scratch_path("passed"), O_RDWR | O_CREAT, 0600);
	const int other = open("/dev/null", O_RDWR); /* not to be inherited */

	ck_assert_msg(bl_h5_child_start(&c, &duty, NULL, &err) == 0, "%s", err.text);
	ck_assert_msg(bl_h5_child_ask(&c, &question, NULL, fd, 0, &answer, &err) == 0, "%s",
		err.text);
	ck_assert_uint_eq(answer.bytes, FINDINGS * sizeof *found);
	ck_assert_int_eq(bl_h5_child_take(&c, found, (size_t)answer.bytes, 0, &err), 0);
	bl_h5_child_stop(&c);
	close(other);
	close(fd);
}

/* _i: may it write what it is given? */
START_TEST(confinement)
{
	uint64_t found[FINDINGS];

	ask_around(_i != 0, found);
	ck_assert_uint_eq(found[ENVIRONMENT], 0);
	ck_assert_uint_eq(found[OPEN_FDS], 5); /* three to nowhere, the wire, what was passed */
	ck_assert_uint_eq(found[CORE], 0);
#ifndef COUNTED /* else a child may write its counts */
	ck_assert_uint_eq(found[WRITE_ERROR], _i ? 0 : EFBIG);
#endif
	if (SANITIZED)
		return;
	ck_assert_uint_eq(found[MEMORY], 0);
	if (!has_landlock())
		return;
	ck_assert_uint_eq(found[READ_ERROR], EACCES);
	ck_assert_uint_eq(found[MAKE_ERROR], EACCES);
}
END_TEST

static void wait_for_ever(int wire)
{
	(void)wire;
	for (;;)
		pause();
}

/* A parent that is killed takes its children along, even those that listen to nobody. */
START_TEST(children_go_with_the_parent)
{
	static const struct bl_h5_duty duty = {.serve = wait_for_ever, .blame = BL_INPUT};
	int told[2];
	pid_t parent, child = 0;

	ck_assert_int_eq(pipe(told), 0);
	parent = fork();
	if (parent == 0) {
		struct bl_h5_child c;
		struct bl_err err;

		if (bl_h5_child_start(&c, &duty, NULL, &err) == 0 &&
			write(told[1], &c.pid, sizeof c.pid) == sizeof c.pid)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(told[0], &child, sizeof child), sizeof child);
	ck_assert_int_eq(kill(child, 0), 0);
	kill(parent, SIGKILL);
	for (int i = 0; i < 500 && kill(child, 0) == 0; i++) {
		char path[64], state[256] = "";
		int fd;

		snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
		fd = open(path, O_RDONLY); /* nobody may come for a zombie */
		if (fd < 0 || read(fd, state, sizeof state - 1) <= 0 || strstr(state, ") Z "))
			child = -1;
		close(fd);
		if (child < 0)
			break;
		usleep(10000);
	}
	ck_assert_msg(child < 0 || kill(child, 0) != 0, "it lives on");
	close(told[0]);
	close(told[1]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5_apart");
	TCase *tc = tcase_create("apart");
	struct rlimit core;
	int failed;

	if (getrlimit(RLIMIT_CORE, &core) == 0) { /* so that there is something to take away */
		core.rlim_cur = core.rlim_max;
		setrlimit(RLIMIT_CORE, &core);
	}
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, confinement, 0, 2);
	tcase_add_test(tc, children_go_with_the_parent);
	tcase_add_loop_test(tc, library_stays_out, 0, 2);
	tcase_add_test(tc, library_would_be_seen);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	return failed;
}
