/* folder.c - a fresh folder for a test that works on files. */
#include "config.h"

#include "folder.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

/* Where the test came from and where it is. */
static int before = -1;
static char path[4096];

void folder_enter(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(path, sizeof path, "%s/belay-test-XXXXXX", parent ? parent : P_tmpdir);
	before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(before, 0);
	ck_assert_ptr_nonnull(mkdtemp(path));
	ck_assert_int_eq(chmod(path, 0777), 0); /* ordinary users work here, too */
	ck_assert_int_eq(chdir(path), 0);
}

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(name);
}

void folder_leave(void)
{
	ck_assert_int_eq(fchdir(before), 0);
	close(before);
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void folder_put(const char *name, const char *text, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	close(fd);
}

bool folder_holds(const char *name, const char *text)
{
	const size_t n = strlen(text);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *got;
	bool same;

	if (fd < 0)
		return false;
	got = malloc(n + 1);
	same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		read(fd, got, n + 1) == (ssize_t)n && memcmp(got, text, n) == 0;
	free(got);
	close(fd);
	return same;
}

static size_t entries(const char *name)
{
	DIR *dir = opendir(name);
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

size_t folder_count(void)
{
	return entries(".");
}

size_t folder_descriptors(void)
{
	return entries("/proc/self/fd") - 1; /* the one that is looking */
}

pid_t folder_start(int (*work)(const void *arg), const void *arg)
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(work(arg));
	return child;
}

int folder_wait(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int folder_run(int (*work)(const void *arg), const void *arg)
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
			_exit(127);
		_exit(work(arg));
	}
	return folder_wait(child);
}
