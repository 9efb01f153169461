/* test_recipe_write.c - recipes of settings and of provenances, written and read back. */
#include "recipe_write.h"

#include "settings_text.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct bl_recipe recipe;
static struct bl_err err;
static char *written;
static size_t size;

static void forget(void)
{
	bl_recipe_free(&recipe);
	free(written);
	written = NULL;
	memset(&err, 0, sizeof err);
}

static int write_recipe(const struct bl_recipe *r)
{
	FILE *to;
	int rc;

	free(written);
	to = open_memstream(&written, &size);
	rc = bl_recipe_write(to, r, &err);
	fclose(to);
	return rc;
}

/* An empty recipe with so many runs. */
static void begin(size_t runs)
{
	forget();
	recipe.run = calloc(runs, sizeof *recipe.run);
	recipe.runs = runs;
}

static void set(size_t run, const char *key, const char *value)
{
	const int rc = bl_settings_set(&recipe.run[run], key, value, "r", &err);

	ck_assert_msg(rc == 0, "%s", err.text);
}

static void add_input(const char *path)
{
	ck_assert_int_eq(bl_recipe_add_input(&recipe, path, NULL, &err), 0);
}

/* Writes the recipe, reads it back and finds the same; and the same text when it is written again.
 */
static void writes(const char *want)
{
	struct bl_recipe back = {0};
	char *first, a[4096], b[4096];

	ck_assert_msg(write_recipe(&recipe) == 0, "%s", err.text);
	if (want)
		ck_assert_str_eq(written, want);
	first = strdup(written);
	ck_assert_msg(bl_recipe_read(&back, first, strlen(first), "r", "", &err) == 0, "%s\n%s",
		err.text, first);
	ck_assert_uint_eq(back.runs, recipe.runs);
	for (size_t i = 0; i < back.runs; i++)
		ck_assert_str_eq(settings_text(&back.run[i], a, sizeof a),
			settings_text(&recipe.run[i], b, sizeof b));
	ck_assert_uint_eq(back.inputs, recipe.inputs);
	for (size_t i = 0; i < back.inputs; i++) {
		char *to = back.input[i].path; /* a pattern without anything special */

		for (const char *from = to; (*to = *from); from++, to++)
			if (*from == '\\')
				*to = *++from;
		ck_assert_str_eq(back.input[i].path, recipe.input[i].path);
	}
	ck_assert_int_eq(write_recipe(&recipe), 0);
	ck_assert_str_eq(written, first);
	free(first);
	bl_recipe_free(&back);
}

START_TEST(one_run)
{
	begin(1);
	add_input("a b/ckpt_1.h5");
	add_input("[1]*?\\.h5");
	set(0, "name", "x");
	set(0, "half-life", "500:4000:log4");
	set(0, "method", "spring");
	set(0, "output", "avg_{half-life}.h5");
	set(0, "force", NULL);
	set(0, "plan", "json");
	set(0, "hdf5-plugins", NULL);
	set(0, "copy", "*.b");
	set(0, "average", "x");
	set(0, "copy", "z");
	set(0, "print-recipe", NULL);
	set(0, "recipe", "r.yaml");
	ck_assert_int_eq(write_recipe(&recipe), 0);
	ck_assert_str_eq(written, "inputs:\n  - \"a b/ckpt_1.h5\"\n"
		"  - \"\\\\[1]\\\\*\\\\?\\\\\\\\.h5\"\n"
		"name: x\nmethod: spring\nhalf-life: [500, 1000, 2000, 4000]\n"
		"hdf5-plugins: \"$HDF5_PLUGIN_PATH\"\noutput: \"avg_{half-life}.h5\"\n"
		"force: true\nplan: json\n"
		"tensors:\n  - {match: \"*.b\", copy: true}\n  - {match: x, average: true}\n"
		"  - {match: z, copy: true}\n");
}
END_TEST

START_TEST(several_runs)
{
	begin(3);
	for (size_t i = 0; i < 3; i++) {
		set(i, "threads", "2");
		set(i, "skip", "z");
	}
	set(0, "output", "a");
	set(0, "name", "yes");
	set(0, "decay", "1e-5");
	set(2, "half-life", "0500,10%,4ckpt");
	writes("threads: 2\ntensors:\n  - {match: z, skip: true}\n"
	       "runs:\n  - name: \"yes\"\n    decay: \"1e-5\"\n    output: a\n  - {}\n"
	       "  - half-life: [0500, 10%, 4ckpt]\n");
	begin(1);
	writes("{}\n");
}
END_TEST

