/* hdf5_child.c - starts and ends the processes that call libhdf5; both ends of the wire. */
#include "config.h"

#include "hdf5_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds of processor time for an answer: many times what the densest file needs. */
#define SECONDS_LEAST 1
#define SECONDS_MOST 60
#define BYTES_PER_SECOND ((uint64_t)1 << 20)

static int seconds(uint64_t size)
{
	const uint64_t more = size / BYTES_PER_SECOND;

	return more < SECONDS_MOST - SECONDS_LEAST ? SECONDS_LEAST + (int)more : SECONDS_MOST;
}

/* ---- the parent's side ---- */

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* When to give up: disks and networks take their time, which the processor's limit leaves out. */
static int64_t deadline(const struct bl_h5_child *c, uint64_t size)
{
	return now() + (c->duty.patience ? c->duty.patience : 5000 + 10000 * seconds(size));
}

/* A call on the wire waits for so long, then looks at the clock. */
static int tick(int wire)
{
	const struct timeval t = {.tv_usec = 50000};

	if (setsockopt(wire, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) != 0)
		return -1;
	return setsockopt(wire, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

/* The end of a child, with the counts of its lines where these are counted. */
static _Noreturn void leave(int code)
{
#ifdef COUNTED
	void __gcov_dump(void);

	__gcov_dump();
#endif
	_exit(code);
}

/* In the new process. */
static _Noreturn void live(const struct bl_h5_duty *duty, const struct bl_h5_plugins *plugins,
	int wire, pid_t parent, uint64_t inherited)
{
	struct bl_h5_plugins found = {0};

	wire = bl_h5_detach(wire, parent);
	if (wire < 0 || (plugins && bl_h5_plugins_load(plugins, &found) != 0))
		leave(1);
	bl_h5_confine(duty->writes, inherited, plugins ? &found : NULL);
	duty->serve(wire);
	leave(0);
}

int bl_h5_child_start(struct bl_h5_child *c, const struct bl_h5_duty *duty,
	const struct bl_h5_plugins *plugins, struct bl_err *err)
{
	const uint64_t inherited = bl_h5_inherited();
	const pid_t self = getpid();
	int pair[2];

	memset(c, 0, sizeof *c);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return bl_fail_errno(err, BL_LIMIT, errno, "no wire to a process for HDF5");
	c->duty = *duty;
	c->wire = pair[0];
	c->pid = tick(c->wire) == 0 ? fork() : -1;
	if (c->pid == 0)
		live(duty, plugins, pair[1], self, inherited);
	close(pair[1]);
	if (c->pid > 0)
		return 0;
	bl_fail_errno(err, BL_LIMIT, errno, "no process for HDF5");
	c->pid = 0;
	close(pair[0]);
	return -1;
}

/* Where lines are counted, a child that is well ends by itself when the wire is cut, and writes
 * what it has counted. It has some seconds for that. */
static void let_count(const struct bl_h5_child *c)
{
#ifdef COUNTED
	siginfo_t ended = {0};

	shutdown(c->wire, SHUT_RDWR);
	for (int i = 0; i < 500 && ended.si_pid == 0; i++) {
		if (waitid(P_PID, (id_t)c->pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0)
			break;
		usleep(10000);
	}
#else
	(void)c;
#endif
}

/* Ends the child; its status, or 0 where that is not known. */
static int end(struct bl_h5_child *c)
{
	int status = 0;
	pid_t pid;

	if (c->pid == 0)
		return 0;
	let_count(c);
	kill(c->pid, SIGKILL); /* it keeps the status it has if it is dead already */
	close(c->wire);
	while ((pid = waitpid(c->pid, &status, 0)) < 0 && errno == EINTR)
		;
	c->pid = 0;
	return pid < 0 ? 0 : status; /* where SIGCHLD is ignored nobody knows */
}

void bl_h5_child_stop(struct bl_h5_child *c)
{
	end(c);
}

bool bl_h5_child_is_idle(const struct bl_h5_child *c)
{
	struct pollfd p = {.fd = c->wire, .events = POLLIN};

	return c->pid != 0 && poll(&p, 1, 0) == 0;
}

int bl_h5_child_gone(const struct bl_h5_child *c, struct bl_err *err)
{
	static const char *const on[][2] = {
		[BL_H5_CRASHED] = {"crashed on it", "crashed on a copy of it"},
		[BL_H5_SLOW] = {"comes to no end on it", "comes to no end on a copy of it"},
		[BL_H5_NONSENSE] = {"says what cannot be", "says of a copy of it what cannot be"},
	};

	if (c->duty.copied && c->own)
		return bl_fail(err, BL_INPUT, "%s: damaged (the HDF5 library %s)", c->duty.copied,
			on[c->how][1]);
	return bl_fail(err, c->duty.blame, c->duty.blame == BL_INPUT
		? "damaged (the HDF5 library %s)" : "the HDF5 library %s", on[c->how][0]);
}

/* Does a process get this signal for what it does itself? */
static bool is_own(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGFPE ||
		signal == SIGILL;
}

/* Ends a child that failed, and says how. */
static int fail(struct bl_h5_child *c, enum bl_h5_end how, struct bl_err *err)
{
	const int status = end(c);
	const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (how == BL_H5_STOPPED)
		return bl_fail_silently(err, BL_OK);
	c->how = how == BL_H5_CRASHED && signal == SIGPROF ? BL_H5_SLOW : how;
	c->own = c->how != BL_H5_CRASHED || is_own(signal);
	return bl_h5_child_gone(c, err);
}

int bl_h5_child_distrust(struct bl_h5_child *c, struct bl_err *err)
{
	return fail(c, BL_H5_NONSENSE, err);
}

/* A call on the wire returned n: is there reason for another? Else *how tells why not. */
static bool goes_on(const struct bl_h5_child *c, ssize_t n, int64_t until, enum bl_h5_end *how)
{
	struct bl_err ignored;

	*how = BL_H5_CRASHED;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	*how = BL_H5_STOPPED;
	if (bl_go_on(c->duty.stop, &ignored) != 0)
		return false;
	*how = BL_H5_SLOW;
	return now() < until; /* who sends byte by byte is no faster */
}

/* Sends the first part, with a descriptor where there is one. Bytes sent, or -1. */
static ssize_t send_some(int wire, const struct iovec *part, size_t parts, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec copy[2] = {part[0], part[parts - 1]};
	struct msghdr m = {.msg_iov = copy, .msg_iovlen = parts};

	if (fd >= 0) {
		memset(&control, 0, sizeof control);
		m.msg_control = &control;
		m.msg_controllen = sizeof control.room;
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	}
	return sendmsg(wire, &m, MSG_NOSIGNAL);
}

/* Sends a message and its payload. 0, or why not. */
static int send_all(const struct bl_h5_child *c, const struct bl_h5_message *m,
	const void *payload, int fd, int64_t until, enum bl_h5_end *how)
{
	struct bl_h5_message head = *m;
	unsigned char byte[1] = {0}, *body = byte;
	size_t sent = 0;

	if (payload) /* an iovec wants no const, and nothing is written there */
		memcpy(&body, &payload, sizeof body);
	while (sent < sizeof head + m->bytes) {
		const bool first = sent < sizeof head;
		const size_t at = first ? sent : sent - sizeof head;
		const struct iovec part[2] = {
			first ? (struct iovec){(char *)&head + at, sizeof head - at}
			      : (struct iovec){body + at, (size_t)m->bytes - at},
			{body, (size_t)m->bytes},
		};
		const ssize_t n = send_some(c->wire, part, first && m->bytes ? 2 : 1, fd);

		if (!goes_on(c, n, until, how))
			return -1;
		if (n > 0)
			fd = -1;
		sent += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int receive_all(const struct bl_h5_child *c, void *dst, size_t n, int64_t until,
	enum bl_h5_end *how)
{
	for (size_t got = 0; got < n;) {
		const ssize_t k = recv(c->wire, (char *)dst + got, n - got, 0);

		if (!goes_on(c, k, until, how))
			return -1;
		got += k > 0 ? (size_t)k : 0;
	}
	return 0;
}

/* Repeats the error that a child tells, which is text from anywhere. */
static int take_error(struct bl_h5_child *c, uint64_t size, struct bl_err *err)
{
	const enum bl_exit blame = c->duty.blame;
	const bool writes = c->duty.writes;
	struct bl_err told;

	if (bl_h5_child_take(c, &told, sizeof told, size, err) != 0)
		return -1;
	told.text[sizeof told.text - 1] = '\0';
	told.hint[sizeof told.hint - 1] = '\0';
	if (told.text[0] == '\0')
		return fail(c, BL_H5_NONSENSE, err);
	if (told.code != BL_LIMIT && told.code != BL_INPUT && !(writes && told.code == BL_OUTPUT))
		told.code = blame;
	bl_fail(err, told.code, "%s", told.text);
	err->errnum = told.errnum;
	return told.hint[0] ? bl_hint(err, "%s", told.hint) : -1;
}

int bl_h5_child_ask(struct bl_h5_child *c, const struct bl_h5_message *question,
	const void *payload, int fd, uint64_t size, struct bl_h5_message *answer,
	struct bl_err *err)
{
	const int64_t until = deadline(c, size);
	struct bl_h5_message m = *question;
	enum bl_h5_end how;

	m.carries = fd >= 0;
	if (send_all(c, &m, payload, fd, until, &how) != 0 ||
		receive_all(c, answer, sizeof *answer, until, &how) != 0)
		return fail(c, how, err);
	if (answer->what == BL_H5_DONE)
		return 0;
	if (answer->what != BL_H5_FAILED || answer->bytes != sizeof *err)
		return fail(c, BL_H5_NONSENSE, err);
	return take_error(c, size, err);
}

int bl_h5_child_take(struct bl_h5_child *c, void *dst, size_t n, uint64_t size, struct bl_err *err)
{
	enum bl_h5_end how;

	if (receive_all(c, dst, n, deadline(c, size), &how) == 0)
		return 0;
	return fail(c, how, err);
}

/* ---- the child's side ---- */

bool bl_h5_child_hear_bytes(int wire, void *dst, size_t n)
{
	for (size_t got = 0; got < n;) {
		const ssize_t k = recv(wire, (char *)dst + got, n - got, 0);

		if (k == 0 || (k < 0 && errno != EINTR))
			return false;
		got += k > 0 ? (size_t)k : 0;
	}
	return true;
}

bool bl_h5_child_hear(int wire, struct bl_h5_message *question, int *fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {question, sizeof *question};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof control.room};
	const struct cmsghdr *came;
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(wire, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	if (!bl_h5_child_hear_bytes(wire, (char *)question + n, sizeof *question - (size_t)n))
		return false;
	came = CMSG_FIRSTHDR(&m);
	if (came && came->cmsg_type == SCM_RIGHTS && came->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(came), sizeof *fd);
	return !question->carries || *fd >= 0;
}

/* SIGPROF ends the process when the time has passed. */
void bl_h5_child_hurry(uint64_t size)
{
	const struct itimerval t = {.it_value = {.tv_sec = seconds(size)}};

	setitimer(ITIMER_PROF, &t, NULL);
}

static bool tell(int wire, const struct bl_h5_message *m, const void *payload)
{
	const struct {
		const void *bytes;
		size_t n;
	} part[2] = {{m, sizeof *m}, {payload, (size_t)m->bytes}};

	for (size_t i = 0; i < 2; i++)
		for (size_t put = 0; put < part[i].n;) {
			const ssize_t k = send(wire, (const char *)part[i].bytes + put,
				part[i].n - put, MSG_NOSIGNAL);

			if (k < 0 && errno != EINTR)
				return false;
			put += k > 0 ? (size_t)k : 0;
		}
	return true;
}

bool bl_h5_child_tell(int wire, const uint64_t *number, const void *payload, size_t bytes)
{
	struct bl_h5_message m = {.what = BL_H5_DONE, .bytes = bytes};

	if (number)
		memcpy(m.number, number, sizeof m.number);
	return tell(wire, &m, payload);
}

bool bl_h5_child_tell_error(int wire, const struct bl_err *err)
{
	const struct bl_h5_message m = {.what = BL_H5_FAILED, .bytes = sizeof *err};

	return tell(wire, &m, err);
}
