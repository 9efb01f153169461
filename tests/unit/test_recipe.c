/* test_recipe.c - recipes to settings: what they say, and what is no recipe. */
#include "recipe.h"

#include "recipe_yaml.h"
#include "settings_text.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct bl_recipe recipe;
static struct bl_err err;

static void forget(void)
{
	bl_recipe_free(&recipe);
	memset(&err, 0, sizeof err);
}

static int read_recipe(const char *text)
{
	forget();
	return bl_recipe_read(&recipe, text, strlen(text), "r.yaml", "dir/", &err);
}

/* Inputs, then runs, with " | " between them. */
static void reads(const char *text, const char *want)
{
	char got[4096] = "";
	size_t at = 0;

	ck_assert_msg(read_recipe(text) == 0, "%s: %s", text, err.text);
	for (size_t i = 0; i < recipe.inputs; i++)
		at += (size_t)snprintf(got + at, sizeof got - at, "%s | ", recipe.input[i].path);
	for (size_t i = 0; i < recipe.runs; i++) {
		at += (size_t)snprintf(got + at, sizeof got - at, "%s", i ? " | " : "");
		settings_text(&recipe.run[i], got + at, sizeof got - at);
		at += strlen(got + at);
	}
	ck_assert_str_eq(got, want);
}

static void fails(const char *text, const char *message, const char *hint)
{
	ck_assert_msg(read_recipe(text) == -1, "%s", text);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_str_eq(err.text, message);
	ck_assert_str_eq(err.hint, hint);
}

START_TEST(options)
{
	reads("half-life: 500", "half-life=500");
	reads("half-life: '500'", "half-life=500");
	reads("{half-life: 10%, hold: \"left\"}", "half-life=10% hold=left");
	reads("half-life: [500, 10%, 1:2:2]", "half-life=500,10%,1,2");
	reads("half-life: 500,1000", "half-life=500,1000");
	reads("half-life: [500]", "half-life=500");
	reads("method: [ema, belay]\nthreads: 3\n", "method=ema,belay threads=3");
	reads("force: true\nquiet: false\n", "force=true");
	reads("plan: json", "plan=json");
	reads("plan: true", "plan=text");
	reads("plan: false", "");
	reads("---\nthreads: 3\n...\n", "threads=3");
	reads("%YAML 1.1\n---\nthreads: 3 # so many\n", "threads=3");
	reads("\xef\xbb\xbfthreads: 3\nhold: left", "hold=left threads=3");
	reads("? threads\n: 3", "threads=3");
	reads("time-pattern: |-\n  a(.*)\n  b", "time-pattern=a(.*)\nb");
	reads("time-key: 'true'\nname: 5\n", "time-key=true name=5");
	reads("{}", "");
}
END_TEST

START_TEST(paths)
{
	reads("inputs: a_*.h5", "dir/a_*.h5 | ");
	reads("inputs: [a, /b/c, ../d, '-']", "dir/a | /b/c | dir/../d | dir/- | ");
	reads("output: a.h5", "output=dir/a.h5");
	reads("output: /a.h5", "output=/a.h5");
	reads("output: '-'", "output=-");
	forget();
	ck_assert_int_eq(bl_recipe_read(&recipe, "{inputs: '{*}', output: '{index}'}", 34, "r",
		"a{[*\\/", &err), 0);
	ck_assert_str_eq(recipe.input[0].path, "a{\\[\\*\\\\/{*}");
	ck_assert_str_eq(recipe.input[0].where, "r:1:10");
	ck_assert_str_eq(recipe.run[0].given[BL_OPT_OUTPUT].value[0].text, "a{{[*\\/{index}");
}
END_TEST

