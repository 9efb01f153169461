/* test_timename.c - the times that names tell, and the order that follows. */
#include "trial.h"

#include "suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct trial trial;

/* Begins with blank-separated paths, which stay in room. */
static void begin(const char *paths, char *room)
{
	char *save = NULL;

	memset(&trial, 0, sizeof trial);
	strcpy(room, paths);
	for (char *p = strtok_r(room, " ", &save); p; p = strtok_r(NULL, " ", &save))
		trial.input[trial.count++].path = p;
}

/* Names that tell their times. */
static const struct {
	const char *paths, *times;
} told[] = {
	{"ckpt_1.weights.h5 ckpt_2.weights.h5 ckpt_12.weights.h5", "1 2 12"},
	{"ckpt_9.h5 ckpt_10.h5 ckpt_11.h5", "9 10 11"},
	{"ckpt_10.h5 ckpt_9.h5", "10 9"},
	{"ckpt_00010.h5 ckpt_00009.h5 ckpt_00100.h5", "10 9 100"},
	{"checkpoint-500/model.safetensors checkpoint-1500/model.safetensors", "500 1500"},
	{"checkpoint-500 checkpoint-1000/", "500 1000"},
	{"out/checkpoint-500/model.safetensors.index.json "
	 "out/checkpoint-750/model.safetensors.index.json",
		"500 750"},
	{"epoch=3-step=1200.safetensors epoch=3-step=1400.safetensors "
	 "epoch=4-step=1600.safetensors",
		"1200 1400 1600"},
	{"epoch=3-step=1200-val_loss=0.4512.h5 epoch=4-step=1500-val_loss=0.3987.h5", "1200 1500"},
	{"s=1-lr3e-5.h5 s=2-lr1e-5.h5", "1 2"},
	{"run2/ckpt_10.h5 run2/ckpt_9.h5", "10 9"},
	{"run1/ckpt_10.h5 run2/ckpt_20.h5", "10 20"},
	{"runA/ckpt_10.h5 other/ckpt_20.h5 ckpt_30.h5", "10 20 30"},
	{"r3/a/ckpt_10.h5 r1/ckpt_20.h5", "10 20"},
	{"e08/s_10.h5 e9/s_20.h5 e10/s_030.h5", "10 20 30"},
	{"./ckpt_10.h5 ckpt_20.h5 ../m4/ckpt_30.h5", "10 20 30"},
	{"a/1/w.h5 a/2/w.h5", "1 2"},
	{"1/ckpt_10.h5 2/ckpt_10.h5", "1 2"},
	{"7/ckpt_10.h5 8/ckpt_20.h5", "10 20"},
	/* A common prefix or suffix ends inside a number. */
	{"ckpt_10 ckpt_19", "10 19"},
	{"ckpt_15 ckpt_25", "15 25"},
	{"ckpt_1 ckpt_11 ckpt_111", "1 11 111"},
	{"s5/w.h5 s15/w.h5 s115/w.h5", "5 15 115"},
	{"x1-5-y x1-55-y x1-555-y", "5 55 555"},
	{"a0 a1 a2", "0 1 2"},
	{"00/w 01/w 10/w", "0 1 10"},
	/* Numbers that are common to all do not count, wherever they stand. */
	{"model-00010-of-00100.h5 model-00020-of-00100.h5", "10 20"},
	{"vgg16_3x3_5.keras vgg16_3x3_6.keras", "5 6"},
	{"qwen2.5/1/v2.h5 qwen2.5/3/v2.h5", "1 3"},
	{"vgg16_900.h5 vgg16_1000-final.h5", "900 1000"},
	{"step_900k.h5 step_1000k.h5", "900 1000"},
	/* A hyphen is no minus. */
	{"ckpt-5.h5 ckpt-6.h5", "5 6"},
	{"ckpt_-5.h5 ckpt_-6.h5", "5 6"},
	/* Suffixes never count, even where they differ. */
	{"ckpt_1.h5 ckpt_2.safetensors ckpt_3.weights.h5 ckpt_4.HDF5", "1 2 3 4"},
	{"a.1.h5 a.2.h5", "1 2"},
	{"a1.h5 b2.h5", "1 2"},
	{"ckpt_9007199254740990.h5 ckpt_9007199254740991.h5", "9007199254740990 9007199254740991"},
	{"20260501120000.h5 20260502120000.h5", "20260501120000 20260502120000"},
	/* One input alone. */
	{"run7/ckpt_3.weights.h5", "3"},
	{"run7/last.h5", "0"},
	{"run7/checkpoint-500/model.safetensors", "500"},
	{"checkpoint-500/adapter_model.safetensors.index.json", "500"},
	{"checkpoint-500/", "500"},
	{"run7/model/last.h5", "0"},
	{"model.safetensors", "0"},
	{"epoch_1-0.25.h5", "1"},
	{"checkpoint-500/", "500"},
	{"/", "0"},
	{"run3/.h5", "0"},
};

