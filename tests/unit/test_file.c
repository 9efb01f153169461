/* test_file.c - files that are read: the pool, what is refused, what changes under us. */
#include "config.h"

#include "arith.h"
#include "file.h"
#include "folder.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MANY 60
#define SIZE 300

static char name[MANY][8];
static struct bl_file *file[MANY];

/* Byte k of file number i. */
static unsigned char byte_of(size_t i, size_t k)
{
	return (unsigned char)(i * 7 + k * 31 + k / 256);
}

static void make_files(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char text[SIZE];

		for (size_t k = 0; k < SIZE; k++)
			text[k] = (char)byte_of(i, k);
		snprintf(name[i], sizeof name[i], "f%zu", i % 1000);
		folder_put(name[i], text, SIZE);
	}
}

static struct bl_files *open_files(size_t n, size_t limit)
{
	struct bl_files *pool;
	struct bl_err err;

	ck_assert_int_eq(bl_files_new(&pool, limit, &err), 0);
	for (size_t i = 0; i < n; i++)
		if (bl_file_open(pool, name[i], &file[i], &err) != 0)
			ck_abort_msg("%s: %s", name[i], err.text);
	return pool;
}

static void close_files(struct bl_files *pool, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bl_file_close(file[i]);
	bl_files_free(pool);
}

/* Reads a part of file i and compares. */
static bool reads(size_t i, size_t offset, size_t n)
{
	unsigned char got[SIZE];
	struct bl_err err;

	if (bl_file_read(file[i], offset, got, n, &err) != 0)
		return false;
	for (size_t k = 0; k < n; k++)
		if (got[k] != byte_of(i, offset + k))
			return false;
	return true;
}

