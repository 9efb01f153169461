/*
 * test_output_faults.c - outputs where system calls fail and disks are full.
 *
 * Linked with --wrap for the calls that output.c makes.
 */
#include "config.h"

#include "folder.h"
#include "publish.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP ".out.belay-tmp"

static struct bl_err err;

/* The error that each call gives, 0: it does what it should. */
static struct {
	int flock, renameat2, fsync, fallocate, pwrite;
	bool fallocate_once;      /* then works */
	unsigned fsync_at;        /* only this one fails, from 1; 0: all */
	bool shred;               /* pwrite: a few bytes, or EINTR */
	bool killed_at_unlinkat;
	unsigned fsyncs, pwrites; /* calls */
	bool named_at_fsync[2];   /* did the final name exist at the first and second fsync? */
	void (*meanwhile)(void);  /* what others do before the first flock */
} fault;

int __real_flock(int fd, int how);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned how);
int __real_fsync(int fd);
int __real_fallocate(int fd, int mode, off_t offset, off_t n);
ssize_t __real_pwrite(int fd, const void *src, size_t n, off_t offset);
int __real_unlinkat(int dir, const char *name, int how);
int __wrap_flock(int fd, int how);
int __wrap_unlinkat(int dir, const char *name, int how);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned how);
int __wrap_fsync(int fd);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t n);
ssize_t __wrap_pwrite(int fd, const void *src, size_t n, off_t offset);

static int refuse(int errnum)
{
	errno = errnum;
	return -1;
}

int __wrap_flock(int fd, int how)
{
	void (*meanwhile)(void) = fault.meanwhile;

	fault.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
	return fault.flock ? refuse(fault.flock) : __real_flock(fd, how);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned how)
{
	if (fault.renameat2)
		return refuse(fault.renameat2);
	return __real_renameat2(from_dir, from, to_dir, to, how);
}

int __wrap_fsync(int fd)
{
	if (fault.fsyncs < 2)
		fault.named_at_fsync[fault.fsyncs] = access("out", F_OK) == 0;
	fault.fsyncs++;
	if (fault.fsync && (!fault.fsync_at || fault.fsyncs == fault.fsync_at))
		return refuse(fault.fsync);
	return __real_fsync(fd);
}

int __wrap_fallocate(int fd, int mode, off_t offset, off_t n)
{
	const int errnum = fault.fallocate;

	if (fault.fallocate_once)
		fault.fallocate = 0;
	return errnum ? refuse(errnum) : __real_fallocate(fd, mode, offset, n);
}

ssize_t __wrap_pwrite(int fd, const void *src, size_t n, off_t offset)
{
	const unsigned call = fault.pwrites++;

	if (fault.pwrite)
		return refuse(fault.pwrite);
	if (fault.shred && call % 3 == 1)
		return refuse(EINTR);
	return __real_pwrite(fd, src, fault.shred && n > call % 5 + 1 ? call % 5 + 1 : n, offset);
}

int __wrap_unlinkat(int dir, const char *name, int how)
{
	if (fault.killed_at_unlinkat)
		raise(SIGKILL);
	return __real_unlinkat(dir, name, how);
}

static void setup(void)
{
	memset(&fault, 0, sizeof fault);
	folder_enter();
}

