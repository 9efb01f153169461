/*
 * test_hdf5_reads.c - what the walk through an HDF5 file makes where a read fails.
 */
#include "config.h"

#include "hdf5_walk.h"
#include "made_h5.h"
#include "sample.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The read that fails, from 1; 0: none. */
static unsigned reads, failing;

ssize_t __real_pread(int fd, void *to, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t n, off_t offset);

ssize_t __wrap_pread(int fd, void *to, size_t n, off_t offset)
{
	if (++reads != failing)
		return __real_pread(fd, to, n, offset);
	errno = EIO;
	return -1;
}

/* The library takes some of what it cannot read for absent; here it is an error, every time. */
START_TEST(every_read_counts)
{
	static const struct made_file old_kind = {.name = "old"};
	static const struct made x = {"x", "f4", 1, {3}, {0}, 0, 0, 0};
	static const struct made y = {"group/y", "f4", 1, {3}, {0}, 0, 0, 0};
	const char *path = scratch_path("reads");
	hid_t file = made_open(path, &old_kind), scalar = H5Screate(H5S_SCALAR), a;
	struct bl_h5_words index = {0};
	struct bl_err err = {0};
	struct stat st;
	int fd, rc;

	made_dataset(file, &x);
	made_dataset(file, &y);
	a = H5Acreate2(file, "step", H5T_NATIVE_INT, scalar, H5P_DEFAULT, H5P_DEFAULT);
	H5Aclose(a);
	H5Sclose(scalar);
	made_close(file);
	fd = open(path, O_RDONLY);
	ck_assert(fd >= 0 && fstat(fd, &st) == 0);
	for (failing = 1;; failing++) {
		reads = 0;
		memset(&index, 0, sizeof index);
		rc = bl_h5_walk(fd, 0, (uint64_t)st.st_size, 0, &index, &err);
		bl_h5_words_free(&index);
		if (reads < failing)
			break;
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_str_eq(err.text, "cannot be read: Input/output error");
		ck_assert_int_eq(err.errnum, EIO);
	}
	failing = 0;
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_gt(reads, 10);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5_reads");
	TCase *tc = tcase_create("reads");
	int failed;

	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, every_read_counts);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	return failed;
}
