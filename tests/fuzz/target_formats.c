/*
 * target_formats.c - fuzzes opening by the table of formats, with all that is read then.
 *
 * An input is one file or several: each line "=file NAME" begins another one, and the first is what
 * is opened. So shards and their index, folders' files and .keras files are inputs, too. Of HDF5
 * only the superblock is read: libhdf5 has a process of its own, and target_index fuzzes what that
 * says.
 */
#include "config.h"

#include "formats.h"
#include "fuzz.h"
#include "fuzz_files.h"
#include "fuzz_source.h"

#include <stdlib.h>
#include <string.h>

#define FILES 8
#define MARK "\n=file "

/* The first file, then all that have names. */
struct files {
	struct fuzz_file file[FILES];
	char name[FILES][64];
	size_t n;
};

static void split(const uint8_t *data, size_t size, struct files *f)
{
	const size_t mark = strlen(MARK);

	f->file[0].name = "model.safetensors.index.json";
	f->file[0].bytes = data;
	for (f->n = 1; f->n < FILES; f->n++) {
		const uint8_t *at = memmem(data, size, MARK, mark), *end;
		size_t length;

		if (!at || !(end = memchr(at + mark, '\n', size - (size_t)(at - data) - mark)))
			break;
		length = (size_t)(end - at) - mark;
		if (length >= sizeof f->name[0] || memchr(at + mark, '\0', length))
			break;
		memcpy(f->name[f->n], at + mark, length);
		f->name[f->n][length] = '\0';
		f->file[f->n - 1].size = (size_t)(at - f->file[f->n - 1].bytes);
		f->file[f->n].name = f->name[f->n];
		f->file[f->n].bytes = end + 1;
		size -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	f->file[f->n - 1].size = (size_t)(data + size - f->file[f->n - 1].bytes);
}

/* Opens the first file under a name that has the suffix, and without, twice: what is known of the
 * one may be used for the other. */
static void open_as(struct files *f, const char *name, struct bl_files *pool)
{
	struct bl_source src[2];
	struct bl_err err[2] = {{.code = BL_OK}, {.code = BL_OK}};
	int rc[2];

	f->file[0].name = name;
	for (size_t i = 0; i < 2; i++) {
		rc[i] = bl_source_open(&src[i], pool, name, &err[i]);
		if (rc[i] == 0)
			fuzz_source_read(&src[i]);
		else
			fuzz_must_say(&err[i]);
	}
	fuzz_must(rc[0] == rc[1] && strcmp(err[0].text, err[1].text) == 0,
		"what was opened before makes no difference");
	for (size_t i = 0; i < 2; i++)
		bl_source_close(&src[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const name[] = {"in", "in.safetensors", "model.safetensors.index.json",
		"in.h5", "in.keras"};
	struct files f = {.n = 0};
	struct bl_files *pool = NULL;
	struct bl_err err = {0};

	split(data, size, &f);
	fuzz_files_are(f.file, f.n);
	fuzz_must(bl_files_new(&pool, 0, &err) == 0, "there is memory for a pool");
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
		open_as(&f, name[i], pool);
	bl_files_free(pool);
	return 0;
}
