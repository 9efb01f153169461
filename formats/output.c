/* output.c - files that appear whole or not at all. */
#include "config.h"

#include "output_state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Bytes of a file that are handed to the disk at a time. */
#define STRETCH ((uint64_t)8 << 20)

#define WAIT 100  /* milliseconds between looks at *stop while a reader does not read */

static int examine_existing(const struct stat *st, unsigned flags, struct bl_err *err)
{
	if (S_ISDIR(st->st_mode))
		return bl_fail(err, BL_USAGE, "is a folder");
	if (!S_ISREG(st->st_mode)) {
		bl_fail(err, BL_USAGE, "is not a regular file");
		return bl_hint(err, "'-' in its place writes to standard output");
	}
	if (flags & (BL_REPLACE | BL_LOOK))
		return 0;
	bl_fail(err, BL_USAGE, "exists already");
	return bl_hint(err, "-f replaces it");
}

int bl_output_examine(const char *path, unsigned flags, bool *exists, struct bl_err *err)
{
	struct stat st;

	*exists = false;
	if (strcmp(path, "-") == 0) {
		if (flags & BL_LOOK || !isatty(STDOUT_FILENO))
			return 0;
		bl_fail(err, BL_USAGE, "is a terminal");
		return bl_hint(err, "lead it into a file, by >, or a program, by |");
	}
	if (lstat(path, &st) == 0) {
		if (S_ISLNK(st.st_mode) && stat(path, &st) != 0)
			return bl_fail(err, BL_USAGE, "is a link to nowhere");
		*exists = true;
		if (examine_existing(&st, flags, err) != 0)
			return -1;
	} else if (errno != ENOENT) {
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	}
	return bl_output_examine_place(path, err);
}

/* Is the folder at path the one in which the file at member is found? */
static bool is_folder_of(const struct stat *folder, const char *member)
{
	const size_t size = strlen(member) + 1;
	char copy[PATH_MAX];
	struct stat st;

	if (size > sizeof copy)
		return true; /* nobody can tell */
	memcpy(copy, member, size);
	return stat(dirname(copy), &st) == 0 && st.st_dev == folder->st_dev &&
		st.st_ino == folder->st_ino;
}

bool bl_output_is(const char *path, const struct bl_file *file)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 &&
		bl_file_is(file, st.st_dev, st.st_ino);
}

bool bl_output_holds(const char *path, const struct bl_file *file)
{
	char real[PATH_MAX];
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return false;
	if (is_folder_of(&st, bl_file_path(file)))
		return true;
	if (!realpath(bl_file_path(file), real)) /* where links lead to */
		return errno == ENOMEM;
	return is_folder_of(&st, real);
}

