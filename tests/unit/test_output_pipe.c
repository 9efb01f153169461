/* test_output_pipe.c - results on standard output. */
#include "config.h"

#include "folder.h"
#include "output.h"
#include "suite.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct bl_err err;
static char letters[20001];

/* Standard output of the child: what it writes there, in order. */
static int write_pipe(const void *arg)
{
	struct bl_output *o;
	size_t at = 0;
	bool exists = true;

	if (dup2(*(const int *)arg, STDOUT_FILENO) < 0 ||
		bl_output_examine("-", 0, &exists, &err) != 0 || exists ||
		bl_output_open("-", 0, NULL, &o, &err) != 0 || !bl_output_is_pipe(o) ||
		bl_output_reserve(o, 1000, &err) != 0)
		return 1;
	for (size_t n = 1; at < 20000; at += n, n = n * 3 % 4099) {
		n = at + n > 20000 ? 20000 - at : n;
		if (bl_output_write(o, at, letters + at, n, &err) != 0)
			return 2;
	}
	if (bl_output_write(o, 5, "x", 1, &err) == 0 || err.code != BL_BUG)
		return 3;
	if (bl_output_sync(o, &err) != 0 || bl_output_publish(o, &err) != 0)
		return 4;
	bl_output_close(o);
	return 0;
}

static void fill_letters(void)
{
	for (size_t i = 0; i < 20000; i++)
		letters[i] = (char)('a' + (i * i + i / 100) % 23);
}

START_TEST(pipe_in_order)
{
	static char got[20001];
	size_t n = 0;
	ssize_t k;
	int fd[2];
	pid_t child;

	fill_letters();
	ck_assert_int_eq(pipe(fd), 0);
	child = folder_start(write_pipe, &fd[1]);
	close(fd[1]);
	while (n < sizeof got && (k = read(fd[0], got + n, sizeof got - n)) > 0)
		n += (size_t)k;
	close(fd[0]);
	ck_assert_int_eq(folder_wait(child), 0);
	ck_assert_uint_eq(n, 20000);
	ck_assert_mem_eq(got, letters, 20000);
}
END_TEST

/* > file */
START_TEST(pipe_to_a_file)
{
	int fd = open("redirected", O_WRONLY | O_CREAT, 0666);

	fill_letters();
	ck_assert_int_eq(folder_wait(folder_start(write_pipe, &fd)), 0);
	close(fd);
	ck_assert(folder_holds("redirected", letters));
}
END_TEST

/* Writes to standard output, which is *arg, until it fails. Returns the code; 100 for no room. */
static int write_until(const void *arg)
{
	struct bl_output *o;
	uint64_t at = 0;

	signal(SIGPIPE, SIG_IGN);
	if (dup2(*(const int *)arg, STDOUT_FILENO) < 0 ||
		bl_output_open("-", 0, NULL, &o, &err) != 0)
		return 99;
	while (bl_output_write(o, at, letters, 10000, &err) == 0)
		at += 10000;
	bl_output_close(o);
	if (strcmp(err.text, "cannot be written: No space left on device") == 0)
		return 100;
	return err.text[0] ? 98 : (int)err.code;
}

START_TEST(pipe_that_closes)
{
	int fd[2], full = open("/dev/full", O_WRONLY);
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe(fd), 0);
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	child = fork();
	if (child == 0) {
		close(fd[0]);
		_exit(write_until(&fd[1]));
	}
	close(fd[1]);
	ck_assert_int_eq(read(fd[0], &byte, 1), 1);
	close(fd[0]);
	ck_assert_int_eq(folder_wait(child), BL_OUTPUT);
	ck_assert_int_ge(full, 0);
	ck_assert_int_eq(folder_wait(folder_start(write_until, &full)), 100);
	close(full);
}
END_TEST

static volatile sig_atomic_t stop;

static void *stop_soon(void *arg)
{
	usleep(50000);
	__atomic_store_n(&stop, SIGTERM, __ATOMIC_RELAXED);
	return arg;
}

/* A signal gets through although nobody reads, and comes to another thread than the waiting one. */
static int stop_waiting(const void *arg)
{
	struct bl_output *o;
	struct timespec from, to;
	pthread_t thread;
	uint64_t at = 0;

	if (dup2(*(const int *)arg, STDOUT_FILENO) < 0 ||
		bl_output_open("-", 0, &stop, &o, &err) != 0 ||
		pthread_create(&thread, NULL, stop_soon, NULL) != 0)
		return 99;
	clock_gettime(CLOCK_MONOTONIC, &from);
	while (bl_output_write(o, at, letters, 10000, &err) == 0)
		at += 10000;
	clock_gettime(CLOCK_MONOTONIC, &to);
	pthread_join(thread, NULL);
	bl_output_close(o);
	if (to.tv_sec - from.tv_sec > 2)
		return 1;
	return err.code == BL_OK && !err.text[0] ? 0 : 2;
}

START_TEST(pipe_that_nobody_reads)
{
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(folder_wait(folder_start(stop_waiting, &fd[1])), 0);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static int write_nowhere(const void *arg)
{
	struct bl_output *o;

	(void)arg;
	close(STDOUT_FILENO);
	if (bl_output_open("-", 0, NULL, &o, &err) == 0 || err.code != BL_OUTPUT)
		return 1;
	return strcmp(err.text, "cannot be written: Bad file descriptor") == 0 ? 0 : 2;
}

START_TEST(pipe_that_is_none)
{
	ck_assert_int_eq(folder_wait(folder_start(write_nowhere, NULL)), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("output_pipe");
	TCase *t = tcase_create("output_pipe");

	alarm(60); /* whoever waits for ever */
	tcase_add_checked_fixture(t, folder_enter, folder_leave);
	tcase_add_test(t, pipe_in_order);
	tcase_add_test(t, pipe_to_a_file);
	tcase_add_test(t, pipe_that_closes);
	tcase_add_test(t, pipe_that_nobody_reads);
	tcase_add_test(t, pipe_that_is_none);
	suite_add_tcase(s, t);
	return suite_run(s);
}