#define TOLD ((int)(sizeof told / sizeof told[0]))

/* Names that are refused, and how the message begins. */
static const struct {
	const char *paths, *message;
} refused[] = {
	{"a.h5 b.h5",
		"2 of 2 checkpoints have no time: none is recorded, and there is no whole number "
		"where their names differ\n  -  a.h5\n  -  b.h5"},
	{"ckpt_1.h5 ckpt_2.h5 last.h5",
		"1 of 3 checkpoints have no time: none is recorded, and there is "
		"no whole number where their names differ\n  -  last.h5\n  1  ckpt_1.h5\n  2  "
		"ckpt_2.h5"},
	{"a/ckpt_1.h5 b/ckpt_1.h5", "2 of 2 checkpoints have no time"},
	{"model.h5 model_1.h5", "1 of 2 checkpoints have no time"},
	{"loss0.45.h5 loss0.5.h5", "2 of 2 checkpoints have no time"},
	{"ckpt_7.h5 ckpt_7.h5", "2 of 2 checkpoints have no time"},
	{"ckpt_3.h5 ckpt_03.h5 ckpt_1.h5",
		"the names: 2 of 3 checkpoints share their time with "
		"another\n   3  ckpt_3.h5\n  03  ckpt_03.h5\n   1  ckpt_1.h5"},
	{"c_5.h5 c_3.h5 c_9.h5 c_05.h5 c_03.h5",
		"the names: 4 of 5 checkpoints share their time with "
		"another\n   3  c_3.h5\n  03  c_03.h5\n   5  c_5.h5\n  05  c_05.h5\n   9  c_9.h5"},
	{"r1/s_10.h5 r1/s_20.h5 r2/s_10.h5 r2/s_20.h5", "the names: 4 of 4 checkpoints share"},
	{"step1e3.h5 step1e4.h5",
		"the names: 2 of 2 times can be read in two ways, with and without an "
		"exponent\n  1e3  step1e3.h5\n  1e4  step1e4.h5"},
	{"step500.h5 step1e3.h5", "the names: 1 of 2 times can be read in two ways"},
	{"ckpt_9007199254740991.h5 ckpt_9007199254740992.h5",
		"the names: 1 of 2 times are 2^53 or more"},
	{"ckpt_1.h5 ckpt_99999999999999999999999999.h5",
		"the names: 1 of 2 times are 2^53 or more"},
	/* Several numbers, and no one pattern. */
	{"epoch=3-step=1200.h5 epoch=4-step=1500-v1.h5", "the names follow no one pattern"},
	{"ckpt_100_ab12cd.h5 ckpt_200_ff34ee.h5", "the names follow no one pattern"},
	{"step_900k.h5 step_1M.h5", "the names follow no one pattern"},
	{"step_900.h5 step_1k.h5", "the names follow no one pattern"},
	{"step=1-loss=0.5.h5 step=2-loss=1.h5", "the names follow no one pattern"},
	/* Another number says otherwise. */
	{"epoch_0/batch_100.h5 epoch_0/batch_900.h5 epoch_1/batch_500.h5",
		"the numbers in the names "
		"contradict each other: where the last one rises, another one falls\n"
		"  100  epoch_0/batch_100.h5"},
	{"step=100-acc=93.h5 step=200-acc=91.h5", "the numbers in the names contradict"},
	{"ckpt_2026-05-31.h5 ckpt_2026-06-01.h5", "the numbers in the names contradict"},
	{"./run/step=10-acc=93.h5 x/step=9-acc=94.h5", "the numbers in the names contradict"},
};

#define REFUSED ((int)(sizeof refused / sizeof refused[0]))

START_TEST(names_tell)
{
	char room[512];

	begin(told[_i].paths, room);
	ck_assert_msg(trial_find(&trial) == 0, "%s: %s", told[_i].paths, trial.err.text);
	ck_assert_msg(strcmp(trial_times(&trial), told[_i].times) == 0, "%s: %s", told[_i].paths,
		trial_times(&trial));
	ck_assert_int_eq(trial.origin, BL_TIME_NAME);
	ck_assert_ptr_null(trial.key);
	trial_check_sorted(&trial);
}
END_TEST

