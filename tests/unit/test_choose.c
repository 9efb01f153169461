/* test_choose.c - which checkpoints are taken: by hand, and against the definition. */
#include "choose.h"

#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 24

/* Everything goes. */
static const struct bl_choice_rule all = {.first = INT64_MIN, .last = INT64_MAX};

/* ---- by hand ---- */

static const int64_t tens[] = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90};

/* What becomes of the checkpoints at the tens: a digit of enum bl_choice for each. */
static const char *tell(const struct bl_choice_rule *rule, const double *metric)
{
	static char text[sizeof tens / sizeof tens[0] + 1];
	enum bl_choice choice[sizeof tens / sizeof tens[0]];
	struct bl_err err = {0};

	bl_choose_by_time(rule, tens, 10, choice);
	if (rule->best)
		ck_assert_uint_ne(bl_choose_by_metric(rule, metric, 10, choice, &err), SIZE_MAX);
	for (size_t i = 0; i < 10; i++)
		text[i] = (char)('0' + choice[i]);
	return text;
}

START_TEST(each_alone)
{
	struct bl_choice_rule rule = all;

	ck_assert_str_eq(tell(&rule, NULL), "0000000000");
	rule.first = 20;
	ck_assert_str_eq(tell(&rule, NULL), "1100000000");
	rule.first = 21;
	ck_assert_str_eq(tell(&rule, NULL), "1110000000");
	rule = all;
	rule.last = 70;
	ck_assert_str_eq(tell(&rule, NULL), "0000000022");
	rule = all;
	rule.interval = 10;
	ck_assert_str_eq(tell(&rule, NULL), "0000000000");
	rule.interval = 25;
	ck_assert_str_eq(tell(&rule, NULL), "0330330330");
	rule = all;
	rule.every = 4;
	ck_assert_str_eq(tell(&rule, NULL), "4044404440");
	rule = all;
	rule.newest = 3;
	ck_assert_str_eq(tell(&rule, NULL), "5555555000");
	rule.newest = 11;
	ck_assert_str_eq(tell(&rule, NULL), "0000000000");
}
END_TEST

START_TEST(one_after_the_other)
{
	const struct bl_choice_rule rule = {
		.first = 5, .last = 85, .interval = 15, .every = 2, .newest = 1};
	struct bl_chosen chosen = {0};
	enum bl_choice choice[10];

	/* 10 .. 80 is left, of that 20 40 60 80, of that 40 80, of that 80. */
	ck_assert_str_eq(tell(&rule, NULL), "1343534302");
	ck_assert_uint_eq(bl_choose_by_time(&rule, tens, 10, choice), 1);
	bl_choice_count(choice, 10, &chosen);
	ck_assert_uint_eq(chosen.given, 10);
	ck_assert_uint_eq(chosen.n[BL_TAKEN], 1);
	ck_assert_uint_eq(chosen.n[BL_BY_INTERVAL], 4);
}
END_TEST

START_TEST(best)
{
	const double metric[] = {1, 5, 2, NAN, 2, 9, INFINITY, -1, NAN, -INFINITY};
	struct bl_choice_rule rule = all;

	rule.best = 1;
	ck_assert_str_eq(tell(&rule, metric), "6666666660");
	rule.most = true;
	ck_assert_str_eq(tell(&rule, metric), "6666660666");
	rule.best = 3;
	ck_assert_str_eq(tell(&rule, metric), "6066600666");
	rule.most = false; /* of the two that are equal the later */
	rule.best = 4;
	ck_assert_str_eq(tell(&rule, metric), "0666066060");
	rule.best = 100; /* NaN is none of them */
	ck_assert_str_eq(tell(&rule, metric), "0006000060");
	rule.newest = 3; /* of the last three the best two */
	rule.best = 2;
	ck_assert_str_eq(tell(&rule, metric), "5555555060");
}
END_TEST

START_TEST(nothing_left)
{
	const double nan[] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	struct bl_choice_rule rule = all;

	rule.best = 2;
	ck_assert_str_eq(tell(&rule, nan), "6666666666");
	rule.first = 91;
	ck_assert_str_eq(tell(&rule, nan), "1111111111");
	rule.last = 3;
	rule.first = 1;
	ck_assert_str_eq(tell(&rule, nan), "1222222222");
}
END_TEST

START_TEST(one_time)
{
	const int64_t time[] = {1, 1, 2, 2, 2, 3};
	struct bl_choice_rule rule = all;
	enum bl_choice choice[6];

	rule.newest = 2;
	ck_assert_uint_eq(bl_choose_by_time(&rule, time, 6, choice), 4);
	ck_assert(choice[1] == BL_BY_LAST && choice[2] == BL_TAKEN && choice[5] == BL_TAKEN);
	rule = all;
	rule.every = 2;
	ck_assert_uint_eq(bl_choose_by_time(&rule, time, 6, choice), 3);
	ck_assert(choice[0] == BL_TAKEN && choice[3] == BL_BY_EVERY && choice[5] == BL_TAKEN);
}
END_TEST