START_TEST(tensors)
{
	reads("copy: [a, b]\nskip: c", "copy=0:a,1:b skip=2:c");
	reads("skip: c\ncopy: [a, b]", "copy=1:a,2:b skip=0:c");
	reads("tensors:\n- {match: '*.b', copy: true}\n- skip: true\n  match: x\n"
	      "- {match: y, average: true}\n", "average=2:y copy=0:*.b skip=1:x");
	reads("copy: a\ntensors: [{match: 'true', copy: true}]\n", "copy=0:a,1:true");
	reads("tensors: []", "");
	fails("tensors: {match: a}", "r.yaml:1:10: a list was expected, not a mapping", "");
	fails("tensors: [a]", "r.yaml:1:11: a mapping was expected, not a single value", "");
	fails("tensors:\n- {match: a}",
		"r.yaml:2:3: it needs \"match\" and what holds for the tensors that match", "");
	fails("tensors:\n- {copy: true}",
		"r.yaml:2:3: it needs \"match\" and what holds for the tensors that match", "");
	fails("tensors: [{match: a, copy: false}]", "r.yaml:1:28: true was expected, which is all "
		"that \"copy\" can be here", "");
	fails("tensors: [{match: a, copy: 'true'}]", "r.yaml:1:28: true was expected, which is all "
		"that \"copy\" can be here", "");
	fails("tensors: [{match: true, copy: true}]", "r.yaml:1:19: a text was expected, not true",
		"in quotes, \"true\" is one");
	fails("tensors: [{match: a, threads: 3}]",
		"r.yaml:1:22: \"threads\" cannot be said of some tensors only", "");
	fails("tensors: [{match: a, cpoy: true}]", "r.yaml:1:22: unknown key \"cpoy\"",
		"did you mean \"copy\"?");
	fails("copy: true", "r.yaml:1:7: a text was expected, not true",
		"in quotes, \"true\" is one");
}
END_TEST

START_TEST(runs)
{
	reads("runs: [{name: a}, {name: b}]\nhalf-life: 5",
		"half-life=5 name=a | half-life=5 name=b");
	reads("half-life: 5\nhold: left\nthreads: 2\ncopy: x\nruns:\n- {decay: 0.5}\n"
	      "- {method: uniform}\n- {}\n",
		"decay=0.5 hold=left copy=0:x threads=2 | method=uniform copy=0:x threads=2 | "
		"half-life=5 hold=left copy=0:x threads=2");
	ck_assert_str_eq(recipe.run[0].where, "r.yaml:6:3");
	ck_assert_str_eq(recipe.run[0].given[BL_OPT_DECAY].where, "r.yaml:6:11");
	ck_assert_str_eq(recipe.run[0].given[BL_OPT_HOLD].where, "r.yaml:2:7");
	ck_assert_str_eq(recipe.run[2].where, "r.yaml:8:3");
	reads("output: '{name}'\nruns: [{name: a, output: b}, {name: c}]",
		"output=dir/b name=a | output=dir/{name} name=c");
	fails("runs: []", "r.yaml:1:7: 1 to 10000 runs were expected, not 0", "");
	fails("runs: {name: a}", "r.yaml:1:7: a list was expected, not a mapping", "");
	fails("runs: [a]", "r.yaml:1:8: a mapping was expected, not a single value", "");
	fails("runs:\n  - name: a\n    threads: 2\n",
		"r.yaml:3:5: \"threads\" cannot be said of one run only",
		"outside of runs it holds for all of them");
	fails("runs:\n  - copy: a\n", "r.yaml:2:5: \"copy\" cannot be said of one run only",
		"outside of runs it holds for all of them");
	fails("runs:\n  - inputs: a\n", "r.yaml:2:5: \"inputs\" cannot be said of one run only",
		"outside of runs it holds for all of them");
	fails("runs: [{runs: a}]", "r.yaml:1:9: \"runs\" cannot be said of one run only",
		"outside of runs it holds for all of them");
	fails("runs: [{recipe: a}]", "r.yaml:1:9: \"recipe\" cannot stand in a recipe", "");
	fails("runs: [{name: a}, {nmae: b}]", "r.yaml:1:20: unknown key \"nmae\"",
		"did you mean \"name\"?");
}
END_TEST

