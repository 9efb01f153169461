/* test_align.c - the same tensors in all checkpoints, and what is said where they differ. */
#include "align.h"
#include "models.h"
#include "suite.h"

#include <time.h>

static struct bl_source src[32];
static struct bl_alignment all;
static struct bl_err err;

/* Aligns checkpoints a, b, ... of these tensors; NULL behind the last. */
static void align(const char *const *text)
{
	static char path[32][8];
	size_t n = 0;

	for (; text[n]; n++) {
		snprintf(path[n], sizeof path[n], "%c.st", (int)('a' + n));
		models_make(&src[n], path[n], text[n]);
	}
	if (bl_align(src, n, &all, &err) != 0)
		ck_abort_msg("%s", err.text);
}

static void end(void)
{
	const size_t n = all.sources;

	bl_alignment_free(&all);
	models_free(src, n);
}

#define ALIGN(...) align((const char *const[]){__VA_ARGS__, NULL})

/* The checkpoints are aligned; what is said of them. */
static void says(bool missing_too, const char *text, const char *hint)
{
	memset(&err, 0, sizeof err);
	ck_assert_int_eq(bl_alignment_check(&all, NULL, missing_too, &err), *text ? -1 : 0);
	ck_assert_str_eq(err.text, text);
	ck_assert_str_eq(err.hint, hint);
	if (*text)
		ck_assert_int_eq(err.code, BL_INPUT);
}

#define HINT "--missing=copy, skip or union says what becomes of tensors that are not in all " \
	"checkpoints"

/* "0 2 -": where checkpoint t has the tensors. */
static void places(size_t t, const char *want)
{
	char got[256] = "";
	size_t at = 0;

	for (size_t i = 0; i < all.tensors; i++) {
		const size_t place = bl_aligned_place(&all, t, i);

		at += (size_t)snprintf(got + at, sizeof got - at,
			place == BL_NOWHERE ? "%s-" : "%s%zu", i ? " " : "", place);
	}
	ck_assert_str_eq(got, want);
}

START_TEST(any_order)
{
	ALIGN("n:I64: b:F32:12 w:F32:3x4", "w:F32:3x4 b:F32:12 n:I64:",
		"w:F32:3x4 b:F32:12 n:I64:");
	places(0, "2 1 0");
	places(1, "0 1 2");
	ck_assert_ptr_nonnull(all.map[0]);
	ck_assert(!all.map[1] && !all.map[2]);
	says(true, "", "");
	ck_assert_uint_ge(bl_alignment_bytes(&all), 3 * sizeof(size_t));
	end();
	ALIGN("", "");
	ck_assert_uint_eq(all.tensors, 0);
	says(true, "", "");
	end();
}
END_TEST

/* First the last one's, in its order; then those of the others, the later ones first. */
START_TEST(the_union)
{
	static const char *const name[] = {"w", "v", "d", "c", "a"};

	ALIGN("a:F32: w:F32:", "c:F32: w:F32: a:F32:", "d:F32: c:F32:", "w:F32: v:F32:");
	ck_assert_uint_eq(all.tensors, 5);
	for (size_t i = 0; i < 5; i++)
		ck_assert_str_eq(bl_aligned_tensor(&all, i)->name, name[i]);
	places(0, "1 - - - 0");
	places(1, "1 - - 0 2");
	places(2, "- - 0 1 -");
	places(3, "0 1 - - -");
	ck_assert(all.tensor[0].holders == 3 && all.tensor[0].last == 3);
	ck_assert(all.tensor[3].holders == 2 && all.tensor[3].last == 2);
	ck_assert(all.tensor[4].holders == 2 && all.tensor[4].index == 2);
	end();
}
END_TEST

START_TEST(lists_differences)
{
	ALIGN("w:F32:4x3 h:F32:12 s:F32: t:BF16:12 v:F64:12",
		"w:F32:3x4 v:F32:3x4 g\n:F32:12 s:F32:12 t:F16:12");
	says(true,
		"a.st: w: shape 4x3, but b.st has 3x4\n"
		"a.st: v: shape 12, but b.st has 3x4\n"
		"a.st: g\\n: missing, but b.st has it\n"
		"a.st: s: shape scalar, but b.st has 12\n"
		"a.st: t: type BF16, but b.st has F16\n"
		"a.st: h: not in b.st", HINT);
	says(false,
		"a.st: w: shape 4x3, but b.st has 3x4\n"
		"a.st: v: shape 12, but b.st has 3x4\n"
		"a.st: s: shape scalar, but b.st has 12\n"
		"a.st: t: type BF16, but b.st has F16", "");
	end();
}
END_TEST

/* Each difference once, however many checkpoints it is in. */
START_TEST(tells_once)
{
	ALIGN("w:F32: x:F32:", "x:F32:3 y:F16:", "w:F32: y:F32: x:F32:2", "y:F32:",
		"w:F32: x:F32:2");
	says(true,
		"b.st: w: missing, but e.st has it (1 more checkpoint differs)\n"
		"a.st: x: shape scalar, but e.st has 2 (1 more checkpoint differs)\n"
		"d.st: x: missing, but e.st has it\n"
		"b.st: y: type F16, but d.st has F32\n"
		"b.st: y: not in e.st (2 more checkpoints differ)", HINT);
	end();
}
END_TEST

START_TEST(ignores)
{
	const bool ignored[] = {true, false, true};

	ALIGN("w:F32:3 v:F32: x:F32:", "w:F32: v:F32:");
	memset(&err, 0, sizeof err);
	ck_assert_int_eq(bl_alignment_check(&all, ignored, true, &err), 0);
	end();
}
END_TEST