/* What other readers would take for something else than text stands in quotes. */
START_TEST(texts)
{
	static const char *const quoted[] = {"-", "--", "~", "null", "Null", "true", "FALSE", "y",
		"NO", "on", "a b", " a", "a ", "a: b", "a:b", "#a", "a #b", "*a", "&a", "!a", "%a",
		"@a", "`a", "[a", "{a", "a,b", "'a", "\"a\"", "?", "? a", "|", ">", "=", "<<",
		"...", "---", ".inf", "-1", "+1", "2024-01-02", "1_000", "0x1f", "a\nb", "a\tb",
		"a\\b", "\x7f", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf",
		"\xef\xbf\xbe", "\xc2\xa0", "\xc3\xa4", "\xf0\x9f\x98\x80", "\x01\x1f", "a\r\nb"};
	static const char *const plain[] = {"a", "a-b", "a_b.c", "/a/b", "./a", "../a", "0500",
		"1.5", "10%", "5GB", "a+b", "_x"};
	char line[64];

	for (size_t i = 0; i < sizeof quoted / sizeof quoted[0]; i++) {
		begin(1);
		set(0, "name", quoted[i]);
		writes(NULL);
		ck_assert_msg(strncmp(written, "name: \"", 7) == 0, "%s", written);
	}
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		begin(1);
		set(0, "name", plain[i]);
		sprintf(line, "name: %s\n", plain[i]);
		writes(line);
	}
}
END_TEST

/* Every code point but surrogates, and NUL, in names of a hundred. */
START_TEST(all_of_unicode)
{
	char text[512];
	size_t at = 0;

	for (unsigned c = 1; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		if (c < 0x80) {
			text[at++] = (char)c;
		} else if (c < 0x800) {
			text[at++] = (char)(0xc0 | c >> 6);
		} else if (c < 0x10000) {
			text[at++] = (char)(0xe0 | c >> 12);
			text[at++] = (char)(0x80 | (c >> 6 & 0x3f));
		} else {
			text[at++] = (char)(0xf0 | c >> 18);
			text[at++] = (char)(0x80 | (c >> 12 & 0x3f));
			text[at++] = (char)(0x80 | (c >> 6 & 0x3f));
		}
		if (c >= 0x80)
			text[at++] = (char)(0x80 | (c & 0x3f));
		if (c % 100 != 0 && c != 0x10ffff)
			continue;
		text[at] = '\0';
		at = 0;
		if (c > 0x20000 && c % 5000 != 0) /* more of the same */
			continue;
		begin(1);
		set(0, "name", text);
		writes(NULL);
	}
}
END_TEST

START_TEST(no_utf8)
{
	begin(1);
	set(0, "name", "x");
	add_input("a\xff");
	ck_assert_int_eq(write_recipe(&recipe), -1);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_str_eq(err.text, "inputs: a\\xff: is no UTF-8, so no recipe can hold it");
	ck_assert_uint_eq(size, 0);
	begin(1);
	set(0, "copy", "\xc3");
	ck_assert_int_eq(write_recipe(&recipe), -1);
	ck_assert_str_eq(err.text, "copy: \\xc3: is no UTF-8, so no recipe can hold it");
	ck_assert_uint_eq(size, 0);
}
END_TEST

/* ---- provenance ---- */

static int write_provenance(const char *json)
{
	FILE *to;
	int rc;

	forget();
	to = open_memstream(&written, &size);
	rc = bl_recipe_of_provenance(to, json, strlen(json), &err);
	fclose(to);
	return rc;
}

#define HEAD(version) \
	"# How belay " version " made an average. The inputs are seen from the folder that they " \
	"have in\n# common: in that folder, and with -o, this makes the same bytes.\n"

START_TEST(provenance)
{
	ck_assert_int_eq(write_provenance(
		"{\"belay\":\"0.1.0\",\"method\":\"ema\",\"settings\":{\"half-life\":\"10%\","
		"\"time-unit\":\"0.5\",\"allow-averages\":\"true\",\"compression\":\"gzip:4\","
		"\"name\":\"a\\nb\"},\"resolved\":{\"kappa\":{\"value\":0.5,\"hex\":\"0x1p-1\"}},"
		"\"tensors\":[{\"match\":\"a*\",\"copy\":true},{\"match\":\"b\",\"skip\":true}],"
		"\"format\":\"hdf5\",\"times\":{\"from\":\"name\",\"key\":null},\"inputs\":["
		"{\"path\":\"a/[1].h5\",\"time\":1,\"size\":8},{\"path\":\"b/2.h5\",\"time\":2}],"
		"\"later\":[{\"a\":[1,2]}],\"weights\":[\"0x1p-1\",\"0x1p-1\"]}"), 0);
	ck_assert_str_eq(written, HEAD("0.1.0") "inputs:\n  - \"a/\\\\[1].h5\"\n  - b/2.h5\n"
		"name: \"a\\u000Ab\"\nmethod: ema\nhalf-life: 10%\ntime-unit: 0.5\n"
		"allow-averages: true\nformat: hdf5\ncompression: \"gzip:4\"\n"
		"tensors:\n  - {match: \"a*\", copy: true}\n  - {match: b, skip: true}\n");
	/* Nothing gets out of the comment. */
	ck_assert_int_eq(write_provenance("{\"inputs\":[{\"path\":\"a\"}],\"method\":\"uniform\","
		"\"belay\":\"1\\nforce: \\u2028true\"}"), 0);
	ck_assert_str_eq(written, HEAD("1?force: ???true") "inputs:\n  - a\nmethod: uniform\n");
}
END_TEST

