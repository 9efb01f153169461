/*
 * inject.c - runs a program and spoils one system call of one of its processes.
 *
 *   inject LOG list COMMAND...                  writes all calls of all processes to LOG
 *   inject LOG PROCESS CALL N FAULT COMMAND...  spoils the Nth call of that name of a process
 *
 * Processes are numbered as they are made, from 0. Calls are counted in each, in the first one from
 * where main() begins (the first look at descriptor 0: streams.c). FAULT is a signal (KILL, TERM,
 * INT, HUP), which comes with the call; an error, with which the call fails and does nothing but
 * close; or SHORT: a read or write of one byte. LOG tells the call that was hit, what was synced
 * and how the program ended. Like strace --inject, but that hits the Nth call of every process.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 64
#define CALLS (sizeof calls / sizeof calls[0])
#define SECONDS 60 /* then it hangs */

/* What tells where a call goes: its descriptor, its path, or a descriptor and a path below it. */
enum where { NOWHERE, FD, PATH, AT };

static const struct call {
	long number;
	const char *name;
	enum where where;
} calls[] = {
#define CALL(name, where) {SYS_##name, #name, where}
	CALL(read, FD), CALL(pread64, FD), CALL(preadv2, FD), CALL(getdents64, FD), CALL(write, FD),
	CALL(pwrite64, FD), CALL(fallocate, FD), CALL(ftruncate, FD), CALL(fsync, FD),
	CALL(fdatasync, FD), CALL(sync_file_range, FD), CALL(close, FD), CALL(flock, FD),
	CALL(fchmod, FD), CALL(dup, FD), CALL(fstat, FD), CALL(lseek, FD), CALL(fcntl, FD),
	CALL(fadvise64, FD), CALL(fstatfs, FD), CALL(openat, AT), CALL(newfstatat, AT),
	CALL(faccessat, AT), CALL(faccessat2, AT), CALL(renameat, AT), CALL(renameat2, AT),
	CALL(linkat, AT), CALL(unlinkat, AT), CALL(mkdirat, AT), CALL(readlinkat, AT),
	CALL(statfs, PATH), CALL(getcwd, NOWHERE), CALL(socketpair, NOWHERE), CALL(clone, NOWHERE),
	CALL(sendmsg, FD), CALL(recvmsg, FD), CALL(sendto, FD), CALL(recvfrom, FD),
	CALL(setsockopt, FD), CALL(wait4, NOWHERE), CALL(kill, NOWHERE), CALL(mmap, NOWHERE),
	CALL(munmap, NOWHERE), CALL(mprotect, NOWHERE), CALL(brk, NOWHERE),
	CALL(rt_sigaction, NOWHERE), CALL(rt_sigprocmask, NOWHERE), CALL(prlimit64, NOWHERE),
	CALL(prctl, NOWHERE), CALL(exit_group, NOWHERE), CALL(futex, NOWHERE),
	CALL(setitimer, NOWHERE), CALL(getppid, NOWHERE), CALL(getrandom, NOWHERE),
	CALL(sched_getaffinity, NOWHERE), CALL(sysinfo, NOWHERE), CALL(gettid, NOWHERE),
	CALL(getpid, NOWHERE), CALL(set_robust_list, NOWHERE), CALL(exit, NOWHERE),
	CALL(geteuid, NOWHERE),
#ifdef SYS_open
	CALL(open, PATH), CALL(access, PATH), CALL(stat, PATH), CALL(lstat, PATH),
	CALL(rename, PATH), CALL(link, PATH), CALL(unlink, PATH), CALL(mkdir, PATH),
	CALL(rmdir, PATH), CALL(readlink, PATH), CALL(poll, NOWHERE), CALL(dup2, FD),
#endif
	{-1, "other", NOWHERE}, /* the last one, for all the rest */
};

static const struct {
	const char *name;
	int number;
} faults[] = {
	{"KILL", SIGKILL},
	{"TERM", SIGTERM},
	{"INT", SIGINT},
	{"HUP", SIGHUP},
	{"SHORT", 0},
	{"ENOSPC", -ENOSPC},
	{"EDQUOT", -EDQUOT},
	{"EIO", -EIO},
	{"EINTR", -EINTR},
	{"EMFILE", -EMFILE},
	{"EAGAIN", -EAGAIN},
	{"EACCES", -EACCES},
	{"ENOMEM", -ENOMEM},
};

struct process {
	pid_t pid;	  /* 0: over */
	long made[CALLS]; /* calls of each name */
	bool begun;	  /* what it calls is counted */
	bool halted;	  /* the stop that each new process begins with has been seen */
	bool spoiled;	  /* what it is in has been hit */
};

