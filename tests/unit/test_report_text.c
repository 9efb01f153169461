/* test_report_text.c - the plan as text, and methods in words. */
#include "report_made.h"

#include "suite.h"

static void check_text(const char *want)
{
	char *got = printed(bl_report_plan_text);

	ck_assert_msg(strcmp(got, want) == 0, "expected\n%s\ngot\n%s", want, got);
	free(got);
}

START_TEST(text_of_one)
{
	make(4, 10, "method uniform output avg.h5");
	check_text("input       4 checkpoints in runs/\n"
		   "times       0 to 30, every 10 (from the recorded step)\n"
		   "tensors     13: 12 averaged, 1 copied from the last checkpoint\n"
		   "data        1.6 MB to read, 40.2 kB to write as hdf5\n"
		   "memory      3.1 MiB at most, 2 threads, tiles of 256 KiB\n"
		   "disk        40.2 kB needed, 5.0 MB free\n"
		   "\n"
		   "avg.h5: uniform\n"
		   "  mean age 15, half of the weight within 10, rel-std 0.3727\n"
		"  effective number 4\n"
		   "  time     weight\n"
		   "     0   0.250000  ####################  ckpt_0.h5\n"
		   "    10   0.250000  ####################  ckpt_10.h5\n"
		   "    20   0.250000  ####################  ckpt_20.h5\n"
		   "    30   0.250000  ####################  ckpt_30.h5\n");
	end();
}
END_TEST

START_TEST(text_of_few_words)
{
	/* One checkpoint, nothing known of the disk, names that order. */
	make(1, 1, "method uniform output avg.h5");
	it.r.origin = BL_TIME_NAME;
	it.r.aliases = 1;
	it.r.budget.threads = 1;
	it.output[0].size = it.output[0].disk_free = 0;
	it.name[0][0] = '/';
	it.name[0][1] = '\n';
	check_text(
		"input       1 checkpoint in /\\nns/\n"
		"times       0 (from the names)\n"
		"tensors     13: 12 averaged, 1 copied from the last checkpoint; 1 further name\n"
		"data        1.6 MB to read, 40.2 kB to write as hdf5\n"
		"memory      3.1 MiB at most, 1 thread, tiles of 256 KiB\n"
		"\n"
		"avg.h5: uniform\n"
		"  mean age 0, half of the weight within 0, rel-std 0\n"
		"  effective number 1\n"
		"  time     weight\n"
		"     0   1.000000  ####################  ckpt_0.h5\n");
	end();
}
END_TEST

START_TEST(text_of_policies)
{
	make(1, 1, "method uniform output avg.h5");
	it.r.copy_from = "runs/a\n.h5";
	it.r.partial = 3;
	it.r.skipped = 2;
	check_text(
		"input       1 checkpoint in runs/\n"
		"times       0 (from the recorded step)\n"
		"tensors     13: 12 averaged, 1 copied from runs/a\\n.h5\n"
		"            3 averaged over those checkpoints only that have them\n"
		"            2 left out\n"
		"data        1.6 MB to read, 40.2 kB to write as hdf5\n"
		"memory      3.1 MiB at most, 2 threads, tiles of 256 KiB\n"
		"disk        40.2 kB needed, 5.0 MB free\n"
		"\n"
		"avg.h5: uniform\n"
		"  mean age 0, half of the weight within 0, rel-std 0\n"
		"  effective number 1\n"
		"  time     weight\n"
		"     0   1.000000  ####################  ckpt_0.h5\n");
	end();
}
END_TEST

