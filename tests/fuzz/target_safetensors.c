/*
 * target_safetensors.c - fuzzes the reader of safetensors, and what is written of what it accepts.
 *
 * An input is a file. The mutator keeps its length word true, changes numbers, types and members of
 * the header, and fits the data to it, for else hardly anything would get past the first checks.
 */
#include "formats.h"
#include "fuzz.h"
#include "fuzz_files.h"
#include "fuzz_source.h"
#include "safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_length(uint8_t *data, uint64_t n)
{
	for (unsigned i = 0; i < BL_SAFETENSORS_WORD; i++)
		data[i] = (uint8_t)(n >> 8 * i);
}

static uint64_t get_length(const uint8_t *data)
{
	uint64_t n = 0;

	for (unsigned i = BL_SAFETENSORS_WORD; i-- > 0;)
		n = n << 8 | data[i];
	return n;
}

static struct bl_files *new_pool(void)
{
	struct bl_files *pool = NULL;
	struct bl_err err = {0};

	fuzz_must(bl_files_new(&pool, 0, &err) == 0, "there is memory for a pool");
	return pool;
}

/* Opens bytes that belay has made of src: they must be accepted, and be the same tensors. */
static void must_be_same(const struct bl_source *src, const unsigned char *bytes, size_t size,
	const char *provenance)
{
	const struct fuzz_file file = {"made", bytes, size};
	struct bl_files *pool = new_pool();
	struct bl_source made;
	struct bl_err err = {0};
	const char *said;

	fuzz_files_are(&file, 1);
	fuzz_must(bl_source_open(&made, pool, "made", &err) == 0, "what is written can be read");
	fuzz_must(made.cat.tensors == src->cat.tensors, "no tensor is lost");
	said = bl_catalog_meta(&made.cat, "belay");
	fuzz_must(provenance ? said && strcmp(said, provenance) == 0 : !said,
		"the provenance is what was given");
	for (size_t i = 0; i < made.cat.tensors; i++) {
		const struct bl_tensor *t = &made.cat.tensor[i];
		size_t k = i;

		if (strcmp(src->cat.tensor[k].name, t->name) != 0)
			for (k = 0; k < src->cat.tensors; k++)
				if (strcmp(src->cat.tensor[k].name, t->name) == 0)
					break;
		fuzz_must(k < src->cat.tensors && src->cat.tensor[k].dtype == t->dtype &&
			bl_same_shape(&src->cat.tensor[k], t), "a tensor is what it was");
	}
	bl_source_close(&made);
	bl_files_free(pool);
}

/* As the head of a clone. */
static void splice(const struct bl_source *src, const uint8_t *data, size_t size,
	const char *provenance)
{
	const size_t length = (size_t)get_length(data);
	const size_t values = size - length - BL_SAFETENSORS_WORD;
	struct bl_safetensors_head head = {0};
	struct bl_err err = {0};
	unsigned char *made;

	fuzz_must(bl_safetensors_splice((const char *)data + BL_SAFETENSORS_WORD, length,
		provenance, &head, &err) == 0, "a header that was read can be changed");
	made = malloc(head.size + values);
	if (made) {
		memcpy(made, head.bytes, head.size);
		memcpy(made + head.size, data + size - values, values);
		must_be_same(src, made, head.size + values, provenance);
	}
	free(made);
	free(head.bytes);
}

/* As the head of a new file. */
static void build(const struct bl_source *src)
{
	const size_t n = src->cat.tensors;
	size_t *order = calloc(n + 1, sizeof *order);
	uint64_t *begin = calloc(n + 1, sizeof *begin), values = 0;
	struct bl_safetensors_head head = {0};
	struct bl_err err = {0};
	unsigned char *made = NULL;

	if (order && begin) {
		fuzz_must(bl_safetensors_order(&src->cat, order, &err) == 0 &&
			bl_safetensors_build(&src->cat, order, n, NULL, 0, begin, &values, &head,
			&err) == 0, "a header can be built");
		made = calloc(1, head.size + (size_t)values);
	}
	if (made) {
		memcpy(made, head.bytes, head.size);
		must_be_same(src, made, head.size + (size_t)values, NULL);
	}
	free(made);
	free(head.bytes);
	free(order);
	free(begin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fuzz_file file = {"in.safetensors", data, size};
	struct bl_files *pool = new_pool();
	struct bl_source src = {.format = &bl_format_safetensors, .pool = pool, .path = file.name};
	struct bl_err err = {0};

	fuzz_files_are(&file, 1);
	if (bl_file_open(pool, file.name, &src.file, &err) == 0 &&
		src.format->open(&src, &err) == 0) {
		fuzz_source_read(&src);
		if (get_length(data) <= size - BL_SAFETENSORS_WORD) {
			/* Each has a file of its own; that of src is not read any more. */
			splice(&src, data, size, size % 2 ? "{\"a\":\"\xc3\xa4\\u0000\"}" : NULL);
			build(&src);
			fuzz_files_are(&file, 1);
		}
	} else {
		fuzz_must_say(&err);
	}
	bl_source_close(&src);
	bl_files_free(pool);
	return 0;
}

/* ---- the mutator ---- */

/* A header text, with room for more. */
struct text {
	char *at;
	size_t n, room;
};

/* Puts a word in the place of n bytes. */
static void put(struct text *t, size_t at, size_t n, const char *word)
{
	const size_t length = strlen(word);

	if (t->n - n + length > t->room)
		return;
	memmove(t->at + at + length, t->at + at + n, t->n - at - n);
	memcpy(t->at + at, word, length);
	t->n = t->n - n + length;
}

/* The nth stretch of digits, or of capital letters and digits between quotes: the types. */
static bool seek(const struct text *t, bool word, size_t nth, size_t *at, size_t *n)
{
	static const char digits[] = "0123456789";
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const char *set = word ? capitals : digits;
	size_t found = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < t->n; i++) {
			size_t k = i;

			while (k < t->n && memchr(set, t->at[k], strlen(set)))
				k++;
			if (k == i)
				continue;
			*at = i;
			*n = k - i;
			i = k;
			if (word && (*at == 0 || t->at[*at - 1] != '"'))
				continue;
			if (found++ == nth)
				return true;
		}
		if (found == 0)
			return false;
		nth %= found;
		found = 0;
	}
	return false;
}