struct scene {
	FILE *log;
	bool list;
	long process, nth;
	size_t call;
	int fault; /* a signal; less than 0: an error; 0: SHORT */
	bool hit;
	bool follow; /* after the hit, too: what is synced then is told */
	struct process p[PROCESSES];
	size_t n;
	pid_t first;
	int status; /* of that */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(99);
}

static size_t call_of(uint64_t number)
{
	size_t i = 0;

	while (i + 1 < CALLS && (uint64_t)calls[i].number != number)
		i++;
	return i;
}

static bool is_call(uint64_t number, const char *name)
{
	return strcmp(calls[call_of(number)].name, name) == 0;
}

/* Text in the memory of another process. */
static void text_of(pid_t pid, uint64_t at, char *text, size_t room)
{
	size_t n = 0;

	for (; n + 1 < room; n++) {
		const struct iovec here = {text + n, 1}, there = {(void *)(uintptr_t)(at + n), 1};

		if (process_vm_readv(pid, &here, 1, &there, 1, 0) != 1 || text[n] == '\0')
			break;
	}
	text[n] = '\0';
}

static void descriptor_of(pid_t pid, int fd, char *text, size_t room)
{
	char link[64];
	ssize_t n;

	if (fd == AT_FDCWD)
		snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
	else
		snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, fd);
	n = readlink(link, text, room - 1);
	text[n > 0 ? n : 0] = '\0';
}

/* A line of the log: what a call is, and where it goes. */
static void tell(const struct scene *s, const char *what, const struct process *p,
	const struct __ptrace_syscall_info *info)
{
	const size_t call = call_of(info->entry.nr);
	const enum where where = calls[call].where;
	char folder[PATH_MAX] = "", path[PATH_MAX] = "";

	if (where == FD || where == AT)
		descriptor_of(p->pid, (int)info->entry.args[0], folder, sizeof folder);
	if (where == PATH)
		descriptor_of(p->pid, AT_FDCWD, folder, sizeof folder);
	if (where == AT || where == PATH)
		text_of(p->pid, info->entry.args[where == AT], path, sizeof path);
	fprintf(s->log, "%s %td %s %ld ", what, p - s->p, calls[call].name, p->made[call]);
	if (path[0] == '/')
		fprintf(s->log, "%s\n", path);
	else
		fprintf(s->log, "%s%s%s\n", folder, path[0] ? "/" : "", path);
}

#ifdef __x86_64__
static void set_register(pid_t pid, size_t offset, long value)
{
	if (ptrace(PTRACE_POKEUSER, pid, (void *)offset, (void *)value) != 0)
		die("a register");
}
#define SET(pid, name, value) set_register(pid, offsetof(struct user_regs_struct, name), value)
#else
#define SET(pid, name, value) exit(77)
#endif

/* Has a read or write go for one byte. */
static void shorten(const struct process *p, const struct __ptrace_syscall_info *info)
{
	size_t length = 1;
	const struct iovec here = {&length, sizeof length};
	const uint64_t at = info->entry.args[1] + offsetof(struct iovec, iov_len);
	const struct iovec there = {(void *)(uintptr_t)at, sizeof length};

	if (is_call(info->entry.nr, "preadv2")) {
		if (process_vm_writev(p->pid, &here, 1, &there, 1, 0) != (ssize_t)sizeof length)
			die("a length");
	} else if (info->entry.args[2] > 1) {
		SET(p->pid, rdx, 1);
	}
}

/* The call is entered: it is the one. */
static void hit(struct scene *s, struct process *p, const struct __ptrace_syscall_info *info)
{
	tell(s, "hit", p, info);
	s->hit = true;
	s->follow = is_call(info->entry.nr, "fsync");
	if (s->fault > 0) {
		kill(p->pid, s->fault);
		return;
	}
	if (s->fault == 0)
		shorten(p, info);
	if (s->fault < 0 && !is_call(info->entry.nr, "close"))
		SET(p->pid, orig_rax, -1);
	p->spoiled = s->fault < 0;
}

static void entered(struct scene *s, struct process *p, const struct __ptrace_syscall_info *info)
{
	size_t call;

	if (!p->begun && is_call(info->entry.nr, "fcntl") && info->entry.args[0] == STDIN_FILENO)
		p->begun = true;
	if (!p->begun)
		return;
	call = call_of(info->entry.nr);
	p->made[call]++;
	if (s->list)
		tell(s, "call", p, info);
	else if (!s->hit && p - s->p == s->process && call == s->call && p->made[call] == s->nth)
		hit(s, p, info);
	if (is_call(info->entry.nr, "fsync") && !s->list)
		tell(s, "sync", p, info);
}

