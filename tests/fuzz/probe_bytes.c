/*
 * probe_bytes.c - opens files that come on standard input, for differential.py.
 *
 * A file is its length, four bytes, little-endian, and its bytes. The answer is a line: "accept",
 * and for each tensor, in the order of names, " TYPE:EXTENT,EXTENT:NAME" with the bytes of the name
 * in hexadecimal; or "reject " and the message.
 */
#include "formats.h"
#include "fuzz_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	const struct bl_tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void tell_tensor(const struct bl_tensor *t)
{
	printf(" %s:", bl_dtype(t->dtype)->name);
	for (unsigned i = 0; i < t->rank; i++)
		printf("%s%" PRIu64, i ? "," : "", t->dim[i]);
	putchar(':');
	for (const char *c = t->name; *c; c++)
		printf("%02x", (unsigned char)*c);
}

static void tell(const struct bl_catalog *cat)
{
	const struct bl_tensor **sorted = calloc(cat->tensors + 1, sizeof *sorted);

	if (!sorted)
		exit(1);
	for (size_t i = 0; i < cat->tensors; i++)
		sorted[i] = &cat->tensor[i];
	qsort(sorted, cat->tensors, sizeof *sorted, by_name);
	printf("accept");
	for (size_t i = 0; i < cat->tensors; i++)
		tell_tensor(sorted[i]);
	putchar('\n');
	free(sorted);
}

static int answer(const unsigned char *bytes, size_t size)
{
	const struct fuzz_file file = {"in.safetensors", bytes, size};
	struct bl_files *pool = NULL;
	struct bl_source src;
	struct bl_err err = {0};

	fuzz_files_are(&file, 1);
	if (bl_files_new(&pool, 0, &err) != 0)
		return -1;
	if (bl_source_open(&src, pool, file.name, &err) == 0)
		tell(&src.cat);
	else
		printf("reject %.*s\n", (int)strcspn(err.text, "\n"), err.text);
	bl_source_close(&src);
	bl_files_free(pool);
	return 0;
}

int main(void)
{
	unsigned char word[4];

	while (fread(word, 1, sizeof word, stdin) == sizeof word) {
		const size_t n = word[0] | (size_t)word[1] << 8 | (size_t)word[2] << 16 |
			(size_t)word[3] << 24;
		unsigned char *bytes = malloc(n ? n : 1);
		int rc = bytes && fread(bytes, 1, n, stdin) == n ? answer(bytes, n) : -1;

		free(bytes);
		if (rc != 0)
			return 1;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