START_TEST(reads_parts)
{
	struct bl_files *pool;
	struct bl_err err;
	char got[SIZE + 24];

	make_files(1);
	pool = open_files(1, 0);
	ck_assert_uint_eq(bl_file_size(file[0]), SIZE);
	ck_assert(reads(0, 0, SIZE) && reads(0, 17, 100) && reads(0, SIZE - 1, 1));
	ck_assert(reads(0, SIZE, 0) && reads(0, 5, 0));
	ck_assert_int_eq(bl_file_read(file[0], 0, got, sizeof got, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text, "ends at offset 300, where 24 more bytes were expected");
	ck_assert_int_eq(bl_file_read(file[0], 1000, got, 1, &err), -1);
	ck_assert_str_eq(err.text, "ends at offset 1000, where 1 more bytes were expected");
	ck_assert_int_eq(bl_file_read(file[0], UINT64_MAX - 5, got, 3, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_int_eq(bl_file_unchanged(file[0], &err), 0);
	close_files(pool, 1);
	bl_file_close(NULL);
	bl_files_free(NULL);
}
END_TEST

static int open_unreadable(const void *arg)
{
	struct bl_files *pool;
	struct bl_file *f;
	struct bl_err err;

	if (bl_files_new(&pool, 0, &err) != 0 || bl_file_open(pool, arg, &f, &err) == 0)
		return 1;
	bl_files_free(pool);
	if (err.code != BL_INPUT)
		return 2;
	return strcmp(err.text, "cannot be opened: Permission denied") == 0 ? 0 : 3;
}

/* How the call for what is in memory fails (0: it does not), and the one that waits. */
static struct {
	int nowait, wait;
	unsigned waits;
} fault;

ssize_t __real_preadv2(int fd, const struct iovec *to, int n, off_t offset, int flags);
ssize_t __wrap_preadv2(int fd, const struct iovec *to, int n, off_t offset, int flags);
ssize_t __real_pread(int fd, void *to, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t n, off_t offset);

ssize_t __wrap_preadv2(int fd, const struct iovec *to, int n, off_t offset, int flags)
{
	errno = fault.nowait;
	return fault.nowait ? -1 : __real_preadv2(fd, to, n, offset, flags);
}

ssize_t __wrap_pread(int fd, void *to, size_t n, off_t offset)
{
	fault.waits++;
	errno = fault.wait;
	return fault.wait ? -1 : __real_pread(fd, to, n, offset);
}

/* What the disk cannot read is told, and not read again. */
START_TEST(fails_once)
{
	struct bl_files *pool;
	struct bl_err err;
	char got[4];

	make_files(1);
	pool = open_files(1, 0);
	fault.waits = 0;
	fault.nowait = EIO;
	ck_assert_int_eq(bl_file_read(file[0], 10, got, 4, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(
		err.text, "cannot read 4 bytes at offset 10: Input/output error");
	ck_assert_uint_eq(fault.waits, 0);
	fault.nowait = EAGAIN; /* it is on the disk */
	fault.wait = EIO;
	ck_assert_int_eq(bl_file_read(file[0], 10, got, 4, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_uint_eq(fault.waits, 1);
	fault.nowait = EOPNOTSUPP;
	fault.wait = 0;
	ck_assert(reads(0, 10, 4));
	fault.nowait = 0;
	close_files(pool, 1);
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{"folder", "is a folder, not a checkpoint file"},
		{"fifo", "is not a regular file"},
		{"/dev/null", "is not a regular file"},
		{"missing", "cannot be opened: No such file or directory"},
		{"dangling", "cannot be opened: No such file or directory"},
		{"", "cannot be opened: No such file or directory"},
		{"f0/x", "cannot be opened: Not a directory"},
		{"loop", "cannot be opened: Too many levels of symbolic links"},
	};
	struct bl_files *pool;
	struct bl_file *f = NULL;
	struct bl_err err;
	size_t descriptors;

	make_files(1);
	ck_assert_int_eq(mkdir("folder", 0777), 0);
	ck_assert_int_eq(mkfifo("fifo", 0666), 0);
	ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
	descriptors = folder_descriptors();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_int_eq(bl_file_open(pool, cases[i].path, &f, &err), -1);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_str_eq(err.text, cases[i].text);
	}
	ck_assert_uint_eq(folder_descriptors(), descriptors);
	bl_files_free(pool);
	ck_assert_int_eq(chmod("f0", 0), 0);
	ck_assert_int_eq(folder_run(open_unreadable, "f0"), 0);
}
END_TEST

/* Far more files than descriptors. */
START_TEST(pool_of_one)
{
	struct bl_files *pool;
	uint64_t seed = 1;
	size_t before;

	make_files(MANY);
	before = folder_descriptors();
	pool = open_files(MANY, 1);
	ck_assert_uint_eq(folder_descriptors(), before + 1);
	for (int i = 0; i < 500; i++) {
		ck_assert(reads(arith_below(&seed, MANY), arith_below(&seed, 200), 100));
		ck_assert_uint_eq(folder_descriptors(), before + 1);
	}
	close_files(pool, MANY);
	ck_assert_uint_eq(folder_descriptors(), before);
}
END_TEST

/* The one that was used longest ago is closed first. */
START_TEST(pool_keeps_the_recent)
{
	struct bl_files *pool;
	struct bl_err err;
	int fd[3];

	make_files(4);
	pool = open_files(4, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert(reads(i, 0, 1));
	for (size_t i = 0; i < 3; i++) {
		fd[i] = bl_file_borrow(file[i], &err);
		bl_file_return(file[i]);
	}
	ck_assert(reads(0, 0, 1)); /* now 1 is the oldest */
	ck_assert(reads(3, 0, 1));
	for (size_t i = 0; i < 3; i++) {
		struct stat at, now;

		ck_assert_int_eq(stat(name[i], &at), 0);
		ck_assert_int_eq(fstat(fd[i], &now) == 0 && now.st_ino == at.st_ino, i != 1);
	}
	close_files(pool, 4);
}
END_TEST

/* A descriptor that was borrowed stays, whatever else is read; the pool shrinks again. */
START_TEST(borrowed_stays)
{
	struct bl_files *pool;
	struct bl_err err;
	size_t before;
	unsigned char byte;
	int a, b;

	make_files(5);
	before = folder_descriptors();
	pool = open_files(5, 1);
	a = bl_file_borrow(file[0], &err);
	b = bl_file_borrow(file[1], &err);
	ck_assert(a >= 0 && b >= 0 && a != b);
	ck_assert_int_eq(bl_file_borrow(file[0], &err), a);
	for (size_t i = 0; i < 5; i++)
		ck_assert(reads(i, 3, 50));
	ck_assert_uint_eq(folder_descriptors(), before + 2);
	ck_assert_int_eq(pread(a, &byte, 1, 9), 1);
	ck_assert_uint_eq(byte, byte_of(0, 9));
	ck_assert_int_eq(pread(b, &byte, 1, 9), 1);
	ck_assert_uint_eq(byte, byte_of(1, 9));
	bl_file_return(file[0]);
	ck_assert_int_eq(pread(a, &byte, 1, 9), 1);
	bl_file_return(file[0]);
	ck_assert_uint_eq(folder_descriptors(), before + 1);
	bl_file_return(file[1]);
	ck_assert_uint_eq(folder_descriptors(), before + 1);
	close_files(pool, 5);
}
END_TEST

static void *read_at_random(void *arg)
{
	uint64_t seed = *(uint64_t *)arg;
	bool good = true;

	for (int i = 0; i < 400; i++)
		good = reads(arith_below(&seed, MANY), arith_below(&seed, 200), 100) && good;
	return good ? arg : NULL;
}

START_TEST(threads_share_the_pool)
{
	pthread_t thread[4];
	uint64_t seed[4] = {1, 2, 3, 4};
	struct bl_files *pool;
	size_t before;

	make_files(MANY);
	before = folder_descriptors();
	pool = open_files(MANY, 2);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, read_at_random, &seed[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		void *good;

		pthread_join(thread[i], &good);
		ck_assert_ptr_nonnull(good);
	}
	ck_assert_uint_le(folder_descriptors(), before + 2);
	close_files(pool, MANY);
}
END_TEST

/* With few descriptors in all: arg is what a pool may think it has, NULL what it finds itself. */
static int read_with_few(const void *arg)
{
	struct rlimit r = {30, arg ? 30 : 80};
	struct bl_files *pool;

	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		return 1;
	pool = open_files(MANY, arg ? *(const size_t *)arg : 0);
	for (size_t i = 0; i < MANY; i++)
		if (!reads(i, 0, SIZE))
			return 2;
	if (!arg && (folder_descriptors() < 80 - 32 || folder_descriptors() > 80 - 32 + 10))
		return 3;
	close_files(pool, MANY);
	return 0;
}

START_TEST(few_descriptors)
{
	const size_t wrong = 1000;

	make_files(MANY);
	ck_assert_int_eq(folder_run(read_with_few, NULL), 0);
	ck_assert_int_eq(folder_run(read_with_few, &wrong), 0);
}
END_TEST

/* What can happen to a file. */
static void replace(void)
{
	char text[SIZE];

	for (size_t k = 0; k < SIZE; k++)
		text[k] = (char)byte_of(0, k);
	folder_put("new", text, SIZE);
	ck_assert_int_eq(rename("new", "f0"), 0);
}

static void cut(void)
{
	ck_assert_int_eq(truncate("f0", 200), 0);
}

static void append(void)
{
	ck_assert_int_eq(truncate("f0", 400), 0);
}

static void touch(void)
{
	struct timespec t[2] = {{0, UTIME_OMIT}, {1000000000, 1}};

	ck_assert_int_eq(utimensat(AT_FDCWD, "f0", t, 0), 0);
}

static void overwrite(void)
{
	int fd = open("f0", O_WRONLY);

	usleep(20000); /* times have the resolution of the kernel's clock */
	ck_assert_int_eq(pwrite(fd, "x", 1, 10), 1);
	close(fd);
}

/* Only the time of change tells. */
static void disguise(void)
{
	struct timespec t[2] = {{0, UTIME_OMIT}};
	struct stat st;

	ck_assert_int_eq(stat("f0", &st), 0);
	overwrite();
	t[1] = st.st_mtim;
	ck_assert_int_eq(utimensat(AT_FDCWD, "f0", t, 0), 0);
}

static void (*const changes[])(void) = {replace, cut, append, touch, overwrite, disguise};

#define CHANGES (sizeof changes / sizeof changes[0])

/* One test per change, and two ways to have the file: open all the time, or closed meanwhile. */
START_TEST(changed)
{
	struct bl_files *pool;
	unsigned char got[SIZE];
	struct bl_err err;

	make_files(2);
	pool = open_files(2, 1); /* so file 0 is closed */
	ck_assert(reads(0, 0, SIZE) && reads(1, 0, SIZE));
	ck_assert_int_eq(bl_file_unchanged(file[0], &err), 0);
	if ((size_t)_i < CHANGES)
		ck_assert(reads(0, 0, 1)); /* and now open */
	changes[(size_t)_i % CHANGES]();
	if ((size_t)_i >= CHANGES) {
		ck_assert_int_eq(bl_file_read(file[0], 0, got, 1, &err), -1);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_str_eq(err.text, "changed while it was read");
		ck_assert_str_eq(err.hint, "wait until the training run has finished writing it");
		ck_assert_int_eq(bl_file_borrow(file[0], &err), -1);
	} else if (changes[_i] == cut) {
		ck_assert_int_eq(bl_file_read(file[0], 150, got, 100, &err), -1);
		ck_assert_str_eq(err.text, "changed while it was read");
	}
	ck_assert_int_eq(bl_file_unchanged(file[0], &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text, "changed while it was read");
	ck_assert_int_eq(bl_file_unchanged(file[1], &err), 0);
	ck_assert(reads(1, 0, SIZE));
	close_files(pool, 2);
}
END_TEST

START_TEST(removed)
{
	struct bl_files *pool;
	struct bl_err err;
	char byte;

	make_files(2);
	pool = open_files(2, 1);
	ck_assert_int_eq(unlink("f0"), 0);
	ck_assert_int_eq(bl_file_read(file[0], 0, &byte, 1, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text, "cannot be opened: No such file or directory");
	ck_assert_int_eq(bl_file_unchanged(file[0], &err), -1);
	close_files(pool, 2);
}
END_TEST

START_TEST(knows_itself)
{
	struct bl_files *pool;
	struct stat st;

	make_files(3);
	ck_assert_int_eq(unlink("f1"), 0);
	ck_assert_int_eq(link("f0", "f1"), 0);
	ck_assert_int_eq(symlink("f0", "f3"), 0);
	strcpy(name[3], "f3");
	pool = open_files(4, 0);
	ck_assert(bl_file_same(file[0], file[1]) && bl_file_same(file[3], file[0]));
	ck_assert(!bl_file_same(file[0], file[2]));
	ck_assert_int_eq(stat("f2", &st), 0);
	ck_assert(bl_file_is(file[2], st.st_dev, st.st_ino));
	ck_assert(!bl_file_is(file[0], st.st_dev, st.st_ino));
	ck_assert(!bl_file_is(file[2], st.st_dev + 1, st.st_ino));
	close_files(pool, 4);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("file");
	TCase *t = tcase_create("file");

	alarm(60); /* whoever waits for ever */
	tcase_add_checked_fixture(t, folder_enter, folder_leave);
	tcase_add_test(t, reads_parts);
	tcase_add_test(t, fails_once);
	tcase_add_test(t, refuses);
	tcase_add_test(t, pool_of_one);
	tcase_add_test(t, pool_keeps_the_recent);
	tcase_add_test(t, borrowed_stays);
	tcase_add_test(t, threads_share_the_pool);
	tcase_add_test(t, few_descriptors);
	tcase_add_loop_test(t, changed, 0, 2 * (int)CHANGES);
	tcase_add_test(t, removed);
	tcase_add_test(t, knows_itself);
	suite_add_tcase(s, t);
	return suite_run(s);
}
