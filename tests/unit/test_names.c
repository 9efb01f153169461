/* test_names.c - names from one spelling to the other and back. */
#include "json.h"
#include "models.h"
#include "names.h"
#include "suite.h"
#include "utf8.h"

#define MOST 24   /* names at once */
#define LONGEST 9 /* bytes of a random name */

/* The names of a file, and what is recorded beside them. */
struct file {
	const char *name[MOST];
	size_t n;
	const char *record;
	bool dotted;
};

static struct bl_catalog memory;
static struct bl_err err;

static void forget(void)
{
	bl_catalog_free(&memory);
	memset(&err, 0, sizeof err);
}

/* Spells the names of a file anew; where record is false, without what is recorded. */
static int spell(const struct file *from, bool record, struct file *to)
{
	struct bl_tensor tensor[MOST] = {{.name = NULL}};

	*to = (struct file){.n = from->n, .dotted = !from->dotted};
	for (size_t i = 0; i < from->n; i++)
		tensor[i].name = from->name[i];
	return bl_names_spell(tensor, from->n, record ? from->record : NULL, to->dotted, to->name,
		&memory, &err);
}

/* The same as another file: names and record. false: its names clash. */
static bool transfer(const struct file *from, struct file *to)
{
	struct bl_clash clash;

	if (spell(from, true, to) != 0)
		ck_abort_msg("%s", err.text);
	ck_assert_int_eq(bl_names_clash(to->name, to->n, to->dotted, &clash, &err), 0);
	if (clash.found)
		return false;
	ck_assert_int_eq(bl_names_record(to->name, from->name, to->n, to->dotted, &to->record,
		&memory, &err), 0);
	return true;
}

/* One name by the rule alone, and what is recorded then. */
static void becomes(bool dotted, const char *name, const char *want, const char *record)
{
	const struct file from = {{name}, 1, NULL, !dotted};
	struct file to, back;

	ck_assert(transfer(&from, &to));
	ck_assert_str_eq(to.name[0], want);
	if (!record)
		ck_assert_ptr_null(to.record);
	else
		ck_assert_str_eq(to.record, record);
	ck_assert(transfer(&to, &back));
	ck_assert_str_eq(back.name[0], name);
	ck_assert_ptr_null(back.record);
	forget();
}

START_TEST(paths_to_dots)
{
	becomes(true, "w", "w", NULL);
	becomes(true, "layers/dense/vars/0", "layers.dense.vars.0", NULL);
	becomes(true, "a/_/b", "a._.b", NULL);
	becomes(true, "\xc3\xa9/\xe2\x82\xac", "\xc3\xa9.\xe2\x82\xac", NULL);
	becomes(true, "%ff/100%", "%ff.100%", NULL);
	becomes(true, "w.b", "w.b", "{\"w.b\":\"w.b\"}");
	becomes(true, "dense/kernel:0.5", "dense.kernel:0.5",
		"{\"dense.kernel:0.5\":\"dense/kernel:0.5\"}");
	becomes(true, "..", "..", "{\"..\":\"..\"}");
	becomes(true, "../w", "...w", "{\"...w\":\"../w\"}");
	becomes(true, "a\xff/b", "a%ff.b", "{\"a%ff.b\":{\"hex\":\"61ff2f62\"}}");
	becomes(true, "\xc3", "%c3", "{\"%c3\":{\"hex\":\"c3\"}}");
	becomes(true, "\"\\\n", "\"\\\n", NULL);
	becomes(true, ".\"\n", ".\"\n", "{\".\\\"\\n\":\".\\\"\\n\"}");
	becomes(true, "__metadata__", "__metadata___", "{\"__metadata___\":\"__metadata__\"}");
	becomes(true, "__metadata___", "__metadata___", NULL);
	becomes(true, "__metadata__/w", "__metadata__.w", NULL);
}
END_TEST

