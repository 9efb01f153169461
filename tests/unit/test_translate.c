/* test_translate.c - selections for outputs of another format. */
#include "models.h"
#include "names.h"
#include "suite.h"
#include "translate.h"

static bool no_c128(enum bl_dtype dtype)
{
	return dtype <= BL_U64;
}

static const struct bl_format dotted = {.name = "dots", .dotted = true, .holds = no_c128};
static const struct bl_format paths = {.name = "paths"};
static const struct bl_format more_paths = {.name = "more"};

static struct bl_source src[2];
static size_t sources;
static struct bl_selection s;
static struct bl_policy policy;
static struct bl_err err;

/* Checkpoints a and b of these tensors; the second may be NULL: there is only a. */
static void make(const struct bl_format *format, const char *a, const char *b)
{
	sources = b ? 2 : 1;
	models_make(&src[0], "a", a);
	if (b)
		models_make(&src[1], "b", b);
	for (size_t t = 0; t < sources; t++)
		src[t].format = format;
	memset(&policy, 0, sizeof policy);
	memset(&err, 0, sizeof err);
	policy.copy_from = sources - 1;
}

static void add_meta(const char *key, const char *value)
{
	struct bl_catalog *cat = &src[sources - 1].cat;

	ck_assert_int_eq(bl_catalog_reserve(cat, 0, 1, &err), 0);
	cat->meta[cat->metas++] = (struct bl_meta){.key = key, .value = value};
}

static int translate(const struct bl_format *to)
{
	policy.holds = to->holds;
	if (bl_select(src, sources, &policy, &s, &err) != 0)
		ck_abort_msg("%s", err.text);
	return bl_translate(&s, to, &err);
}

static void end(void)
{
	bl_selection_free(&s);
	models_free(src, sources);
}

/* "w.b F32, c.d -": names and types, - for what is left out. */
static void holds(const char *want)
{
	char got[512] = "";
	size_t at = 0;

	for (size_t i = 0; i < s.cat.tensors; i++) {
		const struct bl_tensor *t = &s.cat.tensor[i];

		at += (size_t)snprintf(got + at, sizeof got - at, "%s%s %s", i ? ", " : "", t->name,
			s.skipped[i] ? "-" : bl_dtype(t->dtype)->name);
		if (!s.skipped[i])
			ck_assert(!t->chunk && t->chunks == 0 && t->chunk_count == 0);
	}
	ck_assert_str_eq(got, want);
}

static void keeps(const char *want)
{
	char got[512] = "";
	size_t at = 0;

	for (size_t i = 0; i < s.cat.metas; i++)
		at += (size_t)snprintf(got + at, sizeof got - at, "%s%s=%s", i ? ", " : "",
			s.cat.meta[i].key, s.cat.meta[i].value);
	ck_assert_str_eq(got, want);
}

static void loses(const char *want)
{
	char got[512] = "";
	size_t at = 0;

	for (size_t i = 0; i < s.cat.extras; i++) {
		const struct bl_extra *e = &s.cat.extra[i];

		at += (size_t)snprintf(got + at, sizeof got - at, "%s%u %s (%s)", i ? ", " : "",
			(unsigned)e->n, e->n == 1 ? e->one : e->many, e->first ? e->first : "-");
	}
	ck_assert_str_eq(got, want);
}

static void refuses(const struct bl_format *to, const char *text, const char *hint)
{
	ck_assert_int_ne(translate(to), 0);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text, text);
	ck_assert_str_eq(err.hint, hint);
	end();
}

START_TEST(names_and_metadata)
{
	make(&paths, "l/w:F32:2 l.b:F32:2", "l/w:F32:2 l.b:F32:2 n:I64:");
	add_meta("step", "7");
	add_meta("belay", "{}");
	policy.missing = BL_MISSING_UNION;
	ck_assert_int_eq(translate(&dotted), 0);
	holds("l.w F32, l.b F32, n I64");
	keeps("step=7, belay.names={\"l.b\":\"l.b\"}");
	loses("");
	ck_assert_str_eq(src[1].cat.tensor[0].name, "l/w"); /* the checkpoint's own */
	end();
	make(&dotted, "l.w:F32:2 l.b:F32:2", NULL);
	add_meta(BL_NAMES, "{\"l.b\":\"l.b\"}");
	add_meta("step", "7");
	ck_assert_int_eq(translate(&paths), 0);
	holds("l/w F32, l.b F32");
	keeps("step=7");
	end();
}
END_TEST

