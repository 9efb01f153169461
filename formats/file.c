/* file.c - files that are read. */
#include "config.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Descriptors left for outputs, standard streams and libraries. */
#define SPARE 32

/* Bytes that all files together are read ahead by, where they come from the disk, and what that is
 * for one of them at least and at most. */
#define AHEAD_ALL ((uint64_t)128 << 20)
#define AHEAD_LEAST ((uint64_t)128 << 10)
#define AHEAD_MOST ((uint64_t)4 << 20)

struct bl_file {
	struct bl_files *pool;
	const char *path;
	struct stat id;  /* as it was when first opened */
	int fd;          /* -1: not open */
	unsigned users;  /* who borrowed it */
	uint64_t last;   /* the pool's clock when it was last given back */
	atomic_bool cold;   /* some of it had to come from the disk */
	atomic_bool blind;  /* nobody can tell what is in the page cache */
	struct bl_file *next;
};

/* A file that was read whole and closed. */
struct watched {
	struct watched *next;
	struct stat id;
	char path[];
};

struct bl_files {
	pthread_mutex_t lock;
	struct bl_file *first; /* all files of the pool */
	size_t limit, open;
	size_t files;    /* how many there are */
	uint64_t bytes;  /* of all of them */
	uint64_t clock;
	struct watched *watched;
	struct bl_files_kept kept[BL_KEPTS];
};

/* What the process may open, after raising the soft limit as far as it goes. */
static size_t descriptor_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return SPARE;
	if (r.rlim_cur < r.rlim_max) {
		struct rlimit raised = {r.rlim_max, r.rlim_max};

		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			r = raised;
	}
	if (r.rlim_cur == RLIM_INFINITY || r.rlim_cur > 65536)
		return 65536;
	return r.rlim_cur > 2 * SPARE ? (size_t)r.rlim_cur - SPARE : (size_t)r.rlim_cur / 2;
}

int bl_files_new(struct bl_files **pool, size_t limit, struct bl_err *err)
{
	struct bl_files *p = calloc(1, sizeof *p);

	if (!p)
		return bl_fail_memory(err, sizeof *p, "the pool of files");
	pthread_mutex_init(&p->lock, NULL);
	p->limit = limit ? limit : descriptor_limit();
	*pool = p;
	return 0;
}

void bl_files_leave(struct bl_files *pool, size_t descriptors)
{
	pool->limit = pool->limit > descriptors ? pool->limit - descriptors : 1;
}

void bl_files_free(struct bl_files *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < BL_KEPTS; i++)
		if (pool->kept[i].data)
			pool->kept[i].free(pool->kept[i].data);
	while (pool->watched) {
		struct watched *w = pool->watched;

		pool->watched = w->next;
		free(w);
	}
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

struct bl_files_kept *bl_files_kept(struct bl_files *pool, enum bl_files_keeper keeper)
{
	return &pool->kept[keeper];
}

uint64_t bl_files_bytes(const struct bl_files *pool)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < BL_KEPTS; i++)
		if (pool->kept[i].data && pool->kept[i].bytes)
			bytes += pool->kept[i].bytes(pool->kept[i].data);
	return bytes;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
		same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static int fail_changed(struct bl_err *err)
{
	bl_fail(err, BL_INPUT, "changed while it was read");
	return bl_hint(err, "wait until the training run has finished writing it");
}

/* A file that ends too early: it always did, or someone is writing it anew. */
static int fail_end(const struct bl_file *f, int fd, uint64_t offset, size_t wanted,
	struct bl_err *err)
{
	struct stat now;

	if (fstat(fd, &now) == 0 && !unchanged(&now, &f->id))
		return fail_changed(err);
	return bl_fail(err, BL_INPUT, "ends at offset %llu, where %zu more bytes were expected",
		(unsigned long long)offset, wanted);
}

/* Closes the idle file that was used longest ago; false when there is none. Pool locked. */
static bool evict(struct bl_files *pool)
{
	struct bl_file *oldest = NULL;

	for (struct bl_file *f = pool->first; f; f = f->next)
		if (f->fd >= 0 && f->users == 0 && (!oldest || f->last < oldest->last))
			oldest = f;
	if (!oldest)
		return false;
	close(oldest->fd);
	oldest->fd = -1;
	pool->open--;
	return true;
}

/* Says why a file could not be opened, to whom reads a pipe with other programs, too. */
static int fail_open(const char *path, int errnum, struct bl_err *err)
{
	bl_fail_errno(err, BL_INPUT, errnum, "cannot be opened");
	if (errnum == ENOENT && strcmp(path, "-") == 0)
		bl_hint(err, "a checkpoint is read in no order, so it must be a file");
	return -1;
}

