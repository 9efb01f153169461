/* hf_config.c - the type of the weights, as a Hugging Face config.json has it. */
#include "hf_config.h"

#include "json.h"
#include "memory_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As torch calls them; a few writers have "torch." before it. */
static const struct {
	enum bl_dtype dtype;
	const char *name;
} torch[] = {
	{BL_F64, "float64"}, {BL_F32, "float32"}, {BL_F16, "float16"}, {BL_BF16, "bfloat16"},
};

#define TYPES (sizeof torch / sizeof torch[0])
#define PREFIX "torch."

/* A copy in which NaN and Infinity are numbers of the same length, for a scanner to whom they are
 * none; NULL: no memory. */
static char *plain_json(const char *text, size_t length)
{
	static const char *const word[][2] = {{"NaN", "0.0"}, {"Infinity", "0.000000"}};
	char *copy = malloc(length + 1);
	bool quoted = false;

	if (!copy)
		return NULL;
	memcpy(copy, text, length);
	for (size_t i = 0; i < length; i++) {
		quoted ^= text[i] == '"';
		if (quoted && text[i] == '\\')
			i++;
		for (size_t k = 0; k < 2 && !quoted; k++) {
			const size_t n = strlen(word[k][0]);

			if (length - i >= n && memcmp(text + i, word[k][0], n) == 0)
				memcpy(copy + i, word[k][1], n);
		}
	}
	return copy;
}

/* Is the key just read that of a part's configuration? */
static bool is_part(const struct bl_json *j)
{
	static const char end[] = "_config";
	const size_t n = sizeof end - 1;

	return j->size > n && memcmp(j->text + j->start + j->size - n, end, n) == 0 &&
		!bl_json_is(j, "quantization_config");
}

/* Does the string just read name a type of torch's? Then *start is where the name begins. */
static bool names_type(const struct bl_json *j, size_t *start)
{
	const size_t n = strlen(PREFIX);
	const bool prefixed = j->size > n && memcmp(j->text + j->start, PREFIX, n) == 0;
	const size_t size = j->size - (prefixed ? n : 0);

	*start = j->start + (prefixed ? n : 0);
	for (size_t i = 0; i < TYPES; i++)
		if (strlen(torch[i].name) == size &&
			memcmp(j->text + *start, torch[i].name, size) == 0)
			return true;
	return false;
}

/* Writes a text with the type's name in place of others. plain is what there is to be scanned of
 * it. Returns whether that is an object, whole and sound. */
static bool rewrite(FILE *to, const char *text, const char *plain, size_t length, const char *name)
{
	struct bl_err ignored;
	struct bl_json j;
	enum bl_json_token token;
	size_t from = 0, start;
	bool part = false, type = false; /* of the last key */

	bl_json_init(&j, plain, length);
	if (bl_json_next(&j, &ignored) != BL_JSON_OBJECT)
		return false;
	while ((token = bl_json_next(&j, &ignored)) != BL_JSON_END) {
		if (token == BL_JSON_FAIL)
			return false;
		if (token == BL_JSON_KEY) {
			part = j.depth == 1 && is_part(&j);
			type = bl_json_is(&j, "dtype") || bl_json_is(&j, "torch_dtype");
		} else if (token == BL_JSON_STRING && type && names_type(&j, &start)) {
			fwrite(text + from, 1, start - from, to);
			fputs(name, to);
			from = j.start + j.size;
		} else if ((token == BL_JSON_ARRAY || (token == BL_JSON_OBJECT && !part)) &&
			bl_json_skip(&j, &ignored) != 0) {
			return false;
		}
	}
	fwrite(text + from, 1, length - from, to);
	return true;
}

static const char *torch_name(enum bl_dtype dtype)
{
	for (size_t i = 0; i < TYPES; i++)
		if (torch[i].dtype == dtype)
			return torch[i].name;
	return NULL;
}

int bl_hf_config_retype(char **text, size_t *length, enum bl_dtype dtype, struct bl_err *err)
{
	const char *name = torch_name(dtype);
	char *plain, *changed = NULL;
	size_t size = 0;
	FILE *to;
	bool sound, failed;

	if (!name)
		return 0;
	plain = plain_json(*text, *length);
	to = bl_memory_stream(&changed, &size);
	sound = plain && to && rewrite(to, *text, plain, *length, name);
	failed = bl_memory_close(to, &changed) != 0 || !plain;
	free(plain);
	if (!failed && sound) {
		free(*text);
		*text = changed;
		*length = size;
		return 0;
	}
	free(changed);
	return failed ? bl_fail_memory(err, *length, "a configuration") : 0;
}
