/*
 * test_hdf5_child.c - scouts and scribes that die, stall, and say what cannot be.
 */
#include "fake_child.h"
#include "hdf5_scout.h"
#include "hdf5_scribe.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SLOW "comes to no end"
#define NONSENSE "says what cannot be"

static void put(int wire, const void *bytes, size_t n)
{
	if (send(wire, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
		_exit(1);
}

static void die_at_once(int wire)
{
	(void)wire;
}

static void die_when_asked(int wire)
{
	hear(wire);
	signal(SIGSEGV, SIG_DFL); /* sanitizers catch it */
	raise(SIGSEGV);
}

static void leave_when_asked(int wire)
{
	hear(wire);
}

static void answer_in_part(int wire)
{
	hear(wire);
	put(wire, "half", 4);
}

/* A head of an answer, and n bytes behind it. */
static void answer(int wire, uint32_t what, uint64_t bytes, const void *payload, size_t n)
{
	const struct bl_h5_message m = {.what = what, .bytes = bytes};

	hear(wire);
	put(wire, &m, sizeof m);
	put(wire, payload, n);
}

static void promise_and_die(int wire)
{
	answer(wire, BL_H5_DONE, 4096, "12345678", 8);
}

static void promise_and_stall(int wire)
{
	answer(wire, BL_H5_DONE, 4096, "12345678", 8);
	pause();
}

static void promise_everything(int wire)
{
	answer(wire, BL_H5_DONE, UINT64_MAX - 7, "12345678", 8);
	pause();
}

static void promise_odd(int wire)
{
	answer(wire, BL_H5_DONE, 13, "1234567890123", 13);
	pause();
}

static void answer_neither(int wire)
{
	answer(wire, 77, 0, "", 0);
	pause();
}

static void fail_in_short(int wire)
{
	answer(wire, BL_H5_FAILED, 12, "it is broken", 12);
	pause();
}

static void fail_without_a_word(int wire)
{
	static const struct bl_err err;

	answer(wire, BL_H5_FAILED, sizeof err, &err, sizeof err);
	pause();
}

static void answer_random(int wire)
{
	unsigned char noise[2048];

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (unsigned char)(i * 151 + 91);
	hear(wire);
	put(wire, noise, sizeof noise);
	pause();
}

static void stall(int wire)
{
	hear(wire);
	pause();
}

static void drip(int wire)
{
	hear(wire);
	for (;;) {
		const struct timespec t = {.tv_nsec = 20000000};

		put(wire, "", 1);
		nanosleep(&t, NULL);
	}
}

static void work_for_ever(int wire)
{
	volatile unsigned long spins = 0;

	hear(wire);
	bl_h5_child_hurry(0);
	for (;;)
		spins++;
}

static void listen_never(int wire)
{
	(void)wire;
	pause();
}

struct fake {
	struct bl_h5_duty duty;
	const char *read;    /* in the message of a scout that should walk */
	const char *written; /* the same where an answer of another size is expected */
};

#define FAKE(name, read, written)                                                                  \
	{{(name), false, BL_INPUT, PATIENCE, NULL, NULL}, (read), (written)}

static const struct fake fakes[] = {
	FAKE(die_at_once, CRASH, CRASH),
	FAKE(die_when_asked, CRASH, CRASH),
	FAKE(leave_when_asked, CRASH, CRASH),
	FAKE(answer_in_part, CRASH, CRASH),
	FAKE(promise_and_die, CRASH, NONSENSE),
	FAKE(promise_and_stall, SLOW, NONSENSE),
	FAKE(promise_everything, NONSENSE, NONSENSE),
	FAKE(promise_odd, NONSENSE, NONSENSE),
	FAKE(answer_neither, NONSENSE, NONSENSE),
	FAKE(fail_in_short, NONSENSE, NONSENSE),
	FAKE(fail_without_a_word, NONSENSE, NONSENSE),
	FAKE(answer_random, NONSENSE, NONSENSE),
	FAKE(stall, SLOW, SLOW),
	FAKE(drip, SLOW, SLOW),
};

#define FAKES ((int)(sizeof fakes / sizeof fakes[0]))

/* Walks the sample with what s is; the error is in err. */
static int walk(struct bl_h5_scout *s, struct bl_err *err)
{
	struct bl_h5_words index = {0}, own = {0};
	uint64_t size;
	const int fd = open_sample(&size);
	int rc;

	err->text[0] = '\0';
	rc = bl_h5_scout_walk(s, fd, 0, size, &index, err);
	if (rc == 0) {
		ck_assert_int_eq(bl_h5_walk(fd, 0, size, 0, &own, err), 0);
		ck_assert_uint_eq(index.count, own.count);
		ck_assert_mem_eq(index.word, own.word, own.count * sizeof *own.word);
	}
	bl_h5_words_free(&own);
	bl_h5_words_free(&index);
	close(fd);
	return rc;
}

/* A bad scout is one file's error; the next file gets another. */
START_TEST(scout_fails)
{
	const struct fake *fake = &fakes[_i];
	struct bl_h5_scout s = {.duty = &fake->duty};
	struct bl_err err = {0};

	ck_assert_int_eq(walk(&s, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_msg(strncmp(err.text, "damaged (the HDF5 library ", 26) == 0 &&
		strstr(err.text, fake->read), "%s", err.text);
	ck_assert_int_eq(s.child.pid, 0);
	s.duty = &bl_h5_scouting;
	ck_assert_msg(walk(&s, &err) == 0, "%s", err.text);
	bl_h5_child_stop(&s.child);
}
END_TEST

/* One scout for many files; one that died or spoke without being asked is replaced. */
START_TEST(scout_lives)
{
	static const int harmless[] = {SIGINT, SIGTERM, SIGHUP};
	struct bl_h5_scout s = {.duty = &bl_h5_scouting};
	struct bl_err err = {0};
	pid_t first;

	ck_assert_msg(walk(&s, &err) == 0, "%s", err.text);
	first = s.child.pid;
	for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
		kill(first, harmless[i]); /* as a terminal does to all */
		ck_assert_msg(walk(&s, &err) == 0, "%s", err.text);
		ck_assert_int_eq(s.child.pid, first);
	}
	kill(first, SIGKILL);
	while (bl_h5_child_is_idle(&s.child))
		usleep(1000);
	ck_assert_msg(walk(&s, &err) == 0, "%s", err.text);
	ck_assert_int_ne(s.child.pid, first);
	bl_h5_child_stop(&s.child);
	bl_h5_child_stop(&s.child);
}
END_TEST

static void speak_first(int wire)
{
	put(wire, "unasked", 7);
	pause();
}

START_TEST(scout_speaks_first)
{
	static const struct bl_h5_duty duty = {.serve = speak_first, .blame = BL_INPUT};
	struct bl_h5_scout s = {.duty = &bl_h5_scouting};
	struct bl_err err = {0};

	ck_assert_int_eq(bl_h5_child_start(&s.child, &duty, NULL, &err), 0);
	while (bl_h5_child_is_idle(&s.child))
		usleep(1000);
	ck_assert_msg(walk(&s, &err) == 0, "%s", err.text);
	bl_h5_child_stop(&s.child);
}
END_TEST

/* What a scout says is shown, but not to the terminal's harm, and no other code than its own. */
static void fail_loudly(int wire)
{
	struct bl_err err;

	memset(&err, '!', sizeof err);
	memcpy(err.text, "\033[2J", 4);
	err.code = BL_OK;
	answer(wire, BL_H5_FAILED, sizeof err, &err, sizeof err);
	hear(wire);
}

START_TEST(scout_shouts)
{
	static const struct bl_h5_duty duty = {fail_loudly, false, BL_INPUT, PATIENCE, NULL, NULL};
	struct bl_h5_scout s = {.duty = &duty};
	struct bl_err err = {0};

	ck_assert_int_eq(walk(&s, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_int_eq(strncmp(err.text, "\\x1b[2J!!!", 10), 0);
	ck_assert_ptr_null(strchr(err.text, '\033'));
	ck_assert_uint_lt(strlen(err.hint), sizeof err.hint);
	ck_assert_int_ne(s.child.pid, 0); /* it spoke well */
	bl_h5_child_stop(&s.child);
}
END_TEST

/* The limit of its own time ends it long before the parent's patience does. */
START_TEST(scout_works_for_ever)
{
	static const struct bl_h5_duty duty = {work_for_ever, false, BL_INPUT, 30000, NULL, NULL};
	struct bl_h5_scout s = {.duty = &duty};
	struct bl_err err = {0};
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	ck_assert_int_eq(walk(&s, &err), -1);
	clock_gettime(CLOCK_MONOTONIC, &b);
	ck_assert_msg(strstr(err.text, SLOW), "%s", err.text);
	ck_assert_int_lt(b.tv_sec - a.tv_sec, 25);
}
END_TEST

/* A signal has come: nobody waits until patience is at its end. */
START_TEST(nobody_waits)
{
	static const volatile sig_atomic_t came = SIGTERM;
	struct bl_h5_duty duty = {work_for_ever, true, BL_OUTPUT, PATIENCE, NULL, NULL};
	struct bl_h5_scout scout = {.duty = &duty, .stop = &came};
	struct bl_h5_scribe *scribe = NULL;
	struct bl_err err = {.code = BL_BUG};
	uint64_t size;
	const int fd = open_sample(&size);

	ck_assert_int_eq(walk(&scout, &err), -1);
	ck_assert_int_eq(err.code, BL_OK);
	ck_assert_str_eq(err.text, "");
	ck_assert_int_eq(scout.child.pid, 0);
	err.code = BL_BUG;
	duty.stop = &came;
	ck_assert_int_eq(bl_h5_scribe_open(&scribe, &duty, NULL, fd, 0, size, &err), -1);
	ck_assert_int_eq(err.code, BL_OK);
	ck_assert_str_eq(err.text, "");
	close(fd);
}
END_TEST

START_TEST(scribe_fails)
{
	const struct fake *fake = &fakes[_i];
	struct bl_h5_duty duty = fake->duty;
	struct bl_h5_scribe *s = NULL;
	struct bl_err err = {0};
	uint64_t size;
	const int fd = open_sample(&size);

	duty.blame = BL_OUTPUT;
	ck_assert_int_eq(bl_h5_scribe_open(&s, &duty, NULL, fd, 0, size, &err), -1);
	ck_assert_ptr_null(s);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_msg(strstr(err.text, fake->written), "%s", err.text);
	close(fd);
}
END_TEST

/* One that dies of a file is replaced at once where others are to be read with plugins. */
START_TEST(scout_is_there_to_read)
{
	static const struct bl_h5_duty duty = {
		die_when_asked, false, BL_INPUT, PATIENCE, NULL, NULL};
	struct bl_h5_scout s = {.duty = &duty, .has_plugins = true};
	struct bl_err err = {0};

	ck_assert_int_eq(walk(&s, &err), -1);
	ck_assert_msg(strstr(err.text, CRASH), "%s", err.text);
	ck_assert_int_ne(s.child.pid, 0);
	bl_h5_child_stop(&s.child);
}
END_TEST

/* While threads run nobody can start another: all reading is over. */
START_TEST(scout_fails_to_read)
{
	const struct fake *fake = &fakes[_i];
	struct bl_h5_scout s = {.duty = &fake->duty, .lock = PTHREAD_MUTEX_INITIALIZER};
	const struct bl_h5_chunk chunk = {.size = 100, .header = 96, .rank = 1};
	struct bl_err err = {0};
	unsigned char values[64];
	uint64_t size;
	const int fd = open_sample(&size);

	ck_assert_int_eq(bl_h5_child_start(&s.child, s.duty, NULL, &err), 0);
	ck_assert_int_eq(bl_h5_scout_read(&s, fd, &chunk, values, sizeof values, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_msg(strstr(err.text, fake->written), "%s", err.text);
	ck_assert_int_eq(bl_h5_scout_read(&s, fd, &chunk, values, sizeof values, &err), -1);
	ck_assert_msg(strstr(err.text, fake->written), "%s", err.text);
	close(fd);
}
END_TEST

/* A payload that nobody takes does not stop this process. */
START_TEST(scribe_listens_never)
{
	static const struct bl_h5_duty duty = {listen_never, true, BL_OUTPUT, PATIENCE, NULL, NULL};
	const struct bl_h5_message m = {.what = 1, .bytes = 8 << 20};
	struct bl_h5_child c;
	struct bl_h5_message got;
	struct bl_err err = {0};
	void *payload = calloc(1, m.bytes);

	ck_assert_int_eq(bl_h5_child_start(&c, &duty, NULL, &err), 0);
	ck_assert_int_eq(bl_h5_child_ask(&c, &m, payload, -1, 0, &got, &err), -1);
	ck_assert_msg(strstr(err.text, SLOW), "%s", err.text);
	ck_assert_int_eq(c.pid, 0);
	free(payload);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5_child");
	TCase *tc = tcase_create("child");

	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, scout_fails, 0, FAKES);
	tcase_add_test(tc, scout_lives);
	tcase_add_test(tc, scout_speaks_first);
	tcase_add_test(tc, scout_shouts);
	tcase_add_test(tc, scout_works_for_ever);
	tcase_add_test(tc, nobody_waits);
	tcase_add_test(tc, scout_is_there_to_read);
	tcase_add_loop_test(tc, scout_fails_to_read, 0, FAKES);
	tcase_add_loop_test(tc, scribe_fails, 0, FAKES);
	tcase_add_test(tc, scribe_listens_never);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
