/*
 * target_words.c - fuzzes the readers of smaller texts.
 *
 * The first letter of an input chooses who reads the rest:
 *   g  a list of digests (golden.h)          j  JSON, and what is printed of it (json.h)
 *   l  a list of files (--files-from)        m  numbers for checkpoints (--metrics)
 *   n  a record of names, then names, a line each (names.h)
 *   s  what a growing run keeps (state.h)    t  names of checkpoints, a line each (timename.h)
 */
#include "config.h"

#include "fuzz.h"
#include "golden.h"
#include "json.h"
#include "lists.h"
#include "metrics.h"
#include "names.h"
#include "state.h"
#include "timename.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINES 64

/* Cuts a text into lines; returns how many they are. */
static size_t cut(char *text, const char *line[LINES])
{
	size_t n = 0;

	while (text && n < LINES) {
		char *end = strchr(text, '\n');

		line[n++] = text;
		if (end)
			*end++ = '\0';
		text = end;
	}
	return n;
}

static void read_golden(char *text, size_t size)
{
	struct bl_goldens g = {0};
	struct bl_err err = {0};
	FILE *from = fmemopen(text, size ? size : 1, "r");

	fuzz_must(from != NULL, "there is memory for a stream");
	if (bl_goldens_read(&g, from, &err) != 0)
		fuzz_must_say(&err);
	bl_goldens_free(&g);
	fclose(from);
}

/* Prints what is scanned; what comes out must be the same tokens. */
static char *printed(const char *text, size_t size)
{
	struct bl_json j;
	struct bl_err err = {0};
	char *out = NULL;
	size_t length;
	struct bl_json_printer p = {.to = open_memstream(&out, &length)};
	enum bl_json_token token;

	fuzz_must(p.to != NULL, "there is memory for a text");
	bl_json_init(&j, text, size);
	while ((token = bl_json_next(&j, &err)) != BL_JSON_END && token != BL_JSON_FAIL) {
		char *string = malloc(j.size + 1);
		const size_t n = token == BL_JSON_STRING || token == BL_JSON_KEY ?
			bl_json_text(&j, string) : 0;

		switch (token) {
		case BL_JSON_OBJECT: bl_json_begin_object(&p); break;
		case BL_JSON_OBJECT_END: bl_json_end_object(&p); break;
		case BL_JSON_ARRAY: bl_json_begin_array(&p); break;
		case BL_JSON_ARRAY_END: bl_json_end_array(&p); break;
		case BL_JSON_KEY:
			bl_json_key(&p, string);
			break;
		case BL_JSON_STRING: bl_json_put_string(&p, string, n); break;
		case BL_JSON_INTEGER:
			if (j.negative)
				bl_json_put_signed(&p, (int64_t)(0 - j.integer));
			else
				bl_json_put_unsigned(&p, j.integer);
			break;
		case BL_JSON_FLOAT: bl_json_put_double(&p, bl_json_number(&j)); break;
		case BL_JSON_TRUE: case BL_JSON_FALSE:
			bl_json_put_bool(&p, token == BL_JSON_TRUE);
			break;
		case BL_JSON_NULL: case BL_JSON_END: case BL_JSON_FAIL:
			bl_json_put_null(&p);
		}
		free(string);
	}
	fclose(p.to);
	if (token == BL_JSON_END)
		return out;
	fuzz_must_say(&err);
	free(out);
	return NULL;
}

static void read_json(char *text, size_t size)
{
	char *once = printed(text, size), *twice = NULL;

	if (once) {
		twice = printed(once, strlen(once));
		fuzz_must(twice && strcmp(once, twice) == 0, "JSON comes back as the same");
	}
	free(once);
	free(twice);
}