/* File systems without locks: all goes well alone, and nobody takes what may be another's. */
START_TEST(without_locks)
{
	struct bl_output *first, *second;

	fault.flock = ENOLCK;
	ck_assert_int_eq(bl_output_open("out", 0, NULL, &first, &err), 0);
	ck_assert_int_eq(bl_output_open("out", 0, NULL, &second, &err), -1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.text, TEMP " is in the way: No locks available");
	ck_assert_str_eq(err.hint, "remove it if no other run is at work");
	ck_assert_int_eq(publish_text(first, "new", &err), 0);
	bl_output_close(first);
	ck_assert(folder_holds("out", "new"));
	ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

static void remove_ours(void)
{
	ck_assert_int_eq(unlink(TEMP), 0);
}

/* Another run takes ours for a stale one before it is locked: we make another. */
START_TEST(taken_for_stale)
{
	fault.meanwhile = remove_ours;
	ck_assert_int_eq(publish_file("out", 0, "new", &err), 0);
	ck_assert(folder_holds("out", "new"));
	ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

static int theirs = -1;

static void publish_theirs(void)
{
	ck_assert_int_eq(rename(TEMP, "published"), 0);
	folder_put(TEMP, "the next one", 12);
	theirs = open(TEMP, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(__real_flock(theirs, LOCK_EX), 0);
}

/* What we took for stale was published meanwhile, and its name is already that of the next run. */
START_TEST(published_and_begun_anew)
{
	folder_put(TEMP, "done", 4);
	fault.meanwhile = publish_theirs;
	ck_assert_int_eq(publish_file("out", 0, "new", &err), BL_OUTPUT);
	ck_assert_str_eq(err.text, "another run is writing it");
	ck_assert(folder_holds("published", "done") && folder_holds(TEMP, "the next one"));
	close(theirs);
}
END_TEST

/* File systems that cannot rename without replacing. */
START_TEST(without_noreplace)
{
	static const int errors[] = {EINVAL, ENOSYS};

	for (size_t i = 0; i < 2; i++) {
		struct bl_output *o;

		fault.renameat2 = errors[i];
		ck_assert_int_eq(publish_file("out", 0, "new", &err), 0);
		ck_assert(folder_holds("out", "new"));
		ck_assert_uint_eq(folder_count(), 1);
		ck_assert_int_eq(unlink("out"), 0);
		ck_assert_int_eq(bl_output_open("out", 0, NULL, &o, &err), 0);
		folder_put("out", "theirs", 6);
		ck_assert_int_eq(publish_text(o, "ours", &err), -1);
		ck_assert_str_eq(err.text, "appeared while this run was at work");
		bl_output_close(o);
		ck_assert(folder_holds("out", "theirs"));
		ck_assert_uint_eq(folder_count(), 1);
		ck_assert_int_eq(unlink("out"), 0);
	}
	fault.renameat2 = EIO;
	ck_assert_int_eq(publish_file("out", 0, "new", &err), BL_OUTPUT);
	ck_assert_str_eq(err.text, "cannot be renamed into place: Input/output error");
	ck_assert_uint_eq(folder_count(), 0);
}
END_TEST

static int publish_and_die(const void *path)
{
	fault.renameat2 = EINVAL;
	fault.killed_at_unlinkat = true;
	return publish_file(path, 0, "whole", &err);
}

/* There, a run may be killed when its file has both names; the next one takes the first from it. Of
 * a long name, the temporary one is another, and the same in every run. */
START_TEST(killed_with_both_names)
{
	char longest[256];

	memset(longest, 'n', 255);
	longest[255] = '\0';
	for (int round = 0; round < 2; round++) {
		const char *path = round ? longest : "out";

		ck_assert_int_eq(folder_wait(folder_start(publish_and_die, path)), 128 + SIGKILL);
		ck_assert(folder_holds(path, "whole"));
		ck_assert_uint_eq(folder_count(), 2);
		ck_assert_int_eq(publish_file(path, BL_REPLACE, "new", &err), 0);
		ck_assert(folder_holds(path, "new"));
		ck_assert_uint_eq(folder_count(), 1);
		ck_assert_int_eq(unlink(path), 0);
	}
	folder_put("precious", "x", 1);
	ck_assert_int_eq(link("precious", TEMP), 0);
	ck_assert_int_eq(publish_file("out", 0, "new", &err), BL_OUTPUT);
	ck_assert_str_eq(err.text, TEMP " is in the way and is not ours");
	ck_assert(folder_holds("precious", "x"));
}
END_TEST

/* The file, then its name, then the folder; a failure is told and never tried again. */
START_TEST(syncs)
{
	ck_assert_int_eq(publish_file("out", 0, "new", &err), 0);
	ck_assert_uint_eq(fault.fsyncs, 2);
	ck_assert(!fault.named_at_fsync[0] && fault.named_at_fsync[1]);
	fault.fsyncs = 0;
	ck_assert_int_eq(publish_file("out", BL_REPLACE | BL_NO_SYNC, "newer", &err), 0);
	ck_assert_uint_eq(fault.fsyncs, 0);
	fault.fsync = EIO;
	ck_assert_int_eq(publish_file("out", BL_REPLACE, "newest", &err), BL_OUTPUT);
	ck_assert_str_eq(err.text, "cannot be brought to the disk: Input/output error");
	ck_assert_uint_eq(fault.fsyncs, 1);
	ck_assert(folder_holds("out", "newer"));
	ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

static int publish_folder(const char *text)
{
	struct bl_output *out = NULL, *member = NULL;
	int rc;

	ck_assert_int_eq(bl_output_open_folder("out", BL_REPLACE, NULL, &out, &err), 0);
	ck_assert_int_eq(bl_output_member(out, "member", &member, &err), 0);
	ck_assert_int_eq(bl_output_write(member, 0, text, strlen(text), &err), 0);
	rc = bl_output_sync(out, &err);
	if (rc == 0)
		rc = bl_output_publish(out, &err);
	bl_output_close(out);
	return rc;
}

/* A folder whose name may not be on the disk yet: what it replaces is kept, and that is told. */
START_TEST(keeps_the_old_folder)
{
	ck_assert_int_eq(publish_folder("old"), 0);
	fault.fsyncs = 0;
	fault.fsync = EIO;
	fault.fsync_at = 3; /* after the member, and the folder itself */
	ck_assert_int_eq(publish_folder("new"), -1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(
		err.text, "its folder cannot be brought to the disk: Input/output error");
	ck_assert_str_eq(err.hint, "what it replaces is kept as " TEMP ", until the next run");
	ck_assert_uint_eq(fault.fsyncs, 3);
	ck_assert(folder_holds("out/member", "new"));
	ck_assert(folder_holds(TEMP "/member", "old"));
	fault.fsync = 0;
	ck_assert_int_eq(publish_folder("newest"), 0);
	ck_assert(folder_holds("out/member", "newest"));
	ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

START_TEST(reserves)
{
	unsigned long long needed = 0, spare = 0;

	fault.fallocate = ENOSPC;
	ck_assert_int_eq(publish_file("out", 0, "new result", &err), BL_OUTPUT);
	ck_assert_int_eq(
		sscanf(err.text, "%llu bytes are needed, %llu are free: ", &needed, &spare), 2);
	ck_assert_ptr_nonnull(strstr(err.text, "are free: No space left on device"));
	ck_assert_uint_eq(needed, 10);
	ck_assert_uint_gt(spare, 0);
	fault.fallocate = EDQUOT;
	ck_assert_int_eq(publish_file("out", 0, "new", &err), BL_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "are free: Disk quota exceeded"));
	fault.fallocate = EFBIG;
	ck_assert_int_eq(publish_file("out", 0, "new", &err), BL_OUTPUT);
	ck_assert_str_eq(err.text, "cannot be written: File too large");
	ck_assert_uint_eq(folder_count(), 0);
	fault.fallocate = EOPNOTSUPP; /* the file system cannot */
	ck_assert_int_eq(publish_file("out", 0, "new", &err), 0);
	ck_assert(folder_holds("out", "new"));
	fault.fallocate = EINTR;
	fault.fallocate_once = true;
	ck_assert_int_eq(publish_file("out", BL_REPLACE, "newer", &err), 0);
	ck_assert(folder_holds("out", "newer"));
}
END_TEST

START_TEST(writes_in_pieces)
{
	struct bl_output *o;
	char text[1001];

	for (size_t i = 0; i < 1000; i++)
		text[i] = (char)('a' + i * i % 23);
	text[1000] = '\0';
	fault.shred = true;
	ck_assert_int_eq(publish_file("out", 0, text, &err), 0);
	ck_assert(folder_holds("out", text));
	ck_assert_uint_gt(fault.pwrites, 400);
	fault.shred = false;
	fault.pwrite = ENOSPC;
	ck_assert_int_eq(bl_output_open("two", 0, NULL, &o, &err), 0);
	ck_assert_int_eq(bl_output_write(o, 100, text, 1000, &err), -1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_int_eq(strncmp(err.text, "1100 bytes are needed, ", 23), 0);
	fault.pwrite = EIO;
	ck_assert_int_eq(bl_output_write(o, 0, text, 1000, &err), -1);
	ck_assert_str_eq(err.text, "cannot be written: Input/output error");
	bl_output_close(o);
	ck_assert_uint_eq(folder_count(), 1);
}
END_TEST

/* In a world of its own: a file system of 64 KiB, and a process that may write 8 KiB. */
static int fill_the_disk(const void *arg)
{
	static char text[70001];
	struct rlimit small = {8192, 8192};
	struct bl_output *o;

	(void)arg;
	memset(text, 'x', sizeof text - 1);
	signal(SIGXFSZ, SIG_IGN);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", "disk", "tmpfs", 0, "size=64k") != 0 || chdir("disk") != 0)
		return 77;
	if (publish_file("out", 0, text, &err) != BL_OUTPUT ||
		!strstr(err.text, "70000 bytes are needed, ") || folder_count() != 0)
		return 1;
	if (bl_output_open("out", 0, NULL, &o, &err) != 0 ||
		bl_output_write(o, 0, text, 70000, &err) == 0 ||
		!strstr(err.text, "are free: No space left on device"))
		return 2;
	bl_output_close(o);
	if (folder_count() != 0 || publish_file("out", 0, "small", &err) != 0)
		return 3;
	setrlimit(RLIMIT_FSIZE, &small);
	if (publish_file("two", 0, text, &err) != BL_OUTPUT ||
		strcmp(err.text, "cannot be written: File too large") != 0)
		return 4;
	return folder_count() == 1 ? 0 : 5;
}

START_TEST(full_disk)
{
	pid_t child;
	int rc;

	ck_assert_int_eq(mkdir("disk", 0777), 0);
	child = folder_start(fill_the_disk, NULL);
	rc = folder_wait(child);
	ck_assert_msg(rc == 0 || rc == 77, "step %d", rc);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("output_faults");
	TCase *t = tcase_create("output_faults");

	alarm(60); /* whoever waits for ever */
	tcase_add_checked_fixture(t, setup, folder_leave);
	tcase_add_test(t, without_locks);
	tcase_add_test(t, taken_for_stale);
	tcase_add_test(t, published_and_begun_anew);
	tcase_add_test(t, without_noreplace);
	tcase_add_test(t, killed_with_both_names);
	tcase_add_test(t, syncs);
	tcase_add_test(t, keeps_the_old_folder);
	tcase_add_test(t, reserves);
	tcase_add_test(t, writes_in_pieces);
	tcase_add_test(t, full_disk);
	suite_add_tcase(s, t);
	return suite_run(s);
}
