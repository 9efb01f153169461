/* test_output.c - files that appear whole or not at all: what may be written where. */
#include "config.h"

#include "folder.h"
#include "output.h"
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP ".out.belay-tmp"

static struct bl_err err;

static struct bl_output *start(const char *path, unsigned flags)
{
	struct bl_output *o = NULL;

	if (bl_output_open(path, flags, NULL, &o, &err) != 0)
		ck_abort_msg("%s: %s", path, err.text);
	return o;
}

static int fill(struct bl_output *o, const char *text)
{
	if (bl_output_reserve(o, strlen(text), &err) != 0 ||
		bl_output_write(o, 0, text, strlen(text), &err) != 0 ||
		bl_output_sync(o, &err) != 0)
		return -1;
	return bl_output_publish(o, &err);
}

static void put(const char *path, unsigned flags, const char *text)
{
	struct bl_output *o = start(path, flags);

	if (fill(o, text) != 0)
		ck_abort_msg("%s: %s", path, err.text);
	bl_output_close(o);
	ck_assert(folder_holds(path, text));
}

static void fails_to_open(const char *path, unsigned flags, const char *text)
{
	struct bl_output *o = NULL;

	ck_assert_int_eq(bl_output_open(path, flags, NULL, &o, &err), -1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.text, text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(appears_when_published)
{
	struct bl_output *o = start("out", 0);
	struct stat st;
	char got[5];

	ck_assert(!bl_output_is_pipe(o));
	ck_assert_int_eq(access("out", F_OK), -1);
	ck_assert_int_eq(bl_output_reserve(o, 5000, &err), 0);
	ck_assert_int_eq(stat(TEMP, &st), 0);
	ck_assert_int_eq(st.st_size, 5000);
	ck_assert_int_ge(st.st_blocks * 512, 5000);
	ck_assert_int_eq(bl_output_write(o, 3, "lo", 2, &err), 0);
	ck_assert_int_eq(bl_output_write(o, 0, "hel", 3, &err), 0);
	ck_assert_int_eq(bl_output_write(o, 4999, "", 0, &err), 0);
	ck_assert_int_eq(pread(bl_output_fd(o), got, 5, 0), 5);
	ck_assert_mem_eq(got, "hello", 5);
	ck_assert_int_eq(bl_output_resize(o, 5, &err), 0);
	ck_assert_int_eq(bl_output_read(o, 1, got, 4, &err), 0);
	ck_assert_mem_eq(got, "ello", 4);
	ck_assert_int_eq(bl_output_read(o, 2, got, 4, &err), -1);
	ck_assert_int_eq(err.code, BL_BUG);
	ck_assert_int_eq(bl_output_sync(o, &err), 0);
	ck_assert_int_eq(access("out", F_OK), -1);
	ck_assert_int_eq(bl_output_publish(o, &err), 0);
	ck_assert(folder_holds("out", "hello"));
	ck_assert_uint_eq(folder_count(), 1);
	bl_output_close(o);
	ck_assert(folder_holds("out", "hello"));
	bl_output_close(NULL);
}
END_TEST

START_TEST(nothing_is_left)
{
	struct bl_output *o;
	size_t descriptors = folder_descriptors();

	bl_output_close(start("out", 0));
	ck_assert_uint_eq(folder_count(), 0);
	o = start("out", BL_NO_SYNC);
	ck_assert_int_eq(bl_output_reserve(o, 10, &err), 0);
	ck_assert_int_eq(bl_output_write(o, 0, "half", 4, &err), 0);
	ck_assert_uint_eq(folder_count(), 1);
	bl_output_close(o);
	ck_assert_uint_eq(folder_count(), 0);
	ck_assert_uint_eq(folder_descriptors(), descriptors);
}
END_TEST

START_TEST(umask_holds)
{
	static const mode_t masks[] = {0, 022, 027, 077, 0222};
	mode_t old = umask(0);

	for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
		umask(masks[i]);
		put("out", 0, "x");
		umask(0);
		ck_assert_uint_eq(mode_of("out"), 0666 & ~masks[i]);
		ck_assert_int_eq(unlink("out"), 0);
	}
	umask(old);
}
END_TEST

START_TEST(replacing_keeps_the_mode)
{
	static const mode_t modes[] = {0600, 0640, 0444, 0755, 0666};
	mode_t old = umask(077);

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		folder_put("out", "old", 3);
		ck_assert_int_eq(chmod("out", modes[i]), 0);
		put("out", BL_REPLACE, "new");
		ck_assert_uint_eq(mode_of("out"), modes[i]);
		ck_assert_uint_eq(folder_count(), 1);
		ck_assert_int_eq(unlink("out"), 0);
	}
	umask(old);
}
END_TEST

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* The target is replaced where it is, and with it nobody's other name of the old file. */
START_TEST(links_are_kept)
{
	ck_assert_int_eq(mkdir("a", 0777), 0);
	ck_assert_int_eq(mkdir("b", 0777), 0);
	folder_put("a/file", "old", 3);
	ck_assert_int_eq(link("a/file", "a/other"), 0);
	ck_assert_int_eq(symlink("../a/file", "b/link"), 0);
	ck_assert_int_eq(symlink("b/link", "out"), 0);
	put("out", BL_REPLACE, "new");
	ck_assert(is_link("out") && is_link("b/link") && !is_link("a/file"));
	ck_assert(folder_holds("a/file", "new") && folder_holds("a/other", "old"));
	ck_assert_int_eq(symlink("a", "to_a"), 0);
	put("to_a/new", 0, "in a");
	ck_assert(folder_holds("a/new", "in a"));
}
END_TEST