static void change_number(struct text *t, uint32_t *state)
{
	static const char *const number[] = {"0", "1", "2", "3", "4", "8", "16", "63", "64", "65",
		"255", "1000000", "4294967295", "4294967296", "4611686018427387904",
		"9223372036854775807", "9223372036854775808", "18446744073709551615",
		"18446744073709551616", "-1", "1.0", "00"};
	const size_t count = sizeof number / sizeof number[0];
	char near[32];
	size_t at, n;

	if (!seek(t, false, fuzz_draw(state, 64), &at, &n))
		return;
	if (fuzz_draw(state, 2)) {
		put(t, at, n, number[fuzz_draw(state, count)]);
		return;
	}
	snprintf(near, sizeof near, "%.*s", n < 20 ? (int)n : 20, t->at + at);
	snprintf(near, sizeof near, "%" PRIu64, (uint64_t)(strtoull(near, NULL, 10) +
		fuzz_draw(state, 17) - 8));
	put(t, at, n, near);
}

static void change_type(struct text *t, uint32_t *state)
{
	size_t at, n;

	if (seek(t, true, fuzz_draw(state, 16), &at, &n))
		put(t, at, n, bl_dtype((enum bl_dtype)fuzz_draw(state, BL_U64 + 1))->name);
}

static void add_member(struct text *t, uint32_t *state)
{
	static const char *const member[] = {
		"\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},",
		"\"b\":{\"dtype\":\"U8\",\"shape\":[0,2],\"data_offsets\":[0,0]},",
		"\"c\":{\"shape\":[],\"data_offsets\":[0,8],\"dtype\":\"F64\",\"x\":[{}]},",
		"\"__metadata__\":{\"format\":\"pt\"},", "\"__metadata__\":null,",
		"\"\\u0061\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[4,8]},",
	};
	const char *brace = t->n ? memchr(t->at, '{', t->n) : NULL;

	if (brace)
		put(t, (size_t)(brace - t->at) + 1, 0,
			member[fuzz_draw(state, sizeof member / sizeof member[0])]);
}

/* The largest number in the text that may be an end of data: what the data section should have. */
static size_t wanted(const struct text *t, size_t most)
{
	size_t at, n, largest = 0;

	for (size_t i = 0; i + 1 < t->n; i++) {
		if (t->at[i] != ',' || t->at[i + 1] < '0' || t->at[i + 1] > '9')
			continue;
		at = i + 1;
		for (n = 0; at < t->n && t->at[at] >= '0' && t->at[at] <= '9' && n < most; at++)
			n = 10 * n + (size_t)(t->at[at] - '0');
		if (at < t->n && t->at[at] == ']' && n > largest && n < most)
			largest = n;
	}
	return largest;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	uint32_t state = seed | 1u << 31;
	struct text t;
	size_t values;

	if (size < BL_SAFETENSORS_WORD || get_length(data) > size - BL_SAFETENSORS_WORD ||
		fuzz_draw(&state, 8) == 0)
		return fuzz_mutate(data, size, max);
	t = (struct text){malloc(max), (size_t)get_length(data), max - BL_SAFETENSORS_WORD};
	if (!t.at)
		return size;
	memcpy(t.at, data + BL_SAFETENSORS_WORD, t.n);
	values = size - BL_SAFETENSORS_WORD - t.n;
	switch (fuzz_draw(&state, 8)) {
	case 0: case 1: case 2:
		change_number(&t, &state);
		break;
	case 3:
		change_type(&t, &state);
		break;
	case 4:
		add_member(&t, &state);
		break;
	default:
		t.n = fuzz_mutate((uint8_t *)t.at, t.n, t.room);
	}
	if (fuzz_draw(&state, 4))
		values = wanted(&t, t.room - t.n + 1);
	if (values > t.room - t.n)
		values = t.room - t.n;
	put_length(data, t.n);
	memcpy(data + BL_SAFETENSORS_WORD, t.at, t.n);
	memset(data + BL_SAFETENSORS_WORD + t.n, 0x3f, values);
	free(t.at);
	return BL_SAFETENSORS_WORD + t.n + values;
}
