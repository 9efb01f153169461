/* test_golden.c - the digests of checkpoints as text: made, read, refused, compared. */
#include "golden.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct bl_err err;

#define A "116955f61c72e2d547be1c34d584a739  a\n"
#define B "595419054f1ea14ca81ea93125a7843a  conv.bias\n"
#define AB "4ae7e94e52a9d1d186906f3176dc068d  /\n" /* by the page of Python in belay-show(1) */
#define HEAD "belay-digest-1\n"
#define WHOLE HEAD "checkpoint 100 x/ckpt_100.h5\n" A B AB

static int reads(const char *text, size_t n, struct bl_goldens *g)
{
	char *copy = malloc(n + 1);
	FILE *from;
	int rc;

	memcpy(copy, text, n);
	from = fmemopen(copy, n, "r");
	ck_assert_ptr_nonnull(from);
	memset(g, 0, sizeof *g);
	memset(&err, 0, sizeof err);
	rc = bl_goldens_read(g, from, &err);
	fclose(from);
	free(copy);
	return rc;
}

/* Two tensors and one of strings make a text, which makes the same again. */
START_TEST(made)
{
	struct bl_tensor tensor[] = {
		{.name = "conv/bias"}, {.name = "s", .dtype = BL_OTHER}, {.name = "a"}};
	const struct bl_catalog cat = {.tensor = tensor, .tensors = 3};
	static const bool skipped[] = {false, true, false};
	struct bl_digest digest[3] = {{{0}}};
	struct bl_golden g[2] = {{0}};
	struct bl_goldens again;
	const int64_t time = 100;
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	ck_assert(bl_digest_parse(B, &digest[0]));
	ck_assert(bl_digest_parse(A, &digest[2]));
	ck_assert_int_eq(bl_golden_make(
		&g[0], "x/ckpt\n_100.h5", &time, &cat, NULL, digest, &err), 0);
	ck_assert_int_eq(bl_golden_make(&g[1], "y", NULL, &cat, skipped, digest, &err), 0);
	bl_golden_text(to, g, 2);
	fclose(to);
	ck_assert_str_eq(text, HEAD "checkpoint 100 x/ckpt\\n_100.h5\n" A B
		"# left out, it holds no numbers: s\n" AB
		"checkpoint - y\n" A B AB);
	ck_assert_int_eq(reads(text, size, &again), 0);
	ck_assert_uint_eq(again.n, 2);
	ck_assert(again.of[0].timed && again.of[0].time == 100 && !again.of[1].timed);
	ck_assert_str_eq(again.of[0].path, "x/ckpt\\n_100.h5");
	ck_assert_uint_eq(again.of[1].lines, 2);
	ck_assert_mem_eq(&again.of[1].digest, &g[0].digest, sizeof g[0].digest);
	bl_golden_free(&g[0]);
	bl_golden_free(&g[1]);
	bl_goldens_free(&again);
	free(text);
}
END_TEST

static void accepts(const char *text)
{
	struct bl_goldens g;

	if (reads(text, strlen(text), &g) != 0)
		ck_abort_msg("%s: %s", text, err.text);
	bl_goldens_free(&g);
}

static void refuses(const char *text, size_t n, const char *why)
{
	struct bl_goldens g;

	ck_assert_int_eq(reads(text, n, &g), -1);
	ck_assert_str_eq(err.text, why);
	ck_assert_int_eq(err.code, BL_INPUT);
	bl_goldens_free(&g);
}

START_TEST(accepted)
{
	accepts(WHOLE);
	accepts(HEAD "\n# words\ncheckpoint -5 x\n\n" B "# more\n" A AB "\n"); /* in any order */
	accepts("belay-digest-1\r\ncheckpoint - a b\r\n"
		"99aa06d3014798d86001c324468d497f  /\r\n");
	accepts(HEAD "checkpoint - x\n" A B "4ae7e94e52a9d1d186906f3176dc068d  /");
}
END_TEST

#define REFUSES(text, why) refuses(text, sizeof text - 1, why)

