/* test_cases.c - lists, ranges, their products, and the names of the outputs. */
#include "settings.h"
#include "suite.h"
#include "sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sets pairs of key and value, NULL behind the last. */
static void set_all(struct bl_settings *s, const char *const *pair)
{
	struct bl_err err = {0};

	for (; *pair; pair += 2)
		ck_assert_msg(bl_settings_set(s, pair[0], pair[1], pair[0], &err) == 0, "%s",
			err.text);
}

/* The texts of all values, with blanks between them. */
static const char *texts(const struct bl_given *g, char *buf, size_t cap)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < g->n; i++)
		at += (size_t)snprintf(buf + at, cap - at, "%s%s", i ? " " : "", g->value[i].text);
	return buf;
}

START_TEST(lists_and_ranges)
{
	static const struct {
		const char *text, *values;
	} sweep[] = {
		{"500", "500"},
		{"500,1e3,10%,4ckpt,0.50", "500 1e3 10% 4ckpt 0.50"},
		{"0:10:6", "0 2 4 6 8 10"},
		{"10:0:3", "10 5 0"},
		{"0:1:11", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1"},
		{"0:1:4", "0 0.333333333333333 0.666666666666667 1"},
		{"1%:2%:3", "1% 1.5% 2%"},
		{"1ckpt:4ckpt:log3", "1ckpt 2ckpt 4ckpt"},
		{"500:4000:log4", "500 1000 2000 4000"},
		{"4000:500:log4", "4000 2000 1000 500"},
		{"1:1000000:log7", "1 10 100 1000 10000 100000 1000000"},
		{"1e-6:1e-3:log4", "1e-6 1e-5 0.0001 0.001"},
		{"1e14:1e15:2", "100000000000000 1e15"},
		{"1:2:log3", "1 1.4142135623731 2"},
		{"1:2:log13", "1 1.0594630943593 1.12246204830937 1.18920711500272 "
			"1.25992104989487 1.33483985417003 1.4142135623731 1.49830707687668 "
			"1.5874010519682 1.68179283050743 1.78179743628068 1.88774862536339 2"},
		{"0.1000000000000000055:1:2", "0.1 1"},
		{"0.30000000000000004:1:2", "0.30000000000000004 1"},
		{"7,1:2:2,9%", "7 1 2 9%"},
	};
	char buf[4096];

	for (size_t i = 0; i < sizeof sweep / sizeof sweep[0]; i++) {
		struct bl_settings s = {0};

		const struct bl_given *g = &s.given[BL_OPT_HALF_LIFE];

		set_all(&s, (const char *[]){"half-life", sweep[i].text, NULL});
		ck_assert_str_eq(texts(g, buf, sizeof buf), sweep[i].values);
		for (size_t v = 0; v < g->n; v++)
			ck_assert_double_eq(g->value[v].number, strtod(g->value[v].text, NULL));
		bl_settings_free(&s);
	}
}
END_TEST

START_TEST(bad_lists_and_ranges)
{
	static const struct {
		const char *key, *value, *text;
	} bad[] = {
		{"half-life", "1,,2", "\"1,,2\" has an empty item"},
		{"half-life", "1,2,", "\"1,2,\" has an empty item"},
		{"half-life", ",", "\",\" has an empty item"},
		{"half-life", "", "it is empty"},
		{"method", "ema,", "\"ema,\" has an empty item"},
		{"half-life", "1:2", "1:2: a range is A:B:N or A:B:logN"},
		{"half-life", "1:2:3:4", "1:2:3:4: a range is A:B:N or A:B:logN"},
		{"half-life", "5,1:x:3", "1:x:3: \"x\" is not a number"},
		{"half-life", "1::3", "1::3: \"\" is not a number"},
		{"half-life", ":2:3", ":2:3: \"\" is not a number"},
		{"half-life", "1:2:", "1:2:: a range has 2 to 10000 points"},
		{"half-life", "1:2:1", "1:2:1: a range has 2 to 10000 points"},
		{"half-life", "1:2:2.5", "1:2:2.5: a range has 2 to 10000 points"},
		{"half-life", "1:2:10001", "1:2:10001: a range has 2 to 10000 points"},
		{"half-life", "1:2:log", "1:2:log: a range has 2 to 10000 points"},
		{"half-life", "1:2:loglog3", "1:2:loglog3: a range has 2 to 10000 points"},
		{"half-life", "1:10000:10000,5", "more than 10000 values"},
		{"half-life", "1%:5:3", "1%:5:3: both ends need the same unit"},
		{"half-life", "1:5ckpt:3", "1:5ckpt:3: both ends need the same unit"},
		{"half-life", "3:3:4", "3:3:4: both ends are the same"},
		{"half-life", "0:3:log4", "0:3:log4: a log range needs ends above 0"},
		{"half-life", "1e-320:1e15:log4", "1e-320:1e15:log4: its ends are too far apart"},
		{"half-life", "1:1e16:3",
			"1:1e16:3: 1e16 is out of range (at least 0, at most 1e15)"},
		{"decay", "0.9:1:3", "0.9:1:3: 1 is out of range (at least 0, below 1)"},
		{"update-every", "1:4:3", "1:4:3: its point 2.5 is not a whole number"},
		{"update-every", "1:3:log3",
			"1:3:log3: its point 1.73205080756888 is not a whole number"},
	};
	char text[256];

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct bl_settings s = {0};
		struct bl_err err = {0};

		ck_assert_int_eq(bl_settings_set(&s, bad[i].key, bad[i].value, "--x", &err), -1);
		snprintf(text, sizeof text, "--x: %s", bad[i].text);
		ck_assert_str_eq(err.text, text);
		ck_assert_int_eq(err.code, BL_USAGE);
		bl_settings_free(&s);
	}
}
END_TEST