static void at_call(struct scene *s, struct process *p)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, (void *)sizeof info, &info) <= 0)
		return; /* killed meanwhile */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		entered(s, p, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT && p->spoiled) {
		SET(p->pid, rax, s->fault);
		p->spoiled = false;
	}
}

static struct process *process_of(struct scene *s, pid_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].pid == pid)
			return &s->p[i];
	if (s->n == PROCESSES) {
		errno = EAGAIN;
		die("processes");
	}
	s->p[s->n] = (struct process){.pid = pid, .begun = s->n > 0};
	return &s->p[s->n++];
}

/* Lets a process go on: to its next call where that is of interest, else on its own. */
static void let_go(struct scene *s, struct process *p, int deliver)
{
	const bool wanted =
		s->list || p->spoiled || s->follow || (!s->hit && p - s->p == s->process);
	enum __ptrace_request how = PTRACE_CONT;

	if (wanted)
		how = PTRACE_SYSCALL;
	else if (s->hit || p - s->p > s->process)
		how = PTRACE_DETACH;
	ptrace(how, p->pid, NULL, (void *)(long)deliver);
	if (how == PTRACE_DETACH && p != s->p)
		p->pid = 0; /* its end is not told */
}

static void stopped(struct scene *s, struct process *p, int status)
{
	const int number = WSTOPSIG(status), event = status >> 16;
	unsigned long made;
	int deliver = 0;

	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
		event == PTRACE_EVENT_CLONE) {
		if (ptrace(PTRACE_GETEVENTMSG, p->pid, NULL, &made) == 0)
			(void)process_of(s, (pid_t)made);
	} else if (number == (SIGTRAP | 0x80)) {
		at_call(s, p);
	} else if (event == 0 && number == SIGSTOP && !p->halted) {
		p->halted = true;
	} else if (event == 0) {
		deliver = number;
	}
	let_go(s, p, deliver);
}

static bool any_left(const struct scene *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].pid)
			return true;
	return false;
}

static void watch(struct scene *s)
{
	int status;
	pid_t pid;

	while (any_left(s)) {
		pid = waitpid(-1, &status, __WALL);
		if (pid < 0)
			break;
		if (WIFSTOPPED(status)) {
			stopped(s, process_of(s, pid), status);
			continue;
		}
		if (pid == s->first)
			s->status = status;
		for (size_t i = 0; i < s->n; i++)
			if (s->p[i].pid == pid)
				s->p[i].pid = 0;
	}
}

/* Starts the program, stopped before its first step. */
static void start(struct scene *s, char **command)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		alarm(SECONDS);
		raise(SIGSTOP);
		execv(command[0], command);
		_exit(98);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("a process");
	if (!WIFSTOPPED(status) || ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options) != 0)
		exit(77);
	s->first = pid;
	process_of(s, pid)->halted = true;
	let_go(s, &s->p[0], 0);
}

static int fault_of(const char *name)
{
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (strcmp(faults[i].name, name) == 0)
			return faults[i].number;
	fprintf(stderr, "inject: %s: no such fault\n", name);
	exit(2);
}

static size_t call_named(const char *name)
{
	for (size_t i = 0; i < CALLS; i++)
		if (strcmp(calls[i].name, name) == 0)
			return i;
	fprintf(stderr, "inject: %s: no such call\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	struct scene s = {0};

	s.list = argc > 3 && strcmp(argv[2], "list") == 0;
	if (argc < (s.list ? 4 : 7)) {
		fputs("usage: inject LOG list|PROCESS CALL N FAULT COMMAND...\n", stderr);
		return 2;
	}
	if (!s.list) {
		s.process = strtol(argv[2], NULL, 10);
		s.call = call_named(argv[3]);
		s.nth = strtol(argv[4], NULL, 10);
		s.fault = fault_of(argv[5]);
	}
	s.log = fopen(argv[1], "we");
	if (!s.log)
		die(argv[1]);
	start(&s, argv + (s.list ? 3 : 6));
	watch(&s);
	if (WIFSIGNALED(s.status))
		fprintf(s.log, "end %d\n", -WTERMSIG(s.status));
	else
		fprintf(s.log, "end %d\n", WEXITSTATUS(s.status));
	return fclose(s.log) == 0 ? 0 : 99;
}