int bl_output_meets(const char *path, const char *other, bool *meets, struct bl_err *err)
{
	char *folder[2] = {NULL, NULL}, *name[2] = {NULL, NULL};
	struct bl_err why = {0};
	struct stat a, b;

	*meets = false;
	if (strcmp(path, "-") == 0 || strcmp(other, "-") == 0)
		*meets = strcmp(path, other) == 0;
	else if (bl_output_split(path, &folder[0], &name[0], &why) == 0 &&
		bl_output_split(other, &folder[1], &name[1], &why) == 0)
		*meets = strcmp(name[0], name[1]) == 0 && stat(folder[0], &a) == 0 &&
			stat(folder[1], &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	for (size_t i = 0; i < 2; i++) {
		free(folder[i]);
		free(name[i]);
	}
	if (why.code != BL_LIMIT) /* what cannot be reached is not met */
		return 0;
	*err = why;
	return -1;
}

static int open_pipe(struct bl_output *o, int fd, struct bl_err *err)
{
	struct stat st;

	o->kind = BL_OUT_PIPE;
	o->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (o->fd < 0 || fstat(o->fd, &st) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	o->most = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ? PIPE_BUF : SIZE_MAX;
	return 0;
}

static int make_file(struct bl_output *o)
{
	return openat(o->dir, o->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		o->replaces ? o->mode & 0777 : 0666);
}

static int open_file(struct bl_output *o, const char *path, struct bl_err *err)
{
	if (bl_output_place(o, path, err) != 0 || bl_output_take(o, make_file, err) != 0)
		return -1;
	if (o->replaces && fchmod(o->fd, o->mode) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "its mode cannot be set");
	return 0;
}

static struct bl_output *make(
	unsigned flags, const volatile sig_atomic_t *stop, struct bl_err *err)
{
	struct bl_output *o = calloc(1, sizeof *o);

	if (!o) {
		bl_fail_memory(err, sizeof *o, "an output");
		return NULL;
	}
	o->dir = o->fd = -1;
	o->flags = flags;
	o->stop = stop;
	return o;
}

/* Hands over what was opened, or frees what was not. */
static int hand_over(struct bl_output *o, int rc, struct bl_output **out)
{
	if (rc == 0)
		*out = o;
	else
		bl_output_close(o);
	return rc;
}

int bl_output_open(const char *path, unsigned flags, const volatile sig_atomic_t *stop,
	struct bl_output **out, struct bl_err *err)
{
	struct bl_output *o = make(flags, stop, err);

	if (!o)
		return -1;
	return hand_over(o, strcmp(path, "-") == 0 ? open_pipe(o, STDOUT_FILENO, err)
						   : open_file(o, path, err), out);
}

int bl_output_open_descriptor(int fd, const volatile sig_atomic_t *stop, struct bl_output **out,
	struct bl_err *err)
{
	struct bl_output *o = make(0, stop, err);

	return o ? hand_over(o, open_pipe(o, fd, err), out) : -1;
}

/* A write that failed: for want of room it says how much there is. */
static int fail_write(const struct bl_output *o, int errnum, uint64_t size, struct bl_err *err)
{
	struct statvfs v;

	if (errnum == EPIPE)
		return bl_fail_silently(err, BL_OUTPUT);
	if ((errnum == ENOSPC || errnum == EDQUOT) && size && o->kind != BL_OUT_PIPE &&
		fstatvfs(o->fd, &v) == 0)
		return bl_fail_errno(err, BL_OUTPUT, errnum, "%llu bytes are needed, %llu are free",
			(unsigned long long)size, (unsigned long long)v.f_bavail * v.f_frsize);
	return bl_fail_errno(err, BL_OUTPUT, errnum, "cannot be written");
}

int bl_output_hold(struct bl_output *o, struct bl_err *err)
{
	return o->kind == BL_OUT_MEMBER ? bl_member_hold(o, err) : o->fd;
}

void bl_output_release(struct bl_output *o)
{
	if (o->kind == BL_OUT_MEMBER)
		bl_member_release(o);
}

static int resize(const struct bl_output *o, int fd, uint64_t size, struct bl_err *err)
{
	int rc;

	do
		rc = ftruncate(fd, (off_t)size);
	while (rc != 0 && errno == EINTR);
	return rc == 0 ? 0 : fail_write(o, errno, size, err);
}

static int reserve(const struct bl_output *o, int fd, uint64_t size, struct bl_err *err)
{
	int rc;

	do
		rc = fallocate(fd, 0, 0, (off_t)size);
	while (rc != 0 && errno == EINTR);
	if (rc != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
		return fail_write(o, errno, size, err);
	return resize(o, fd, size, err);
}

int bl_output_reserve(struct bl_output *out, uint64_t size, struct bl_err *err)
{
	int fd, rc;

	if (out->kind == BL_OUT_PIPE || size == 0)
		return 0;
	if (size > INT64_MAX)
		return fail_write(out, EFBIG, size, err);
	fd = bl_output_hold(out, err);
	if (fd < 0)
		return -1;
	rc = reserve(out, fd, size, err);
	bl_output_release(out);
	return rc;
}

int bl_output_resize(struct bl_output *out, uint64_t size, struct bl_err *err)
{
	const int fd = bl_output_hold(out, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = resize(out, fd, size, err);
	bl_output_release(out);
	return rc;
}

/* Writes some of n > 0 bytes. A write to a pipe could wait for ever, and a signal need not come to
 * the thread that waits; so it is made only when there is room. Returns bytes or -1, as write(). */
static ssize_t write_some(const struct bl_output *o, int fd, uint64_t offset, const char *src,
	size_t n)
{
	struct pollfd room = {fd, POLLOUT, 0};

	if (o->kind != BL_OUT_PIPE)
		return pwrite(fd, src, n, (off_t)offset);
	if (poll(&room, 1, WAIT) <= 0) {
		errno = EINTR;
		return -1;
	}
	return write(fd, src, n < o->most ? n : o->most);
}

static int write_all(const struct bl_output *o, int fd, uint64_t offset, const char *src, size_t n,
	struct bl_err *err)
{
	size_t put = 0;

	while (put < n) {
		ssize_t k;

		if (bl_go_on(o->stop, err) != 0)
			return -1;
		k = write_some(o, fd, offset + put, src + put, n - put);
		if (k < 0 && errno != EINTR)
			return fail_write(o, errno, offset + n, err);
		if (k > 0)
			put += (size_t)k;
	}
	return 0;
}

/*
 * Lets the kernel write a stretch to the disk as soon as one that follows is begun, so that little
 * is left to wait for when the file is synced. Outputs are filled from front to back, more or less:
 * what comes late is only later on the disk.
 */
static void start_writeback(const struct bl_output *o, int fd, uint64_t offset, size_t n)
{
	const uint64_t now = (offset + n) / STRETCH, before = offset / STRETCH;

	if (o->kind == BL_OUT_PIPE || o->flags & BL_NO_SYNC || now == before)
		return;
	sync_file_range(fd, (off_t)(before * STRETCH), (off_t)((now - before) * STRETCH),
		SYNC_FILE_RANGE_WRITE);
}

int bl_output_write(struct bl_output *out, uint64_t offset, const void *src, size_t n,
	struct bl_err *err)
{
	int fd, rc;

	if (out->kind == BL_OUT_PIPE && offset != out->position)
		return bl_fail(err, BL_BUG, "out of order on a pipe");
	fd = bl_output_hold(out, err);
	if (fd < 0)
		return -1;
	rc = write_all(out, fd, offset, src, n, err);
	if (rc == 0 && out->kind == BL_OUT_PIPE)
		out->position += n;
	if (rc == 0)
		start_writeback(out, fd, offset, n);
	bl_output_release(out);
	return rc;
}

int bl_output_read(struct bl_output *out, uint64_t offset, void *dst, size_t n, struct bl_err *err)
{
	size_t got = 0;

	while (got < n) {
		ssize_t k;

		if (bl_go_on(out->stop, err) != 0)
			return -1;
		k = pread(out->fd, (char *)dst + got, n - got, (off_t)(offset + got));
		if (k == 0)
			return bl_fail(err, BL_BUG, "read behind its end");
		if (k < 0 && errno != EINTR)
			return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be read back");
		if (k > 0)
			got += (size_t)k;
	}
	return 0;
}

int bl_output_size(const struct bl_output *out, uint64_t *size, struct bl_err *err)
{
	struct stat st;

	*size = 0;
	if (out->kind == BL_OUT_PIPE) {
		*size = out->position;
		return 0;
	}
	if (out->kind == BL_OUT_FOLDER)
		return bl_folder_size(out, size, err);
	if (fstat(out->fd, &st) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "its size cannot be found");
	*size = (uint64_t)st.st_size;
	return 0;
}

int bl_output_fd(const struct bl_output *out)
{
	return out->fd;
}

const volatile sig_atomic_t *bl_output_stop(const struct bl_output *out)
{
	return out->stop;
}

bool bl_output_is_pipe(const struct bl_output *out)
{
	return out->kind == BL_OUT_PIPE;
}

int bl_output_sync(struct bl_output *out, struct bl_err *err)
{
	int copy;

	if (out->kind == BL_OUT_PIPE)
		return 0;
	if (out->kind == BL_OUT_FOLDER)
		return bl_folder_sync(out, err);
	if (!(out->flags & BL_NO_SYNC) && fsync(out->fd) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be brought to the disk");
	/* Network file systems report what was lost when a descriptor is closed; closing a copy
	 * asks them, and keeps the lock, which must last until the file has its name. */
	copy = dup(out->fd);
	if (copy < 0 || (close(copy) != 0 && errno != EINTR))
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	return 0;
}

/* Data may be reported lost only when the file is closed. */
static int close_file(struct bl_output *o, struct bl_err *err)
{
	int fd = o->fd;

	o->fd = -1;
	if (close(fd) != 0 && errno != EINTR)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	return 0;
}

int bl_output_publish(struct bl_output *out, struct bl_err *err)
{
	int rc;

	if (out->kind == BL_OUT_FOLDER)
		return bl_folder_publish(out, err);
	if (out->kind == BL_OUT_PIPE) {
		out->published = true;
		return close_file(out, err);
	}
	if (!bl_output_still_named(out, out->fd))
		return bl_fail(
			err, BL_OUTPUT, "%s was removed while this run was at work", out->temp);
	if (out->flags & BL_REPLACE)
		rc = renameat(out->dir, out->temp, out->dir, out->name);
	else
		rc = bl_output_rename_new(out);
	if (rc != 0 && errno == EEXIST)
		return bl_fail(err, BL_OUTPUT, "appeared while this run was at work");
	if (rc != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be renamed into place");
	out->published = true;
	if (!(out->flags & BL_NO_SYNC) && fsync(out->dir) != 0 && errno != EINVAL)
		return bl_fail_errno(
			err, BL_OUTPUT, errno, "its folder cannot be brought to the disk");
	return close_file(out, err);
}

void bl_output_close(struct bl_output *out)
{
	if (!out)
		return;
	if (out->kind == BL_OUT_FOLDER)
		bl_folder_close(out);
	else if (out->kind == BL_OUT_FILE && out->fd >= 0 && !out->published &&
		bl_output_still_named(out, out->fd))
		unlinkat(out->dir, out->temp, 0);
	if (out->fd >= 0)
		close(out->fd);
	if (out->dir >= 0)
		close(out->dir);
	free(out->name);
	free(out->temp);
	free(out);
}