/* Random ranges: points between their ends, in order, where the spacing asks for them, and the
 * number is what the text says. */
START_TEST(random_ranges)
{
	unsigned short seed[3] = {7, 8, 9};

	for (int i = 0; i < 2000; i++) {
		const bool log = i % 2;
		const size_t n = 2 + (size_t)nrand48(seed) % 40;
		const double a = 1e-3 + 1e3 * erand48(seed), b = a * (1.01 + 1e3 * erand48(seed));
		const struct bl_given *g;
		struct bl_settings s = {0};
		char text[128];

		snprintf(text, sizeof text, "%.12g:%.12g:%s%zu", i % 4 < 2 ? a : b,
			i % 4 < 2 ? b : a, log ? "log" : "", n);
		set_all(&s, (const char *[]){"half-life", text, NULL});
		g = &s.given[BL_OPT_HALF_LIFE];
		ck_assert_uint_eq(g->n, n);
		for (size_t p = 0; p < n; p++) {
			const double u = g->value[0].number, v = g->value[n - 1].number;
			const double x = g->value[p].number, at = (double)p, last = (double)(n - 1);
			const double want = log ? u * pow(v / u, at / last)
			                        : (u * (last - at) + v * at) / last;

			ck_assert_double_eq(x, strtod(g->value[p].text, NULL));
			ck_assert_double_le(fabs(x / want - 1), 5.6e-15);
			ck_assert(p == 0 || (x > g->value[p - 1].number) == (v > u));
		}
		bl_settings_free(&s);
	}
}
END_TEST

/* The bits as mpmath has them, with 60 digits rounded to a double and then to 15 digits. */
START_TEST(same_bits_everywhere)
{
	struct bl_settings s = {0};
	uint64_t hash = 0xcbf29ce484222325u;

	set_all(&s, (const char *[]){"half-life", "3:70000:log500,17%:0.3%:log77,1:11:73", NULL});
	for (size_t i = 0; i < s.given[BL_OPT_HALF_LIFE].n; i++) {
		uint64_t bits;

		memcpy(&bits, &s.given[BL_OPT_HALF_LIFE].value[i].number, sizeof bits);
		hash = (hash ^ bits) * 0x100000001b3u;
	}
	bl_settings_free(&s);
	ck_assert_uint_eq(hash, 0x1d3f217bb05b5e47u);
}
END_TEST

/* The outputs of a sweep, with blanks between them; or the message. */
static void expand(const char *const *pair, const char *names, const char *message,
	const char *hint)
{
	struct bl_settings s = {0};
	struct bl_case *cases;
	struct bl_err err = {0};
	char buf[4096] = "";
	size_t n, at = 0;

	set_all(&s, pair);
	if (bl_settings_expand(&s, &cases, &n, &err) != 0) {
		ck_assert_ptr_null(cases);
		ck_assert_int_eq(err.code, BL_USAGE);
		ck_assert_str_eq(err.text, message);
		ck_assert_str_eq(err.hint, hint);
	} else {
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_eq(cases[i].index, i);
			at += (size_t)snprintf(buf + at, sizeof buf - at, "%s%s", i ? " " : "",
				cases[i].output ? cases[i].output : "(none)");
		}
		ck_assert_str_eq(buf, names);
		bl_cases_free(cases, n);
	}
	bl_settings_free(&s);
}