START_TEST(dots_to_paths)
{
	becomes(false, "w", "w", NULL);
	becomes(false, "model.layers.0.weight", "model/layers/0/weight", NULL);
	becomes(false, "a/b.c", "a/b/c", "{\"a/b/c\":\"a/b.c\"}");
	becomes(false, "", "_", "{\"_\":\"\"}");
	becomes(false, ".", "_/_", "{\"_/_\":\".\"}");
	becomes(false, "..", "_/_/_", "{\"_/_/_\":\"..\"}");
	becomes(false, "/", "_/_", "{\"_/_\":\"/\"}");
	becomes(false, ".w", "_/w", "{\"_/w\":\".w\"}");
	becomes(false, "w.", "w/_", "{\"w/_\":\"w.\"}");
	becomes(false, "a..b", "a/_/b", "{\"a/_/b\":\"a..b\"}");
	becomes(false, "a/./b", "a/_/_/b", "{\"a/_/_/b\":\"a/./b\"}");
	becomes(false, "_._", "_/_", NULL);
	becomes(false, "\xc3\xa9.\x7f", "\xc3\xa9/\x7f", NULL);
}
END_TEST

/* What stands beside names by a record, however damaged. */
static void says(bool dotted, const char *record, const char *name, const char *want)
{
	const struct file from = {{name}, 1, record, !dotted};
	struct file to;

	if (spell(&from, true, &to) == 0) {
		ck_assert_str_eq(to.name[0], want);
	} else {
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_str_eq(err.text, want);
	}
	forget();
}

#define DAMAGED "its record of names (belay.names) is damaged: "

START_TEST(records)
{
	says(false, "{}", "a.b", "a/b");
	says(false, "{\"a.b\":\"x\",\"c\":\"y\"}", "a.b", "x");
	says(false, "{\"a.b\":\"x\",\"c\":\"y\"}", "c", "y");
	says(false, "{\"a.b\":\"x\",\"c\":\"y\"}", "d", "d");
	says(false, " { \"a\\u002eb\" : \"\\u0078\" } ", "a.b", "x");
	says(false, "{\"a\":{\"hex\":\"ff2f00\"}}", "a", "a"); /* it ends before the NUL */
	says(false, "{\"a\":{\"hex\":\"ff2f62\"}}", "a", "\xff/b");
	/* what the spelling does not allow */
	says(false, "{\"a.b\":\"\"}", "a.b", "a/b");
	says(false, "{\"a.b\":\"/x\"}", "a.b", "a/b");
	says(false, "{\"a.b\":\"x/\"}", "a.b", "a/b");
	says(false, "{\"a.b\":\"x//y\"}", "a.b", "a/b");
	says(false, "{\"a.b\":\"x/./y\"}", "a.b", "a/b");
	says(false, "{\"a.b\":\".\"}", "a.b", "a/b");
	says(false, "{\"a.b\":\"x/../y\"}", "a.b", "x/../y");
	says(true, "{\"a/b\":\"__metadata__\"}", "a/b", "a.b");
	says(true, "{\"a/b\":{\"hex\":\"ff\"}}", "a/b", "a.b");
	says(true, "{\"a/b\":\"\"}", "a/b", "");
	/* what is none */
	says(false, "", "a", DAMAGED "byte 0: it ends where a value should be");
	says(false, "[]", "a", DAMAGED "an array is not expected there");
	says(false, "\"a\"", "a", DAMAGED "a string is not expected there");
	says(false, "{\"a\":1}", "a", DAMAGED "an integer is not expected there");
	says(false, "{\"a\":{}}", "a", DAMAGED "the end of an object is not expected there");
	says(false, "{\"a\":{\"hax\":\"\"}}", "a", DAMAGED "a key is not expected there");
	says(false, "{\"a\":{\"hex\":1}}", "a", DAMAGED "an integer is not expected there");
	says(false, "{\"a\":{\"hex\":\"61\",\"hex\":\"61\"}}", "a",
		DAMAGED "a key is not expected there");
	says(false, "{\"a\":{\"hex\":\"6\"}}", "a", DAMAGED "half a byte is missing");
	says(false, "{\"a\":{\"hex\":\"6A\"}}", "a", DAMAGED "\"6A\" is no hexadecimal number");
	says(false, "{\"a\":\"b\"", "a",
		DAMAGED "byte 8: it ends where ',' or '}' should be");
	says(false, "{\"a\":\"b\"}x", "a",
		DAMAGED "byte 9: 'x' stands where nothing more should be");
}
END_TEST