START_TEST(refused)
{
	REFUSES("\n", "line 1: \"belay-digest-1\" was expected");
	REFUSES("belay-digest-2\n", "line 1: \"belay-digest-1\" was expected");
	REFUSES("\x89HDF\r\n\x1a\n", "line 1: \"belay-digest-1\" was expected");
	REFUSES(HEAD, "has no checkpoints");
	REFUSES(HEAD "checkpoint 100 x\n" A, "line 3: the file is cut short");
	REFUSES(HEAD "checkpoint 100 x\n" A "checkpoint 200 x\n",
		"line 4: the part before it has no end");
	REFUSES(HEAD "checkpoint x\n", "line 2: a time and a path were expected");
	REFUSES(HEAD "checkpoint 1\n", "line 2: a time and a path were expected");
	REFUSES(HEAD "checkpoint 1 \n", "line 2: a time and a path were expected");
	REFUSES(HEAD "checkpoint 1x y\n", "line 2: a time and a path were expected");
	REFUSES(HEAD "checkpoint 99999999999999999999 y\n",
		"line 2: a time and a path were expected");
	REFUSES(HEAD A, "line 2: a line \"checkpoint\" was expected");
	REFUSES(WHOLE A, "line 6: a line \"checkpoint\" was expected");
	REFUSES(HEAD "checkpoint 1 x\n116955f61c72e2d547be1c34d584a739 a\n",
		"line 3: 32 hexadecimal digits, two blanks and a name were expected");
	REFUSES(HEAD "checkpoint 1 x\n116955f61c72e2d547be1c34d584a7399  a\n",
		"line 3: 32 hexadecimal digits, two blanks and a name were expected");
	REFUSES(HEAD "checkpoint 1 x\n116955F61c72e2d547be1c34d584a739  a\n",
		"line 3: 32 hexadecimal digits, two blanks and a name were expected");
	REFUSES(HEAD "checkpoint 1 x\n" A "\0" B AB, "line 4: has a byte 0");
	REFUSES(HEAD "checkpoint 1 x\n" A AB,
		"line 4: is not the digest of the lines before it");
	REFUSES(HEAD "checkpoint 1 x\n" A A B AB,
		"line 6: is not the digest of the lines before it");
}
END_TEST

/* ---- comparing ---- */

/* What has changed between two lists, as a word: "a<" is missing, "a>" new, "a!" another. */
static void changes(const char *was, const char *is, const char *want)
{
	struct bl_golden g[2] = {{0}};
	struct bl_digest_line line[2][8] = {{{.name = NULL}}};
	char name[2][8][2] = {{{0}}}, got[64] = "";
	struct bl_golden_walk w = {&g[0], &g[1], 0, 0};
	const char *text[2] = {was, is}, *of;
	enum bl_golden_change change;

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; text[i][2 * k]; k++) { /* a name and a digest, a byte each */
			name[i][k][0] = text[i][2 * k];
			line[i][k].name = name[i][k];
			line[i][k].digest.byte[15] = (unsigned char)text[i][2 * k + 1];
			g[i].line = line[i];
			g[i].lines = k + 1;
		}
	while ((change = bl_golden_next(&w, &of)) != BL_GOLDEN_NONE) {
		strcat(got, of);
		strcat(got, change == BL_GOLDEN_MISSING ? "<" :
			change == BL_GOLDEN_NEW ? ">" : "!");
	}
	ck_assert_str_eq(got, want);
}

START_TEST(compared)
{
	changes("", "", "");
	changes("a1b2", "a1b2", "");
	changes("a1b2c3", "a1b9c3", "b!");
	changes("a1b2c3", "b2", "a<c<");
	changes("b2", "a1b2c3", "a>c>");
	changes("a1b2", "b3c4", "a<b!c>");
	changes("a1a2", "a1a2", "");
	changes("a1", "a1a2", "a>");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("golden");
	TCase *tc = tcase_create("golden");

	tcase_add_test(tc, made);
	tcase_add_test(tc, accepted);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, compared);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