#define MADE(names, ...) expand((const char *[]){__VA_ARGS__, NULL}, names, "(made)", "")
#define FAILS(text, hint, ...) \
	expand((const char *[]){__VA_ARGS__, NULL}, "(failed)", text, hint)

START_TEST(names)
{
	MADE("avg.h5", "output", "avg.h5");
	MADE("(none) (none)", "decay", ".1,.2");
	MADE("-", "output", "-", "decay", ".1");
	MADE("avg_10%.h5", "output", "avg_{half-life}.h5", "half-life", "10%");
	MADE("ema_linear_1_first_0", "output", "{method}_{hold}_{update-every}_{start}_{index}");
	MADE("{}{x}}1}{{.h5", "output", "{{}}{{x}}}}{gain}}{{{{.h5", "gain", "1");
	MADE("a}b", "output", "a}b");
	/* In the order of the table, not of the command line; later ones turn fastest. */
	MADE("ema_1_.5 ema_1_.6 ema_2_.5 ema_2_.6 belay_1_.5 belay_1_.6 belay_2_.5 belay_2_.6",
		"output", "{method}_{damping}_{gain}", "gain", ".5,.6", "damping", "1,2", "method",
		"ema,belay");
	MADE("0 1 2", "output", "{index}", "half-life", "7,7,7");
	MADE("1_1 1_2 2_1 2_2", "output", "{half-life}_{gain}", "half-life", "1:2:2", "gain",
		"1,2");
}
END_TEST

START_TEST(bad_names)
{
	static const char *const plain = "a plain brace is written twice: {{ or }}";

	FAILS("output: \"avg.h5\" is one name for 2 outputs",
		"put {half-life} or {index} into the name", "output", "avg.h5", "half-life", "1,2");
	FAILS("output: standard output takes one average, not 2",
		"name files, such as 'avg_{index}.safetensors'", "output", "-", "half-life", "1,2");
	FAILS("output: two of 4 outputs would be called \"1.h5\"",
		"put {half-life} or {index} into the name", "output", "{gain}.h5", "gain",
		"1,2", "half-life", "1,2");
	FAILS("output: \"a\" is one name for 4 outputs",
		"put {half-life}_{gain} or {index} into the name", "output", "a", "gain", "1,2",
		"half-life", "1,2");
	FAILS("output: two of 3 outputs would be called \"5\"", "put {index} into the name",
		"output", "{half-life}", "half-life", "5,6,5");
	FAILS("output: unknown field {halflife}", "did you mean {half-life}?", "output",
		"{halflife}");
	FAILS("output: unknown field {indx}", "did you mean {index}?", "output", "{indx}");
	FAILS("output: {name}: name is not given", "", "output", "{name}");
	FAILS("output: unknown field {threads}",
		"fields are {index}, {name}, {method} and the options of the methods, such as "
		"{half-life}; a plain brace is written twice: {{ or }}", "output", "{threads}",
		"threads", "2");
	FAILS("output: {mean-age}: mean-age is not given", "", "output", "{mean-age}");
	FAILS("output: \"a{half\": a \"{\" does not begin a field", plain, "output", "a{half");
	FAILS("output: \"a{\": a \"{\" does not begin a field", plain, "output", "a{");
	FAILS("output: \"{a{gain}\": a \"{\" does not begin a field", plain, "output", "{a{gain}",
		"gain", "1");
	FAILS("output: \"{123456789012345678901234567890123}\": a \"{\" does not begin a field",
		plain, "output", "{123456789012345678901234567890123}");
	FAILS("rel-std: the sweep has more than 10000 outputs", "", "decay", "0:.5:101", "rel-std",
		"0:1:100");
}
END_TEST

