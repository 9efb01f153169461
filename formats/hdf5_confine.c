/*
 * hdf5_confine.c - takes from a child what it needs not have.
 *
 * What a kernel does not know is left out without a word: the checks of the parent do not depend
 * on any of it. Under sanitizers, which map terabytes and want to tell what they find, there are
 * no limits and no Landlock; nor where lines are counted (--enable-coverage), into files.
 */
#include "config.h"

#include "hdf5_child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(COUNTED)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#ifdef COUNTED
#define WRITES_COUNTS true
#else
#define WRITES_COUNTS false
#endif

#define MEMORY ((uint64_t)192 << 20)       /* bytes it may take beyond those it is born with */
#define MEMORY_PLUGINS ((uint64_t)4 << 30) /* the same where it holds chunks: up to 1 GiB each */
#define DESCRIPTORS 64               /* its own at a time */
#define WIRE 3                       /* its descriptor of the wire */

/* Signals that a terminal or a service manager sends to all processes at once are for the parent,
 * who then ends its children; a file that gets too long is an error of the call that made it so. */
static void reset_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGXFSZ};
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL); /* some are the C library's, and refused */
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(int first)
{
	struct rlimit r = {1024, 1024};

#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
		return;
#endif
	getrlimit(RLIMIT_NOFILE, &r);
	for (int fd = first; (rlim_t)fd < r.rlim_cur && fd < 1 << 20; fd++)
		close(fd);
}

/* The standard streams lead nowhere, so that what is passed never gets one of their numbers. */
static int keep_only(int wire)
{
	int nowhere = open("/dev/null", O_RDWR);

	if (nowhere < 0)
		return -1;
	for (int fd = 0; fd < WIRE; fd++)
		if ((!SANITIZED || fd != STDERR_FILENO) && wire != fd && dup2(nowhere, fd) < 0)
			return -1;
	if (wire != WIRE && dup2(wire, WIRE) < 0)
		return -1;
	for (int fd = 0; fd < WIRE; fd++)
		if (wire == fd && dup2(nowhere, fd) < 0)
			return -1;
	close_from(WIRE + 1);
	return WIRE;
}

static void limit(int resource, uint64_t most)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)resource, &r) != 0)
		return;
	if (r.rlim_max > most)
		r.rlim_max = (rlim_t)most;
	r.rlim_cur = r.rlim_max;
	setrlimit((__rlimit_resource_t)resource, &r);
}

/* Bytes of address space that it is born with, most of them shared; 0: not known. */
static uint64_t inherited(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%llu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

#if defined(SYS_landlock_create_ruleset) && defined(SYS_landlock_restrict_self)
/* Lets the files of a folder be read and executed, which a plugin is. */
static void let_read(int rules, const char *folder)
{
	struct {
		uint64_t rights;
		int32_t folder;
	} __attribute__((packed)) beneath = {1 | 4 | 8, open(folder, O_PATH | O_CLOEXEC)};

	if (beneath.folder < 0)
		return;
	syscall(SYS_landlock_add_rule, rules, 1, &beneath, 0U);
	close(beneath.folder);
}

/* Takes away all rights that Landlock knows of, by the version of its interface. */
static int landlock(const struct bl_h5_plugins *readable)
{
	static const unsigned char rights[] = {0, 13, 14, 15, 15, 16};
	const long known = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, 1U);
	struct {
		uint64_t files, net, scoped;
	} handled = {0, 3, 3};
	size_t size = sizeof handled;
	int rules;

	if (known < 1)
		return -1;
	handled.files = (UINT64_C(1) << rights[known < 5 ? known : 5]) - 1;
	if (known < 6)
		size -= sizeof handled.scoped;
	if (known < 4)
		size -= sizeof handled.net;
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, size, 0U);
	if (rules < 0)
		return -1;
	for (size_t i = 0; readable && i < readable->n; i++)
		let_read(rules, readable->folder[i]);
	if (syscall(SYS_landlock_restrict_self, rules, 0U) != 0)
		return -1;
	return close(rules);
}
#else
static int landlock(const struct bl_h5_plugins *readable)
{
	(void)readable;
	return -1;
}
#endif

int bl_h5_detach(int wire, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return -1;
	reset_signals();
	wire = keep_only(wire);
	return clearenv() == 0 ? wire : -1;
}

void bl_h5_confine(bool writes, const struct bl_h5_plugins *readable)
{
	const uint64_t memory = readable ? MEMORY_PLUGINS : MEMORY;
	uint64_t born;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	limit(RLIMIT_CORE, 0);
	if (!writes && !WRITES_COUNTS)
		limit(RLIMIT_FSIZE, 0);
	if (SANITIZED)
		return;
	born = inherited();
	limit(RLIMIT_AS, (born ? born : memory) + memory);
	limit(RLIMIT_NOFILE, DESCRIPTORS);
	(void)landlock(readable);
}