static size_t count_lines(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

START_TEST(counts_what_it_does_not_list)
{
	for (int missing = 9; missing < 13; missing++) {
		char text[256] = "", want[40];
		size_t at = 0;

		for (int i = 0; i < missing; i++)
			at += (size_t)snprintf(text + at, sizeof text - at, "w%d:F32: ", i);
		ALIGN("extra:F32:", text);
		ck_assert_int_eq(bl_alignment_check(&all, NULL, true, &err), -1);
		ck_assert_uint_eq(count_lines(err.text), missing + 1 <= 10 ? 10 : 11);
		snprintf(want, sizeof want, "\n... and %d more", missing - 9);
		if (missing + 1 > 10)
			ck_assert_str_eq(strrchr(err.text, '\n'), want);
		else
			ck_assert_str_eq(strrchr(err.text, '\n'), "\na.st: extra: not in b.st");
		end();
	}
}
END_TEST

/* Shapes of so many extents that no message has room for them. */
START_TEST(compares_long_shapes)
{
	char ones[700] = "w:F32:1", other[700];

	for (size_t i = 1; i < 300; i++)
		strcat(ones, "x1");
	snprintf(other, sizeof other, "%s", ones);
	other[strlen(other) - 1] = '5';
	ALIGN(ones, ones);
	says(true, "", "");
	end();
	ALIGN(other, ones);
	ck_assert_int_eq(bl_alignment_check(&all, NULL, true, &err), -1);
	ck_assert_int_eq(strncmp(err.text, "a.st: w: shape 1x1x1", 20), 0);
	end();
}
END_TEST

/* Checkpoints that share their tensors are aligned as if each had its own. Digit k of the order
 * says which list checkpoint k has. */
START_TEST(shared_tensors)
{
	static const char *const list[] = {"w:F32:3 v:F32: x:I64:", "v:F32: w:F32:4",
		"x:I64: y:F32:"};
	static const char *const order[] = {"0", "000", "001", "011", "110", "2010", "00011222",
		"2221110", "0101", "12021"};
	const char *const which = order[_i];
	struct bl_source owner[3];
	struct bl_alignment own, lent;

	for (size_t k = 0; k < 3; k++)
		models_make(&owner[k], "owner", list[k]);
	memset(src, 0, sizeof src);
	for (size_t t = 0; which[t]; t++)
		models_make(&src[t], "own", list[which[t] - '0']);
	ck_assert_int_eq(bl_align(src, strlen(which), &own, &err), 0);
	for (size_t t = 0; which[t]; t++) {
		src[8 + t].path = "lent";
		bl_catalog_lend(&owner[which[t] - '0'].cat, &src[8 + t].cat);
	}
	ck_assert_int_eq(bl_align(src + 8, strlen(which), &lent, &err), 0);
	ck_assert_uint_eq(own.tensors, lent.tensors);
	ck_assert_uint_le(bl_alignment_bytes(&lent), bl_alignment_bytes(&own));
	for (size_t i = 0; i < own.tensors; i++) {
		ck_assert_uint_eq(own.tensor[i].last, lent.tensor[i].last);
		ck_assert_uint_eq(own.tensor[i].index, lent.tensor[i].index);
		ck_assert_uint_eq(own.tensor[i].holders, lent.tensor[i].holders);
		ck_assert_int_eq(own.tensor[i].differs, lent.tensor[i].differs);
		for (size_t t = 0; which[t]; t++) {
			ck_assert_uint_eq(bl_aligned_place(&own, t, i),
				bl_aligned_place(&lent, t, i));
			ck_assert_int_eq(!own.map[t], !lent.map[t]);
		}
	}
	bl_alignment_free(&own);
	bl_alignment_free(&lent);
	models_free(src, 16);
	models_free(owner, 3);
}
END_TEST

/* As many tensors as a large model has, in reversed order: far from quadratic. */
START_TEST(aligns_many)
{
	enum { MANY = 20000 };
	char name[64];
	clock_t start;

	memset(src, 0, sizeof src);
	src[0].path = "a";
	src[1].path = "b";
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "model.layers.%d.self_attn.q_proj.weight", i);
		models_add(&src[1].cat, name, BL_BF16, "3x4");
		snprintf(name, sizeof name, "model.layers.%d.self_attn.q_proj.weight",
			MANY - 1 - i);
		models_add(&src[0].cat, name, BL_BF16, "3x4");
	}
	src[0].cat.tensor[7].name = "b";
	start = clock();
	ck_assert_int_eq(bl_align(src, 2, &all, &err), 0);
	ck_assert_msg(clock() - start < CLOCKS_PER_SEC / 2, "aligning takes too long");
	for (size_t i = 0; i < MANY; i++)
		ck_assert_uint_eq(bl_aligned_place(&all, 0, i),
			i == MANY - 8 ? BL_NOWHERE : MANY - 1 - i);
	says(true, "a: model.layers.19992.self_attn.q_proj.weight: missing, but b has it\n"
		"a: b: not in b", HINT);
	end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("align");
	TCase *t = tcase_create("align");

	tcase_add_test(t, any_order);
	tcase_add_test(t, the_union);
	tcase_add_test(t, lists_differences);
	tcase_add_test(t, tells_once);
	tcase_add_test(t, ignores);
	tcase_add_test(t, counts_what_it_does_not_list);
	tcase_add_test(t, compares_long_shapes);
	tcase_add_loop_test(t, shared_tensors, 0, 10);
	tcase_add_test(t, aligns_many);
	suite_add_tcase(s, t);
	return suite_run(s);
}