START_TEST(names_refused)
{
	char room[512];

	begin(refused[_i].paths, room);
	ck_assert_msg(trial_find(&trial) == -1, "%s: %s", refused[_i].paths, trial_times(&trial));
	ck_assert_int_eq(trial.err.code, BL_USAGE);
	ck_assert_msg(
		strncmp(trial.err.text, refused[_i].message, strlen(refused[_i].message)) == 0,
		"%s: %s", refused[_i].paths, trial.err.text);
	ck_assert_ptr_nonnull(strstr(trial.err.hint, "--times=index"));
}
END_TEST

/* A small generator, the same on every machine. */
static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* Text that may stand around a number: no digit, point or e touches it. */
static void random_text(char *to, size_t most, bool before)
{
	static const char *const piece[] = {"ckpt", "_", "-", "/", "step=", "7/", "a2b", ".", "e",
		"0.5x", "9", " ", "\xc3\xa9", "%", "h5"};
	const size_t n = random_below(most);

	strcpy(to, before || n == 0 ? "" : "-");
	for (size_t i = 0; i < n; i++)
		strcat(to, piece[random_below(sizeof piece / sizeof piece[0])]);
	if (n)
		strcat(to, before ? "_" : "z"); /* a slash at the end would not count */
}

/* Prefix, number, suffix: the number is found, whatever is around it and whatever the order. */
START_TEST(random_names)
{
	static char path[TRIAL_MOST][256];
	static const char *const end[] = {"", ".h5", ".weights.h5", ".safetensors", ".keras"};
	char before[100], after[100];

	seed = 0x9e3779b97f4a7c15u + (uint64_t)_i;
	memset(&trial, 0, sizeof trial);
	random_text(before, 6, true);
	random_text(after, 6, false);
	trial.count = 2 + random_below(12);
	for (size_t i = 0; i < trial.count; i++) {
		const uint64_t range = random_below(2) ? 30 : 100000;
		uint64_t n;
		bool again;

		do {
			n = random_below(range);
			again = false;
			for (size_t j = 0; j < i; j++)
				again |= trial.time[j] == (int64_t)n;
		} while (again);
		trial.time[i] = (int64_t)n;
		snprintf(path[i], sizeof path[i], "%s%0*" PRIu64 "%s%s", before,
			(int)(1 + random_below(5)), n, after, end[random_below(5)]);
		trial.input[i].path = path[i];
	}
	{
		char want[TRIAL_MOST * 24];

		strcpy(want, trial_times(&trial));
		ck_assert_msg(trial_find(&trial) == 0, "%s: %s", path[0], trial.err.text);
		ck_assert_msg(strcmp(trial_times(&trial), want) == 0, "%s: %s, not %s", path[0],
			trial_times(&trial), want);
		trial_check_sorted(&trial);
	}
}
END_TEST

/* Any order of the inputs gives the same order of the checkpoints, or the same refusal. */
START_TEST(permutations)
{
	char room[512];
	const char *sorted[TRIAL_MOST];
	struct bl_err err;
	int rc;

	seed = 0x2545f4914f6cdd1du + (uint64_t)_i;
	begin(_i < TOLD ? told[_i].paths : refused[_i - TOLD].paths, room);
	rc = trial_find(&trial);
	err = trial.err;
	for (size_t i = 0; i < trial.count && rc == 0; i++)
		sorted[i] = trial.input[trial.order[i]].path;
	for (int round = 0; round < 20; round++) {
		for (size_t i = trial.count - 1; i > 0; i--) {
			const size_t j = random_below(i + 1);
			const struct bl_time_input swap = trial.input[i];

			trial.input[i] = trial.input[j];
			trial.input[j] = swap;
		}
		ck_assert_int_eq(trial_find(&trial), rc);
		for (size_t i = 0; i < trial.count && rc == 0; i++)
			ck_assert_str_eq(trial.input[trial.order[i]].path, sorted[i]);
		ck_assert_uint_eq(strcspn(trial.err.text, "\n"), strcspn(err.text, "\n"));
		ck_assert_int_eq(strncmp(trial.err.text, err.text, strcspn(err.text, "\n")), 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timename");
	TCase *tc = tcase_create("timename");

	tcase_add_loop_test(tc, names_tell, 0, TOLD);
	tcase_add_loop_test(tc, names_refused, 0, REFUSED);
	tcase_add_loop_test(tc, random_names, 0, 300);
	tcase_add_loop_test(tc, permutations, 0, TOLD + REFUSED);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