START_TEST(anchors)
{
	reads("half-life: &a 500\nruns: [{window: *a}, {decay: 0.5}]",
		"half-life=500 window=500 | decay=0.5");
	reads("runs:\n- &a {name: x, hold: left}\n- {<<: *a, name: y}\n",
		"hold=left name=x | hold=left name=y");
	/* What is said beside a merge wins wherever it stands, of several merges the first. */
	reads("runs: [&a {gain: 1, hold: left}, &b {gain: 2, restore: 1, name: n},\n"
	      "{name: z, <<: [*a, *b]}, {<<: [*b, *a]}, {<<: {<<: *b, gain: 3}}]",
		"gain=1 hold=left | restore=1 gain=2 name=n | restore=1 gain=1 hold=left name=z | "
		"restore=1 gain=2 hold=left name=n | restore=1 gain=3 name=n");
	reads("<<: {threads: 2}\nmemory: 5MB", "memory=5MB threads=2");
	reads("<<: []", "");
	/* A name may be given again: the nearest before it counts. */
	reads("runs: [{gain: &a 1}, {gain: *a}, {gain: &a 2}, {gain: *a}]",
		"gain=1 | gain=1 | gain=2 | gain=2");
	reads("half-life: &l [1, 2]\nruns: [{mean-age: *l}]", "mean-age=1,2");
	reads("inputs: &l [a, b]\ncopy: *l", "dir/a | dir/b | copy=0:a,1:b");
	fails("half-life: *a", "r.yaml:1:12: no anchor before it has that name", "");
	fails("inputs: &a [*a]", "r.yaml:1:13: no anchor before it has that name", "");
	fails("<<: 3", "r.yaml:1:5: a mapping was expected, not a single value", "");
	fails("<<: [{threads: 2}, 3]", "r.yaml:1:20: a mapping was expected, not a single value",
		"");
	fails("<<: {threads: 2}\nhold: left\n<<: {}",
		"r.yaml:3:1: \"<<\" is given twice, in line 1 too", "");
	fails("'<<': {threads: 2}", "r.yaml:1:1: unknown key \"<<\"", "");
	/* A value that is wrong is wrong where it is used, keys are where they are written. */
	fails("name: &a x\nthreads: *a", "r.yaml:2:10: \"x\" is not a number", "");
	fails("runs:\n- &a {threads: 2}\n- *a\n",
		"r.yaml:2:7: \"threads\" cannot be said of one run only",
		"outside of runs it holds for all of them");
}
END_TEST

START_TEST(no_yaml)
{
	fails("", "r.yaml:1:1: the recipe is empty", "");
	fails("# nothing\n", "r.yaml:2:1: the recipe is empty", "");
	fails("threads: 2\n\tforce: true\n",
		"r.yaml:2:1: found a tab character that violates indentation",
		"lines are indented with blanks, not with tabs");
	fails("runs:\n \t- force: true\n",
		"r.yaml:2:2: found character that cannot start any token",
		"lines are indented with blanks, not with tabs");
	fails("inputs: [a", "r.yaml:2:1: did not find expected ',' or ']'",
		"while parsing a flow sequence that begins in line 1");
	fails("inputs: a\xff", "r.yaml:1:10: is no UTF-8", "");
	fails("a: \xc3\xa4\nb: \xc3\xa4\xed\xa0\x80", "r.yaml:2:5: is no UTF-8", "");
	fails("inputs: \xc3\xa4\x01", "r.yaml:1:10: control characters are not allowed", "");
	fails("name: \"a\\0b\"", "r.yaml:1:7: it holds a NUL", "");
	fails("threads: 2\n---\nthreads: 3\n",
		"r.yaml:2:1: a second document begins: a recipe is one", "");
	fails("hold: !!str left", "r.yaml:1:7: a recipe has no tags", "");
	fails("half-life: !x [1]", "r.yaml:1:12: a recipe has no tags", "");
	fails("! {}", "r.yaml:1:1: a recipe has no tags", "");
	forget();
	ck_assert_int_eq(bl_recipe_read(&recipe, "name: a\0b", 9, "r.yaml", "", &err), -1);
	ck_assert_str_eq(err.text, "r.yaml:1:8: control characters are not allowed");
}
END_TEST

