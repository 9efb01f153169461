/*
 * hdf5_confine.c - takes from a child what it needs not have.
 *
 * What a kernel does not know is left out without a word: the checks of the parent do not depend
 * on any of it. Under sanitizers, which map terabytes and want to tell what they find, there are
 * no limits and no Landlock; nor where lines are counted (--enable-coverage), into files.
 */
#include "config.h"

#include "hdf5_child.h"

#include "confine.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY ((uint64_t)192 << 20)       /* bytes it may take beyond those it is born with */
#define MEMORY_PLUGINS ((uint64_t)4 << 30) /* the same where it holds chunks: up to 1 GiB each */
#define DESCRIPTORS 64               /* its own at a time */
#define WIRE 3                       /* its descriptor of the wire */

/* Signals that a terminal or a service manager sends to all processes at once are for the parent,
 * who then ends its children; a file that gets too long is an error of the call that made it so.
 * They may come at any time, so that they never get their defaults. */
static bool is_the_parents(int number)
{
	return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGXFSZ;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++) /* some are the C library's, and refused */
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, is_the_parents(number) ? SIG_IGN : SIG_DFL);
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
		if ((!BL_SANITIZED || fd != STDERR_FILENO) && wire != fd && dup2(nowhere, fd) < 0)
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

uint64_t bl_h5_inherited(void)
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

/* Takes away all rights that Landlock knows of; plugins are read and executed. */
static int landlock(const struct bl_h5_plugins *readable)
{
	struct bl_confine c;

	bl_confine_begin(&c, 0, true);
	for (size_t i = 0; readable && i < readable->n; i++)
		bl_confine_let_path(&c, readable->folder[i],
			BL_MAY_EXECUTE | BL_MAY_READ | BL_MAY_LIST);
	return bl_confine_end(&c);
}

int bl_h5_detach(int wire, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return -1;
	reset_signals();
	wire = keep_only(wire);
	return clearenv() == 0 ? wire : -1;
}

void bl_h5_confine(bool writes, uint64_t inherited, const struct bl_h5_plugins *readable)
{
	const uint64_t memory = readable ? MEMORY_PLUGINS : MEMORY;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	limit(RLIMIT_CORE, 0);
	if (!writes && !BL_COUNTED)
		limit(RLIMIT_FSIZE, 0);
	if (BL_SANITIZED || BL_COUNTED)
		return;
	limit(RLIMIT_AS, (inherited ? inherited : memory) + memory);
	limit(RLIMIT_NOFILE, DESCRIPTORS);
	(void)landlock(readable);
}
