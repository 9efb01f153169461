/* test_output_folder.c - folders that appear whole or not at all. */
#include "output.h"
#include "sample.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes an output folder with members of the names given, blank-separated, which hold them. */
static struct bl_output *made(const char *path, unsigned flags, const char *names)
{
	struct bl_output *out = NULL, *m;
	struct bl_err err = {0};
	char copy[512], *rest = copy, *name;

	ck_assert_msg(bl_output_open_folder(path, flags, NULL, &out, &err) == 0, "%s", err.text);
	ck_assert(bl_output_is_folder(out));
	snprintf(copy, sizeof copy, "%s", names);
	while ((name = strtok_r(rest, " ", &rest))) {
		ck_assert(!bl_output_has(out, name));
		ck_assert_int_eq(bl_output_member(out, name, &m, &err), 0);
		ck_assert_int_eq(bl_output_reserve(m, strlen(name), &err), 0);
		ck_assert_int_eq(bl_output_write(m, 0, name, strlen(name), &err), 0);
		ck_assert(bl_output_has(out, name));
	}
	return out;
}

static int publish(struct bl_output *out, struct bl_err *err)
{
	int rc = bl_output_sync(out, err);

	if (rc == 0)
		rc = bl_output_publish(out, err);
	bl_output_close(out);
	return rc;
}

/* What is in a folder, as made() takes it. "gone" where it is not there. */
static const char *within(const char *path)
{
	static char names[1024];
	char **name;
	size_t n;

	names[0] = '\0';
	if (access(path, F_OK) != 0)
		return "gone";
	n = sample_list(path, &name);
	for (size_t i = 0; i < n; i++) {
		char file[2048];
		size_t size;
		unsigned char *bytes;

		snprintf(file, sizeof file, "%s/%s", path, name[i]);
		bytes = sample_read(file, &size);
		ck_assert(size == strlen(name[i]) && memcmp(bytes, name[i], size) == 0);
		free(bytes);
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? " " : "",
			name[i]);
	}
	sample_list_free(name, n);
	return names;
}

START_TEST(appears_whole)
{
	char *path = strdup(scratch_path("whole/")),
	     *temp = strdup(scratch_path(".whole.belay-tmp"));
	struct bl_err err = {0};
	struct bl_output *out = made(path, BL_NO_SYNC, "a b");

	ck_assert_str_eq(within(path), "gone");
	ck_assert_str_eq(within(temp), "a b");
	ck_assert_int_eq(bl_output_seal(out, &err), 0);
	ck_assert_int_eq(publish(out, &err), 0);
	ck_assert_str_eq(within(path), "a b");
	ck_assert_str_eq(within(temp), "gone");
	free(path);
	free(temp);
}
END_TEST

START_TEST(vanishes_whole)
{
	char *path = strdup(scratch_path("vanish")),
	     *temp = strdup(scratch_path(".vanish.belay-tmp"));
	struct bl_output *out = made(path, BL_NO_SYNC, "a b c d e f g h i j k l");

	ck_assert_str_eq(within(temp), "a b c d e f g h i j k l");
	bl_output_close(out);
	ck_assert_str_eq(within(path), "gone");
	ck_assert_str_eq(within(temp), "gone");
	free(path);
	free(temp);
}
END_TEST

/* With BL_REPLACE the new one takes the old one's place and mode. */
START_TEST(replaces)
{
	char *path = strdup(scratch_path("old")), *temp = strdup(scratch_path(".old.belay-tmp"));
	struct bl_err err = {0};
	struct stat st;
	struct bl_output *out;

	ck_assert_int_eq(publish(made(path, BL_NO_SYNC, "a b"), &err), 0);
	chmod(path, 0750);
	out = made(path, BL_NO_SYNC | BL_REPLACE, "b c a");
	ck_assert_int_eq(bl_output_seal(out, &err), 0);
	ck_assert_str_eq(within(path), "a b");
	ck_assert_int_eq(publish(out, &err), 0);
	ck_assert_str_eq(within(path), "a b c");
	ck_assert_str_eq(within(temp), "gone");
	stat(path, &st);
	ck_assert_uint_eq(st.st_mode & 07777, 0750);
	free(path);
	free(temp);
}
END_TEST

/* What is more in the old one is not lost: neither when it was there before ... */
START_TEST(keeps_what_it_has_not)
{
	char *path = strdup(scratch_path("more"));
	struct bl_err err = {0};
	struct bl_output *out;

	ck_assert_int_eq(publish(made(path, BL_NO_SYNC, "a notes.txt"), &err), 0);
	out = made(path, BL_NO_SYNC | BL_REPLACE, "a");
	ck_assert_int_ne(bl_output_seal(out, &err), 0);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_str_eq(err.text, "holds 'notes.txt', which this average has not");
	bl_output_close(out);
	ck_assert_str_eq(within(path), "a notes.txt");
	free(path);
}
END_TEST