START_TEST(no_recipe)
{
	fails("- a", "r.yaml:1:1: a mapping was expected, not a list", "");
	fails("a", "r.yaml:1:1: a mapping was expected, not a single value", "");
	fails("threads: 2\nhalf-lief: 3", "r.yaml:2:1: unknown key \"half-lief\"",
		"did you mean \"half-life\"?");
	fails("inpust: 3", "r.yaml:1:1: unknown key \"inpust\"", "did you mean \"inputs\"?");
	fails("zzzzzzzz: 3", "r.yaml:1:1: unknown key \"zzzzzzzz\"", "");
	fails("help: true", "r.yaml:1:1: \"help\" cannot stand in a recipe", "");
	fails("match: a", "r.yaml:1:1: \"match\" belongs into \"tensors\"", "");
	fails("? [a]\n: 3", "r.yaml:1:3: a list is no key", "");
	fails("threads: 2\nhold: left\nthreads: 2",
		"r.yaml:3:1: \"threads\" is given twice, in line 1 too", "");
	fails("threads: [2]", "r.yaml:1:10: it takes one value, not a list", "");
	fails("threads: {a: 2}", "r.yaml:1:10: a single value was expected, not a mapping", "");
	fails("half-life: []", "r.yaml:1:12: the list is empty", "");
	fails("half-life: [1, [2]]", "r.yaml:1:16: a single value was expected, not a list", "");
	fails("half-life: [1, -2]", "r.yaml:1:16: -2 is out of range (at least 0, at most 1e15)",
		"");
	fails("half-life:\n- 1\n- x", "r.yaml:3:3: \"x\" is not a number", "");
	fails("half-life: 5m", "r.yaml:1:12: \"5m\": unknown unit \"m\"",
		"a bare number counts time, 10% is a share of the covered time, 4ckpt counts "
		"checkpoints");
	fails("hold: lfet", "r.yaml:1:7: \"lfet\" is not one of linear, right, left, mid",
		"did you mean \"left\"?");
	fails("hold:\nthreads: 2", "r.yaml:1:6: there is no value", "");
	fails("hold: ~", "r.yaml:1:7: there is no value", "");
	fails("hold: null", "r.yaml:1:7: there is no value", "");
	fails("force: yes", "r.yaml:1:8: true or false was expected", "");
	fails("force: 'true'", "r.yaml:1:8: true or false was expected", "");
	fails("time-key: false", "r.yaml:1:11: a text was expected, not false",
		"in quotes, \"false\" is one");
	fails("output: ''", "r.yaml:1:9: it is empty", "");
	fails("inputs: ''", "r.yaml:1:9: it is empty", "");
	fails("inputs: []", "r.yaml:1:9: the list is empty", "");
	fails("inputs: {a: b}", "r.yaml:1:9: a single value was expected, not a mapping", "");
	fails("inputs: [a, [b]]", "r.yaml:1:13: a single value was expected, not a list", "");
}
END_TEST

/* ---- bounds ---- */

/* n times a text, between two others; malloc'd. */
static char *repeated(const char *head, const char *text, size_t n, const char *tail)
{
	char *all = malloc(strlen(head) + n * strlen(text) + strlen(tail) + 1), *at;

	at = stpcpy(all, head);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, text);
	strcpy(at, tail);
	return all;
}

static void fails_repeated(const char *head, const char *text, size_t n, const char *tail,
	const char *message)
{
	char *all = repeated(head, text, n, tail);

	fails(all, message, "");
	free(all);
}

/* Nine mappings that merge ten times the one before: 10^9 of them. */
START_TEST(laughs)
{
	char text[4096];
	size_t at = (size_t)sprintf(text, "runs:\n- &a0 {gain: 1}\n");

	for (int i = 1; i <= 9; i++) {
		at += (size_t)sprintf(text + at, "- &a%d {<<: [", i);
		for (int k = 0; k < 10; k++)
			at += (size_t)sprintf(text + at, "*a%d, ", i - 1);
		at += (size_t)sprintf(text + at, "]}\n");
	}
	ck_assert_int_eq(read_recipe(text), -1);
	ck_assert_str_eq(err.text, "r.yaml:3:28: all anchors and merges together stand for more "
		"than 500000 values");
	/* A list of 1000 values in 1000 places. */
	at = (size_t)sprintf(text, "gain: &g [1");
	for (int i = 1; i < 1000; i++)
		at += (size_t)sprintf(text + at, ",%d", i % 9);
	strcpy(text + at, "]\nruns: [{}");
	/* Two keys, three mappings or lists and 1000 values before, 1002 in each. */
	fails_repeated(text, ",{gain: *g}", 1000, "]",
		"r.yaml:2:5489: all anchors and merges together stand for more than 500000 values");
	/* Mappings without a key count, too. */
	at = (size_t)sprintf(text, "runs:\n- &a0 {}\n");
	for (int i = 1; i <= 9; i++) {
		at += (size_t)sprintf(text + at, "- &a%d {<<: [", i);
		for (int k = 0; k < 10; k++)
			at += (size_t)sprintf(text + at, "*a%d, ", i - 1);
		at += (size_t)sprintf(text + at, "]}\n");
	}
	ck_assert_int_eq(read_recipe(text), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "stand for more than 500000 values"));
}
END_TEST