static void clashes(bool dotted, const char *const *name, size_t n, bool group, size_t first,
	size_t second)
{
	struct bl_clash c;

	ck_assert_int_eq(bl_names_clash(name, n, dotted, &c, &err), 0);
	if (first == BL_NOWHERE) {
		ck_assert(!c.found);
		return;
	}
	ck_assert(c.found);
	ck_assert_int_eq(c.group, group);
	ck_assert_uint_eq(c.first, first);
	ck_assert_uint_eq(c.second, second);
}

/* What would take much memory is refused: long names, and long records. */
START_TEST(bounds)
{
	const size_t name = (size_t)1 << 20, record = (size_t)8 << 20;
	struct bl_tensor t = {0};
	struct bl_catalog names = {0};
	const char *spelled;
	char *text = malloc(record + 2);

	memset(text, 'n', record + 1);
	text[name] = '\0';
	t.name = text;
	ck_assert_int_eq(bl_names_spell(&t, 1, NULL, false, &spelled, &names, &err), 0);
	ck_assert_str_eq(spelled, text);
	memcpy(text + name, "n", 2);
	ck_assert_int_eq(bl_names_spell(&t, 1, NULL, false, &spelled, &names, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	t.name = "w";
	memset(text, ' ', record + 1);
	memcpy(text, "{}", 2);
	text[record] = '\0';
	ck_assert_int_eq(bl_names_spell(&t, 1, text, false, &spelled, &names, &err), 0);
	memcpy(text + record, " ", 2);
	ck_assert_int_eq(bl_names_spell(&t, 1, text, false, &spelled, &names, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text, "its record of names (belay.names) is damaged: it has over "
		"8388608 bytes");
	bl_catalog_free(&names);
	free(text);
}
END_TEST

/* Each group counts once, however many paths lead through it. */
START_TEST(groups)
{
	static const struct {
		const char *name[4];
		size_t groups;
	} some[] = {
		{{NULL}, 0},
		{{"a", "b"}, 0},
		{{"a/b/c", "a/b/d", "a/e"}, 2},
		{{"a/b/c", "ab/b/c", NULL, "a!/b"}, 5},
		{{"x/y/z", "x/z/y", "y"}, 3},
	};

	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		struct bl_clash c;

		ck_assert_int_eq(bl_names_clash(some[i].name, 4, false, &c, &err), 0);
		ck_assert(!c.found);
		ck_assert_uint_eq(c.groups, some[i].groups);
	}
}
END_TEST

START_TEST(clashing)
{
	clashes(false, NULL, 0, false, BL_NOWHERE, 0);
	clashes(false, (const char *[]){"b", "a", "b"}, 3, false, 0, 2);
	clashes(true, (const char *[]){"b", "a", "b"}, 3, false, 0, 2);
	clashes(true, (const char *[]){"b", "a", NULL}, 3, false, BL_NOWHERE, 0);
	clashes(false, (const char *[]){"a/b", "a-", "a"}, 3, true, 2, 0);
	clashes(true, (const char *[]){"a/b", "a-", "a"}, 3, true, BL_NOWHERE, 0);
	clashes(false, (const char *[]){"a/b/c", "a!", "a/b!", "a/b"}, 4, true, 3, 0);
	clashes(false, (const char *[]){"a/b", "ab", "a\x01", "\x01"}, 4, false, BL_NOWHERE, 0);
	clashes(false, (const char *[]){"a/b", NULL, "a/c", "b"}, 4, false, BL_NOWHERE, 0);
}
END_TEST

START_TEST(catalogues)
{
	struct bl_catalog cat = {0}, lent = {0};

	models_add(&cat, "a.b", BL_F32, "2");
	models_add(&cat, "a", BL_F32, "2");
	ck_assert_int_eq(bl_catalog_reserve(&cat, 0, 1, &err), 0);
	cat.meta[cat.metas++] = (struct bl_meta){.key = BL_NAMES, .value = "{\"a\":\"a/b/c\"}"};
	ck_assert_int_eq(bl_names_adopt(&cat, false, &err), 0); /* a group may be in the way */
	ck_assert_str_eq(cat.tensor[0].name, "a/b");
	ck_assert_str_eq(cat.tensor[1].name, "a/b/c");
	cat.meta[0].value = "{\"a/b/c\":\"a.b\"}";
	ck_assert_int_ne(bl_names_adopt(&cat, true, &err), 0);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text, "a/b and a/b/c would both be a.b");
	ck_assert_str_eq(cat.tensor[0].name, "a/b");
	bl_catalog_lend(&cat, &lent);
	ck_assert_int_eq(bl_names_adopt(&lent, true, &err), 0);
	ck_assert_str_eq(lent.tensor[0].name, "a.b");
	ck_assert_str_eq(cat.tensor[0].name, "a/b"); /* the owner's are as they were */
	bl_catalog_free(&lent);
	bl_catalog_free(&cat);
}
END_TEST

/* ---- any names at all ---- */

static uint32_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random_state * n >> 32);
}

