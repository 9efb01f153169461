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

int bl_h5_adopt(struct bl_source *src, struct bl_h5_words *index, const struct bl_h5_super *super,
	uint64_t base, struct bl_err *err)
{
	struct bl_h5_scout *scout = bl_h5_scout_of(bl_file_pool(src->file), err);
	struct bl_h5 *h = scout ? calloc(1, sizeof *h) : NULL;

	if (!h) {
		bl_h5_words_free(index);
		return bl_fail_memory(err, sizeof *h, "an HDF5 file");
	}
	src->state = h;
	h->scout = scout->has_plugins ? scout : NULL;
	h->base = base;
	h->super = *super;
	h->index = *index;
	memset(index, 0, sizeof *index);
	return bl_h5_index_read(h->index.word, h->index.count, &h->super, h->scout != NULL,
		&src->cat, &h->object, err);
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
	int fd = scout ? bl_file_borrow(src->file, err) : -1, rc = -1;

	if (fd < 0)
		return -1;
	if (bl_h5_super_read(src->file, base, size, &super, err) == 0)
		rc = bl_h5_scout_walk(scout, fd, base, size, &index, err);
	bl_file_return(src->file);
	super.made = made;
	if (rc == 0)
		return bl_h5_adopt(src, &index, &super, base, err);
	bl_h5_words_free(&index);
	return -1;
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

size_t bl_h5_bytes(const struct bl_source *src)
{
	const struct bl_h5 *h = src->state;

	return sizeof *h + h->index.room * sizeof *h->index.word +
		src->cat.tensors * sizeof *h->object;
}

void bl_h5_close(struct bl_source *src)
{
	struct bl_h5 *h = src->state;

	if (!h)
		return;
	bl_h5_words_free(&h->index);
	free(h->object);
	free(h);
	src->state = NULL;
}

bool bl_h5_needs(const struct bl_sink_plan *plan, const struct bl_format *format, size_t tensor)
{
	const struct bl_tensor *t = &bl_sink_catalog(plan)->tensor[tensor];

	if (plan->skipped && plan->skipped[tensor])
		return false;
	if (bl_h5_clones(plan, format))
		return plan->averaged[tensor];
	return t->dtype != BL_OTHER && t->count > 0;
}

static uint64_t hdf5_sink_bytes(const struct bl_sink_plan *plan)
{
	return bl_h5_sink_bytes(plan, &bl_format_hdf5);
}

static bool hdf5_needs(const struct bl_sink_plan *plan, size_t tensor)
{
	return bl_h5_needs(plan, &bl_format_hdf5, tensor);
}

/* HDF5 of a .keras file is in a window of that; a file of its own begins at 0. */
static int hdf5_create(struct bl_sink *snk, struct bl_err *err)
{
	return bl_h5_create(snk, 0, err);
}

const struct bl_format bl_format_hdf5 = {
	.name = "hdf5",
	.suffixes = ".h5 .hdf5 .he5",
	.summary = "HDF5: Keras weights, h5py",
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
	.write_size = bl_h5_write_size,
	.finish = bl_h5_finish,
	.abandon = bl_h5_abandon,
};