/* ... nor when it came while the run was at work; a folder of a member's name is more, too. */
START_TEST(keeps_what_came_late)
{
	char *path = strdup(scratch_path("late")), *temp = strdup(scratch_path(".late.belay-tmp"));
	struct bl_err err = {0};
	struct bl_output *out;

	ck_assert_int_eq(publish(made(path, BL_NO_SYNC, "a"), &err), 0);
	out = made(path, BL_NO_SYNC | BL_REPLACE, "a b");
	ck_assert_int_eq(bl_output_seal(out, &err), 0);
	mkdir(scratch_path("late/b"), 0777);
	ck_assert_int_ne(publish(out, &err), 0);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.text, "holds 'b', which this average has not");
	ck_assert_str_eq(within(path), "a");
	ck_assert_str_eq(within(temp), "gone");
	free(path);
	free(temp);
}
END_TEST

/* Without BL_REPLACE nothing that appeared meanwhile is touched, with it that is replaced. */
START_TEST(appeared_meanwhile)
{
	char *path = strdup(scratch_path("meanwhile"));
	struct bl_err err = {0};
	struct bl_output *out = made(path, BL_NO_SYNC, "a");

	mkdir(path, 0777);
	sample_write(scratch_path("meanwhile/b"), "b", 1);
	ck_assert_int_ne(publish(out, &err), 0);
	ck_assert_str_eq(err.text, "appeared while this run was at work");
	ck_assert_str_eq(within(path), "b");
	unlink(scratch_path("meanwhile/b"));
	rmdir(path);
	out = made(path, BL_NO_SYNC | BL_REPLACE, "a b");
	mkdir(path, 0777);
	sample_write(scratch_path("meanwhile/b"), "b", 1);
	ck_assert_int_eq(publish(out, &err), 0);
	ck_assert_str_eq(within(path), "a b");
	free(path);
}
END_TEST

/* The folder of a dead run makes way, that of a live one does not, nor what is no such folder. */
START_TEST(stale_and_live)
{
	char *path = strdup(scratch_path("stale")),
	     *temp = strdup(scratch_path(".stale.belay-tmp"));
	struct bl_err err = {0};
	struct bl_output *out, *other = NULL;

	mkdir(temp, 0777);
	sample_write(scratch_path(".stale.belay-tmp/x"), "x", 1);
	out = made(path, BL_NO_SYNC, "a");
	ck_assert_str_eq(within(temp), "a");
	ck_assert_int_ne(bl_output_open_folder(path, BL_NO_SYNC, NULL, &other, &err), 0);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.text, "another run is writing it");
	ck_assert_str_eq(within(temp), "a");
	bl_output_close(out);
	mkdir(temp, 0777);
	mkdir(scratch_path(".stale.belay-tmp/sub"), 0777);
	ck_assert_int_ne(bl_output_open_folder(path, BL_NO_SYNC, NULL, &other, &err), 0);
	ck_assert_str_eq(err.text, ".stale.belay-tmp cannot be removed: Is a directory");
	rmdir(scratch_path(".stale.belay-tmp/sub"));
	rmdir(temp);
	sample_write(temp, "x", 1);
	ck_assert_int_ne(bl_output_open_folder(path, BL_NO_SYNC, NULL, &other, &err), 0);
	ck_assert_str_eq(err.text, ".stale.belay-tmp is in the way: Not a directory");
	unlink(temp);
	free(path);
	free(temp);
}
END_TEST

/* Who has lost his own temporary does not publish another's. */
START_TEST(lost_temporary)
{
	char *path = strdup(scratch_path("lost")), *temp = strdup(scratch_path(".lost.belay-tmp"));
	struct bl_err err = {0};
	struct bl_output *out = made(path, BL_NO_SYNC, "a");

	rename(temp, scratch_path("elsewhere"));
	mkdir(temp, 0777);
	ck_assert_int_ne(publish(out, &err), 0);
	ck_assert_str_eq(err.text, ".lost.belay-tmp was removed while this run was at work");
	ck_assert_str_eq(within(temp), "");
	ck_assert_str_eq(within(path), "gone");
	rmdir(temp);
	free(path);
	free(temp);
}
END_TEST

