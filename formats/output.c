/* output.c - files that appear whole or not at all. */
#include "config.h"

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SUFFIX ".belay-tmp"
#define TRIES 100 /* rounds of the race for the temporary's name */
#define WAIT 100  /* milliseconds between looks at *stop while a reader does not read */

struct bl_output {
	int dir;      /* of the final file; -1 for a pipe */
	int fd;       /* -1 once closed */
	char *name;   /* final, within dir */
	char *temp;   /* temporary, within dir */
	mode_t mode;
	unsigned flags;
	bool pipe;
	bool published;
	uint64_t position; /* of a pipe */
	size_t most;       /* bytes that a pipe with room takes at once, without waiting */
	const volatile sig_atomic_t *stop;
};

/* Splits path into a folder and a name, both malloc'd; links in path are resolved first, so that a
 * link's target is replaced and the link kept. */
static int split(const char *path, char **folder, char **name, struct bl_err *err)
{
	char *whole = realpath(path, NULL), *slash;

	if (!whole && errno != ENOENT)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	if (!whole)
		whole = strdup(path);
	if (!whole)
		return bl_fail_memory(err, strlen(path) + 1, "a path");
	slash = strrchr(whole, '/');
	*name = strdup(slash ? slash + 1 : whole);
	if (slash)
		slash[slash == whole] = '\0'; /* "/name" keeps its "/" */
	*folder = slash ? whole : strdup(".");
	if (!slash)
		free(whole);
	if (*folder && *name)
		return 0;
	free(*folder);
	free(*name);
	return bl_fail_memory(err, strlen(path) + 1, "a path");
}

static int examine_existing(const struct stat *st, unsigned flags, struct bl_err *err)
{
	if (S_ISDIR(st->st_mode))
		return bl_fail(err, BL_USAGE, "is a folder");
	if (!S_ISREG(st->st_mode)) {
		bl_fail(err, BL_USAGE, "is not a regular file");
		return bl_hint(err, "-o - writes safetensors to standard output");
	}
	if (flags & BL_REPLACE)
		return 0;
	bl_fail(err, BL_USAGE, "exists already");
	return bl_hint(err, "-f replaces it");
}

/* Can a file be made in path's folder? */
static int examine_folder(const char *path, struct bl_err *err)
{
	char *folder, *name;
	int rc = 0;

	if (split(path, &folder, &name, err) != 0)
		return -1;
	if (name[0] == '\0')
		rc = bl_fail(err, BL_USAGE, "names a folder, not a file");
	else if (access(folder, F_OK) != 0)
		rc = bl_fail(err, BL_OUTPUT, "its folder does not exist");
	else if (access(folder, W_OK | X_OK) != 0)
		rc = bl_fail_errno(err, BL_OUTPUT, errno, "its folder cannot be written");
	free(folder);
	free(name);
	return rc;
}

int bl_output_examine(const char *path, unsigned flags, bool *exists, struct bl_err *err)
{
	struct stat st;

	*exists = false;
	if (strcmp(path, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			return bl_fail(err, BL_USAGE, "is a terminal");
		return 0;
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
	return examine_folder(path, err);
}

bool bl_output_is(const char *path, const struct bl_file *file)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 &&
		bl_file_is(file, st.st_dev, st.st_ino);
}

/* Is the name still this open file? */
static bool still_named(const struct bl_output *o, int fd)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 &&
		fstatat(o->dir, o->temp, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Removes the temporary that is open as fd, if it is of a dead run of ours. Without locks nobody
 * knows whether it is in use. */
static int remove_stale(const struct bl_output *o, int fd, struct bl_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1 ||
		st.st_uid != geteuid())
		return bl_fail(err, BL_OUTPUT, "%s is in the way and is not ours", o->temp);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			return bl_fail(err, BL_OUTPUT, "another run is writing it");
		bl_fail_errno(err, BL_OUTPUT, errno, "%s is in the way", o->temp);
		return bl_hint(err, "remove it if no other run is at work");
	}
	if (still_named(o, fd) && unlinkat(o->dir, o->temp, 0) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "%s cannot be removed", o->temp);
	return 0;
}