static void examines(const char *path, unsigned flags, bool there, enum bl_exit code,
	const char *text)
{
	bool exists = !there;
	const int rc = bl_output_examine(path, flags, &exists, &err);

	ck_assert_int_eq(rc, text ? -1 : 0);
	ck_assert_int_eq(exists, there);
	if (!text)
		return;
	ck_assert_str_eq(err.text, text);
	ck_assert_int_eq(err.code, code);
}

START_TEST(examine_refuses)
{
	folder_put("file", "old", 3);
	ck_assert_int_eq(mkdir("folder", 0777), 0);
	ck_assert_int_eq(mkfifo("fifo", 0666), 0);
	ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	ck_assert_int_eq(symlink("file", "link"), 0);
	examines("new", 0, false, BL_OK, NULL);
	examines("folder/new", 0, false, BL_OK, NULL);
	examines("./folder/../new", BL_REPLACE, false, BL_OK, NULL);
	examines("/belay-test-new", 0, false, BL_OUTPUT,
		geteuid() == 0 ? NULL : "its folder cannot be written: Permission denied");
	examines("file", 0, true, BL_USAGE, "exists already");
	ck_assert_str_eq(err.hint, "-f replaces it");
	examines("file", BL_REPLACE, true, BL_OK, NULL);
	examines("link", 0, true, BL_USAGE, "exists already");
	examines("link", BL_REPLACE, true, BL_OK, NULL);
	for (unsigned flags = 0; flags <= BL_REPLACE; flags++) {
		examines("folder", flags, true, BL_USAGE, "is a folder");
		examines("folder/", flags, true, BL_USAGE, "is a folder");
		examines("fifo", flags, true, BL_USAGE, "is not a regular file");
		examines("/dev/null", flags, true, BL_USAGE, "is not a regular file");
		examines("dangling", flags, false, BL_USAGE, "is a link to nowhere");
		examines("loop", flags, false, BL_USAGE, "is a link to nowhere");
		examines("gone/new", flags, false, BL_OUTPUT, "its folder does not exist");
		examines("new/", flags, false, BL_USAGE, "names a folder, not a file");
		examines("", flags, false, BL_USAGE, "names a folder, not a file");
		examines("file/new", flags, false, BL_OUTPUT, "cannot be written: Not a directory");
	}
	ck_assert(folder_holds("file", "old"));
	ck_assert_uint_eq(folder_count(), 6);
}
END_TEST

/* As an ordinary user: a folder that may not be written, and one that may not be entered. */
static int examine_denied(const void *arg)
{
	bool exists;

	(void)arg;
	if (bl_output_examine("locked/new", 0, &exists, &err) == 0)
		return 1;
	if (err.code != BL_OUTPUT ||
		strcmp(err.text, "its folder cannot be written: Permission denied") != 0)
		return 2;
	if (bl_output_examine("shut/new", 0, &exists, &err) == 0 || err.code != BL_OUTPUT)
		return 3;
	return strcmp(err.text, "cannot be written: Permission denied") == 0 ? 0 : 4;
}

START_TEST(examine_asks_for_rights)
{
	ck_assert_int_eq(mkdir("locked", 0555), 0);
	ck_assert_int_eq(mkdir("shut", 0), 0);
	ck_assert_int_eq(folder_run(examine_denied, NULL), 0);
	ck_assert_int_eq(rmdir("shut"), 0);
}
END_TEST

