/* test_report.c - the plan and the provenance as JSON. */
#include "json.h"
#include "report_made.h"
#include "suite.h"

/* Is text one JSON value? */
static void check_json(const char *text)
{
	struct bl_json j;
	enum bl_json_token token;

	bl_json_init(&j, text, strlen(text));
	do
		token = bl_json_next(&j, &it.err);
	while (token != BL_JSON_END && token != BL_JSON_FAIL);
	ck_assert_msg(token == BL_JSON_END, "%s in %s", it.err.text, text);
}

/* Stands before the first token of the value of key in the outermost object. */
static void seek(struct bl_json *j, const char *text, const char *key)
{
	bl_json_init(j, text, strlen(text));
	ck_assert_int_eq(bl_json_next(j, &it.err), BL_JSON_OBJECT);
	while (bl_json_next(j, &it.err) == BL_JSON_KEY) {
		if (bl_json_is(j, key))
			return;
		ck_assert_int_ne(bl_json_next(j, &it.err), BL_JSON_FAIL);
		ck_assert_int_eq(bl_json_skip(j, &it.err), 0);
	}
	ck_abort_msg("no key %s in %s", key, text);
}

/* The keys of the outermost object: "a b c". */
static const char *keys(const char *text)
{
	static char list[512];
	struct bl_json j;

	list[0] = '\0';
	bl_json_init(&j, text, strlen(text));
	ck_assert_int_eq(bl_json_next(&j, &it.err), BL_JSON_OBJECT);
	while (bl_json_next(&j, &it.err) == BL_JSON_KEY) {
		strcat(list, " ");
		bl_json_text(&j, list + strlen(list));
		ck_assert_int_ne(bl_json_next(&j, &it.err), BL_JSON_FAIL);
		ck_assert_int_eq(bl_json_skip(&j, &it.err), 0);
	}
	return list + 1;
}

/* The value of the number or hex string that comes next. */
static double next_number(struct bl_json *j)
{
	const enum bl_json_token token = bl_json_next(j, &it.err);
	char text[64];

	if (token == BL_JSON_STRING) {
		ck_assert_uint_lt(j->size, sizeof text);
		bl_json_text(j, text);
		return strtod(text, NULL);
	}
	ck_assert_msg(token == BL_JSON_INTEGER || token == BL_JSON_FLOAT, "no number: %s",
		it.err.text);
	return bl_json_number(j);
}

START_TEST(plan_as_json)
{
	struct bl_json j;
	char *text;

	make(20, 7, "method spring half-life 10,30 damping 0.2 output avg_{half-life}.h5");
	text = printed(bl_report_plan_json);
	check_json(text);
	ck_assert_str_eq(keys(text),
		"schema belay times checkpoints folder format tensors outputs run "
		"weights weights_hex");
	for (int hex = 0; hex < 2; hex++) {
		seek(&j, text, hex ? "weights_hex" : "weights");
		ck_assert_int_eq(bl_json_next(&j, &it.err), BL_JSON_ARRAY);
		for (size_t p = 0; p < 2; p++) {
			ck_assert_int_eq(bl_json_next(&j, &it.err), BL_JSON_ARRAY);
			for (size_t t = 0; t < 20; t++) {
				const double w = next_number(&j), want = it.plan.row[p].weight[t];

				ck_assert_int_eq(memcmp(&w, &want, sizeof w), 0);
			}
			ck_assert_int_eq(bl_json_next(&j, &it.err), BL_JSON_ARRAY_END);
		}
		ck_assert_int_eq(bl_json_next(&j, &it.err), BL_JSON_ARRAY_END);
	}
	ck_assert_ptr_nonnull(strstr(text, "\"first\": 0,\n    \"last\": 133\n"));
	ck_assert_ptr_nonnull(strstr(text, "\"settings\": {\n        \"half-life\": \"30\",\n"
					   "        \"damping\": \"0.2\"\n      }"));
	ck_assert_ptr_nonnull(strstr(text, "\"half-life\": {\n          \"value\": 30,\n"
					   "          \"hex\": \"0x1.ep+4\"\n        }"));
	ck_assert_ptr_nonnull(strstr(text, "\"disk_bytes\": 80400\n"));
	free(text);
	it.output[1].size = 0;
	it.r.origin = BL_TIME_INDEX;
	text = printed(bl_report_plan_json);
	ck_assert_ptr_nonnull(strstr(text, "\"disk_bytes\": null\n"));
	ck_assert_ptr_nonnull(strstr(text, "\"from\": \"index\",\n    \"key\": null,\n"));
	free(text);
	end();
}
END_TEST