START_TEST(bounds)
{
	fails_repeated("inputs: ", "[", 20, "", "r.yaml:1:24: this is nested too deeply");
	fails_repeated("inputs: ", "[", 1000000, "", "r.yaml:1:24: this is nested too deeply");
	fails_repeated("inputs:\n", "- ", 1000000, "", "r.yaml:2:31: this is nested too deeply");
	fails_repeated("<<: ", "{<<: ", 20, "", "r.yaml:1:80: this is nested too deeply");
	fails_repeated("inputs: [a", ",a", 200000, "]", "r.yaml:1:400004: the recipe has too many "
		"values");
	fails_repeated("name: ", "a", BL_YAML_BYTES, "", "r.yaml: is longer than 8388608 bytes");
	fails_repeated("runs: [{}", ",{}", 10000, "]",
		"r.yaml:1:7: 1 to 10000 runs were expected, not 10001");
	fails_repeated("copy: [a", ",a", 10000, "]", "r.yaml:1:20008: it is given more than 10000 "
		"times");
	fails_repeated("gain: [1", ",1", 10000, "]", "r.yaml:1:7: more than 10000 values");
}
END_TEST

/* Merges in each other: 16 are allowed, which takes aliases, since so many are not written. */
START_TEST(merge_depth)
{
	char text[2048];
	size_t at = (size_t)sprintf(text, "runs:\n- &a0 {gain: 1}\n");

	for (int i = 1; i <= 16; i++)
		at += (size_t)sprintf(text + at, "- &a%d {<<: *a%d}\n", i, i - 1);
	ck_assert_msg(read_recipe(text) == 0, "%s", err.text);
	ck_assert_uint_eq(recipe.runs, 17);
	ck_assert_double_eq(recipe.run[16].given[BL_OPT_GAIN].value[0].number, 1);
	sprintf(text + at, "- {<<: *a16}\n");
	fails(text, "r.yaml:3:12: merges are nested too deeply", "");
}
END_TEST

/* However a recipe is cut off, it is read or refused. */
START_TEST(cut_off)
{
	static const char text[] =
		"inputs: [\"a\\u00e4*\", b]\noutput: '{name}.h5'\nhalf-life: &h [5, 10%]\n"
		"tensors:\n  - {match: \"*.b\", copy: true}\n"
		"runs:\n  - &a {name: one}\n  - {<<: [*a, {decay: 0.5}], name: two}\n"
		"  - name: |\n      three\n";
	size_t good = 0;

	for (size_t n = 0; n < sizeof text; n++) {
		char *copy = malloc(n + 1); /* so that a byte too far is seen */

		memcpy(copy, text, n);
		forget();
		if (bl_recipe_read(&recipe, copy, n, "r.yaml", "", &err) == 0)
			good++;
		else
			ck_assert_int_eq(err.code, BL_USAGE);
		free(copy);
	}
	ck_assert_uint_gt(good, 5);
	ck_assert_uint_lt(good, 100);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recipe");
	TCase *tc = tcase_create("reading");

	tcase_add_checked_fixture(tc, NULL, forget);
	tcase_add_test(tc, options);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, tensors);
	tcase_add_test(tc, runs);
	tcase_add_test(tc, anchors);
	tcase_add_test(tc, no_yaml);
	tcase_add_test(tc, no_recipe);
	tcase_add_test(tc, laughs);
	tcase_add_test(tc, bounds);
	tcase_add_test(tc, merge_depth);
	tcase_add_test(tc, cut_off);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