/* Patterns with settings of their own, which a terminal might act on. */
START_TEST(text_of_own_settings)
{
	char *got;

	make(2, 10, "method uniform output avg.h5 tensor-option a\nb*:method=window "
		"tensor-option a\nb*:window=1ckpt skip z "
		"tensor-option a.very.long.name.of.a.layer/of/some.network*:method=ema");
	check_text(
		"input       2 checkpoints in runs/\n"
		"times       0 to 10, every 10 (from the recorded step)\n"
		"tensors     13: 12 averaged, 1 copied from the last checkpoint\n"
		"            1 averaged as --tensor-option a\\nb* says\n"
		"            2 averaged as --tensor-option ...of.a.layer/of/some.network* says\n"
		"data        1.6 MB to read, 40.2 kB to write as hdf5\n"
		"memory      3.1 MiB at most, 2 threads, tiles of 256 KiB\n"
		"disk        40.2 kB needed, 5.0 MB free\n"
		"\n"
		"avg.h5: uniform\n"
		"  mean age 5, half of the weight within 0, rel-std 0.5\n"
		"  effective number 2\n"
		"  time     weight\n"
		"     0   0.500000  ####################  ckpt_0.h5\n"
		"    10   0.500000  ####################  ckpt_10.h5\n"
		"\n"
		"avg.h5, a\\nb*: window, window 1 checkpoint\n"
		"  mean age 0, half of the weight within 0, rel-std 0\n"
		"  effective number 1\n"
		"  time     weight\n"
		"     0          0                        ckpt_0.h5\n"
		"    10   1.000000  ####################  ckpt_10.h5\n"
		"\n"
		"avg.h5, ...of.a.layer/of/some.network*: ema, half-life 10 (default: the gap\n"
		"    between checkpoints)\n"
		"  asked: EMA of half-life 10, mean age 13.93, decay 0.933033, rel-std 1.442\n"
		"  per step: kappa 0.066967\n"
		"  mean age 6.966, half of the weight within 10, rel-std 0.4597\n"
		"  effective number 1.732\n"
		"  warning: 70% of the weight is left on the first checkpoint\n"
		"  time     weight\n"
		"     0   0.696636  ####################  ckpt_0.h5\n"
		"    10   0.303364  #########             ckpt_10.h5\n");
	end();
	/* Eight patterns are shown, the others counted. */
	make(2, 10, "output avg.h5 tensor-option a:decay=.1 tensor-option b:decay=.1 "
		"tensor-option c:decay=.1 tensor-option d:decay=.1 tensor-option e:decay=.1 "
		"tensor-option f:decay=.1 tensor-option g:decay=.1 tensor-option h:decay=.1 "
		"tensor-option i:decay=.1 tensor-option j:decay=.1");
	got = printed(bl_report_plan_text);
	ck_assert_ptr_nonnull(strstr(got, "  8 averaged as --tensor-option h says\n"
		"            and others as 2 more of these say\n"));
	ck_assert_ptr_nonnull(strstr(got, "\navg.h5, h: ema"));
	ck_assert_ptr_null(strstr(got, "\navg.h5, i: ema"));
	ck_assert_ptr_nonnull(strstr(got, "\nThe weights for 2 more patterns: --plan=json\n"));
	free(got);
	end();
}
END_TEST

START_TEST(text_of_many)
{
	make(15, 100, "method window window 10ckpt output avg.h5");
	for (size_t t = 0; t < 5; t++)
		it.input[t].read = false;
	it.output[0].disk_free = 100;
	check_text("input       15 checkpoints, 10 of them read in runs/\n"
		   "times       0 to 1400, every 100 (from the recorded step)\n"
		   "tensors     13: 12 averaged, 1 copied from the last checkpoint\n"
		   "data        1.6 MB to read, 40.2 kB to write as hdf5\n"
		   "memory      3.1 MiB at most, 2 threads, tiles of 256 KiB\n"
		   "disk        40.2 kB needed, 100 B free: NOT ENOUGH\n"
		   "\n"
		   "avg.h5: window, window 10 checkpoints\n"
		   "  mean age 4.5, half of the weight within 4, rel-std 0.2052\n"
		"  effective number 10\n"
		   "  time     weight\n"
		   "     0          0                        ckpt_0.h5\n"
		   "   100          0                        ckpt_100.h5\n"
		   "   200          0                        ckpt_200.h5\n"
		   "   ...   0.200000  in all, of 4 checkpoints\n"
		   "   700   0.100000  ####################  ckpt_700.h5\n"
		   "   800   0.100000  ####################  ckpt_800.h5\n"
		   "   900   0.100000  ####################  ckpt_900.h5\n"
		   "  1000   0.100000  ####################  ckpt_1000.h5\n"
		   "  1100   0.100000  ####################  ckpt_1100.h5\n"
		   "  1200   0.100000  ####################  ckpt_1200.h5\n"
		   "  1300   0.100000  ####################  ckpt_1300.h5\n"
		   "  1400   0.100000  ####################  ckpt_1400.h5\n");
	end();
}
END_TEST

