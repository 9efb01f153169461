/*
 * sandbox_probe.c - what a program that was taken over would try, preloaded: when the first thread
 * is started, the paths in PROBE_READ are read and those in PROBE_MAKE are made (a colon between
 * two), and each outcome is told on standard error.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void try(const char *variable, int flags)
{
	char *paths = getenv(variable), *rest = NULL;

	paths = paths ? strdup(paths) : NULL;
	for (char *path = paths ? strtok_r(paths, ":", &rest) : NULL; path;
		path = strtok_r(NULL, ":", &rest)) {
		const int fd = open(path, flags | O_CLOEXEC, 0666);

		dprintf(STDERR_FILENO, "PROBE %s %s %s\n", variable, path,
			fd < 0 ? strerror(errno) : "done");
		if (fd >= 0)
			close(fd);
	}
	free(paths);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
	void *with)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void *found = dlsym(RTLD_NEXT, "pthread_create");

	try("PROBE_READ", O_RDONLY);
	try("PROBE_MAKE", O_WRONLY | O_CREAT);
	memcpy(&real, &found, sizeof real);
	return real(thread, attributes, run, with);
}
