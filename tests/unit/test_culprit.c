/* test_culprit.c - the file and the tensor that a message is about. */
#include "culprit.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct bl_tensor tensor[] = {{.name = "w"}, {.name = "w: b"}, {.name = "n\n"}};
static struct bl_source source[] = {{.path = "a", .cat = {.tensor = tensor, .tensors = 3}}};
static char word[][16] = {"belay-avg", "a", "b c.yaml", "-x"};
static char *const argv[] = {word[0], word[1], word[2], word[3], NULL};
static char output[] = "o";
static const char *operand[] = {"a", "a: b", "d/", "odd\n"};
static const struct bl_args args = {.operand = operand, .operands = 4};
static const struct bl_inputs in = {.source = source, .n = 1};
static struct bl_case cases[] = {{.output = output}};

static void find(const char *message, const char *file, const char *name)
{
	struct bl_settings s = {0};
	struct bl_err err = {0};
	struct bl_culprit c;

	ck_assert_int_eq(bl_settings_set(&s, "weights", "list.tsv", "--weights", &err), 0);
	ck_assert_int_eq(bl_settings_set(&s, "state", "st", "--state", &err), 0);
	bl_culprit_find(&c, &(struct bl_suspects){4, argv, &s, &args, &in, cases, 1}, message);
	ck_assert_str_eq(c.file, file);
	ck_assert_str_eq(c.tensor, name);
	bl_settings_free(&s);
}

START_TEST(files)
{
	find("", "", "");
	find("out of memory", "", "");
	find("a: is damaged", "a", "");
	find("a", "", "");
	find("a and b are the same file", "", "");
	find("ab: is damaged", "", "");
	find("a: b: is damaged", "a: b", ""); /* the longest */
	find("d/: is empty", "d/", "");
	find("odd\\n: is damaged", "odd\n", "");
	find("o: exists already", "o", "");
	find("b c.yaml:3:1: unknown key", "b c.yaml", "");
	find("b c.yaml: No such file or directory", "b c.yaml", "");
	find("-x: there is no such option", "", "");
	find("list.tsv:3: no weight", "list.tsv", "");
	find("list.tsv:x", "", "");
	find("st: is no state", "st", "");
}
END_TEST

START_TEST(tensors)
{
	find("a: w: has another shape", "a", "w");
	find("a: w:b", "a", "");
	find("o: n\\n: is too large", "o", "n\n");
	find("w: is too large", "", "w");
	find("a: x: is too large", "a", "");
}
END_TEST

START_TEST(nobody)
{
	struct bl_culprit c;

	bl_culprit_find(&c, &(struct bl_suspects){.settings = NULL}, "a: w: is damaged");
	ck_assert_str_eq(c.file, "");
	ck_assert_str_eq(c.tensor, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("culprit");
	TCase *tc = tcase_create("culprit");

	tcase_add_test(tc, files);
	tcase_add_test(tc, tensors);
	tcase_add_test(tc, nobody);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
