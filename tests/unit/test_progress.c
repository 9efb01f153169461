/* test_progress.c - the line of progress, its thread on a terminal, and the summary. */
#include "config.h"

#include "progress.h"

#include "report_made.h"
#include "suite.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *line(uint64_t done, uint64_t total, double seconds, size_t columns)
{
	static char buf[256];

	bl_progress_line(done, total, seconds, columns, buf);
	ck_assert_uint_le(strlen(buf), columns);
	return buf;
}

START_TEST(lines)
{
	ck_assert_str_eq(line(1700000000, 3400000000, 4, 79),
		" 50%  1.7 GB of 3.4 GB  425 MB/s  0:04 left  [###############...............]");
	ck_assert_str_eq(line(1700000000, 3400000000, 4, 300),
		" 50%  1.7 GB of 3.4 GB  425 MB/s  0:04 left  [###############...............]");
	ck_assert_str_eq(line(1700000000, 3400000000, 4, 55),
		" 50%  1.7 GB of 3.4 GB  425 MB/s  0:04 left  [####....]");
	ck_assert_str_eq(
		line(1700000000, 3400000000, 4, 50), " 50%  1.7 GB of 3.4 GB  425 MB/s  0:04 left");
	ck_assert_str_eq(line(1700000000, 3400000000, 4, 40), " 50%  1.7 GB of 3.4 GB  425 MB/s");
	ck_assert_str_eq(line(1700000000, 3400000000, 4, 10), " 50%");
	ck_assert_str_eq(line(0, 1000, 0, 79),
		"  0%  0 B of 1.0 kB  0 B/s  [..............................]");
	ck_assert_str_eq(line(1000, 1000, 1, 79),
		"100%  1.0 kB of 1.0 kB  1.0 kB/s  0:00 left  [##############################]");
	ck_assert_str_eq(line(999, 1000, 1000, 30), " 99%  999 B of 1.0 kB  1 B/s");
	/* More than was expected, nothing expected, no room. */
	ck_assert_str_eq(line(2000, 1000, 1, 44), "100%  2.0 kB of 1.0 kB  2.0 kB/s  0:00 left");
	ck_assert_str_eq(line(0, 0, 1, 30), "  0%  0 B of 0 B  0 B/s");
	ck_assert_str_eq(line(1, 2, 1, 0), "");
}
END_TEST

/* How a view is run in a process of its own, whose standard error is fd. */
static void view(int fd, const char *mode, bool quiet, const char *term, unsigned milliseconds)
{
	struct bl_progress progress = {.read_total = 900, .written_total = 100};
	struct bl_settings settings = {0};
	struct bl_progress_view *v;
	struct bl_err err;

	dup2(fd, STDERR_FILENO);
	setenv("TERM", term, 1);
	atomic_store(&progress.read_bytes, 400);
	atomic_store(&progress.written_bytes, 100);
	if (bl_settings_set(&settings, "progress", mode, "test", &err) != 0 ||
		(quiet && bl_settings_set(&settings, "quiet", NULL, "test", &err) != 0) ||
		bl_progress_start(&v, &progress, &settings, &err) != 0)
		_exit(1);
	usleep(milliseconds * 1000);
	bl_progress_stop(v);
	_exit(0);
}

/* What is shown on a terminal of so many columns, or without columns on a pipe. */
static const char *shown(unsigned short columns, const char *mode, bool quiet, const char *term,
	unsigned milliseconds)
{
	static char text[4096];
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	int fd[2], status;
	size_t n = 0;
	pid_t child;

	if (columns > 0) {
		fd[0] = posix_openpt(O_RDWR | O_NOCTTY);
		ck_assert_int_ge(fd[0], 0);
		ck_assert_int_eq(grantpt(fd[0]) | unlockpt(fd[0]), 0);
		fd[1] = open(ptsname(fd[0]), O_RDWR | O_NOCTTY);
		ck_assert_int_ge(fd[1], 0);
		ck_assert_int_eq(ioctl(fd[1], TIOCSWINSZ, &size), 0);
	} else {
		ck_assert_int_eq(pipe(fd), 0);
	}
	child = fork();
	if (child == 0)
		view(fd[1], mode, quiet, term, milliseconds);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(write(fd[1], "|\n", 2), 2);
	while (n < 2 || text[n - 1] != '\n' || !memchr(text, '|', n)) {
		const ssize_t got = read(fd[0], text + n, sizeof text - 1 - n);

		ck_assert_int_gt(got, 0);
		n += (size_t)got;
	}
	close(fd[0]);
	close(fd[1]);
	text[n] = '\0';
	*strchr(text, '|') = '\0';
	return text;
}

