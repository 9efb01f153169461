/* output_temporary.c - the name that an output has while it is made, and how it gets its own. */
#include "config.h"

#include "lookup.h"
#include "output_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SUFFIX ".belay-tmp"
#define TRIES 100 /* rounds of the race for the temporary's name */

int bl_output_split(const char *path, char **folder, char **name, struct bl_err *err)
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
	*folder = *name = NULL;
	return bl_fail_memory(err, strlen(path) + 1, "a path");
}

int bl_output_examine_place(const char *path, struct bl_err *err)
{
	char *folder, *name;
	int rc = 0;

	if (bl_output_split(path, &folder, &name, err) != 0)
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

bool bl_output_still_named(const struct bl_output *o, int fd)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 &&
		fstatat(o->dir, o->temp, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Removes all files of the folder that fd is open on. Takes no memory, of which there may be none
 * where a run has failed. */
static int empty(int fd)
{
	int list;
	union {
		struct dirent64 first;
		char bytes[4096];
	} some;
	ssize_t n = -1;
	int rc = 0;

	do
		list = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (list < 0 && errno == EINTR);
	while (rc == 0 && list >= 0 &&
		(n = syscall(SYS_getdents64, list, &some, sizeof some)) > 0)
		for (ssize_t at = 0; at < n && rc == 0;) {
			struct dirent64 entry;
			const char *name = some.bytes + at + offsetof(struct dirent64, d_name);

			memcpy(&entry, some.bytes + at, offsetof(struct dirent64, d_name));
			if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
				rc = unlinkat(fd, name, 0);
			at += entry.d_reclen;
		}
	if (list >= 0)
		close(list);
	return n < 0 ? -1 : rc;
}

int bl_output_clear(int dir, const char *name, int fd)
{
	struct stat open, named;

	if (empty(fd) != 0 || fstat(fd, &open) != 0)
		return -1;
	if (fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	return open.st_dev == named.st_dev && open.st_ino == named.st_ino
		? unlinkat(dir, name, AT_REMOVEDIR) : 0;
}

/* Opens what has the temporary's name, for its lock. */
static int open_stale(const struct bl_output *o)
{
	const int how = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd;

	if (o->kind == BL_OUT_FOLDER)
		return openat(o->dir, o->temp, O_RDONLY | O_DIRECTORY | how);
	fd = openat(o->dir, o->temp, O_RDWR | how);
	if (fd < 0 && errno == EACCES) /* it was to replace a file that is read-only */
		fd = openat(o->dir, o->temp, O_RDONLY | how);
	return fd;
}

static int remove_locked(const struct bl_output *o, int fd)
{
	if (o->kind != BL_OUT_FOLDER)
		return unlinkat(o->dir, o->temp, 0);
	(void)!fchmod(fd, 0700); /* so that it can be emptied */
	return bl_output_clear(o->dir, o->temp, fd);
}

/* Has a file no names but the temporary one and, where a run died before it gave that up for its
 * own, the final one? */
static bool has_our_names(const struct bl_output *o, const struct stat *st)
{
	struct stat final;

	return st->st_nlink <= 1 || (st->st_nlink == 2 &&
		fstatat(o->dir, o->name, &final, AT_SYMLINK_NOFOLLOW) == 0 &&
		final.st_dev == st->st_dev && final.st_ino == st->st_ino);
}

/* Removes the temporary that is open as fd, if it is of a dead run of ours. Without locks nobody
 * knows whether it is in use. */
static int remove_stale(const struct bl_output *o, int fd, struct bl_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_uid != geteuid() ||
		!(o->kind == BL_OUT_FOLDER || (S_ISREG(st.st_mode) && has_our_names(o, &st))))
		return bl_fail(err, BL_OUTPUT, "%s is in the way and is not ours", o->temp);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			return bl_fail(err, BL_OUTPUT, "another run is writing it");
		bl_fail_errno(err, BL_OUTPUT, errno, "%s is in the way", o->temp);
		return bl_hint(err, "remove it if no other run is at work");
	}
	if (bl_output_still_named(o, fd) && remove_locked(o, fd) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "%s cannot be removed", o->temp);
	return 0;
}

/* Removes the temporary of a run that is dead. 0: gone, try again. */
static int clear_stale(const struct bl_output *o, struct bl_err *err)
{
	const int fd = open_stale(o);
	int rc;

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
int bl_output_take(struct bl_output *o, int (*make)(struct bl_output *o), struct bl_err *err)
{
	for (int i = 0; i < TRIES; i++) {
		o->fd = make(o);
		if (o->fd < 0 && errno != EEXIST && errno != EAGAIN)
			return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be created");
		if (o->fd < 0) {
			if (errno == EEXIST && clear_stale(o, err) != 0)
				return -1;
			continue;
		}
		if ((flock(o->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
			bl_output_still_named(o, o->fd))
			return 0;
		close(o->fd);
		o->fd = -1;
	}
	return bl_fail(err, BL_OUTPUT, "another run is writing it");
}

/* `.NAME.belay-tmp`. A name that is too long for that is cut, at a whole character, and a hash of
 * all of it follows: the outputs of a sweep may differ only at their ends. */
static char *temporary_name(const char *name)
{
	static const uint64_t key[2] = {0, 0}; /* the next run must find what this one leaves */
	const size_t length = strlen(name), room = NAME_MAX - strlen(SUFFIX) - 1;
	char *temp = malloc(NAME_MAX + 1), hash[18] = "";
	size_t keep = length;

	if (!temp)
		return NULL;
	if (length > room) {
		snprintf(hash, sizeof hash, "-%016" PRIx64, bl_hash(key, name, length));
		for (keep = room - strlen(hash); keep > 0 && (name[keep] & 0xc0) == 0x80;)
			keep--;
	}
	snprintf(temp, NAME_MAX + 1, ".%.*s%s%s", (int)keep, name, hash, SUFFIX);
	return temp;
}

int bl_output_place(struct bl_output *o, const char *path, struct bl_err *err)
{
	char *folder = NULL;
	struct stat st;

	if (bl_output_split(path, &folder, &o->name, err) != 0)
		return -1;
	o->temp = temporary_name(o->name);
	o->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (o->dir < 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "its folder cannot be opened");
	if (!o->temp)
		return bl_fail_memory(err, NAME_MAX, "a name");
	o->replaces = fstatat(o->dir, o->name, &st, 0) == 0;
	o->mode = o->replaces ? st.st_mode & (o->kind == BL_OUT_FOLDER ? 07777 : 0777) : 0;
	return 0;
}

/* File systems that cannot do without replacing get a link, which never replaces; a folder, which
 * has no links, can then only replace an empty one. */
int bl_output_rename_new(const struct bl_output *o)
{
#ifdef HAVE_RENAMEAT2
	if (renameat2(o->dir, o->temp, o->dir, o->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
#endif
	if (o->kind == BL_OUT_FOLDER)
		return renameat(o->dir, o->temp, o->dir, o->name);
	if (linkat(o->dir, o->temp, o->dir, o->name, 0) != 0)
		return -1;
	return unlinkat(o->dir, o->temp, 0);
}