static int examine_terminal(const void *arg)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	bool exists = true;

	(void)arg;
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		return 77;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0 || dup2(slave, STDOUT_FILENO) < 0)
		return 77;
	if (bl_output_examine("-", 0, &exists, &err) == 0 || err.code != BL_USAGE || exists)
		return 1;
	return strcmp(err.text, "is a terminal") == 0 ? 0 : 2;
}

START_TEST(examine_refuses_a_terminal)
{
	const int rc = folder_run(examine_terminal, NULL);

	ck_assert(rc == 0 || rc == 77);
}
END_TEST

/* What comes while the run is at work stays, whatever it is. */
START_TEST(newcomers_are_kept)
{
	for (int kind = 0; kind < 3; kind++) {
		struct bl_output *o = start("out", 0);

		if (kind == 0)
			folder_put("out", "theirs", 6);
		else if (kind == 1)
			ck_assert_int_eq(mkdir("out", 0777), 0);
		else
			ck_assert_int_eq(symlink("nowhere", "out"), 0);
		ck_assert_int_eq(fill(o, "ours"), -1);
		ck_assert_int_eq(err.code, BL_OUTPUT);
		ck_assert_str_eq(err.text, "appeared while this run was at work");
		bl_output_close(o);
		ck_assert_uint_eq(folder_count(), 1);
		ck_assert(kind || folder_holds("out", "theirs"));
		ck_assert_int_eq(remove("out"), 0);
	}
}
END_TEST