/* Both spell names alike. */
START_TEST(same_spelling)
{
	make(&paths, "l/w:F32:2 l.b:F32:2", NULL);
	add_meta(BL_NAMES, "{\"l.b\":\"l.b\"}");
	ck_assert_int_eq(translate(&more_paths), 0);
	holds("l/w F32, l.b F32");
	keeps("belay.names={\"l.b\":\"l.b\"}");
	end();
}
END_TEST

START_TEST(left_out)
{
	const struct bl_extra extra[] = {{"link", "links", 2, "x", false},
		{"byte", "bytes", 1, NULL, false}};

	make(&paths, "w:F32:2 s:F32:2 t:F32:2 k:F32:2 s/t:F32:2", NULL);
	src[0].cat.tensor[1].dtype = src[0].cat.tensor[2].dtype = BL_OTHER;
	src[0].cat.tensor[3].chunk = (const uint64_t[]){1};
	src[0].cat.tensor[3].chunk_count = 1;
	src[0].cat.tensor[3].chunks = 2;
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(bl_catalog_extra(&src[0].cat, &extra[i], &err), 0);
	add_meta("", "no name");
	add_meta("\xff", "latin");
	add_meta("v", "\xff");
	add_meta("w", "\xc3\xa9");
	ck_assert_int_eq(translate(&dotted), 0);
	holds("w F32, s -, t -, k F32, s.t F32");
	keeps("w=\xc3\xa9");
	loses("2 tensors of types that only HDF5 has (s), "
		"3 pieces of metadata that are no text, or without a name (), 2 links (x), "
		"1 byte (-)");
	ck_assert_uint_eq(s.averages, 3);
	ck_assert_uint_eq(s.copies, 0);
	ck_assert_uint_eq(s.skips, 2);
	end();
}
END_TEST

/* What is left out on request is in nobody's way. */
START_TEST(skipped)
{
	struct bl_rule rule[] = {{.fate = BL_FATE_SKIP, .glob = "a.b"},
		{.fate = BL_FATE_SKIP, .glob = "z"}, {.fate = BL_FATE_SKIP, .glob = "o"}};

	make(&paths, "a/b:F32:2 a.b:F32:2 z:C128:2 o:I32:2", NULL);
	src[0].cat.tensor[3].dtype = BL_OTHER;
	src[0].cat.tensor[3].sealed = "nobody can read it";
	policy.rule = rule;
	policy.rules = 3;
	ck_assert_int_eq(translate(&dotted), 0);
	holds("a.b F32, a.b -, z -, o -");
	keeps("");
	loses("");
	end();
}
END_TEST

START_TEST(refused)
{
	make(&paths, "w:F32:2 a/b:F32:2 a.b:F32:2", NULL);
	refuses(&dotted, "a: a/b and a.b: both would be a.b in dots",
		"--skip leaves one of them out");
	make(&dotted, "a.b:F32:2 a:F32:2", NULL);
	refuses(&paths, "a: a and a.b: a would be a tensor and a group in paths",
		"--skip leaves one of them out");
	make(&paths, "z:C128:2", NULL);
	refuses(&dotted, "a: z: type C128, which dots does not have",
		"--dtype=f32 stores it as C64, --skip leaves it out");
	make(&paths, "z:C128:2", NULL);
	policy.rule = &(struct bl_rule){.fate = BL_FATE_COPY, .glob = "z"};
	policy.rules = 1;
	refuses(&dotted, "a: z: type C128, which dots does not have", "--skip leaves it out");
	make(&paths, "n:I32:2", NULL);
	src[0].cat.tensor[0].dtype = BL_OTHER;
	src[0].cat.tensor[0].sealed = "nobody can read it";
	refuses(&dotted, "a: n: nobody can read it", "--skip leaves it out");
	make(&paths, "n:I32:2", NULL);
	add_meta(BL_NAMES, "{");
	refuses(&dotted, "a: its record of names (belay.names) is damaged: byte 1: it ends "
		"where a key in quotes should be", "");
}
END_TEST

START_TEST(retyped)
{
	make(&paths, "z/r:C128:2 w:F64:2", NULL);
	policy.retype = true;
	policy.dtype = BL_F32;
	ck_assert_int_eq(translate(&dotted), 0);
	holds("z.r C64, w F32");
	end();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("translate");
	TCase *t = tcase_create("translate");

	tcase_add_test(t, names_and_metadata);
	tcase_add_test(t, same_spelling);
	tcase_add_test(t, left_out);
	tcase_add_test(t, skipped);
	tcase_add_test(t, refused);
	tcase_add_test(t, retyped);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