START_TEST(warnings_and_no_half_life)
{
	char *text;

	make(3, 1000, "method belay half-life 1 particle model output avg.h5");
	text = printed(bl_report_plan_json);
	check_json(text);
	ck_assert_ptr_nonnull(strstr(text, "\"half_life\": null"));
	ck_assert_ptr_nonnull(strstr(text, "\"asked\": {\n        \"half_life\": 1,\n        "
		"\"mean_age\": 1,\n        \"decay\": 0.5,\n        \"rel_std\": "
		"0.0007071067811865476\n      }"));
	ck_assert_ptr_nonnull(
		strstr(text, "\"warnings\": [\n        \"the half-life of 1 is shorter"));
	free(text);
	text = printed(bl_report_plan_text);
	ck_assert_ptr_nonnull(strstr(text, "\n  warning: the half-life of 1 is shorter"));
	ck_assert_ptr_null(strstr(text, "half of the weight"));
	free(text);
	end();
}
END_TEST

/* Neither a length nor, with weights such as these, a variance. */
START_TEST(no_lengths)
{
	char *text;

	make(3, 1, "method bema bema-lag 1 bema-bias-power 0 output avg.h5");
	text = printed(bl_report_plan_json);
	check_json(text);
	ck_assert_ptr_nonnull(strstr(text, "\"rel_std\": null,\n      \"asked\": null"));
	free(text);
	text = printed(bl_report_plan_text);
	ck_assert_ptr_nonnull(strstr(text, ", rel-std -\n"));
	ck_assert_ptr_null(strstr(text, "asked"));
	free(text);
	end();
}
END_TEST

static char *provenance(size_t p)
{
	char *text = bl_report_provenance(&it.r, p, &it.err);

	ck_assert_ptr_nonnull(text);
	check_json(text);
	ck_assert_ptr_null(strchr(text, '\n'));
	return text;
}

START_TEST(provenance_of_one)
{
	char *text;

	make(2, 10,
		"method ema kappa 0.5 hold right output avg.h5 nonfinite keep threads 2 "
		"memory 64MiB time-key step");
	text = provenance(0);
	ck_assert_str_eq(text, "{\"belay\":\"1.2.3\",\"method\":\"ema\",\"settings\":{\"kappa\":"
			       "\"0.5\",\"hold\":\"right\","
			       "\"time-key\":\"step\",\"nonfinite\":\"keep\"},"
			       "\"resolved\":{\"kappa\":{\"value\":0.5,\"hex\":\"0x1p-1\"}},"
			       "\"format\":\"hdf5\","
			       "\"times\":{\"from\":\"key\",\"key\":\"step\"},"
			       "\"inputs\":[{\"path\":\"ckpt_0.h5\",\"time\":0,\"size\":1000},"
			       "{\"path\":\"ckpt_10.h5\",\"time\":10,\"size\":1001}],"
			       "\"weights\":[\"0x1p-10\",\"0x1.ff8p-1\"]}");
	free(text);
	end();
}
END_TEST

/* The same for the same run: however the paths are written, wherever, with any limits. */
START_TEST(provenance_is_steady)
{
	char *first, *again;

	make(5, 10, "method belay output avg_{half-life}.h5 half-life 5,20");
	first = provenance(1);
	ck_assert_str_eq(keys(first), "belay method settings resolved format times inputs weights");
	for (size_t t = 0; t < 5; t++)
		snprintf(it.name[t], sizeof it.name[t], "/data/%s/ckpt_%zu.h5", t % 2 ? "." : "",
			10 * t);
	it.r.budget = (struct bl_budget){0};
	it.output[1] = (struct bl_report_output){"/elsewhere.h5", 0, 0};
	again = provenance(1);
	ck_assert_str_eq(first, again);
	free(again);
	again = provenance(0);
	ck_assert_str_ne(first, again);
	free(again);
	free(first);
	end();
	make(5, 10, "half-life 20,5 output avg_{half-life}.h5 method belay threads 7");
	first = provenance(0);
	ck_assert_ptr_nonnull(strstr(first, "\"settings\":{\"half-life\":\"20\"}"));
	free(first);
	end();
}
END_TEST