static void read_state(char *text, size_t size)
{
	struct bl_state s = {0};
	struct bl_err err = {0};
	char *again;

	(void)size;
	if (bl_state_read(&s, text, &err) != 0) {
		fuzz_must_say(&err);
	} else {
		struct bl_state back = {0};

		again = bl_state_text(&s, &err);
		fuzz_must(again && bl_state_read(&back, again, &err) == 0,
			"a state that was read can be written and read");
		fuzz_must(back.checkpoints == s.checkpoints && back.outputs == s.outputs,
			"nothing of it is lost");
		free(again);
		bl_state_free(&back);
	}
	bl_state_free(&s);
}

static void read_names(char *text, size_t size)
{
	const char *line[LINES] = {NULL}, *name[LINES] = {NULL};
	struct bl_tensor tensor[LINES];
	const size_t n = cut(text, line) - 1;

	(void)size;
	for (int dotted = 0; dotted < 2; dotted++) {
		struct bl_catalog memory = {0};
		struct bl_err err = {0};
		const char *record = NULL;
		struct bl_clash clash;

		memset(tensor, 0, sizeof tensor);
		for (size_t i = 0; i < n; i++)
			tensor[i].name = line[i + 1];
		if (bl_names_spell(tensor, n, line[0][0] ? line[0] : NULL, dotted, name, &memory,
			&err) != 0 || bl_names_clash(name, n, dotted, &clash, &err) != 0 ||
			bl_names_record(name, line + 1, n, dotted, &record, &memory, &err) != 0)
			fuzz_must_say(&err);
		bl_catalog_free(&memory);
	}
}

static void read_times(char *text, size_t size)
{
	const char *line[LINES] = {NULL};
	struct bl_name_time time[LINES];
	enum bl_names names;
	struct bl_err err = {0};
	const size_t n = cut(text, line);

	(void)size;
	if (bl_names_find(line, n, time, &names, &err) != 0) {
		fuzz_must_say(&err);
		return;
	}
	for (size_t i = 0; i < n; i++)
		fuzz_must(!time[i].text || (time[i].text >= line[i] && time[i].length > 0 &&
			time[i].text + time[i].length <= line[i] + strlen(line[i])),
			"the number of a name is in it");
}

/* A file with that text, under a path; one lasts for all inputs. */
static const char *in_file(const char *text, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("words", 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	fuzz_must(fd >= 0 && ftruncate(fd, 0) == 0 &&
		pwrite(fd, text, size, 0) == (ssize_t)size, "there is room for a file");
	return path;
}

static void read_list(char *text, size_t size)
{
	struct bl_settings s = {.program = BL_AVG};
	struct bl_args args = {0};
	struct bl_err err = {0};

	fuzz_must(bl_settings_set(&s, size % 2 ? "files-from" : "files0-from",
		in_file(text, size), "list", &err) == 0, "a list can be asked for");
	if (bl_lists_take(&s, "runs/", &args, NULL, &err) != 0)
		fuzz_must_say(&err);
	bl_args_free(&args);
	bl_settings_free(&s);
}

static void read_metrics(char *text, size_t size)
{
	static const char *const path[] = {"runs/a/ckpt_1.h5", "runs/b/ckpt_1.h5", "runs/ckpt_20"};
	int64_t time[] = {1, 2, 20};
	struct bl_source source[3];
	struct bl_inputs in = {.source = source, .n = 3, .time = time};
	const enum bl_choice choice[3] = {0};
	double metric[3];
	struct bl_err err = {0};

	memset(source, 0, sizeof source);
	for (size_t i = 0; i < 3; i++)
		source[i].path = path[i];
	if (bl_metrics_read(&in, in_file(text, size), size % 2 ? "loss" : NULL, 1.0, choice, metric,
		&err) != 0)
		fuzz_must_say(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		char letter;
		void (*read)(char *text, size_t size);
	} reader[] = {{'g', read_golden}, {'j', read_json}, {'l', read_list}, {'m', read_metrics},
		{'n', read_names}, {'s', read_state}, {'t', read_times}};
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	fuzz_must(text != NULL, "there is memory for a text");
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	for (size_t i = 0; i < sizeof reader / sizeof reader[0]; i++)
		if (reader[i].letter == (char)data[0])
			reader[i].read(text, size - 1);
	free(text);
	return 0;
}
