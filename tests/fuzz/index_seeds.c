/*
 * index_seeds.c - inputs for target_index: what the walk says of files, and the files.
 *
 * index_seeds FOLDER FILE...: an input for each file that is HDF5, and small.
 */
#include "fuzz.h"
#include "hdf5_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16384 /* bytes of an input */

static int put(FILE *to, struct bl_file *file, const struct bl_h5_super *super,
	const struct bl_h5_words *index, struct bl_err *err)
{
	const uint64_t head[2] = {index->count | super->start / 512 << 40, super->size};
	const size_t room = MOST - sizeof head - 8 * index->count;
	const size_t n = super->size < room ? (size_t)super->size : room;
	unsigned char *bytes = malloc(n ? n : 1);
	int rc = bytes ? bl_file_read(file, 0, bytes, n, err) : -1;

	if (rc == 0 && (fwrite(head, 1, sizeof head, to) != sizeof head ||
		fwrite(index->word, 8, index->count, to) != index->count ||
		fwrite(bytes, 1, n, to) != n))
		rc = bl_fail(err, BL_OUTPUT, "cannot be written");
	free(bytes);
	return rc;
}

/* 0 also for a file that gives no seed. */
static int make(struct bl_files *pool, const char *from, const char *to, struct bl_err *err)
{
	struct bl_file *file = NULL;
	struct bl_h5_super super;
	struct bl_h5_words index = {.word = NULL};
	struct bl_err why = {0};
	FILE *out;
	int rc = 0, fd;

	if (bl_file_open(pool, from, &file, err) != 0)
		return -1;
	fd = bl_file_borrow(file, err);
	if (fd >= 0 && bl_h5_super_read(file, 0, bl_file_size(file), &super, &why) == 0 &&
		bl_h5_walk(fd, 0, super.size, 0, &index, &why) == 0 &&
		8 * index.count < MOST / 2 && (out = fopen(to, "wb"))) {
		rc = put(out, file, &super, &index, err);
		if (fclose(out) != 0)
			rc = bl_fail(err, BL_OUTPUT, "cannot be written");
	}
	if (fd >= 0)
		bl_file_return(file);
	bl_h5_words_free(&index);
	bl_file_close(file);
	return rc;
}

int main(int argc, char **argv)
{
	struct bl_files *pool = NULL;
	struct bl_err err = {0};
	int rc = argc > 2 ? bl_files_new(&pool, 0, &err) : -1;

	for (int i = 2; rc == 0 && i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		char to[4096];

		snprintf(to, sizeof to, "%s/%s", argv[1], slash ? slash + 1 : argv[i]);
		rc = make(pool, argv[i], to, &err);
	}
	bl_files_free(pool);
	if (rc != 0)
		fprintf(stderr, "index_seeds: %s\n", err.text);
	return rc == 0 ? 0 : 1;
}
