/*
 * shim.c - what goes wrong in a program, on demand: a library for LD_PRELOAD, never installed.
 *
 * BELAY_SHIM names a file that holds a struct shim, which all processes of a run share. The test
 * (shim_run.py, whose layout must be this one) writes there what is to happen, and reads there what
 * did. One allocation fails, or all from one on; reads and writes are short; calls are interrupted,
 * or the process gets signals all the time; a run stops at a call until the test lets it go on.
 *
 * Calls are made without the C library's wrappers, so that nothing here is called twice. What stdio
 * reads and writes is not seen.
 */
#define _GNU_SOURCE
#define _LARGEFILE64_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 16  /* the first, and those that it forks, by number */
#define PATIENCE 30   /* seconds that a run waits for the test */

struct shim {
	/* told */
	uint64_t fail_who, fail_at; /* allocation fail_at, from 1, of process fail_who; 0: none */
	uint64_t fail_rest;         /* those after it, too */
	uint64_t most;              /* bytes that a call moves; 0: as many as asked for */
	uint64_t random;            /* as many as chance will have it, but at least one */
	uint64_t every;             /* one in so many calls, by chance, is interrupted; 0: none */
	uint64_t storm;             /* microseconds between signals; 0: there are none */
	uint64_t stop_at;           /* the call, from 1, to stop before; 0: none */
	uint64_t device, inode;     /* of the file that opened is about */
	/* said */
	_Atomic uint64_t allocations[PROCESSES], failed, forks;
	_Atomic uint64_t calls;     /* that move bytes */
	_Atomic uint64_t interrupted, shortened, signals;
	_Atomic uint64_t steps;     /* calls to stop before: those that open, move, sync, rename */
	_Atomic uint64_t read_at;   /* the last of them that read a file */
	_Atomic uint64_t opened;    /* so often the file */
	_Atomic uint64_t renamed;   /* names that were given, or begun to be */
	_Atomic uint64_t stopped, go_on;
};

static struct shim *told; /* NULL: nothing is asked for */
static unsigned who;

static long now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (long)t.tv_sec;
}

/* ---- signals ---- */

static void count_signal(int number)
{
	(void)number;
	atomic_fetch_add(&told->signals, 1);
}

/* From now on this process gets signals, after which no call is made again. */
static void begin_storm(void)
{
	const struct sigaction quiet = {.sa_handler = count_signal};
	const struct timeval period = {.tv_usec = (suseconds_t)told->storm};
	const struct itimerval timer = {period, period};

	sigaction(SIGALRM, &quiet, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Children set all signals back, and have no timers: theirs begins when they first listen. */
static void follow_storm(void)
{
	static bool begun;

	if (told && told->storm && who > 0 && !begun) {
		begun = true;
		begin_storm();
	}
}

void shim_begin(void);

/* Looks for what is asked for. The linker is told to call it when all libraries have begun, whose
 * allocations then are no concern of the program's. */
void shim_begin(void)
{
	const char *path = getenv("BELAY_SHIM");
	const int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
	void *at = MAP_FAILED;

	if (fd >= 0) {
		at = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		syscall(SYS_close, fd);
	}
	if (at == MAP_FAILED)
		return;
	told = at;
	if (told->storm)
		begin_storm();
}

/* ---- allocations ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
__attribute__((weak)) void *__interceptor_malloc(size_t size);
__attribute__((weak)) void *__interceptor_calloc(size_t n, size_t size);
__attribute__((weak)) void *__interceptor_realloc(void *p, size_t size);

static bool refused(void)
{
	uint64_t n;

	if (!told || who >= PROCESSES)
		return false;
	n = atomic_fetch_add(&told->allocations[who], 1) + 1;
	if (!told->fail_at || told->fail_who != who ||
		!(told->fail_rest ? n >= told->fail_at : n == told->fail_at))
		return false;
	atomic_fetch_add(&told->failed, 1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	if (refused())
		return NULL;
	return __interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (refused())
		return NULL;
	return __interceptor_calloc ? __interceptor_calloc(n, size) : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	if (refused())
		return NULL;
	return __interceptor_realloc ? __interceptor_realloc(p, size) : __libc_realloc(p, size);
}

/* The next function of that name, into a pointer to a function of any type. */
static void find(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, sizeof found);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
	int (*next)(void **, size_t, size_t);

	if (refused())
		return ENOMEM;
	find("posix_memalign", &next);
	return next(p, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	void *(*next)(size_t, size_t);

	if (refused())
		return NULL;
	find("aligned_alloc", &next);
	return next(alignment, size);
}

/* A thread needs a stack. */
int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *arg)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (refused())
		return EAGAIN;
	find("pthread_create", &next);
	return next(thread, how, run, arg);
}

pid_t fork(void)
{
	pid_t (*next)(void), child;
	unsigned number;

	if (refused())
		return -1;
	number = told ? (unsigned)atomic_fetch_add(&told->forks, 1) + 1 : 0;
	find("fork", &next);
	child = next();
	if (child == 0)
		who = number;
	return child;
}

/* ---- calls ---- */

