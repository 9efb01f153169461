/* output_folder.c - folders that appear whole or not at all. */
#include "config.h"

#include "output_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT 4 /* members of a folder that keep their descriptor while others want one */

/* A copy of path without closing slashes. */
static char *bare(const char *path, struct bl_err *err)
{
	size_t n = strlen(path);
	char *copy;

	while (n > 1 && path[n - 1] == '/')
		n--;
	copy = strndup(path, n);
	if (!copy)
		bl_fail_memory(err, n + 1, "a path");
	return copy;
}

static int examine(const char *path, unsigned flags, bool *exists, struct bl_err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? bl_output_examine_place(path, err)
			: bl_fail_errno(err, BL_OUTPUT, errno, "cannot be written");
	if (S_ISLNK(st.st_mode) && stat(path, &st) != 0)
		return bl_fail(err, BL_USAGE, "is a link to nowhere");
	*exists = true;
	if (!S_ISDIR(st.st_mode))
		return bl_fail(err, BL_USAGE, "is no folder, but the average is one");
	if (flags & (BL_REPLACE | BL_LOOK))
		return bl_output_examine_place(path, err);
	bl_fail(err, BL_USAGE, "exists already");
	return bl_hint(err, "-f replaces it");
}

int bl_output_examine_folder(const char *path, unsigned flags, bool *exists, struct bl_err *err)
{
	char *copy = bare(path, err);
	int rc;

	*exists = false;
	if (!copy)
		return -1;
	rc = examine(copy, flags, exists, err);
	free(copy);
	return rc;
}

/* Another run may take a new folder for one that a dead run has left, until it is locked. */
static int make_folder(struct bl_output *o)
{
	int fd, errnum;

	if (mkdirat(o->dir, o->temp, 0777) != 0)
		return -1;
	do
		fd = openat(o->dir, o->temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd >= 0)
		return fd;
	errnum = errno;
	(void)!unlinkat(o->dir, o->temp, AT_REMOVEDIR);
	errno = errnum == ENOENT ? EAGAIN : errnum;
	return -1;
}

int bl_output_open_folder(const char *path, unsigned flags, const volatile sig_atomic_t *stop,
	struct bl_output **out, struct bl_err *err)
{
	struct bl_output *o = calloc(1, sizeof *o);
	char *copy = bare(path, err);
	int rc = -1;

	if (!o)
		bl_fail_memory(err, sizeof *o, "an output");
	if (!o || !copy)
		goto out;
	o->kind = BL_OUT_FOLDER;
	o->dir = o->fd = -1;
	o->flags = flags;
	o->stop = stop;
	pthread_mutex_init(&o->lock, NULL);
	rc = bl_output_place(o, copy, err);
	if (rc == 0)
		rc = bl_output_take(o, make_folder, err);
	if (rc == 0)
		*out = o;
	else
		bl_output_close(o);
	o = NULL;
out:
	free(o);
	free(copy);
	return rc;
}

bool bl_output_is_folder(const struct bl_output *out)
{
	return out->kind == BL_OUT_FOLDER;
}

/* ---- members ---- */

bool bl_output_has(const struct bl_output *folder, const char *name)
{
	for (const struct bl_output *m = folder->first; m; m = m->next)
		if (strcmp(m->name, name) == 0)
			return true;
	return false;
}

/* What was written may be reported lost only now. Folder locked. */
static int close_member(struct bl_output *m, struct bl_err *err)
{
	const int fd = m->fd;

	m->fd = -1;
	m->folder->open--;
	if (close(fd) != 0 && errno != EINTR)
		return bl_fail_errno(err, BL_OUTPUT, errno, "%s: cannot be written", m->name);
	return 0;
}

/* The idle member that was used longest ago; NULL: none is idle. Folder locked. */
static struct bl_output *oldest(const struct bl_output *folder)
{
	struct bl_output *found = NULL;

	for (struct bl_output *m = folder->first; m; m = m->next)
		if (m->fd >= 0 && m->users == 0 && (!found || m->last < found->last))
			found = m;
	return found;
}

/* Closes idle members until fewer than most are open or none is idle. Folder locked. */
static int evict(struct bl_output *folder, size_t most, struct bl_err *err)
{
	struct bl_output *m;

	while (folder->open >= most && (m = oldest(folder)))
		if (close_member(m, err) != 0)
			return -1;
	return 0;
}