START_TEST(bad_provenance)
{
	static const struct {
		const char *json, *message;
	} bad[] = {
		{"", "provenance: byte 0: it ends where a value should be"},
		{"[]", "provenance: an object was expected"},
		{"{}", "provenance: it names no method"},
		{"{\"method\":\"ema\"}", "provenance: it names no inputs"},
		{"{\"method\":\"ema\",\"inputs\":[]}", "provenance: it names no inputs"},
		{"{\"method\":\"ema\",\"inputs\":[{\"path\":\"\"}]}",
			"provenance: an input has no path"},
		{"{\"method\":\"ema\",\"inputs\":[{\"time\":3}]}",
			"provenance: an input has no path"},
		{"{\"method\":\"ema\",\"inputs\":[\"a\"]}", "provenance: an object was expected"},
		{"{\"method\":\"ema\",\"inputs\":{}}", "provenance: an array was expected"},
		{"{\"method\":\"ema\",\"inputs\":[{\"path\":\"\\ufffd\",\"path_hex\":\"ff\"}]}",
			"provenance: the path of an input is no UTF-8, so no recipe can hold it"},
		{"{\"method\":\"ema\",\"inputs\":[{\"path\":\"a\\u0000b\"}]}",
			"provenance: a text holds a NUL"},
		{"{\"method\":5}", "provenance: a string was expected"},
		{"{\"method\":\"emma\"}", "provenance: method: \"emma\" is not one of "},
		{"{\"settings\":[]}", "provenance: an object was expected"},
		{"{\"settings\":{\"half-life\":5}}", "provenance: a string was expected"},
		{"{\"settings\":{\"half-life\":\"-5\"}}",
			"provenance: half-life: -5 is out of range "},
		{"{\"settings\":{\"force\":\"true\"}}", "provenance: unknown setting \"force\""},
		{"{\"settings\":{\"output\":\"/etc/passwd\"}}",
			"provenance: unknown setting \"output\""},
		{"{\"settings\":{\"magic\":\"1\"}}", "provenance: unknown setting \"magic\""},
		{"{\"tensors\":[{\"match\":\"a\"}]}",
			"provenance: it says nothing of some tensors"},
		{"{\"tensors\":[{\"copy\":true}]}",
			"provenance: it says something of tensors without a pattern"},
		{"{\"tensors\":[{\"match\":\"a\",\"copy\":1}]}",
			"provenance: a string or true was expected"},
		{"{\"method\":\"ema\",\"inputs\":[{\"path\":\"a\"}]} x", "provenance: byte 41: "},
		{"{\"method\":\"ema\",\"inputs\":[{\"path\":\"a\"}", "provenance: byte 38: "},
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_msg(write_provenance(bad[i].json) == -1, "%s", bad[i].json);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_msg(strncmp(err.text, bad[i].message, strlen(bad[i].message)) == 0,
			"%s, not %s", err.text, bad[i].message);
		ck_assert_uint_eq(size, 0);
	}
}
END_TEST

/* However it is cut off, it is refused. */
START_TEST(cut_off)
{
	static const char json[] =
		"{\"belay\":\"1\",\"method\":\"ema\",\"settings\":{\"gain\":\"1\"},"
		"\"tensors\":[{\"match\":\"a\",\"copy\":true}],\"inputs\":[{\"path\":\"a\"}]}";

	for (size_t n = 0; n < sizeof json - 1; n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, json, n);
		copy[n] = '\0';
		ck_assert_int_eq(write_provenance(copy), -1);
		ck_assert_int_eq(err.code, BL_INPUT);
		free(copy);
	}
	ck_assert_int_eq(write_provenance(json), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recipe_write");
	TCase *settings = tcase_create("settings"), *provenances = tcase_create("provenances");

	tcase_add_checked_fixture(settings, NULL, forget);
	tcase_add_test(settings, one_run);
	tcase_add_test(settings, several_runs);
	tcase_add_test(settings, texts);
	tcase_add_test(settings, all_of_unicode);
	tcase_add_test(settings, no_utf8);
	suite_add_tcase(s, settings);
	tcase_add_checked_fixture(provenances, NULL, forget);
	tcase_add_test(provenances, provenance);
	tcase_add_test(provenances, bad_provenance);
	tcase_add_test(provenances, cut_off);
	suite_add_tcase(s, provenances);
	return suite_run(s);
}
