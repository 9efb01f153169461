/*
 * hdf5.c - HDF5 checkpoints: opening one, and its row of the format table.
 *
 * A scout walks the file once with libhdf5 and says where everything is; the values are read
 * without the library.
 */
#include "hdf5_fresh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

/* At 0, or behind a user block of 512 << k bytes; but a zip file may have a member just there. */
static bool hdf5_probe(const unsigned char *head, size_t n)
{
	static const char signature[] = "\x89HDF\r\n\x1a\n";

	if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
		return false;
	for (size_t at = 0; at + 8 <= n; at = at ? 2 * at : 512)
		if (memcmp(head + at, signature, 8) == 0)
			return true;
	return false;
}

/* Writers that lock their files hold them until they are whole. */
static int lock(int fd, struct bl_err *err)
{
	if (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0; /* file systems without locks have no locked files either */
	bl_fail(err, BL_INPUT, "is open for writing in another program");
	return bl_hint(err, "average it once it is closed");
}

static void free_content(struct bl_h5_content *c)
{
	bl_h5_words_free(&c->index);
	free(c->object);
	bl_catalog_free(&c->cat);
	free(c);
}

/* Gives a source what is known of its file, or of another one that is the same. */
static int take(struct bl_source *src, struct bl_h5_scout *scout, struct bl_h5_content *content,
	const struct bl_h5_super *super, uint64_t base, struct bl_err *err)
{
	struct bl_h5 *h = calloc(1, sizeof *h);

	if (!h)
		return bl_fail_memory(err, sizeof *h, "an HDF5 file");
	src->state = h;
	h->scout = scout->has_plugins ? scout : NULL;
	h->base = base;
	h->super = *super;
	h->content = content;
	h->object = content->object;
	content->users++;
	return bl_catalog_lend_all(&content->cat, &src->cat, err);
}

int bl_h5_adopt(struct bl_source *src, struct bl_h5_words *index, const struct bl_h5_super *super,
	uint64_t base, struct bl_err *err)
{
	struct bl_h5_scout *scout = bl_h5_scout_of(bl_file_pool(src->file), err);
	struct bl_h5_content *content = scout ? calloc(1, sizeof *content) : NULL;
	int rc;

	if (!content) {
		bl_h5_words_free(index);
		return bl_fail_memory(err, sizeof *content, "an HDF5 file");
	}
	content->index = *index;
	memset(index, 0, sizeof *index);
	rc = bl_h5_index_read(content->index.word, content->index.count, super,
		scout->has_plugins, &content->cat, &content->object, err);
	if (rc == 0)
		rc = take(src, scout, content, super, base, err);
	if (content->users == 0)
		free_content(content);
	return rc;
}

int bl_hdf5_plugins(struct bl_files *pool, const char *folders, struct bl_err *err)
{
	struct bl_h5_scout *scout = bl_h5_scout_of(pool, err);

	if (!scout)
		return -1;
	scout->has_plugins = true;
	return bl_h5_plugins_find(&scout->plugins, folders, err);
}

int bl_hdf5_stop(struct bl_files *pool, const volatile sig_atomic_t *stop, struct bl_err *err)
{
	struct bl_h5_scout *scout = bl_h5_scout_of(pool, err);

	if (!scout)
		return -1;
	scout->stop = stop;
	return 0;
}

int bl_hdf5_opaque_bf16(struct bl_files *pool, struct bl_err *err)
{
	struct bl_h5_scout *scout = bl_h5_scout_of(pool, err);

	if (!scout)
		return -1;
	scout->opaque_bf16 = true;
	return 0;
}

int bl_h5_look(struct bl_source *src, uint64_t base, uint64_t size, bool made, struct bl_err *err)
{
	struct bl_h5_scout *scout = bl_h5_scout_of(bl_file_pool(src->file), err);
	struct bl_h5_words index = {0};
	struct bl_h5_super super;
	int fd, rc;

	if (!scout || bl_h5_super_read(src->file, base, size, &super, err) != 0)
		return -1;
	super.made = made;
	if (!made && bl_h5_same(&scout->known, src->file, base, size))
		return take(src, scout, scout->known.content, &super, base, err);
	fd = bl_file_borrow(src->file, err);
	if (fd < 0)
		return -1;
	rc = bl_h5_scout_walk(scout, fd, base, size, &index, err);
	bl_file_return(src->file);
	if (rc == 0)
		rc = bl_h5_adopt(src, &index, &super, base, err);
	else
		bl_h5_words_free(&index);
	if (rc == 0 && !made)
		scout->known = (struct bl_h5_known){
			src->file, base, size, ((struct bl_h5 *)src->state)->content};
	return rc;
}

int bl_h5_open(struct bl_source *src, uint64_t base, uint64_t size, struct bl_err *err)
{
	const int fd = bl_file_borrow(src->file, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = lock(fd, err);
	if (rc == 0) {
		rc = bl_h5_look(src, base, size, false, err);
		flock(fd, LOCK_UN);
	}
	bl_file_return(src->file);
	return rc;
}

static int hdf5_open(struct bl_source *src, struct bl_err *err)
{
	return bl_h5_open(src, 0, bl_file_size(src->file), err);
}

/* Each of those who share a content counts its part. */
size_t bl_h5_bytes(const struct bl_source *src)
{
	const struct bl_h5 *h = src->state;
	const struct bl_h5_content *c = h->content;
	const size_t shared = sizeof *c + c->index.room * sizeof *c->index.word +
		c->cat.tensors * sizeof *c->object + bl_catalog_bytes(&c->cat);

	return sizeof *h + shared / c->users + (shared % c->users != 0);
}

/* A file is about to be closed. */
static void forget(struct bl_h5_scout *scout, const struct bl_file *file)
{
	if (scout->known.file == file)
		scout->known = (struct bl_h5_known){0};
}

void bl_h5_close(struct bl_source *src)
{
	struct bl_h5 *h = src->state;

	if (!h)
		return;
	if (src->file)
		forget(bl_files_kept(bl_file_pool(src->file), BL_KEPT_HDF5)->data, src->file);
	if (--h->content->users == 0)
		free_content(h->content);
	free(h);
	src->state = NULL;
}

void bl_h5_needs(const struct bl_sink_plan *plan, const struct bl_format *format, bool *needed)
{
	const struct bl_catalog *cat = bl_sink_catalog(plan);
	const bool clone = bl_h5_clones(plan, format);

	for (size_t i = 0; i < cat->tensors; i++) {
		const struct bl_tensor *t = &cat->tensor[i];

		needed[i] = clone ? plan->averaged[i] : t->dtype != BL_OTHER && t->count > 0;
		if (plan->skipped && plan->skipped[i])
			needed[i] = false;
	}
}

static uint64_t hdf5_sink_bytes(const struct bl_sink_plan *plan)
{
	return bl_h5_sink_bytes(plan, &bl_format_hdf5);
}

static void hdf5_needs(const struct bl_sink_plan *plan, bool *needed)
{
	bl_h5_needs(plan, &bl_format_hdf5, needed);
}

/* HDF5 of a .keras file is in a window of that; a file of its own begins at 0. */
static int hdf5_create(struct bl_sink *snk, struct bl_err *err)
{
	return bl_h5_create(snk, 0, err);
}

const struct bl_format bl_format_hdf5 = {
	.name = "hdf5",
	.suffixes = ".h5 .hdf5 .he5",
	.descriptors = 1, /* the scribe */
	.streams = false,
	.compresses = true,
	.probe = hdf5_probe,
	.open = hdf5_open,
	.work_size = bl_h5_work_size,
	.work_new = bl_h5_work_new,
	.work_free = bl_h5_work_free,
	.read = bl_h5_read,
	.storage = bl_h5_storage,
	.bytes = bl_h5_bytes,
	.sink_bytes = hdf5_sink_bytes,
	.close = bl_h5_close,
	.holds = bl_h5_holds,
	.fit = bl_h5_fit,
	.create = hdf5_create,
	.needs = hdf5_needs,
	.write = bl_h5_write,
	.place = bl_h5_place,
	.write_size = bl_h5_write_size,
	.finish = bl_h5_finish,
	.abandon = bl_h5_abandon,
};