/* Folder locked. */
static int open_member(struct bl_output *m, int create, struct bl_err *err)
{
	struct bl_output *folder = m->folder;
	size_t most = KEPT;

	do {
		if (evict(folder, most, err) != 0)
			return -1;
		m->fd = openat(m->dir, m->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | create, 0666);
		most = folder->open; /* where the process has none left, with one less */
	} while (m->fd < 0 && (errno == EINTR ||
				     ((errno == EMFILE || errno == ENFILE) && oldest(folder))));
	if (m->fd < 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "%s: cannot be %s", m->name,
			create ? "created" : "opened");
	folder->open++;
	return 0;
}

int bl_output_member(struct bl_output *folder, const char *name, struct bl_output **member,
	struct bl_err *err)
{
	struct bl_output *m = calloc(1, sizeof *m);
	int rc;

	if (m)
		m->name = strdup(name);
	if (!m || !m->name) {
		free(m);
		return bl_fail_memory(err, sizeof *m + strlen(name), "an output");
	}
	m->kind = BL_OUT_MEMBER;
	m->dir = folder->fd;
	m->flags = folder->flags;
	m->stop = folder->stop;
	m->folder = folder;
	pthread_mutex_lock(&folder->lock);
	rc = open_member(m, O_CREAT | O_EXCL, err);
	if (rc == 0) {
		m->next = folder->first;
		folder->first = m;
	}
	pthread_mutex_unlock(&folder->lock);
	*member = m;
	if (rc == 0)
		return 0;
	free(m->name);
	free(m);
	return -1;
}

int bl_member_hold(struct bl_output *o, struct bl_err *err)
{
	int fd = -1;

	pthread_mutex_lock(&o->folder->lock);
	if (o->fd >= 0 || open_member(o, 0, err) == 0) {
		fd = o->fd;
		o->users++;
	}
	pthread_mutex_unlock(&o->folder->lock);
	return fd;
}

void bl_member_release(struct bl_output *o)
{
	pthread_mutex_lock(&o->folder->lock);
	o->users--;
	o->last = ++o->folder->clock;
	pthread_mutex_unlock(&o->folder->lock);
}

static int sync_member(struct bl_output *m, struct bl_err *err)
{
	int rc = 0;

	if (bl_member_hold(m, err) < 0)
		return -1;
	if (!(m->flags & BL_NO_SYNC) && fsync(m->fd) != 0)
		rc = bl_fail_errno(err, BL_OUTPUT, errno, "%s: cannot be brought to the disk",
			m->name);
	bl_member_release(m);
	pthread_mutex_lock(&m->folder->lock);
	if (rc == 0 && m->fd >= 0)
		rc = close_member(m, err);
	pthread_mutex_unlock(&m->folder->lock);
	return rc;
}

int bl_folder_sync(struct bl_output *o, struct bl_err *err)
{
	for (struct bl_output *m = o->first; m; m = m->next)
		if (sync_member(m, err) != 0)
			return -1;
	if (!(o->flags & BL_NO_SYNC) && fsync(o->fd) != 0 && errno != EINVAL)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be brought to the disk");
	return 0;
}

/* ---- in place of another ---- */

static int compare_member(const struct bl_output *o, int old, const char *name, enum bl_exit code,
	struct bl_err *err)
{
	struct stat st = {0};