/* ---- against the definition ---- */

/* Checkpoints that are left, by their numbers. */
struct left {
	size_t at[MOST], n;
};

static void keep_if(struct left *l, const bool *stays)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (stays[i])
			l->at[n++] = l->at[i];
	l->n = n;
}

/* Those nearer to one that stays go: the last one stays, and so on with what is before it. */
static void naive_interval(struct left *l, const int64_t *time, int64_t interval)
{
	for (size_t end = l->n; end > 0;) {
		const int64_t stays = time[l->at[end - 1]];
		size_t n = end - 1;

		while (n > 0 && stays - time[l->at[n - 1]] < interval)
			n--;
		memmove(l->at + n, l->at + end - 1, (l->n - end + 1) * sizeof l->at[0]);
		l->n -= end - 1 - n;
		end = n;
	}
}

/* The worst goes, until there are no more than that. */
static void naive_best(struct left *l, const double *metric, const struct bl_choice_rule *rule)
{
	bool stays[MOST];

	for (size_t i = 0; i < l->n; i++)
		stays[i] = metric[l->at[i]] == metric[l->at[i]];
	keep_if(l, stays);
	while (l->n > rule->best) {
		size_t worst = 0;

		for (size_t i = 1; i < l->n; i++) {
			const double a = metric[l->at[worst]], b = metric[l->at[i]];

			if (rule->most ? b < a : b > a)
				worst = i;
		}
		memmove(l->at + worst, l->at + worst + 1, (l->n - worst - 1) * sizeof l->at[0]);
		l->n--;
	}
}

static void naive(struct left *l, const struct bl_choice_rule *rule, const int64_t *time,
	const double *metric, size_t n)
{
	bool stays[MOST];

	l->n = 0;
	for (size_t i = 0; i < n; i++)
		if (time[i] >= rule->first && time[i] <= rule->last)
			l->at[l->n++] = i;
	if (rule->interval)
		naive_interval(l, time, rule->interval);
	for (size_t i = 0; i < l->n; i++)
		stays[i] = rule->every == 0 || (l->n - 1 - i) % rule->every == 0;
	keep_if(l, stays);
	for (size_t i = 0; i < l->n; i++)
		stays[i] = rule->newest == 0 || i + rule->newest >= l->n;
	keep_if(l, stays);
	if (rule->best)
		naive_best(l, metric, rule);
}

static uint64_t state;

/* xorshift64; below n. */
static uint64_t draw(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

/* n, or 0 in half of all cases. */
static uint64_t some(uint64_t n)
{
	return draw(2) ? 1 + draw(n) : 0;
}

START_TEST(definition)
{
	static const double value[] = {NAN, -0.0, 0, 1, 1, 2, 3, -INFINITY, INFINITY};
	size_t shortened = 0;

	state = 88172645463325252u + (uint64_t)_i;
	for (int trial = 0; trial < 20000; trial++) {
		const size_t n = 1 + draw(MOST);
		struct bl_choice_rule rule = all;
		int64_t time[MOST];
		double metric[MOST];
		enum bl_choice choice[MOST];
		struct bl_err err = {0};
		struct left left;
		size_t taken, k = 0;

		for (size_t i = 0; i < n; i++) {
			time[i] = (i ? time[i - 1] : (int64_t)draw(9) - 4) + 1 + (int64_t)draw(9);
			metric[i] = value[draw(sizeof value / sizeof value[0])];
		}
		if (draw(3) == 0)
			rule.first = (int64_t)draw(60);
		if (draw(3) == 0)
			rule.last = (int64_t)draw(120);
		rule.interval = (int64_t)some(30);
		rule.every = some(5);
		rule.newest = some(10);
		rule.best = some(8);
		rule.most = draw(2);
		naive(&left, &rule, time, metric, n);
		taken = bl_choose_by_time(&rule, time, n, choice);
		if (rule.best)
			taken = bl_choose_by_metric(&rule, metric, n, choice, &err);
		ck_assert_uint_eq(taken, left.n);
		for (size_t i = 0; i < n; i++)
			if (choice[i] == BL_TAKEN)
				ck_assert(k < left.n && left.at[k++] == i);
		ck_assert_uint_eq(k, left.n);
		shortened += taken > 0 && taken < n;
	}
	ck_assert_uint_gt(shortened, 10000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("choose");
	TCase *tcase = tcase_create("choose");

	tcase_add_test(tcase, each_alone);
	tcase_add_test(tcase, one_after_the_other);
	tcase_add_test(tcase, best);
	tcase_add_test(tcase, nothing_left);
	tcase_add_test(tcase, one_time);
	tcase_add_loop_test(tcase, definition, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
