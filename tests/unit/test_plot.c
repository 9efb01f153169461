/* test_plot.c - pictures of characters, line by line, and the range of what is drawn. */
#include "plot.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct bl_err err;

/* One or two series of n points at x = 0, 1, ..., in 40 columns. */
static char *draw(size_t n, const double *a, const double *b, bool unicode)
{
	double x[64];
	const struct bl_series series[2] = {
		{"a", "", {x, a, n}, {NULL, NULL, 0}},
		{"b", "", {x, b, n}, {NULL, NULL, 0}},
	};
	const struct bl_plot plot = {.title = "t", .x = "time", .y = "y", .caption = "",
		.percent = true, .stems = true, .series = series, .n = b ? 2 : 1};
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	for (size_t i = 0; i < n; i++)
		x[i] = (double)i;
	ck_assert_int_eq(bl_plot_text(to, &plot, 40, unicode, false, &err), 0);
	fclose(to);
	return text;
}

/* A text, line by line. */
static void expect(char *text, const char *const *want)
{
	const char *at = text;

	for (; *want; want++) {
		const size_t n = strcspn(at, "\n");

		ck_assert_msg(strlen(*want) == n && strncmp(at, *want, n) == 0,
			"\"%.*s\" instead of \"%s\"", (int)n, at, *want);
		at += n + (at[n] == '\n');
	}
	ck_assert_str_eq(at, "");
	free(text);
}

#define EXPECT(text, ...) expect(text, (const char *[]){__VA_ARGS__, NULL})

/* A row is 20 / 3 %: 2 % are 0.3 of a row, 10 % are 1.5, 50 % are 7.5. */
START_TEST(bars)
{
	const double y[] = {0, 0.02, 0.1, 0.5, 1};

	EXPECT(draw(5, y, NULL, false),
		"100% +                                 #",
		"     |                                 #",
		"     |                                 #",
		" 80% +                                 #",
		"     |                                 #",
		"     |                                 #",
		" 60% +                                 #",
		"     |                         #       #",
		"     |                         #       #",
		" 40% +                         #       #",
		"     |                         #       #",
		"     |                         #       #",
		" 20% +                         #       #",
		"     |                 #       #       #",
		"     |        .        #       #       #",
		"  0% ++-------+--------+-------+-------+",
		"      0       1        2       3       4",
		"                     time");
}
END_TEST

/* Eighths of a row: 3 % are 0.45 of a row, so 4 of 8, as the halves; 2 % are 2 of 8. */
START_TEST(eighths)
{
	const double y[] = {0.02, 0.03, 0.1, 0.5, 1};
	char *text = draw(5, y, NULL, true);

	ck_assert_ptr_nonnull(strstr(text, "\n     │                         ▄       █\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n     │                 ▄       █       █\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n     │▂       ▄        █       █       █\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  0% ┤┴───────┴────────┴───────┴───────┴\n"));
	free(text);
}
END_TEST

/* Below zero bars hang; the first one goes on beyond the picture. A row is 10 %. */
START_TEST(below_and_outside)
{
	const double y[] = {9, 0.5, -0.27, 0.54, 1};

	EXPECT(draw(5, y, NULL, false),
		"100% +^                                #",
		"     |#                                #",
		"     |#                                #",
		"     |#                                #",
		"     |#                        .       #",
		" 50% +#       #                #       #",
		"     |#       #                #       #",
		"     |#       #                #       #",
		"     |#       #                #       #",
		"     |#       #                #       #",
		"  0% ++-------+--------+-------+-------+",
		"     |                 #",
		"     |                 #",
		"     |                 #",
		"     |",
		"-50% +",
		"      0       1        2       3       4",
		"                     time");
}
END_TEST

#define LETTERS(letter) letter letter letter letter letter letter letter letter letter letter \
	letter letter letter letter letter letter letter

/* Several series have letters, 34 columns of them from point to point; the first lies on top. The
 * row of 50 % of 15 rows is the eighth, 53 %. */
START_TEST(letters)
{
	const double half[] = {0.5, 0.5}, one[] = {1, 1}, rising[] = {0, 1};
	char *text = draw(2, half, one, false);

	ck_assert_ptr_eq(strstr(text, "100% +" LETTERS("bb") "\n     |\n"), text);
	ck_assert_ptr_nonnull(strstr(text, " 60% +\n     |" LETTERS("aa") "\n     |\n 40% +\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  0% +" LETTERS("--") "\n"));
	free(text);
	text = draw(2, one, one, false);
	ck_assert_ptr_eq(strstr(text, "100% +" LETTERS("aa") "\n"), text);
	ck_assert_ptr_null(strchr(text, 'b'));
	free(text);
	/* Row 15 from column 32 on, row 14 from column 30 on; row 0 has the first two. */
	text = draw(2, rising, one, false);
	ck_assert_ptr_eq(strstr(text, "100% +bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbaa\n"
				      "     |                              aa\n"), text);
	ck_assert_ptr_nonnull(strstr(text, "\n  0% +aa--------------------------------\n"));
	free(text);
}
END_TEST

START_TEST(ranges)
{
	const double x[] = {5, 6, 7}, near[] = {-0.2, 0.1, 0.3}, far[] = {5, 0.1, 0.3};
	struct bl_series s[] = {{"a", "", {x, near, 3}, {0}}, {"b", "", {x, far, 3}, {0}}};
	struct bl_plot p = {.series = s, .n = 1};

	ck_assert_double_eq(bl_plot_x(&p).low, 5);
	ck_assert_double_eq(bl_plot_x(&p).high, 7);
	ck_assert_double_eq(bl_plot_y(&p).low, -0.2);
	ck_assert_double_eq(bl_plot_y(&p).high, 0.3);
	p.n = 2; /* what is far off at the beginning is left out, with all that is first */
	ck_assert_double_eq(bl_plot_y(&p).low, 0);
	ck_assert_double_eq(bl_plot_y(&p).high, 0.3);
	p.series = &s[1];
	p.n = 1;
	s[1].points.n = 1; /* a point alone is all there is */
	ck_assert_double_eq(bl_plot_y(&p).high, 5);
	p.n = 9;
	ck_assert_uint_eq(bl_plot_drawn(&p), BL_PLOT_SERIES);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plot");
	TCase *tc = tcase_create("plot");

	tcase_add_test(tc, bars);
	tcase_add_test(tc, eighths);
	tcase_add_test(tc, below_and_outside);
	tcase_add_test(tc, letters);
	tcase_add_test(tc, ranges);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