START_TEST(on_a_terminal)
{
	struct timespec start, end;
	const char *text;
	size_t draws = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	text = shown(60, "auto", false, "xterm", 650);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_ptr_eq(strstr(text, "\r 50%  500 B of 1.0 kB  "), text);
	ck_assert_ptr_null(strchr(text, '\033'));
	for (const char *c = text; (c = strchr(c, '\r')) != NULL; c++)
		draws++;
	/* From 300 ms on at most every 100 ms, as long as it took, and twice to wipe it. */
	ck_assert_uint_ge(draws, 1 + 2);
	ck_assert_double_le((double)draws, 10 * (double)(end.tv_sec - start.tv_sec) +
						   1e-8 * (double)(end.tv_nsec - start.tv_nsec));
	/* At the end blanks as wide as the widest line, and the cursor in front. */
	ck_assert_str_eq(text + strlen(text) - 10, "         \r");
	for (const char *c = strrchr(text, '\r') - 1; *c != '\r'; c--)
		ck_assert_int_eq(*c, ' ');
}
END_TEST

START_TEST(short_runs_are_silent)
{
	ck_assert_str_eq(shown(80, "always", false, "xterm", 0), "");
	ck_assert_str_eq(shown(80, "auto", false, "dumb", 400), ""); /* lines come after 5 s */
	ck_assert_str_eq(shown(80, "plain", false, "xterm", 400), "");
}
END_TEST

START_TEST(where_nothing_is_shown)
{
	ck_assert_str_eq(shown(80, "never", false, "xterm", 400), "");
	ck_assert_str_eq(shown(80, "always", true, "xterm", 400), "");
	ck_assert_str_eq(shown(0, "auto", false, "xterm", 400), "");
	ck_assert_ptr_nonnull(strstr(shown(0, "always", false, "xterm", 400), " 50%  "));
	bl_progress_stop(NULL);
}
END_TEST

/* A summary, without what differs from machine to machine behind "peak ". */
static char *summary(size_t n, size_t skipped, const struct bl_tally *tally)
{
	static const size_t which[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
	char *text = NULL, *peak;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	bl_summary(to, &it.r, which, n, skipped, tally, 0.02);
	fclose(to);
	peak = strstr(text, "peak ");
	if (peak) {
		char *line_end = strchr(peak, '\n');

		ck_assert_ptr_nonnull(strstr(peak, " MiB\n"));
		memmove(peak, line_end, strlen(line_end) + 1);
	}
	return text;
}

START_TEST(summary_of_one)
{
	const struct bl_tally none = {0}, some = {3, 1, 2};
	char *text;

	make(41, 25, "half-life 10% output avg.h5");
	text = summary(1, 0, &none);
	ck_assert_str_eq(text, "avg.h5: ema, half-life 100 (10% of 1000): 41 checkpoints, 12 "
			       "tensors averaged, 1 copied; "
			       "1.6 MB read, 40.2 kB written in 0.02 s (84.4 MB/s), \n");
	free(text);
	it.output[0].path = "a\nb\x1b.h5";
	text = summary(1, 0, &some);
	ck_assert_ptr_eq(strstr(text, "a\\nb\\x1b.h5: ema"), text);
	ck_assert_ptr_nonnull(
		strstr(text, "\n3 values not finite, kept\n1 result too large for its "
			     "type, infinite now\n2 results too large for their 8-bit type, "
			     "the largest value now\n"));
	free(text);
	text = summary(0, 1, &none);
	ck_assert_str_eq(text, "1 output left alone: there already, of the same plan\n");
	free(text);
	end();
	make(41, 25, "output avg.h5 tensor-option a:decay=.5 tensor-option b:decay=.5");
	text = summary(1, 0, &none);
	ck_assert_ptr_nonnull(
		strstr(text, ", 12 tensors averaged (3 as --tensor-option says), 1 copied; "));
	free(text);
	end();
}
END_TEST

START_TEST(summary_of_a_sweep)
{
	const struct bl_tally none = {0};
	char *text;

	make(5, 100, "half-life 100:1200:12 output avg_{half-life}.h5");
	text = summary(2, 10, &none);
	ck_assert_str_eq(text, "avg_100.h5: ema, half-life 100\navg_200.h5: ema, half-life 200\n"
			       "2 outputs: 5 checkpoints, 12 tensors averaged, 1 copied; "
			       "1.6 MB read, 40.2 kB written in 0.02 s (84.4 MB/s), \n"
			       "10 outputs left alone: there already, of the same plan\n");
	free(text);
	text = summary(12, 0, &none);
	ck_assert_ptr_nonnull(strstr(text, "\navg_800.h5: ema, half-life 800\n... and 4 more\n"
					   "12 outputs: 5 checkpoints, "));
	free(text);
	end();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("progress");
	TCase *tc = tcase_create("progress");

	tcase_add_test(tc, lines);
	tcase_add_test(tc, on_a_terminal);
	tcase_add_test(tc, short_runs_are_silent);
	tcase_add_test(tc, where_nothing_is_shown);
	tcase_add_test(tc, summary_of_one);
	tcase_add_test(tc, summary_of_a_sweep);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