START_TEST(text_of_a_sweep)
{
	static const char want[] = "disk        121 kB needed, 5.0 MB free\n\n"
				   "output      mean age  half-life  eff. number     first\n"
				   "avg_10.h5      13.93         10         3.94     0.07%\n"
				   "avg_20.h5      27.73         20        6.774     2.60%\n"
				   "avg_40.h5      48.71         40        9.679    16.09%\n\n"
				   "avg_10.h5: ema, half-life 10\n"
				   "  asked: EMA of half-life 10, mean age 13.93, "
				   "decay 0.933033, rel-std 0.1311\n"
				   "  per step: kappa 0.066967\n";
	char *got;

	make(12, 10, "half-life 10,20,40 output avg_{half-life}.h5");
	got = printed(bl_report_plan_text);
	ck_assert_msg(strstr(got, want) != NULL, "%s", got);
	free(got);
	end();
}
END_TEST

/* Eight outputs are shown, 32 listed, the rest counted; no line is wider than 80 columns. */
START_TEST(text_of_a_large_sweep)
{
	size_t titles = 0, lines = 0;
	char *got, *save = NULL;

	make(30, 1000,
		"method belay half-life 1000:20000:40 damping 0.3 hold right gain 0.75 "
		"particle model restore 0.0001 mass-ratio 1.5 "
		"output a/folder/with/a/rather/long/name/and/another/avg_{half-life}_{method}.h5");
	got = printed(bl_report_plan_text);
	ck_assert_ptr_nonnull(strstr(got, "\n... and 8 more\n"));
	ck_assert_ptr_nonnull(strstr(got, "\nThe weights of 32 more outputs: --plan=json\n"));
	for (char *line = strtok_r(got, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		ck_assert_msg(strlen(line) <= 80, "%s", line);
		ck_assert_msg(line[strlen(line) - 1] != ' ', "'%s'", line);
		titles += strstr(line, ".h5: belay") != NULL;
		lines++;
	}
	ck_assert_uint_eq(titles, 8);
	ck_assert_uint_lt(lines, 250);
	free(got);
	end();
}
END_TEST

START_TEST(methods_in_words)
{
	static const struct {
		const char *options, *words;
	} t[] = {
		{"", "ema, half-life 100 (default: 10% of 1000)"},
		{"method belay", "belay, half-life 33.3333 (default)"},
		{"method belay mass-ratio 0.5",
			"belay, half-life 50 (default: the gap between checkpoints), "
			"mass-ratio 0.5"},
		{"half-life 250", "ema, half-life 250"},
		{"half-life 10%", "ema, half-life 100 (10% of 1000)"},
		{"half-life 1ckpt", "ema, half-life 1 checkpoint"},
		{"half-life 2.5ckpt hold right", "ema, half-life 2.5 checkpoints, hold right"},
		{"decay 0.5", "ema, decay 0.5 (half-life 1)"},
		{"mean-age 5%", "ema, mean-age 50 (5% of 1000) (half-life 35.0028)"},
		{"kappa 0.5", "ema, kappa 0.5"},
		{"method window window 20%", "window, window 200 (20% of 1000)"},
		{"method window window 3ckpt", "window, window 3 checkpoints"},
		{"method uniform", "uniform"},
		{"method power", "power, rel-std 0.1 (default)"},
		{"method power rel-std 0.2 hold right",
			"power, rel-std 0.2 (half-life 217.496), hold right"},
		{"method bema bema-lag 100", "bema, bema-lag 100"},
		{"method belay half-life 100 damping 2 particle model",
			"belay, half-life 100, damping 2, particle model"},
		{"half-life 20 update-every 50 start zero",
			"ema, half-life 20, start zero, update-every 50"},
		{"threads 3 time-key step half-life 9", "ema, half-life 9"},
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		char *text = NULL, options[256];
		size_t size;
		FILE *to = open_memstream(&text, &size);

		snprintf(options, sizeof options, "output avg.h5 %s", t[i].options);
		make(21, 50, options);
		bl_report_method(to, &it.r, 0);
		fclose(to);
		ck_assert_str_eq(text, t[i].words);
		free(text);
		end();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("report_text");
	TCase *tc = tcase_create("report_text");

	tcase_add_test(tc, text_of_one);
	tcase_add_test(tc, text_of_few_words);
	tcase_add_test(tc, text_of_policies);
	tcase_add_test(tc, text_of_own_settings);
	tcase_add_test(tc, text_of_many);
	tcase_add_test(tc, text_of_a_sweep);
	tcase_add_test(tc, text_of_a_large_sweep);
	tcase_add_test(tc, methods_in_words);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