/* Before a call: the test may want to do something first. */
static void step(void)
{
	const struct timespec pause = {.tv_nsec = 100000};
	const long until = now(CLOCK_MONOTONIC) + PATIENCE;

	if (!told || atomic_fetch_add(&told->steps, 1) + 1 != told->stop_at)
		return;
	atomic_store(&told->stopped, 1);
	while (!atomic_load(&told->go_on))
		if (nanosleep(&pause, NULL) == 0 && now(CLOCK_MONOTONIC) > until)
			abort();
}

/* The same numbers in every run, of which several in a row may be alike. */
static uint64_t chance(uint64_t n)
{
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9U;
	n = (n ^ n >> 27) * 0x94d049bb133111ebU;
	return n ^ n >> 31;
}

/* A call that moves up to n bytes, n > 0: how many it shall; 0: it is interrupted. */
static size_t share(size_t n)
{
	uint64_t call, most;

	if (!told || n == 0)
		return n;
	call = atomic_fetch_add(&told->calls, 1) + 1;
	if (told->every && chance(2 * call) % told->every == 0) {
		atomic_fetch_add(&told->interrupted, 1);
		errno = EINTR;
		return 0;
	}
	most = told->random ? 1 + chance(2 * call + 1) % n : told->most;
	if (most == 0 || most >= n)
		return n;
	atomic_fetch_add(&told->shortened, 1);
	return (size_t)most;
}

/* In a function that moves n bytes. */
#define SHARE(n) \
	step(); \
	WAIT(n)
/* In one that waits for them: a child does that while its parent goes on, and as often as its
 * patience ends. */
#define AWAIT(n) \
	if (who == 0) \
		step(); \
	WAIT(n)
#define WAIT(n) \
	size_t shared = share(n); \
	if (shared == 0 && (n) > 0) \
		return -1

ssize_t read(int fd, void *to, size_t n)
{
	SHARE(n);
	return syscall(SYS_read, fd, to, shared);
}

ssize_t write(int fd, const void *from, size_t n)
{
	SHARE(n);
	return syscall(SYS_write, fd, from, shared);
}

static void count_read(void)
{
	if (told)
		atomic_store(&told->read_at, told->steps);
}

ssize_t pread64(int fd, void *to, size_t n, off64_t at)
{
	SHARE(n);
	count_read();
	return syscall(SYS_pread64, fd, to, shared, at);
}

ssize_t pread(int fd, void *to, size_t n, off_t at)
{
	return pread64(fd, to, n, at);
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at)
{
	SHARE(n);
	return syscall(SYS_pwrite64, fd, from, shared, at);
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at)
{
	return pwrite64(fd, from, n, at);
}

/* Of several parts only the first is read. */
ssize_t preadv64v2(int fd, const struct iovec *part, int parts, off64_t at, int flags)
{
	const size_t n = parts > 0 ? part->iov_len : 0;
	SHARE(n);
	const struct iovec some = {part->iov_base, shared};

	count_read();
	return syscall(SYS_preadv2, fd, &some, 1, (long)at, 0L, flags);
}

ssize_t preadv2(int fd, const struct iovec *part, int parts, off_t at, int flags)
{
	return preadv64v2(fd, part, parts, at, flags);
}

ssize_t recv(int fd, void *to, size_t n, int flags)
{
	AWAIT(n);
	return syscall(SYS_recvfrom, fd, to, shared, flags, NULL, NULL);
}

ssize_t send(int fd, const void *from, size_t n, int flags)
{
	SHARE(n);
	return syscall(SYS_sendto, fd, from, shared, flags, NULL, 0);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	const struct iovec *first = m->msg_iov;
	follow_storm();
	AWAIT(first->iov_len);
	struct iovec some = {first->iov_base, shared};
	struct msghdr copy = *m;
	ssize_t got;

	copy.msg_iov = &some;
	copy.msg_iovlen = 1;
	got = syscall(SYS_recvmsg, fd, &copy, flags);
	m->msg_controllen = copy.msg_controllen;
	m->msg_flags = copy.msg_flags;
	return got;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	SHARE(m->msg_iov->iov_len);
	struct iovec some = {m->msg_iov->iov_base, shared};
	struct msghdr copy = *m;

	if (shared == m->msg_iov->iov_len)
		return syscall(SYS_sendmsg, fd, m, flags);
	copy.msg_iov = &some;
	copy.msg_iovlen = 1;
	return syscall(SYS_sendmsg, fd, &copy, flags);
}

int fsync(int fd)
{
	step();
	return (int)syscall(SYS_fsync, fd);
}

/* ---- names ---- */

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
	struct stat st;
	int fd;

	step();
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (told && fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == told->device &&
		st.st_ino == told->inode)
		atomic_fetch_add(&told->opened, 1);
	return fd;
}

/* The mode that may follow flags. */
#define MODE(flags) \
	va_list rest; \
	mode_t mode; \
	va_start(rest, flags); \
	mode = (flags) & O_CREAT ? va_arg(rest, mode_t) : 0; \
	va_end(rest)

int open(const char *path, int flags, ...)
{
	MODE(flags);
	return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE(flags);
	return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	MODE(flags);
	return open_at(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	MODE(flags);
	return open_at(dir, path, flags, mode);
}

static int rename_at(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	if (told)
		atomic_fetch_add(&told->renamed, 1);
	step();
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return rename_at(from_dir, from, to_dir, to, flags);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return rename_at(from_dir, from, to_dir, to, 0);
}