	if (bl_output_has(o, name)) {
		if (fstatat(old, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return bl_fail_errno(err, BL_OUTPUT, errno, "%s: cannot be examined", name);
		if (!S_ISDIR(st.st_mode))
			return 0;
	}
	bl_fail(err, code, "holds '%s', which this average has not", name);
	return bl_hint(err, "-f replaces no folder that has more in it; "
		"move it out of the way, or name another");
}

/* Refuses what is in an open folder and will not be in the new one. */
static int compare(const struct bl_output *o, int old, enum bl_exit code, struct bl_err *err)
{
	const int copy = openat(old, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *entry;
	int rc = 0;

	if (!list) {
		rc = bl_fail_errno(err, BL_OUTPUT, errno, "cannot be listed");
		if (copy >= 0)
			close(copy);
		return rc;
	}
	while (rc == 0 && (errno = 0, entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = compare_member(o, old, entry->d_name, code, err);
	if (rc == 0 && errno != 0)
		rc = bl_fail_errno(err, BL_OUTPUT, errno, "cannot be listed");
	closedir(list);
	return rc;
}

static int open_old(const struct bl_output *o)
{
	return openat(o->dir, o->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int bl_output_seal(const struct bl_output *folder, struct bl_err *err)
{
	const int old = open_old(folder);
	int rc;

	if (old < 0 && errno == ENOENT)
		return 0;
	if (old < 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be opened");
	rc = compare(folder, old, BL_USAGE, err);
	close(old);
	return rc;
}

/* Swaps the names of two folders; -1 and errno. */
static int swap(const struct bl_output *o)
{
#ifdef HAVE_RENAMEAT2
	return renameat2(o->dir, o->temp, o->dir, o->name, RENAME_EXCHANGE);
#else
	(void)o;
	errno = ENOSYS;
	return -1;
#endif
}

/* Puts the folder in the place of another, which then has the temporary's name. *old is open on it
 * and locked, lest another run take it for one that a dead run has left. */
static int replace(struct bl_output *o, int *old, struct bl_err *err)
{
	*old = open_old(o);
	if (*old < 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be opened");
	if (flock(*old, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return bl_fail(err, BL_OUTPUT, "another run is writing it");
	if (compare(o, *old, BL_OUTPUT, err) != 0)
		return -1;
	if (swap(o) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be replaced");
	bl_fail_errno(err, BL_OUTPUT, errno, "cannot be replaced");
	return bl_hint(err, "its file system cannot swap two folders; remove it first");
}

/* Gives the folder its name; *old becomes what it replaces. */
static int rename_folder(struct bl_output *o, int *old, struct bl_err *err)
{
	if (bl_output_rename_new(o) == 0)
		return 0;
	if (errno != EEXIST && errno != ENOTEMPTY)
		return bl_fail_errno(err, BL_OUTPUT, errno, "cannot be renamed into place");
	if (!(o->flags & BL_REPLACE))
		return bl_fail(err, BL_OUTPUT, "appeared while this run was at work");
	return replace(o, old, err);
}

static int remove_old(const struct bl_output *o, int old, struct bl_err *err)
{
	(void)!fchmod(old, 0700); /* so that it can be emptied */
	if (bl_output_clear(o->dir, o->temp, old) == 0)
		return 0;
	return bl_fail_errno(err, BL_OUTPUT, errno, "is there, but what it replaces, now %s, "
		"cannot be removed", o->temp);
}

int bl_folder_size(const struct bl_output *o, uint64_t *size, struct bl_err *err)
{
	struct stat st;

	*size = 0;
	for (const struct bl_output *m = o->first; m; m = m->next) {
		if (fstatat(o->fd, m->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return bl_fail_errno(err, BL_OUTPUT, errno, "%s: its size cannot be found",
				m->name);
		*size += (uint64_t)st.st_size;
	}
	return 0;
}

int bl_folder_publish(struct bl_output *o, struct bl_err *err)
{
	int old = -1, rc;

	if (!bl_output_still_named(o, o->fd))
		return bl_fail(
			err, BL_OUTPUT, "%s was removed while this run was at work", o->temp);
	if (o->replaces && fchmod(o->fd, o->mode) != 0)
		return bl_fail_errno(err, BL_OUTPUT, errno, "its mode cannot be set");
	rc = rename_folder(o, &old, err);
	o->published = rc == 0;
	/* Only when the new one is sure to have the name may the old one go. */
	if (rc == 0 && !(o->flags & BL_NO_SYNC) && fsync(o->dir) != 0 && errno != EINVAL) {
		rc = bl_fail_errno(
			err, BL_OUTPUT, errno, "its folder cannot be brought to the disk");
		if (old >= 0)
			bl_hint(err, "what it replaces is kept as %s, until the next run", o->temp);
	}
	if (rc == 0 && old >= 0)
		rc = remove_old(o, old, err);
	if (old >= 0)
		close(old);
	return rc;
}

/* Frees the members and, unless it was published, removes the folder. */
void bl_folder_close(struct bl_output *o)
{
	while (o->first) {
		struct bl_output *m = o->first;

		o->first = m->next;
		if (m->fd >= 0)
			close(m->fd);
		free(m->name);
		free(m);
	}
	if (o->fd >= 0 && !o->published && bl_output_still_named(o, o->fd)) {
		(void)!fchmod(o->fd, 0700); /* the mode of a folder that it should have replaced */
		(void)!bl_output_clear(o->dir, o->temp, o->fd);
	}
	pthread_mutex_destroy(&o->lock);
}