/* A name of bytes that matter, or of any. */
static const char *random_name(bool dotted)
{
	static const char odd[] = "a.._/%f\xff\xc3\xa9\"\\\n";
	char name[LONGEST + 1] = "";
	const size_t n = random_below(LONGEST + 1);

	if (random_below(50) == 0)
		return "__metadata__";
	for (size_t i = 0; i < n; i++)
		name[i] = random_below(8) ? odd[random_below(sizeof odd - 1)]
			: (char)(1 + random_below(255));
	if (dotted && !bl_is_utf8(name))
		return "a\xc3\xa9";
	return bl_catalog_text(&memory, name, n, &err);
}

/* Can a file of libhdf5 have a dataset of this name? */
static bool is_path(const char *name)
{
	const size_t n = strlen(name);

	return n > 0 && name[0] != '/' && name[n - 1] != '/' && !strstr(name, "//") &&
		!strstr(name, "/./") && strcmp(name, ".") != 0 && strncmp(name, "./", 2) != 0 &&
		!(n >= 2 && strcmp(name + n - 2, "/.") == 0);
}

/* Names that one file can hold. */
static void random_file(struct file *f, bool dotted)
{
	const size_t n = 1 + random_below(MOST);
	struct bl_clash clash;

	*f = (struct file){.dotted = dotted};
	while (f->n < n) {
		const char *name = random_name(dotted);

		if (dotted ? strcmp(name, "__metadata__") == 0 : !is_path(name))
			continue;
		f->name[f->n++] = name;
		ck_assert_int_eq(bl_names_clash(f->name, f->n, dotted, &clash, &err), 0);
		f->n -= clash.found;
		if (clash.found && random_below(4) == 0)
			break;
	}
}

/* What is there and back is the same, and nothing is recorded then. */
START_TEST(there_and_back)
{
	const bool dotted = _i == 0;
	unsigned passed = 0, recorded = 0;

	for (random_state = 0; passed < 3000;) {
		const uint32_t seed = random_state;
		struct file from, to, back;

		random_file(&from, dotted);
		if (transfer(&from, &to)) {
			for (size_t i = 0; i < to.n; i++)
				ck_assert(!dotted ? bl_is_utf8(to.name[i]) : is_path(to.name[i]));
			ck_assert(transfer(&to, &back));
			for (size_t i = 0; i < from.n; i++)
				ck_assert_msg(strcmp(back.name[i], from.name[i]) == 0,
					"seed %u: %s became %s", seed, from.name[i], back.name[i]);
			ck_assert_ptr_null(back.record);
			/* the record is there where the rule would not do */
			ck_assert_int_eq(spell(&to, false, &back), 0);
			bool same = true;
			for (size_t i = 0; i < from.n; i++)
				same = same && strcmp(back.name[i], from.name[i]) == 0;
			ck_assert(same == (to.record == NULL));
			recorded += !same;
			passed++;
		}
		forget();
	}
	ck_assert_uint_gt(recorded, 100);
	ck_assert_uint_lt(recorded, 2990);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("names");
	TCase *t = tcase_create("names");

	tcase_add_test(t, paths_to_dots);
	tcase_add_test(t, dots_to_paths);
	tcase_add_test(t, records);
	tcase_add_test(t, clashing);
	tcase_add_test(t, groups);
	tcase_add_test(t, bounds);
	tcase_add_test(t, catalogues);
	tcase_add_loop_test(t, there_and_back, 0, 2);
	suite_add_tcase(s, t);
	return suite_run(s);
}
