/* test_event.c - events: one per line, and the words for how a run has ended. */
#include "event.h"
#include "outcome.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

/* What was printed; freed by printed(). */
static struct {
	char *text;
	size_t size;
	struct bl_json_printer j;
} out;

static void begin(void)
{
	memset(&out, 0, sizeof out);
	out.j.to = open_memstream(&out.text, &out.size);
}

static void printed(const char *want)
{
	fclose(out.j.to);
	ck_assert_str_eq(out.text, want);
	free(out.text);
}

#define HEAD(event) "{\"schema\":1,\"event\":\"" event "\",\"program\":\"belay-x\","

START_TEST(starts)
{
	char word[][16] = {"belay-x", "--json", "a\xff\n"};
	char *const argv[] = {word[0], word[1], word[2], NULL};

	begin();
	bl_event_start(&out.j, "belay-x", "1.2", 3, argv);
	printed(HEAD("start") "\"version\":\"1.2\","
		"\"arguments\":[\"--json\",\"a\xef\xbf\xbd\\n\"]}\n");
	begin(); /* a process can be called without its name */
	bl_event_start(&out.j, "belay-x", "1.2", 0, argv);
	printed(HEAD("start") "\"version\":\"1.2\",\"arguments\":[]}\n");
}
END_TEST

START_TEST(remarks)
{
	begin();
	bl_event_remark(&out.j, "belay-x", true, "a\xff", "odd");
	printed(HEAD("warning") "\"path\":\"a\xef\xbf\xbd\",\"path_hex\":\"61ff\","
		"\"message\":\"odd\"}\n");
	begin();
	bl_event_remark(&out.j, "belay-x", false, NULL, "even");
	printed(HEAD("note") "\"path\":null,\"message\":\"even\"}\n");
}
END_TEST

/* The result of a run, from exit_code to signal. */
static void ends(enum bl_exit code, int number, const char *want)
{
	const struct bl_result result = {.code = code, .signal = number};
	char line[512];

	snprintf(line, sizeof line, HEAD("result") "%s,\"message\":null,\"hint\":null,"
		"\"file\":null,\"tensor\":null,\"counts\":{},\"read_bytes\":0,\"written_bytes\":0,"
		"\"seconds\":0,\"peak_memory\":0}\n", want);
	begin();
	bl_event_result(&out.j, "belay-x", &result);
	printed(line);
}

START_TEST(endings)
{
	ends(BL_OK, 0, "\"exit_code\":0,\"status\":\"ok\",\"signal\":null");
	ends(BL_DIFFER, 0, "\"exit_code\":1,\"status\":\"differ\",\"signal\":null");
	ends(BL_USAGE, 0, "\"exit_code\":2,\"status\":\"usage\",\"signal\":null");
	ends(BL_INPUT, 0, "\"exit_code\":3,\"status\":\"input\",\"signal\":null");
	ends(BL_OUTPUT, 0, "\"exit_code\":4,\"status\":\"output\",\"signal\":null");
	ends(BL_LIMIT, 0, "\"exit_code\":5,\"status\":\"limit\",\"signal\":null");
	ends(BL_BUG, 0, "\"exit_code\":6,\"status\":\"bug\",\"signal\":null");
	ends(BL_OK, 15, "\"exit_code\":143,\"status\":\"signal\",\"signal\":15");
	ends(BL_USAGE, 2, "\"exit_code\":130,\"status\":\"signal\",\"signal\":2");
}
END_TEST

START_TEST(result)
{
	const struct bl_count count[] = {{"checkpoints", 3}, {"tensors", UINT64_MAX}};
	const struct bl_result r = {.code = BL_INPUT, .message = "a: b: \"c\"\nd", .hint = "e",
		.file = "a", .tensor = "b", .count = count, .counts = 2, .read_bytes = 1,
		.written_bytes = 2, .seconds = 0.25, .peak_memory = 4096};

	begin();
	bl_event_result(&out.j, "belay-x", &r);
	printed(HEAD("result") "\"exit_code\":3,\"status\":\"input\",\"signal\":null,"
		"\"message\":\"a: b: \\\"c\\\"\\nd\",\"hint\":\"e\",\"file\":\"a\","
		"\"tensor\":\"b\",\"counts\":{\"checkpoints\":3,\"tensors\":18446744073709551615},"
		"\"read_bytes\":1,\"written_bytes\":2,\"seconds\":0.25,\"peak_memory\":4096}\n");
}
END_TEST

START_TEST(failure)
{
	const struct bl_result r = {.code = BL_INPUT, .message = "a: b: c", .hint = "e",
		.file = "a", .tensor = "b", .read_bytes = 1};
	const struct bl_result stopped = {.code = BL_OK, .signal = 15};

	begin();
	bl_event_failure(&out.j, "belay-x", &r);
	printed(HEAD("result") "\"exit_code\":3,\"status\":\"input\",\"signal\":null,"
		"\"message\":\"a: b: c\",\"hint\":\"e\",\"file\":\"a\"}\n");
	begin();
	bl_event_failure(&out.j, "belay-x", &stopped);
	printed(HEAD("result") "\"exit_code\":143,\"status\":\"signal\",\"signal\":15,"
		"\"message\":null,\"hint\":null,\"file\":null}\n");
}
END_TEST

static bool is_event(const char *text)
{
	return bl_event_is(text, strlen(text));
}

START_TEST(knows_its_own)
{
	const char *line = HEAD("start") "\"version\":\"1\"}\n";
	const size_t enough = strlen("{\"schema\":1,\"event\":\"start\",\"program\":\"belay-");

	ck_assert(is_event(line));
	ck_assert(is_event("{\"schema\":12,\"event\":\"start\",\"program\":\"belay-diff\"}"));
	for (size_t n = 0; n < enough; n++)
		ck_assert(!bl_event_is(line, n));
	ck_assert(!is_event(HEAD("result")));
	ck_assert(!is_event("{\"schema\":,\"event\":\"stop\",\"program\":\"belay-avg\"}"));
	ck_assert(!is_event("{\"schema\":1,\"event\":\"start\",\"program\":\"other\"}"));
	ck_assert(!is_event(" {\"schema\":1,\"event\":\"start\",\"program\":\"belay-avg\"}"));
	ck_assert(!is_event("{\n  \"schema\": 1,"));
}
END_TEST

START_TEST(knows_its_table)
{
	char *text = NULL;
	size_t size, n;
	FILE *to = open_memstream(&text, &size);

	bl_outcome_head(to, NULL, 0, false);
	fclose(to);
	ck_assert(bl_outcome_is_table(text, size));
	n = size - 1; /* the end of the line is needed, or more columns */
	ck_assert(!bl_outcome_is_table(text, n));
	text[n] = '\t';
	ck_assert(bl_outcome_is_table(text, size));
	text[n] = 'x';
	ck_assert(!bl_outcome_is_table(text, size));
	ck_assert(!bl_outcome_is_table("output\tstatus\n", 14));
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event");
	TCase *tc = tcase_create("event");

	tcase_add_test(tc, starts);
	tcase_add_test(tc, remarks);
	tcase_add_test(tc, endings);
	tcase_add_test(tc, result);
	tcase_add_test(tc, failure);
	tcase_add_test(tc, knows_its_own);
	tcase_add_test(tc, knows_its_table);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
