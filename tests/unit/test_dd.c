/* test_dd.c - double-double arithmetic against 60 digits, and kappa and gamma to the last bit. */
#include "case_text.h"
#include "length.h"
#include "suite.h"

#include <math.h>

static struct bl_dd read_pair(const char *text)
{
	struct bl_dd a;
	char *end;

	a.h = strtod(text, &end);
	a.l = strtod(end, NULL);
	return a;
}

/* Of a complex number on the diagonal: the square of its modulus has no cancellation. */
static struct bl_dd diagonal(struct bl_dd a)
{
	struct bl_dd re, im;

	bl_dd_cexpm1(a, bl_dd_neg(a), &re, &im);
	return bl_dd_add(bl_dd_mul(re, re), bl_dd_mul(im, im));
}

static struct bl_dd inverse(struct bl_dd a)
{
	return bl_dd_div(bl_dd(1), a);
}

static struct bl_dd squared(struct bl_dd a)
{
	return bl_dd_mul(a, a);
}

START_TEST(functions)
{
	static const struct {
		const char *name;
		struct bl_dd (*f)(struct bl_dd);
		int bits;
	} function[] = {
		{"expm1", bl_dd_expm1, 104}, {"log", bl_dd_log, 104}, {"log1p", bl_dd_log1p, 105},
		{"sqrt", bl_dd_sqrt, 105}, {"div", inverse, 105}, {"mul", squared, 105},
		{"abs-cexpm1", diagonal, 103},
	};
	double worst[sizeof function / sizeof function[0]] = {0};
	FILE *f = open_vectors("dd.txt");
	char line[512], *field[3];
	int lines = 0;

	for (; fgets(line, sizeof line, f); lines++) {
		size_t i = 0;
		struct bl_dd expected, got;

		ck_assert(cut(line, field, 3));
		while (strcmp(function[i].name, field[0]) != 0)
			i++;
		expected = read_pair(field[2]);
		got = function[i].f(read_pair(field[1]));
		ck_assert_msg(got.h + got.l == got.h, "%s %s is not normal", field[0], field[1]);
		worst[i] = fmax(worst[i], fabs(bl_dd_sub(got, expected).h / expected.h));
	}
	fclose(f);
	ck_assert_int_eq(lines, 420);
	for (size_t i = 0; i < sizeof function / sizeof function[0]; i++) {
		printf("# %s: relative error 2^%.1f\n", function[i].name, log2(worst[i]));
		ck_assert_double_le(worst[i], ldexp(1, -function[i].bits));
	}
}
END_TEST

START_TEST(whole_numbers)
{
	static const int64_t n[] = {
		0, 1, -1, INT64_MAX, INT64_MIN, 9007199254740993, -9007199254740993};

	for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
		const struct bl_dd a = bl_dd_whole(n[i]);

		ck_assert((__int128)a.h + (__int128)a.l == n[i]);
	}
}
END_TEST

/* Near the ends of the range: exact values. */
START_TEST(ends)
{
	struct bl_dd re, im;

	ck_assert_double_eq(bl_dd_expm1(bl_dd(-801)).h, -1);
	ck_assert_double_eq(bl_dd_expm1(bl_dd(-750)).h, -1);
	ck_assert_double_eq(bl_dd_expm1(bl_dd(0)).h, 0);
	ck_assert_double_eq(bl_dd_log(bl_dd(1)).h, 0);
	ck_assert_double_eq(bl_dd_log1p(bl_dd(0)).h, 0);
	ck_assert_double_eq(bl_dd_sqrt(bl_dd(0)).h, 0);
	ck_assert_double_eq(bl_dd_log(bl_dd(0x1p-1000)).h, -693.14718055994530942);
	bl_dd_cexpm1(bl_dd(-801), bl_dd(1), &re, &im);
	ck_assert(re.h == -1 && im.h == 0);
}
END_TEST

START_TEST(pulls)
{
	FILE *f = open_vectors("pulls.txt");
	char line[512], *field[4];
	static struct case_text t;
	int lines = 0;

	for (; fgets(line, sizeof line, f); lines++) {
		struct bl_plan plan;
		struct bl_err err = {0};

		ck_assert(cut(line, field, 4));
		read_times(&t, field[1]);
		ck_assert_msg(
			plan_of(&t, field[0], &plan, &err) == 0, "%s: %s", field[0], err.text);
		ck_assert_msg(plan.row[0].spring.kappa == strtod(field[2], NULL),
			"%s: kappa %a, not %s", field[0], plan.row[0].spring.kappa, field[2]);
		ck_assert_msg(plan.row[0].spring.gamma == strtod(field[3], NULL),
			"%s: gamma %a, not %s", field[0], plan.row[0].spring.gamma, field[3]);
		bl_plan_free(&plan);
	}
	fclose(f);
	ck_assert_int_eq(lines, 500);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dd");
	TCase *c = tcase_create("dd");

	tcase_add_test(c, functions);
	tcase_add_test(c, whole_numbers);
	tcase_add_test(c, ends);
	tcase_add_test(c, pulls);
	suite_add_tcase(s, c);
	return suite_run(s);
}