START_TEST(hostile_names)
{
	char *text;

	make(3, 10, "output avg.h5");
	it.input[0].path = "runs/a\"b\\c\nd\x01\x7f.h5";
	it.input[1].path = "runs/\xff\xc3.h5";
	it.input[2].path = "runs/\xc3\xa9/\xf0\x9f\x98\x80.h5";
	text = provenance(0);
	ck_assert_ptr_nonnull(
		strstr(text, "{\"path\":\"a\\\"b\\\\c\\nd\\u0001\x7f.h5\",\"time\":0,"));
	ck_assert_ptr_nonnull(strstr(text, "{\"path\":\"\xef\xbf\xbd\xef\xbf\xbd.h5\","
					   "\"path_hex\":\"ffc32e6835\",\"time\":10,"));
	ck_assert_ptr_nonnull(
		strstr(text, "{\"path\":\"\xc3\xa9/\xf0\x9f\x98\x80.h5\",\"time\":20,"));
	free(text);
	it.output[0].path = "\x1b[31m\xff";
	text = printed(bl_report_plan_json);
	check_json(text);
	ck_assert_ptr_nonnull(strstr(text, "\"path_hex\": \"1b5b33316dff\",\n"));
	free(text);
	text = printed(bl_report_plan_text);
	for (const char *c = text; *c; c++)
		ck_assert_msg(*c == '\n' || (unsigned char)*c >= 0x20, "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "\n\\x1b[31m\\xff: ema"));
	ck_assert_ptr_nonnull(strstr(text, "  a\"b\\c\\nd\\x01\\x7f.h5\n"));
	free(text);
	end();
}
END_TEST

/* Weights below the normal range: printf's %a would differ between C libraries. */
START_TEST(tiny_weights)
{
	char *text;

	make(1200, 1, "decay 0.5 hold right output avg.h5");
	text = provenance(0);
	ck_assert_ptr_nonnull(strstr(text, "\"0x0p+0\",\"0x1p-1074\",\"0x1p-1073\","));
	ck_assert_ptr_nonnull(strstr(text, ",\"0x1p-2\",\"0x1p-1\"]}"));
	free(text);
	text = printed(bl_report_plan_json);
	check_json(text);
	free(text);
	end();
}
END_TEST

/* What was said of tensors: the patterns in their order. Without any there is no word of them. */
START_TEST(rules_in_the_provenance)
{
	static const struct bl_rule rule[] = {{.fate = BL_FATE_SKIP, .glob = "a\"*"},
		{.fate = BL_FATE_AVERAGE, .glob = "b"}, {.fate = BL_FATE_COPY, .glob = "*"}};
	char *text;

	make(3, 10, "output avg.h5 dtype f16 f8 copy missing union copy-from first");
	text = bl_report_provenance(&it.r, 0, &it.err);
	ck_assert_ptr_nonnull(strstr(text, "\"settings\":{\"copy-from\":\"first\","
		"\"missing\":\"union\",\"f8\":\"copy\",\"dtype\":\"f16\"},"));
	ck_assert_ptr_null(strstr(text, "\"tensors\""));
	free(text);
	it.r.rule = rule;
	it.r.rules = 3;
	text = bl_report_provenance(&it.r, 0, &it.err);
	ck_assert_ptr_nonnull(strstr(text, "},\"tensors\":[{\"match\":\"a\\\"*\",\"skip\":true},"
		"{\"match\":\"b\",\"average\":true},{\"match\":\"*\",\"copy\":true}],\"format\":"));
	free(text);
	end();
}
END_TEST

/* Patterns with settings: recorded as given, and what they come to. */
START_TEST(own_settings_in_the_provenance)
{
	char *text;

	make(2, 10, "kappa 0.5 hold right output avg.h5 tensor-option *.m\":method=window "
		"tensor-option *.m\":window=1ckpt skip x tensor-option b:kappa=0.25 "
		"tensor-option c:copy=true tensor-option c:copy-from=first");
	text = provenance(0);
	ck_assert_str_eq(keys(text), "belay method settings resolved tensors format times inputs "
		"weights tensor_options");
	ck_assert_ptr_nonnull(strstr(text, "},\"tensors\":[{\"match\":\"*.m\\\"\",\"method\":"
		"\"window\",\"window\":\"1ckpt\"},{\"match\":\"x\",\"skip\":true},"
		"{\"match\":\"b\",\"kappa\":\"0.25\"},"
		"{\"match\":\"c\",\"copy\":true,\"copy-from\":\"first\"}],\"format\":"));
	ck_assert_ptr_nonnull(strstr(text, ",\"weights\":[\"0x1p-10\",\"0x1.ff8p-1\"],"
		"\"tensor_options\":[{\"match\":\"*.m\\\"\",\"method\":\"window\",\"settings\":{"
		"\"window\":\"1ckpt\"},\"resolved\":{},\"weights\":[\"0x0p+0\",\"0x1p+0\"]},"
		"{\"match\":\"b\",\"method\":\"ema\",\"settings\":{\"kappa\":\"0.25\",\"hold\":"
		"\"right\"},\"resolved\":{\"kappa\":{\"value\":0.25,\"hex\":\"0x1p-2\"}},"
		"\"weights\":["));
	free(text);
	end();
}
END_TEST

/* The same in the plan, with all that is known of the rows. */
START_TEST(own_settings_in_the_plan)
{
	static const char want[] =
		"      \"warnings\": [],\n"
		"      \"tensor_options\": [\n"
		"        {\n"
		"          \"match\": \"m*\",\n"
		"          \"tensors\": 1,\n"
		"          \"method\": \"uniform\",\n"
		"          \"settings\": {},\n"
		"          \"resolved\": {},\n"
		"          \"sum\": 1,\n"
		"          \"sum_abs\": 1,\n"
		"          \"mean_age\": 15,\n"
		"          \"half_life\": 10,\n"
		"          \"rel_std\": 0.37267799624996495,\n" /* sqrt(125) / 30 */
		"          \"asked\": null,\n"
		"          \"effective_number\": 4,\n"
		"          \"first_share\": 0.25,\n"
		"          \"warnings\": [],\n"
		"          \"weights\": [\n"
		"            0.25,\n"
		"            0.25,\n"
		"            0.25,\n"
		"            0.25\n"
		"          ],\n"
		"          \"weights_hex\": [\n"
		"            \"0x1p-2\",\n"
		"            \"0x1p-2\",\n"
		"            \"0x1p-2\",\n"
		"            \"0x1p-2\"\n"
		"          ]\n"
		"        },\n"
		"        {\n"
		"          \"match\": \"b\",\n"
		"          \"tensors\": 2,\n"
		"          \"method\": \"ema\",\n"
		"          \"settings\": {\n"
		"            \"half-life\": \"1\"\n";
	size_t found = 0;
	char *text;

	make(4, 10, "half-life 10,11 output avg_{half-life}.h5 tensor-option m*:method=uniform "
		"tensor-option b:half-life=1");
	text = printed(bl_report_plan_json);
	check_json(text);
	for (size_t at = 0; text[at]; at++)
		found += strncmp(text + at, want, strlen(want)) == 0;
	ck_assert_msg(found == 2, "%zu in %.2000s", found, strstr(text, "\"outputs\""));
	ck_assert_ptr_nonnull(strstr(text, "          \"warnings\": [\n"
		"            \"the half-life of 1 is shorter"));
	free(text);
	end();
	make(4, 10, "output avg.h5");
	text = printed(bl_report_plan_json);
	ck_assert_ptr_nonnull(strstr(text, "      \"tensor_options\": []\n    }\n  ],\n"));
	free(text);
	end();
}
END_TEST

START_TEST(resolved_numbers)
{
	static const struct {
		const char *options, *names;
	} t[] = {
		{"half-life 10", "half-life kappa"},
		{"kappa 0.5", "kappa"},
		{"method spring decay 0.9", "half-life kappa gamma"},
		{"method belay half-life 10", "half-life kappa gamma pull restore gain"},
		{"method belay kappa 0.1", "kappa gamma pull restore gain"},
		{"method uniform", ""},
		{"method window window 10%", "window"},
		{"method window window 2ckpt", ""},
		{"method power", "half-life exponent"},
		{"method bema", "lag multiplier ema-power bias-power min"},
	};
	struct bl_resolved resolved[BL_RESOLVED];

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		char options[256], names[256] = "";
		size_t n;

		snprintf(options, sizeof options, "output avg.h5 %s", t[i].options);
		make(11, 10, options);
		n = bl_report_resolved(&it.r, &it.plan.row[0], resolved);
		ck_assert_uint_le(n, BL_RESOLVED);
		for (size_t k = 0; k < n; k++) {
			strcat(names, k ? " " : "");
			strcat(names, resolved[k].name);
		}
		ck_assert_str_eq(names, t[i].names);
		if (strcmp(names, "window") == 0)
			ck_assert_double_eq(resolved[0].value, 10);
		end();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_add_test(tc, plan_as_json);
	tcase_add_test(tc, warnings_and_no_half_life);
	tcase_add_test(tc, no_lengths);
	tcase_add_test(tc, provenance_of_one);
	tcase_add_test(tc, provenance_is_steady);
	tcase_add_test(tc, hostile_names);
	tcase_add_test(tc, tiny_weights);
	tcase_add_test(tc, rules_in_the_provenance);
	tcase_add_test(tc, own_settings_in_the_provenance);
	tcase_add_test(tc, own_settings_in_the_plan);
	tcase_add_test(tc, resolved_numbers);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