START_TEST(cases_hold_their_values)
{
	struct bl_settings s = {0};
	struct bl_case *cases;
	struct bl_err err = {0};
	size_t n;

	set_all(&s, (const char *[]){"method", "ema,spring", "half-life", "5,10%", "force", NULL,
		NULL});
	ck_assert_int_eq(bl_settings_set(&s, "force", NULL, "-f", &err), 0);
	ck_assert_int_eq(bl_settings_set(&s, "threads", "3", "--threads", &err), 0);
	ck_assert_int_eq(bl_settings_expand(&s, &cases, &n, &err), 0);
	ck_assert_uint_eq(n, 4);
	for (size_t i = 0; i < n; i++) {
		const struct bl_value *length = bl_case_value(&cases[i], BL_OPT_HALF_LIFE);

		ck_assert_str_eq(bl_case_word(&cases[i], BL_OPT_METHOD), i < 2 ? "ema" : "spring");
		ck_assert_double_eq(length->number, i % 2 ? 10 : 5);
		ck_assert_int_eq(length->unit, i % 2 ? BL_UNIT_PERCENT : BL_UNIT_TIME);
		ck_assert_double_eq(bl_case_value(&cases[i], BL_OPT_THREADS)->number, 3);
		ck_assert_str_eq(bl_case_value(&cases[i], BL_OPT_FORCE)->text, "true");
		ck_assert_ptr_null(bl_case_value(&cases[i], BL_OPT_DECAY));
		ck_assert_ptr_null(bl_case_value(&cases[i], BL_OPT_HOLD));
		ck_assert_str_eq(bl_case_word(&cases[i], BL_OPT_HOLD), "linear");
	}
	bl_cases_free(cases, n);
	bl_settings_free(&s);
}
END_TEST

static void put(struct bl_settings *s, const char *key, const char *value)
{
	struct bl_err err = {0};

	ck_assert_msg(bl_settings_set(s, key, value, "x", &err) == 0, "%s", err.text);
}

/* What repeats adds up, and knows the order over all such options. */
START_TEST(repeated_options)
{
	struct bl_settings s = {0};
	struct bl_case *cases;
	struct bl_err err = {0};
	size_t n;

	put(&s, "copy", "a.*,b");
	put(&s, "skip", "c:d");
	put(&s, "copy", "e");
	put(&s, "average", "[f]");
	put(&s, "copy", "a.*,b");
	ck_assert_uint_eq(s.repeats, 5);
	ck_assert_uint_eq(s.given[BL_OPT_COPY].n, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(s.given[BL_OPT_COPY].value[i].text, i == 1 ? "e" : "a.*,b");
		ck_assert_double_eq(s.given[BL_OPT_COPY].value[i].number, 2.0 * (double)i);
	}
	ck_assert_double_eq(s.given[BL_OPT_SKIP].value[0].number, 1);
	ck_assert_double_eq(s.given[BL_OPT_AVERAGE].value[0].number, 3);
	ck_assert(bl_settings_given(&s, BL_OPT_COPY) && bl_settings_sweep(&s, BL_OPT_COPY) == 0);
	ck_assert_int_eq(bl_settings_set(&s, "copy", "", "x", &err), -1);
	ck_assert_uint_eq(s.given[BL_OPT_COPY].n, 3);
	put(&s, "half-life", "1,2");
	put(&s, "output", "{half-life}");
	ck_assert_int_eq(bl_settings_expand(&s, &cases, &n, &err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_ptr_null(bl_case_value(&cases[0], BL_OPT_COPY));
	bl_cases_free(cases, n);
	bl_settings_free(&s);
	for (unsigned o = 0; o < BL_OPTIONS; o++)
		if (bl_option((enum bl_option)o)->flags & BL_REPEATS)
			ck_assert_int_eq(bl_option((enum bl_option)o)->kind,
				o == BL_OPT_TENSOR_OPTION ? BL_KIND_SAID : BL_KIND_TEXT);
}
END_TEST

START_TEST(large_product)
{
	struct bl_settings s = {0};
	struct bl_case *cases;
	struct bl_err err = {0};
	size_t n;

	set_all(&s, (const char *[]){"half-life", "1:100:100", "damping", "1:100:100", "output",
		"{damping}/{half-life}", NULL});
	ck_assert_int_eq(bl_settings_expand(&s, &cases, &n, &err), 0);
	ck_assert_uint_eq(n, BL_SWEEP_MAX);
	ck_assert_str_eq(cases[9899].output, "100/99");
	bl_cases_free(cases, n);
	bl_settings_free(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cases");
	TCase *tc = tcase_create("cases");

	tcase_add_test(tc, lists_and_ranges);
	tcase_add_test(tc, bad_lists_and_ranges);
	tcase_add_test(tc, random_ranges);
	tcase_add_test(tc, same_bits_everywhere);
	tcase_add_test(tc, names);
	tcase_add_test(tc, bad_names);
	tcase_add_test(tc, cases_hold_their_values);
	tcase_add_test(tc, repeated_options);
	tcase_add_test(tc, large_product);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