START_TEST(old_ones_are_kept)
{
	struct bl_output *o;

	folder_put("out", "old", 3);
	o = start("out", 0);
	ck_assert_int_eq(fill(o, "new"), -1);
	bl_output_close(o);
	ck_assert(folder_holds("out", "old"));
	ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

START_TEST(stale_ones_are_replaced)
{
	folder_put(TEMP, "what a dead run left", 20);
	put("out", 0, "new");
	ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

static int replace_stale(const void *arg)
{
	struct bl_output *o = NULL;
	int fd = open(TEMP, O_WRONLY | O_CREAT | O_EXCL, *(const mode_t *)arg);

	if (fd < 0)
		return 1;
	close(fd);
	if (bl_output_open("out", 0, NULL, &o, &err) != 0)
		return 2;
	if (fill(o, "new") != 0)
		return 3;
	bl_output_close(o);
	return 0;
}

/* A dead run that was to replace a file of mode 0444 left one that nobody may write. */
START_TEST(stale_read_only_ones)
{
	static const mode_t modes[] = {0644, 0444, 0400};

	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(folder_run(replace_stale, &modes[i]), 0);
		ck_assert(folder_holds("out", "new"));
		ck_assert_uint_eq(folder_count(), 1);
		ck_assert_int_eq(unlink("out"), 0);
	}
}
END_TEST

static int meet_foreign(const void *arg)
{
	struct bl_output *o;

	(void)arg;
	if (bl_output_open("out", 0, NULL, &o, &err) == 0)
		return 1;
	return strcmp(err.text, TEMP " is in the way and is not ours") == 0 ? 0 : 2;
}

/* Nothing that a run of ours cannot have left is touched. */
START_TEST(others_are_in_the_way)
{
	folder_put("victim", "precious", 8);
	ck_assert_int_eq(symlink("victim", TEMP), 0);
	fails_to_open("out", BL_REPLACE, TEMP " is in the way: it is a link");
	ck_assert_int_eq(unlink(TEMP), 0);
	ck_assert_int_eq(link("victim", TEMP), 0);
	fails_to_open("out", BL_REPLACE, TEMP " is in the way and is not ours");
	ck_assert_int_eq(unlink(TEMP), 0);
	ck_assert_int_eq(mkfifo(TEMP, 0666), 0);
	fails_to_open("out", BL_REPLACE, TEMP " is in the way and is not ours");
	ck_assert_int_eq(unlink(TEMP), 0);
	ck_assert_int_eq(mkdir(TEMP, 0777), 0);
	fails_to_open("out", BL_REPLACE, TEMP " is in the way: Is a directory");
	ck_assert_int_eq(rmdir(TEMP), 0);
	ck_assert(folder_holds("victim", "precious"));
	ck_assert_uint_eq(folder_count(), 1);
	if (geteuid() != 0)
		return;
	folder_put(TEMP, "of root", 7);
	ck_assert_int_eq(chmod(TEMP, 0666), 0);
	ck_assert_int_eq(folder_run(meet_foreign, NULL), 0);
	ck_assert(folder_holds(TEMP, "of root"));
}
END_TEST

/* Someone takes the temporary away and puts his own there: it neither gets our name nor goes. */
START_TEST(foreign_temporaries_stay)
{
	for (int theirs = 0; theirs < 2; theirs++) {
		struct bl_output *o = start("out", theirs ? BL_REPLACE : 0);

		ck_assert_int_eq(bl_output_write(o, 0, "ours", 4, &err), 0);
		ck_assert_int_eq(unlink(TEMP), 0);
		if (theirs)
			folder_put(TEMP, "theirs", 6);
		ck_assert_int_eq(bl_output_publish(o, &err), -1);
		ck_assert_int_eq(err.code, BL_OUTPUT);
		ck_assert_str_eq(err.text, TEMP " was removed while this run was at work");
		bl_output_close(o);
		ck_assert_int_eq(access("out", F_OK), -1);
		ck_assert_int_eq(folder_holds(TEMP, "theirs"), theirs);
	}
}
END_TEST

/* Names as long as they may be, and too long. */
START_TEST(long_names)
{
	char name[300];

	for (size_t n = 240; n <= 255; n++) {
		memset(name, 'n', n);
		name[n] = '\0';
		put(name, 0, "new");
		put(name, BL_REPLACE, "newer");
		ck_assert_uint_eq(folder_count(), n - 239);
	}
	memset(name, 'n', 256);
	name[256] = '\0';
	examines(name, 0, false, BL_OUTPUT, "cannot be written: File name too long");
}
END_TEST

START_TEST(knows_its_file)
{
	struct bl_files *pool;
	struct bl_file *file;

	folder_put("in", "x", 1);
	folder_put("other", "x", 1);
	ck_assert_int_eq(link("in", "hard"), 0);
	ck_assert_int_eq(symlink("in", "soft"), 0);
	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
	ck_assert_int_eq(bl_file_open(pool, "in", &file, &err), 0);
	ck_assert(bl_output_is("in", file) && bl_output_is("hard", file));
	ck_assert(bl_output_is("soft", file) && bl_output_is("./in", file));
	ck_assert(!bl_output_is("other", file) && !bl_output_is("gone", file));
	ck_assert(!bl_output_is("-", file) && !bl_output_is(".", file));
	bl_file_close(file);
	bl_files_free(pool);
}
END_TEST

START_TEST(signals_stop_it)
{
	volatile sig_atomic_t stop = 0;
	struct bl_output *o;
	char at[1];

	ck_assert_int_eq(bl_output_open("out", 0, &stop, &o, &err), 0);
	ck_assert_int_eq(bl_output_write(o, 0, "a", 1, &err), 0);
	stop = SIGTERM;
	ck_assert_int_eq(bl_output_write(o, 1, "b", 1, &err), -1);
	ck_assert_int_eq(err.code, BL_OK);
	ck_assert_str_eq(err.text, "");
	ck_assert_int_eq(bl_output_read(o, 0, at, 1, &err), -1);
	ck_assert_int_eq(err.code, BL_OK);
	bl_output_close(o);
	ck_assert_uint_eq(folder_count(), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("output");
	TCase *t = tcase_create("output");

	alarm(60); /* whoever waits for ever */
	tcase_add_checked_fixture(t, folder_enter, folder_leave);
	tcase_add_test(t, appears_when_published);
	tcase_add_test(t, nothing_is_left);
	tcase_add_test(t, umask_holds);
	tcase_add_test(t, replacing_keeps_the_mode);
	tcase_add_test(t, links_are_kept);
	tcase_add_test(t, examine_refuses);
	tcase_add_test(t, examine_asks_for_rights);
	tcase_add_test(t, examine_refuses_a_terminal);
	tcase_add_test(t, newcomers_are_kept);
	tcase_add_test(t, old_ones_are_kept);
	tcase_add_test(t, stale_ones_are_replaced);
	tcase_add_test(t, stale_read_only_ones);
	tcase_add_test(t, others_are_in_the_way);
	tcase_add_test(t, foreign_temporaries_stay);
	tcase_add_test(t, long_names);
	tcase_add_test(t, knows_its_file);
	tcase_add_test(t, signals_stop_it);
	suite_add_tcase(s, t);
	return suite_run(s);
}
