/*
 * cost.c - runs a program and tells what it took, for benches that are no C.
 *
 * cost FILE PROGRAM [ARG...] writes a line to FILE: exit code (128 and more: a signal), seconds of
 * a clock, of the processor in the program and in the kernel, peak resident bytes, bytes that calls
 * read and wrote, bytes that the disk read and was given to write (-1 where the kernel does not
 * count). Counted is the program with all children that it has waited for; the peak is that of the
 * largest of them. It cannot be less than that of the process which starts the program, so that is
 * this small one, and no interpreter.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CALLS_READ, CALLS_WROTE, DISK_READ, DISK_WROTE, COUNTERS };

static const char *const counter_name[COUNTERS] = {"rchar", "wchar", "read_bytes", "write_bytes"};

/* What this process and the children it has waited for have read and written until now. */
static void count_bytes(long long counter[COUNTERS])
{
	FILE *f = fopen("/proc/self/io", "re");
	char name[32];
	long long value;

	for (int i = 0; i < COUNTERS; i++)
		counter[i] = -1;
	while (f && fscanf(f, "%31[^:]: %lld ", name, &value) == 2)
		for (int i = 0; i < COUNTERS; i++)
			if (strcmp(name, counter_name[i]) == 0)
				counter[i] = value;
	if (f)
		fclose(f);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec * 1e-6;
}

static int report(const char *path, int status, double took, const struct rusage *used,
	const long long before[COUNTERS])
{
	FILE *f = fopen(path, "we");
	long long after[COUNTERS];

	if (!f)
		return -1;
	count_bytes(after);
	fprintf(f, "%d %.6f %.6f %.6f %lld",
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), took,
		seconds(&used->ru_utime), seconds(&used->ru_stime), used->ru_maxrss * 1024LL);
	for (int i = 0; i < COUNTERS; i++)
		fprintf(f, " %lld", after[i] < 0 ? -1 : after[i] - before[i]);
	putc('\n', f);
	return fclose(f);
}

int main(int argc, char **argv)
{
	long long before[COUNTERS];
	struct rusage used;
	double begin;
	pid_t child;
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: cost FILE PROGRAM [ARG...]\n");
		return 2;
	}
	count_bytes(before);
	begin = now();
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "cost: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) < 0 ||
		report(argv[1], status, now() - begin, &used, before) != 0) {
		perror("cost");
		return 1;
	}
	return 0;
}
