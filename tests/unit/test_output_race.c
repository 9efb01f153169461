/* test_output_race.c - outputs that two runs want at once, and runs that are killed. */
#include "config.h"

#include "arith.h"
#include "folder.h"
#include "publish.h"
#include "suite.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEMP ".out.belay-tmp"

static struct bl_err err;

/* What two runs write: long enough for half of it to show. */
static char letters[2][20001];

struct racer {
	unsigned flags;
	int which;
	int start; /* a pipe: closed when both may begin */
};

static int race(const void *arg)
{
	const struct racer *r = arg;
	char byte;

	if (read(r->start, &byte, 1) < 0)
		return 99;
	return publish_file("out", r->flags, letters[r->which], &err);
}

/* Two runs at once: exactly one whole result, and the exits tell whose. Odd rounds find a stale
 * temporary, too. */
static void race_once(int round, unsigned flags, unsigned *winners)
{
	const bool replaces = flags & BL_REPLACE;
	struct racer racer[2];
	pid_t child[2];
	int start[2], rc[2];

	if (round % 2)
		folder_put(TEMP, "stale", 5);
	ck_assert_int_eq(pipe(start), 0);
	for (int i = 0; i < 2; i++) {
		racer[i] = (struct racer){flags, i, start[0]};
		child[i] = fork();
		ck_assert_int_ge(child[i], 0);
		if (child[i] == 0) {
			close(start[1]);
			_exit(race(&racer[i]));
		}
	}
	close(start[0]);
	close(start[1]);
	for (int i = 0; i < 2; i++) {
		rc[i] = folder_wait(child[i]);
		ck_assert(rc[i] == 0 || rc[i] == BL_OUTPUT || (rc[i] == BL_USAGE && !replaces));
	}
	ck_assert(rc[0] == 0 || rc[1] == 0);
	ck_assert((rc[0] == 0 && folder_holds("out", letters[0])) ||
		  (rc[1] == 0 && folder_holds("out", letters[1])));
	if (!replaces)
		ck_assert(rc[0] != 0 || rc[1] != 0);
	ck_assert_uint_eq(folder_count(), 1);
	winners[0] += rc[0] == 0;
	winners[1] += rc[1] == 0;
}

START_TEST(two_runs_at_once)
{
	const unsigned flags = BL_NO_SYNC | (_i ? BL_REPLACE : 0);
	unsigned winners[2] = {0, 0};

	memset(letters[0], 'a', sizeof letters[0] - 1);
	memset(letters[1], 'b', sizeof letters[1] - 1);
	for (int round = 0; round < 200; round++) {
		race_once(round, flags, winners);
		if (!_i)
			ck_assert_int_eq(unlink("out"), 0);
	}
	ck_assert_uint_ge(winners[0] + winners[1], 200);
}
END_TEST

static int hold(const void *arg)
{
	struct bl_output *o = NULL;
	const int *ready = arg;

	if (bl_output_open("out", BL_REPLACE, NULL, &o, &err) != 0 ||
		bl_output_write(o, 0, "half", 4, &err) != 0 || write(*ready, "", 1) != 1)
		return 1;
	for (;;)
		pause();
}

/* While a run lives its temporary is left alone, as soon as it is dead it is not. */
START_TEST(live_ones_are_left)
{
	int ready[2];
	pid_t child;
	char byte;

	folder_put("out", "old", 3);
	ck_assert_int_eq(pipe(ready), 0);
	child = folder_start(hold, &ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(publish_file("out", BL_REPLACE, "new", &err), BL_OUTPUT);
		ck_assert_str_eq(err.text, "another run is writing it");
	}
	ck_assert(folder_holds(TEMP, "half") && folder_holds("out", "old"));
	kill(child, SIGKILL);
	ck_assert_int_eq(folder_wait(child), 128 + SIGKILL);
	ck_assert(folder_holds(TEMP, "half") && folder_holds("out", "old"));
	ck_assert_int_eq(publish_file("out", BL_REPLACE, "new", &err), 0);
	ck_assert(folder_holds("out", "new"));
	ck_assert_uint_eq(folder_count(), 1);
	close(ready[0]);
	close(ready[1]);
}
END_TEST

static int run_over_and_over(const void *arg)
{
	(void)arg;
	for (;;)
		if (publish_file("out", BL_REPLACE | BL_NO_SYNC, letters[0], &err) != 0)
			return 1;
}

/* Killed at any moment: the old result or the new one, at most one more file, and the next run
 * removes it. */
START_TEST(killed_at_any_moment)
{
	uint64_t seed = 9;

	memset(letters[0], 'a', sizeof letters[0] - 1);
	for (int round = 0; round < 100; round++) {
		struct timespec nap = {0, 0};
		pid_t child;

		folder_put("out", "old", 3);
		child = folder_start(run_over_and_over, NULL);
		nap.tv_nsec = (long)arith_below(&seed, 2000000);
		nanosleep(&nap, NULL);
		kill(child, SIGKILL);
		ck_assert_int_eq(folder_wait(child), 128 + SIGKILL);
		ck_assert(folder_holds("out", "old") || folder_holds("out", letters[0]));
		ck_assert_uint_le(folder_count(), 2);
		ck_assert_int_eq(publish_file("out", BL_REPLACE | BL_NO_SYNC, "next", &err), 0);
		ck_assert(folder_holds("out", "next"));
		ck_assert_uint_eq(folder_count(), 1);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("output_race");
	TCase *t = tcase_create("output_race");

	alarm(60); /* whoever waits for ever */
	tcase_add_checked_fixture(t, folder_enter, folder_leave);
	tcase_add_loop_test(t, two_runs_at_once, 0, 2);
	tcase_add_test(t, live_ones_are_left);
	tcase_add_test(t, killed_at_any_moment);
	suite_add_tcase(s, t);
	return suite_run(s);
}