START_TEST(examines)
{
	char *file = strdup(scratch_path("file")), *folder = strdup(scratch_path("there")),
	     *dangling = strdup(scratch_path("dangling")), *link = strdup(scratch_path("link"));
	struct bl_err err = {0};
	bool exists;

	sample_write(file, "", 0);
	mkdir(folder, 0777);
	ck_assert_int_eq(symlink("nowhere", dangling), 0);
	ck_assert_int_eq(symlink("there", link), 0);
	ck_assert_int_eq(bl_output_examine_folder(scratch_path("new//"), 0, &exists, &err), 0);
	ck_assert(!exists);
	ck_assert_int_ne(bl_output_examine_folder(file, BL_REPLACE, &exists, &err), 0);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_str_eq(err.text, "is no folder, but the average is one");
	ck_assert_int_ne(bl_output_examine_folder(folder, 0, &exists, &err), 0);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_str_eq(err.text, "exists already");
	ck_assert(exists);
	ck_assert_int_eq(bl_output_examine_folder(folder, BL_REPLACE, &exists, &err), 0);
	ck_assert_int_eq(bl_output_examine_folder(link, BL_REPLACE, &exists, &err), 0);
	ck_assert_int_ne(bl_output_examine_folder(dangling, BL_REPLACE, &exists, &err), 0);
	ck_assert_str_eq(err.text, "is a link to nowhere");
	ck_assert_int_ne(bl_output_examine_folder(scratch_path("no/where"), 0, &exists, &err), 0);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.text, "its folder does not exist");
	free(file);
	free(folder);
	free(dangling);
	free(link);
}
END_TEST

/* A link's target is replaced, the link kept. */
START_TEST(through_a_link)
{
	char *target = strdup(scratch_path("target")), *link = strdup(scratch_path("pointer"));
	struct bl_err err = {0};
	struct stat st;

	ck_assert_int_eq(publish(made(target, BL_NO_SYNC, "a"), &err), 0);
	ck_assert_int_eq(symlink("target", link), 0);
	ck_assert_int_eq(publish(made(link, BL_NO_SYNC | BL_REPLACE, "a b"), &err), 0);
	ck_assert_str_eq(within(target), "a b");
	lstat(link, &st);
	ck_assert(S_ISLNK(st.st_mode));
	free(target);
	free(link);
}
END_TEST

/* Does the folder hold the file, by its name or where a link leads? */
START_TEST(holds_inputs)
{
	char *inside = strdup(scratch_path("target/a")), *link = strdup(scratch_path("input"));
	struct bl_files *pool;
	struct bl_file *file;
	struct bl_err err = {0};

	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
	ck_assert_int_eq(bl_file_open(pool, inside, &file, &err), 0);
	ck_assert(bl_output_holds(scratch_path("target"), file));
	ck_assert(bl_output_holds(scratch_path("target/"), file));
	ck_assert(bl_output_holds(scratch_path("pointer"), file));
	ck_assert(!bl_output_holds(scratch_path("old"), file));
	bl_file_close(file);
	ck_assert_int_eq(symlink("target/a", link), 0);
	ck_assert_int_eq(bl_file_open(pool, link, &file, &err), 0);
	ck_assert(bl_output_holds(scratch_path("target"), file));
	ck_assert(!bl_output_holds(scratch_path("old"), file));
	bl_file_close(file);
	free(link);
	link = strdup(scratch_path("old/link"));
	ck_assert_int_eq(symlink("../target/a", link), 0);
	ck_assert_int_eq(bl_file_open(pool, link, &file, &err), 0);
	ck_assert(bl_output_holds(scratch_path("target"), file));
	ck_assert(bl_output_holds(scratch_path("old"), file));
	ck_assert(!bl_output_holds(scratch_path("whole"), file));
	ck_assert(!bl_output_holds(scratch_path("file"), file));
	bl_file_close(file);
	bl_files_free(pool);
	free(inside);
	free(link);
}
END_TEST

#define MEMBERS 40
#define ROUNDS 50

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* One thread of those that write to all members: byte k of each, ROUNDS times. */
struct writing {
	struct bl_output **member;
	int k;
};

static void *write_bytes(void *arg)
{
	const struct writing *w = arg;
	const unsigned char byte = (unsigned char)w->k;
	struct bl_err err = {0};

	for (int round = 0; round < ROUNDS; round++)
		for (int m = 0; m < MEMBERS; m++)
			if (bl_output_write(w->member[(m + 7 * w->k) % MEMBERS], (uint64_t)w->k,
				&byte, 1, &err) != 0)
				return arg;
	return NULL;
}