/* Pool locked. */
static int open_now(struct bl_file *f, struct stat *st, struct bl_err *err)
{
	while (f->pool->open >= f->pool->limit && evict(f->pool))
		;
	do /* O_NONBLOCK: a FIFO must not hang us */
		f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (f->fd < 0 && (errno == EINTR ||
				    ((errno == EMFILE || errno == ENFILE) && evict(f->pool))));
	if (f->fd < 0)
		return fail_open(f->path, errno, err);
	f->pool->open++;
	if (fstat(f->fd, st) != 0)
		return bl_fail_errno(err, BL_INPUT, errno, "cannot be examined");
	return 0;
}

/* Pool locked. */
static void close_now(struct bl_file *f)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	f->fd = -1;
	f->pool->open--;
}

int bl_file_open(struct bl_files *pool, const char *path, struct bl_file **file, struct bl_err *err)
{
	struct bl_file *f = calloc(1, sizeof *f);
	int rc;

	if (!f)
		return bl_fail_memory(err, sizeof *f, "a file");
	f->pool = pool;
	f->path = path;
	pthread_mutex_lock(&pool->lock);
	rc = open_now(f, &f->id, err);
	if (rc == 0 && S_ISDIR(f->id.st_mode))
		rc = bl_fail(err, BL_INPUT, "is a folder, not a checkpoint file");
	else if (rc == 0 && !S_ISREG(f->id.st_mode))
		rc = bl_fail(err, BL_INPUT, "is not a regular file");
	if (rc == 0) {
		f->next = pool->first;
		pool->first = f;
		pool->files++;
		pool->bytes += (uint64_t)f->id.st_size;
		*file = f;
	} else {
		close_now(f);
		free(f);
	}
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

void bl_file_close(struct bl_file *file)
{
	if (!file)
		return;
	pthread_mutex_lock(&file->pool->lock);
	for (struct bl_file **at = &file->pool->first; *at; at = &(*at)->next) {
		if (*at != file)
			continue;
		*at = file->next;
		file->pool->files--;
		file->pool->bytes -= (uint64_t)file->id.st_size;
		break;
	}
	close_now(file);
	pthread_mutex_unlock(&file->pool->lock);
	free(file);
}

struct bl_files *bl_file_pool(const struct bl_file *file)
{
	return file->pool;
}

uint64_t bl_file_size(const struct bl_file *file)
{
	return (uint64_t)file->id.st_size;
}

const char *bl_file_path(const struct bl_file *file)
{
	return file->path;
}

bool bl_file_is(const struct bl_file *file, dev_t device, ino_t inode)
{
	return file->id.st_dev == device && file->id.st_ino == inode;
}

bool bl_file_same(const struct bl_file *a, const struct bl_file *b)
{
	return bl_file_is(a, b->id.st_dev, b->id.st_ino);
}

/* Opens a file once more. What has taken its place may be out of reach. Pool locked. */
static int open_again(struct bl_file *f, struct bl_err *err)
{
	struct stat now = {0};

	if (open_now(f, &now, err) == 0)
		return unchanged(&now, &f->id) ? 0 : fail_changed(err);
	if (err->code == BL_INPUT && stat(f->path, &now) == 0 && !unchanged(&now, &f->id))
		return fail_changed(err);
	return -1;
}

int bl_file_borrow(struct bl_file *file, struct bl_err *err)
{
	int fd = -1;

	pthread_mutex_lock(&file->pool->lock);
	if (file->fd >= 0 || open_again(file, err) == 0)
		fd = file->fd;
	if (fd >= 0)
		file->users++;
	else
		close_now(file);
	pthread_mutex_unlock(&file->pool->lock);
	return fd;
}

void bl_file_return(struct bl_file *file)
{
	pthread_mutex_lock(&file->pool->lock);
	file->users--;
	file->last = ++file->pool->clock;
	if (file->users == 0 && file->pool->open > file->pool->limit)
		close_now(file);
	pthread_mutex_unlock(&file->pool->lock);
}

/* One that has taken a file's place is found out when it is opened. */
void bl_files_confine(const struct bl_files *pool, struct bl_confine *c)
{
	for (const struct bl_file *f = pool->first; f; f = f->next) {
		if (f->fd >= 0)
			bl_confine_let(c, f->fd, BL_MAY_READ);
		else
			bl_confine_let_path(c, f->path, BL_MAY_READ);
	}
}

/* ---- the page cache ---- */

/* How far a file is read ahead. */
static uint64_t stretch_of(const struct bl_file *f)
{
	const uint64_t share = AHEAD_ALL / (f->pool->files ? f->pool->files : 1);

	return share < AHEAD_LEAST ? AHEAD_LEAST : share > AHEAD_MOST ? AHEAD_MOST : share;
}

/* Are the files too many to stay in memory? Then what was read only drives out what is of use. */
static bool floods(const struct bl_files *pool)
{
	const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 &&
		pool->bytes / (uint64_t)size > (uint64_t)pages / 2;
}

/*
 * All files are read in parallel, each from front to back, in steps too small for the kernel to see
 * that. So whenever a read leaves a stretch of a file that is on the disk, the next stretch but one
 * is asked for, and of what will not stay in memory anyway the last but one is let go.
 */
static void advise(struct bl_file *f, int fd, uint64_t offset, size_t n, bool first)
{
	const uint64_t stretch = stretch_of(f), now = (offset + n) / stretch;

	if (!first && now == offset / stretch)
		return;
	posix_fadvise(fd, (off_t)((now + !first) * stretch), (off_t)(stretch << first),
		POSIX_FADV_WILLNEED);
	if (now >= 2 && floods(f->pool))
		posix_fadvise(fd, (off_t)((now - 2) * stretch), (off_t)stretch,
			POSIX_FADV_DONTNEED);
}

/* As pread(). What is in memory is only copied; the first time that it is not, the file is known to
 * be cold. What the disk could not read is never asked for again. */
static ssize_t read_some(struct bl_file *f, int fd, void *dst, size_t n, uint64_t offset)
{
	const struct iovec room = {dst, n};
	ssize_t k = -1;

	if (!atomic_load_explicit(&f->blind, memory_order_relaxed)) {
		k = preadv2(fd, &room, 1, (off_t)offset, RWF_NOWAIT);
		if (k < 0 && errno == EIO)
			return -1;
		if (k < 0 && errno != EAGAIN && errno != EINTR)
			atomic_store_explicit(&f->blind, true, memory_order_relaxed);
	}
	if (k <= 0) {
		if (!atomic_exchange_explicit(&f->cold, true, memory_order_relaxed))
			advise(f, fd, offset, n, true);
		k = pread(fd, dst, n, (off_t)offset);
	}
	if (k > 0 && atomic_load_explicit(&f->cold, memory_order_relaxed))
		advise(f, fd, offset, (size_t)k, false);
	return k;
}

int bl_file_read(struct bl_file *file, uint64_t offset, void *dst, size_t n, struct bl_err *err)
{
	int fd = bl_file_borrow(file, err), rc = 0;
	size_t got = 0;

	if (fd < 0)
		return -1;
	while (got < n && rc == 0) {
		ssize_t k = read_some(file, fd, (char *)dst + got, n - got, offset + got);

		if (k > 0)
			got += (size_t)k;
		else if (k == 0)
			rc = fail_end(file, fd, offset + got, n - got, err);
		else if (errno != EINTR)
			rc = bl_fail_errno(err, BL_INPUT, errno,
				"cannot read %zu bytes at offset %llu", n - got,
				(unsigned long long)(offset + got));
	}
	bl_file_return(file);
	return rc;
}

bool bl_file_equal(struct bl_file *a, uint64_t a_offset, struct bl_file *b, uint64_t b_offset,
	uint64_t n)
{
	const size_t most = (size_t)64 << 10;
	unsigned char *x = malloc(most), *y = malloc(most);
	struct bl_err err = {0};
	bool same = x && y;

	for (uint64_t at = 0; same && at < n; at += most) {
		const size_t some = n - at < most ? (size_t)(n - at) : most;

		same = bl_file_read(a, a_offset + at, x, some, &err) == 0 &&
			bl_file_read(b, b_offset + at, y, some, &err) == 0 &&
			memcmp(x, y, some) == 0;
	}
	free(x);
	free(y);
	return same;
}

int bl_file_unchanged(const struct bl_file *file, struct bl_err *err)
{
	struct stat now;

	if (stat(file->path, &now) != 0 || !unchanged(&now, &file->id))
		return fail_changed(err);
	if (file->fd >= 0 && (fstat(file->fd, &now) != 0 || !unchanged(&now, &file->id)))
		return fail_changed(err);
	return 0;
}

int bl_file_watch(const struct bl_file *file, struct bl_err *err)
{
	const size_t size = strlen(file->path) + 1;
	struct watched *w = malloc(sizeof *w + size);

	if (!w)
		return bl_fail_memory(err, sizeof *w + size, "a file");
	w->id = file->id;
	memcpy(w->path, file->path, size);
	w->next = file->pool->watched;
	file->pool->watched = w;
	return 0;
}

int bl_files_unchanged(const struct bl_files *pool, struct bl_err *err)
{
	struct stat now;

	for (const struct watched *w = pool->watched; w; w = w->next)
		if (stat(w->path, &now) != 0 || !unchanged(&now, &w->id)) {
			fail_changed(err);
			return bl_prefix(err, "%s", w->path);
		}
	return 0;
}