/* Removes the temporary of a run that is dead. 0: gone, try again. */
static int clear_stale(const struct bl_output *o, struct bl_err *err)
{
	const int how = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(o->dir, o->temp, O_RDWR | how), rc;

	if (fd < 0 && errno == EACCES) /* it was to replace a file that is read-only */
		fd = openat(o->dir, o->temp, O_RDONLY | how);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ELOOP)
		return bl_fail(err, BL_OUTPUT, "%s is in the way: it is a link", o->temp);
	if (fd < 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "%s is in the way", o->temp);
	rc = remove_stale(o, fd, err);
	close(fd);
	return rc;
}

/* Two runs may meet here at any point: who has created, locked and still finds its file under the
 * name has won. */
static int make_temporary(struct bl_output *o, struct bl_err *err)
{
	for (int i = 0; i < TRIES; i++) {
		o->fd = openat(o->dir, o->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			o->mode & 0777);
		if (o->fd < 0 && errno != EEXIST)
			return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be created");
		if (o->fd < 0) {
			if (clear_stale(o, err) != 0)
				return -1;
			continue;
		}
		if ((flock(o->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
			still_named(o, o->fd))
			return 0;
		close(o->fd);
		o->fd = -1;
	}
	return bl_fail(err, BL_OUTPUT, "another run is writing it");
}

/* `.NAME.belay-tmp`, cut where the file system's names end. */
static char *temporary_name(const char *name)
{
	size_t keep = strlen(name), room = NAME_MAX - strlen(SUFFIX) - 1;
	char *temp;

	if (keep > room)
		keep = room;
	temp = malloc(keep + strlen(SUFFIX) + 2);
	if (temp)
		sprintf(temp, ".%.*s%s", (int)keep, name, SUFFIX);
	return temp;
}

static int open_pipe(struct bl_output *o, struct bl_err *err)
{
	struct stat st;

	o->pipe = true;
	o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (o->fd < 0 || fstat(o->fd, &st) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	o->most = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ? PIPE_BUF : SIZE_MAX;
	return 0;
}

static int open_file(struct bl_output *o, const char *path, struct bl_err *err)
{
	struct stat st;
	char *folder = NULL;
	bool replaces;

	if (split(path, &folder, &o->name, err) != 0)
		return -1;
	o->temp = temporary_name(o->name);
	o->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (o->dir < 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "its folder cannot be opened");
	if (!o->temp)
		return bl_fail_memory(err, NAME_MAX, "a name");
	replaces = fstatat(o->dir, o->name, &st, 0) == 0;
	o->mode = replaces ? st.st_mode & 0777 : 0666;
	if (make_temporary(o, err) != 0)
		return -1;
	if (replaces && fchmod(o->fd, o->mode) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "its mode cannot be set");
	return 0;
}

int bl_output_open(const char *path, unsigned flags, const volatile sig_atomic_t *stop,
	struct bl_output **out, struct bl_err *err)
{
	struct bl_output *o = calloc(1, sizeof *o);

	if (!o)
		return bl_fail_memory(err, sizeof *o, "an output");
	o->dir = o->fd = -1;
	o->flags = flags;
	o->stop = stop;
	if ((strcmp(path, "-") == 0 ? open_pipe(o, err) : open_file(o, path, err)) != 0) {
		bl_output_close(o);
		return -1;
	}
	*out = o;
	return 0;
}

/* A write that failed: for want of room it says how much there is. */
static int fail_write(const struct bl_output *o, int errnum, uint64_t size, struct bl_err *err)
{
	struct statvfs v;

	if (errnum == EPIPE) {
		bl_fail(err, BL_OUTPUT, "closed");
		err->text[0] = '\0';
		return -1;
	}
	if ((errnum == ENOSPC || errnum == EDQUOT) && size && !o->pipe &&
		fstatvfs(o->fd, &v) == 0)
		return bl_fail_errno(err, BL_OUTPUT, errnum, "%llu bytes are needed, %llu are free",
			(unsigned long long)size, (unsigned long long)v.f_bavail * v.f_frsize);
	return bl_fail_errno(err, BL_OUTPUT, errnum, "cannot be written");
}

int bl_output_reserve(struct bl_output *out, uint64_t size, struct bl_err *err)
{
	int rc;

	if (out->pipe || size == 0)
		return 0;
	if (size > INT64_MAX)
		return fail_write(out, EFBIG, size, err);
	do
		rc = fallocate(out->fd, 0, 0, (off_t)size);
	while (rc != 0 && errno == EINTR);
	if (rc != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
		return fail_write(out, errno, size, err);
	return bl_output_resize(out, size, err);
}

int bl_output_resize(struct bl_output *out, uint64_t size, struct bl_err *err)
{
	int rc;

	do
		rc = ftruncate(out->fd, (off_t)size);
	while (rc != 0 && errno == EINTR);
	return rc == 0 ? 0 : fail_write(out, errno, size, err);
}

/* Writes some of n > 0 bytes. A write to a pipe could wait for ever, and a signal need not come to
 * the thread that waits; so it is made only when there is room. Returns bytes or -1, as write(). */
static ssize_t write_some(const struct bl_output *o, uint64_t offset, const char *src, size_t n)
{
	struct pollfd room = {o->fd, POLLOUT, 0};

	if (!o->pipe)
		return pwrite(o->fd, src, n, (off_t)offset);
	if (poll(&room, 1, WAIT) <= 0) {
		errno = EINTR;
		return -1;
	}
	return write(o->fd, src, n < o->most ? n : o->most);
}

static bool stopped(const struct bl_output *o, struct bl_err *err)
{
	if (!o->stop || !__atomic_load_n(o->stop, __ATOMIC_RELAXED))
		return false;
	bl_fail(err, BL_OK, "interrupted");
	err->text[0] = '\0';
	return true;
}

int bl_output_write(struct bl_output *out, uint64_t offset, const void *src, size_t n,
	struct bl_err *err)
{
	size_t put = 0;

	if (out->pipe && offset != out->position)
		return bl_fail(err, BL_BUG, "out of order on a pipe");
	while (put < n) {
		ssize_t k;

		if (stopped(out, err))
			return -1;
		k = write_some(out, offset + put, (const char *)src + put, n - put);
		if (k < 0 && errno != EINTR)
			return fail_write(out, errno, offset + n, err);
		if (k > 0)
			put += (size_t)k;
	}
	if (out->pipe)
		out->position += n;
	return 0;
}

int bl_output_read(struct bl_output *out, uint64_t offset, void *dst, size_t n, struct bl_err *err)
{
	size_t got = 0;

	while (got < n) {
		ssize_t k;

		if (stopped(out, err))
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

int bl_output_fd(const struct bl_output *out)
{
	return out->fd;
}

bool bl_output_is_pipe(const struct bl_output *out)
{
	return out->pipe;
}

int bl_output_sync(struct bl_output *out, struct bl_err *err)
{
	int copy;

	if (out->pipe)
		return 0;
	if (!(out->flags & BL_NO_SYNC) && fsync(out->fd) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be brought to the disk");
	/* Network file systems report what was lost when a descriptor is closed; closing a copy
	 * asks them, and keeps the lock, which must last until the file has its name. */
	copy = dup(out->fd);
	if (copy < 0 || (close(copy) != 0 && errno != EINTR))
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	return 0;
}

/* Renames without replacing what may have appeared meanwhile; file systems that cannot do that get
 * a link, which never replaces. */
static int rename_new(const struct bl_output *o)
{
#ifdef HAVE_RENAMEAT2
	if (renameat2(o->dir, o->temp, o->dir, o->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
#endif
	if (linkat(o->dir, o->temp, o->dir, o->name, 0) != 0)
		return -1;
	return unlinkat(o->dir, o->temp, 0);
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

	if (out->pipe) {
		out->published = true;
		return close_file(out, err);
	}
	if (!still_named(out, out->fd))
		return bl_fail(
			err, BL_OUTPUT, "%s was removed while this run was at work", out->temp);
	if (out->flags & BL_REPLACE)
		rc = renameat(out->dir, out->temp, out->dir, out->name);
	else
		rc = rename_new(out);
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
	if (out->fd >= 0 && !out->pipe && !out->published && still_named(out, out->fd))
		unlinkat(out->dir, out->temp, 0);
	if (out->fd >= 0)
		close(out->fd);
	if (out->dir >= 0)
		close(out->dir);
	free(out->name);
	free(out->temp);
	free(out);
}