/* Many members, few descriptors, several threads. */
START_TEST(few_descriptors)
{
	struct bl_output *out, *member[MEMBERS];
	struct writing w[4];
	pthread_t thread[4];
	struct bl_err err = {0};
	const int before = descriptors();

	ck_assert_int_eq(
		bl_output_open_folder(scratch_path("many"), BL_NO_SYNC, NULL, &out, &err), 0);
	for (int m = 0; m < MEMBERS; m++) {
		char name[16];

		snprintf(name, sizeof name, "m%02d", m);
		ck_assert_int_eq(bl_output_member(out, name, &member[m], &err), 0);
		ck_assert_int_eq(bl_output_reserve(member[m], 4, &err), 0);
	}
	ck_assert_int_le(descriptors(), before + 2 + 4);
	for (int k = 0; k < 4; k++) {
		w[k] = (struct writing){member, k};
		ck_assert_int_eq(pthread_create(&thread[k], NULL, write_bytes, &w[k]), 0);
	}
	for (int k = 0; k < 4; k++) {
		void *failed;

		pthread_join(thread[k], &failed);
		ck_assert_ptr_null(failed);
	}
	ck_assert_int_le(descriptors(), before + 2 + 4 + 4);
	ck_assert_int_eq(publish(out, &err), 0);
	ck_assert_int_eq(descriptors(), before);
	for (int m = 0; m < MEMBERS; m++) {
		char name[32];
		size_t n;
		unsigned char *bytes;

		snprintf(name, sizeof name, "many/m%02d", m);
		bytes = sample_read(scratch_path(name), &n);
		ck_assert_uint_eq(n, 4);
		ck_assert_mem_eq(bytes, "\0\1\2\3", 4);
		free(bytes);
	}
}
END_TEST

/* Where the process has no descriptor left, one of the folder's own makes room. */
START_TEST(no_descriptors)
{
	struct bl_output *out, *m[3];
	struct bl_err err = {0};
	struct rlimit old, none;

	ck_assert_int_eq(
		bl_output_open_folder(scratch_path("none"), BL_NO_SYNC, NULL, &out, &err), 0);
	ck_assert_int_eq(bl_output_member(out, "a", &m[0], &err), 0);
	ck_assert_int_eq(bl_output_member(out, "b", &m[1], &err), 0);
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	while (fcntl((int)none.rlim_cur, F_GETFD) >= 0)
		none.rlim_cur++;
	setrlimit(RLIMIT_NOFILE, &none);
	ck_assert_int_eq(bl_output_member(out, "c", &m[2], &err), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(bl_output_write(m[i], 0, &"abc"[i], 1, &err), 0);
	setrlimit(RLIMIT_NOFILE, &old);
	ck_assert_int_eq(publish(out, &err), 0);
	ck_assert_str_eq(within(scratch_path("none")), "a b c");
}
END_TEST

START_TEST(stops)
{
	volatile sig_atomic_t stop = 0;
	struct bl_output *out, *m;
	struct bl_err err = {0};

	ck_assert_int_eq(bl_output_open_folder(scratch_path("stop"), 0, &stop, &out, &err), 0);
	ck_assert_int_eq(bl_output_member(out, "a", &m, &err), 0);
	ck_assert_int_eq(bl_output_write(m, 0, "a", 1, &err), 0);
	stop = 15;
	ck_assert_int_ne(bl_output_write(m, 1, "b", 1, &err), 0);
	ck_assert_int_eq(err.code, BL_OK);
	ck_assert_str_eq(err.text, "");
	bl_output_close(out);
	ck_assert_int_ne(access(scratch_path(".stop.belay-tmp"), F_OK), 0);
}
END_TEST

START_TEST(one_name_once)
{
	struct bl_output *out = made(scratch_path("once"), BL_NO_SYNC, "a"), *m;
	struct bl_err err = {0};

	ck_assert_int_ne(bl_output_member(out, "a", &m, &err), 0);
	ck_assert_str_eq(err.text, "a: cannot be created: File exists");
	bl_output_close(out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("output_folder");
	TCase *tc = tcase_create("folders");
	int failed;

	tcase_add_test(tc, appears_whole);
	tcase_add_test(tc, vanishes_whole);
	tcase_add_test(tc, replaces);
	tcase_add_test(tc, keeps_what_it_has_not);
	tcase_add_test(tc, keeps_what_came_late);
	tcase_add_test(tc, appeared_meanwhile);
	tcase_add_test(tc, stale_and_live);
	tcase_add_test(tc, lost_temporary);
	tcase_add_test(tc, examines);
	tcase_add_test(tc, through_a_link);
	tcase_add_test(tc, holds_inputs);
	tcase_add_test(tc, few_descriptors);
	tcase_add_test(tc, no_descriptors);
	tcase_add_test(tc, stops);
	tcase_add_test(tc, one_name_once);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	return failed;
}
