/*
 * sample.h - what the tests of the formats share: sample files, and copying through a sink.
 * A helper that fails ends the test.
 */
#ifndef BL_SAMPLE_H
#define BL_SAMPLE_H

#include "formats.h"

/* The path of a sample below the source folder; lives until the next but one call. */
const char *sample_path(const char *fmt, ...) BL_PRINTF(1, 2);

/* The same in a folder that begins empty and goes with the program. */
const char *scratch_path(const char *name);
void scratch_remove(void);

/* The names of the regular files or the folders in a folder, sorted, but for those that begin with
 * a dot. Freed with sample_list_free. */
size_t sample_list(const char *folder, char ***name);
size_t sample_folders(const char *folder, char ***name);
void sample_list_free(char **name, size_t n);

/* A file's bytes, malloc'd. */
unsigned char *sample_read(const char *path, size_t *n);
void sample_write(const char *path, const void *bytes, size_t n);

/* Opens, or ends the test with the message. */
void sample_open(struct bl_source *src, struct bl_files *pool, const char *path);

/* The values of one tensor, malloc'd. */
unsigned char *sample_values(const struct bl_source *src, size_t tensor);

/* Reads all values; the first that cannot be read is named in err. */
int sample_read_all(const struct bl_source *src, struct bl_err *err);

/* How sample_copy walks: through whole tensors, in pieces, in pieces from the last to the first, or
 * in ranges that go on through all tensors of one type, where both formats take such. */
enum sample_walk { SAMPLE_WHOLE, SAMPLE_PIECES, SAMPLE_BACKWARDS, SAMPLE_RUNS };

/*
 * Writes src once more to path in the given format, all tensors through write() in pieces and in
 * the order asked for. Where the sink needs order, SAMPLE_BACKWARDS goes forwards. path "-" is
 * standard output, a path with a slash at its end becomes a folder. Returns the result of the first
 * step that failed, else 0.
 */
int sample_copy(const struct bl_source *src, const struct bl_format *format, const char *path,
	const char *provenance, enum sample_walk walk, struct bl_err *err);

/* The same, into files of at most shard_size bytes of values. */
int sample_shard(const struct bl_source *src, const struct bl_format *format, const char *path,
	const char *provenance, uint64_t shard_size, struct bl_err *err);

/* Ends the test unless both hold the same tensors in the same order, values and metadata, key
 * "belay" aside. */
void sample_compare(const struct bl_source *a, const struct bl_source *b);

#endif
