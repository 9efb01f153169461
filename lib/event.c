/* event.c - what a program tells other programs: one event per line. */
#include "event.h"

#include <string.h>

void bl_event_begin(struct bl_json_printer *j, const char *program, const char *event)
{
	bl_json_begin_object(j);
	bl_json_member_count(j, "schema", BL_EVENT_SCHEMA);
	bl_json_member_text(j, "event", event);
	bl_json_member_text(j, "program", program);
}

void bl_event_end(struct bl_json_printer *j)
{
	bl_json_end_object(j);
	putc('\n', j->to);
}

void bl_event_start(struct bl_json_printer *j, const char *program, const char *version, int argc,
	char *const *argv)
{
	bl_event_begin(j, program, "start");
	bl_json_member_text(j, "version", version);
	bl_json_key(j, "arguments");
	bl_json_begin_array(j);
	for (int i = 1; i < argc; i++)
		bl_json_put_text(j, argv[i]);
	bl_json_end_array(j);
	bl_event_end(j);
}

void bl_event_remark(struct bl_json_printer *j, const char *program, bool warning,
	const char *path, const char *message)
{
	bl_event_begin(j, program, warning ? "warning" : "note");
	bl_json_put_name(j, "path", path);
	bl_json_member_text(j, "message", message);
	bl_event_end(j);
}

static const char *word(const struct bl_result *result)
{
	static const char *const of[] = {
		[BL_OK] = "ok",
		[BL_DIFFER] = "differ",
		[BL_USAGE] = "usage",
		[BL_INPUT] = "input",
		[BL_OUTPUT] = "output",
		[BL_LIMIT] = "limit",
		[BL_BUG] = "bug",
	};

	return result->signal ? "signal" : of[result->code];
}

/* Begins the event, with what every program knows. */
static void begin_result(
	struct bl_json_printer *j, const char *program, const struct bl_result *result)
{
	const unsigned code = result->signal ? 128U + (unsigned)result->signal : result->code;

	bl_event_begin(j, program, "result");
	bl_json_member_count(j, "exit_code", code);
	bl_json_member_text(j, "status", word(result));
	bl_json_key(j, "signal");
	if (result->signal)
		bl_json_put_signed(j, result->signal);
	else
		bl_json_put_null(j);
	bl_json_member_text(j, "message", result->message);
	bl_json_member_text(j, "hint", result->hint);
	bl_json_member_text(j, "file", result->file);
}

void bl_event_failure(
	struct bl_json_printer *j, const char *program, const struct bl_result *result)
{
	begin_result(j, program, result);
	bl_event_end(j);
}

void bl_event_result(
	struct bl_json_printer *j, const char *program, const struct bl_result *result)
{
	begin_result(j, program, result);
	bl_json_member_text(j, "tensor", result->tensor);
	bl_json_key(j, "counts");
	bl_json_begin_object(j);
	for (size_t i = 0; i < result->counts; i++)
		bl_json_member_count(j, result->count[i].name, result->count[i].n);
	bl_json_end_object(j);
	bl_json_member_count(j, "read_bytes", result->read_bytes);
	bl_json_member_count(j, "written_bytes", result->written_bytes);
	bl_json_member_double(j, "seconds", result->seconds);
	bl_json_member_count(j, "peak_memory", result->peak_memory);
	bl_event_end(j);
}

/* Passes over a word that text begins with. */
static bool pass(const char **text, size_t *left, const char *expected)
{
	const size_t n = strlen(expected);

	if (*left < n || memcmp(*text, expected, n) != 0)
		return false;
	*text += n;
	*left -= n;
	return true;
}

bool bl_event_is(const char *text, size_t length)
{
	if (!pass(&text, &length, "{\"schema\":"))
		return false;
	while (length > 0 && *text >= '0' && *text <= '9') {
		text++;
		length--;
	}
	return pass(&text, &length, ",\"event\":\"start\",\"program\":\"belay-");
}
