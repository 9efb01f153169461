/* fuzz_files.c - the files of an input, in memory; in the place of formats/file.c. */
#include "fuzz_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bl_file {
	struct bl_files *pool;
	const struct fuzz_file *is;
	const char *path;
};

struct bl_files {
	uint64_t bytes;
	struct bl_files_kept kept[BL_KEPTS];
};

/* Whoever fuzzes runs one input at a time. */
static struct {
	const struct fuzz_file *file;
	size_t files;
} there;

void fuzz_files_are(const struct fuzz_file *file, size_t files)
{
	there.file = file;
	there.files = files;
}

int bl_files_new(struct bl_files **pool, size_t limit, struct bl_err *err)
{
	(void)limit;
	*pool = calloc(1, sizeof **pool);
	return *pool ? 0 : bl_fail_memory(err, sizeof **pool, "the pool of files");
}

void bl_files_free(struct bl_files *pool)
{
	for (size_t i = 0; pool && i < BL_KEPTS; i++)
		if (pool->kept[i].data)
			pool->kept[i].free(pool->kept[i].data);
	free(pool);
}

void bl_files_leave(struct bl_files *pool, size_t descriptors)
{
	(void)pool, (void)descriptors;
}

struct bl_files_kept *bl_files_kept(struct bl_files *pool, enum bl_files_keeper keeper)
{
	return &pool->kept[keeper];
}

uint64_t bl_files_bytes(const struct bl_files *pool)
{
	return pool->bytes;
}

int bl_file_open(struct bl_files *pool, const char *path, struct bl_file **file, struct bl_err *err)
{
	struct bl_file *f;
	size_t i = 0;

	while (i < there.files && strcmp(there.file[i].name, path) != 0)
		i++;
	if (i == there.files)
		return bl_fail(err, BL_INPUT, "cannot be opened: there is no such file");
	f = calloc(1, sizeof *f);
	if (!f)
		return bl_fail_memory(err, sizeof *f, "a file");
	*f = (struct bl_file){pool, &there.file[i], path};
	*file = f;
	return 0;
}

void bl_file_close(struct bl_file *file)
{
	free(file);
}

struct bl_files *bl_file_pool(const struct bl_file *file)
{
	return file->pool;
}

uint64_t bl_file_size(const struct bl_file *file)
{
	return file->is->size;
}

const char *bl_file_path(const struct bl_file *file)
{
	return file->path;
}

bool bl_file_same(const struct bl_file *a, const struct bl_file *b)
{
	return a->is == b->is;
}

bool bl_file_is(const struct bl_file *file, dev_t device, ino_t inode)
{
	(void)file, (void)device, (void)inode;
	return false;
}

static bool inside(const struct bl_file *file, uint64_t offset, uint64_t n)
{
	return offset <= file->is->size && n <= file->is->size - offset;
}

int bl_file_read(struct bl_file *file, uint64_t offset, void *dst, size_t n, struct bl_err *err)
{
	if (!inside(file, offset, n))
		return bl_fail(err, BL_INPUT, "ends at offset %zu", file->is->size);
	if (n)
		memcpy(dst, file->is->bytes + offset, n);
	return 0;
}

bool bl_file_equal(struct bl_file *a, uint64_t a_offset, struct bl_file *b, uint64_t b_offset,
	uint64_t n)
{
	return inside(a, a_offset, n) && inside(b, b_offset, n) &&
		memcmp(a->is->bytes + a_offset, b->is->bytes + b_offset, (size_t)n) == 0;
}

/* Nobody reads from it. */
int bl_file_borrow(struct bl_file *file, struct bl_err *err)
{
	(void)file, (void)err;
	return STDIN_FILENO;
}

void bl_file_return(struct bl_file *file)
{
	(void)file;
}

int bl_file_unchanged(const struct bl_file *file, struct bl_err *err)
{
	(void)file, (void)err;
	return 0;
}

int bl_file_watch(const struct bl_file *file, struct bl_err *err)
{
	(void)file, (void)err;
	return 0;
}

int bl_files_unchanged(const struct bl_files *pool, struct bl_err *err)
{
	(void)pool, (void)err;
	return 0;
}

void bl_files_confine(const struct bl_files *pool, struct bl_confine *c)
{
	(void)pool, (void)c;
}
