/*
 * keras.c - models as Keras 3 saves them: a zip file whose member model.weights.h5 is HDF5.
 *
 * The member is stored as it is, so that HDF5 is read and written in place, in a window of the
 * file. An average is the zip file of the last checkpoint with another model.weights.h5 in it: all
 * other members are the same bytes.
 */
#include "hdf5_fresh.h"
#include "zip.h"

#include <string.h>

#define WEIGHTS "model.weights.h5"

/* Bytes that HDF5 may take, at most, for an attribute besides its text. */
#define ATTRIBUTE 65536

/* By the name of the first member: Keras writes metadata.json first, packers go by other orders. */
static bool keras_probe(const unsigned char *head, size_t n)
{
	static const char *const known[] = {"metadata.json", "config.json", WEIGHTS, "assets/"};
	const unsigned char *name;
	size_t length;

	if (!bl_zip_begins(head, n, &name, &length))
		return false;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i]) == length && memcmp(known[i], name, length) == 0)
			return true;
	return false;
}

/* Reads the directory and finds the weights. zip is freed by the caller, also after an error. */
static int open_weights(struct bl_zip *zip, struct bl_zip_member **m, struct bl_file *file,
	struct bl_err *err)
{
	if (bl_zip_open(zip, file, err) != 0)
		return -1;
	return bl_zip_stored(zip, file, WEIGHTS, m, err);
}

/* What is in the zip file beside the weights. */
static int note_members(struct bl_source *src, const struct bl_zip *zip, struct bl_err *err)
{
	struct bl_extra extra = {"member of the zip file", "members of the zip file",
		zip->members - 1, NULL, true};
	const struct bl_zip_member *first = zip->member;

	if (zip->members == 1)
		return 0;
	if (first->length == strlen(WEIGHTS) && memcmp(first->name, WEIGHTS, first->length) == 0)
		first++;
	extra.first = bl_catalog_text(&src->cat, (const char *)first->name, first->length, err);
	return extra.first ? bl_catalog_extra(&src->cat, &extra, err) : -1;
}

static int keras_open(struct bl_source *src, struct bl_err *err)
{
	struct bl_zip zip;
	struct bl_zip_member *m;
	int rc = open_weights(&zip, &m, src->file, err);

	if (rc == 0 && bl_h5_open(src, m->data, m->size.value, err) != 0)
		rc = bl_prefix(err, WEIGHTS);
	if (rc == 0)
		rc = note_members(src, &zip, err);
	bl_zip_free(&zip);
	return rc;
}

/* The template's directory, once more: a source keeps none. */
static int open_template(struct bl_zip *zip, struct bl_zip_member **m, const struct bl_sink *snk,
	struct bl_err *err)
{
	if (open_weights(zip, m, snk->plan.template->file, err) == 0)
		return 0;
	return bl_prefix(err, "%s", snk->plan.template->path);
}

/* Sees to it that no run ends with weights that grew out of the directory's numbers. */
static int check_room(const struct bl_sink *snk, struct bl_zip *zip, struct bl_zip_member *m,
	uint64_t size, struct bl_err *err)
{
	const char *p = snk->plan.provenance;

	return bl_zip_resize(zip, m, size + (p ? strlen(p) + ATTRIBUTE : 0), err);
}

/* How large a new file is going to be is known once it has begun. */
static int begin(struct bl_sink *snk, struct bl_zip *zip, struct bl_zip_member *m,
	struct bl_err *err)
{
	const bool clone = bl_h5_clones(&snk->plan, snk->format);
	const uint64_t base = m->data;

	if (clone && check_room(snk, zip, m, m->size.value, err) != 0)
		return -1;
	if (bl_h5_create(snk, base, err) != 0)
		return -1;
	return clone ? 0 : check_room(snk, zip, m, bl_h5_size_most(snk), err);
}

static int keras_create(struct bl_sink *snk, struct bl_err *err)
{
	struct bl_zip zip;
	struct bl_zip_member *m;
	int rc;

	if (snk->plan.template->format != snk->format) {
		bl_fail(err, BL_USAGE, "%s cannot be written as %s",
			snk->plan.template->format->name, snk->format->name);
		return bl_hint(err, "what else a Keras model has is not in the checkpoints");
	}
	rc = open_template(&zip, &m, snk, err);
	if (rc == 0)
		rc = begin(snk, &zip, m, err);
	bl_zip_free(&zip);
	return rc;
}

static uint64_t keras_sink_bytes(const struct bl_sink_plan *plan)
{
	return bl_h5_sink_bytes(plan, &bl_format_keras);
}

static void keras_needs(const struct bl_sink_plan *plan, bool *needed)
{
	bl_h5_needs(plan, &bl_format_keras, needed);
}

static int complete(struct bl_sink *snk, struct bl_zip *zip, struct bl_zip_member *m,
	uint64_t size, struct bl_err *err)
{
	if (bl_zip_resize(zip, m, size, err) != 0 ||
		bl_output_resize(snk->out, zip->size, err) != 0)
		return -1;
	if (bl_zip_complete(zip, m, snk->plan.template->file, snk->out, err) == 0)
		return 0;
	return err->code == BL_INPUT ? bl_prefix(err, "%s", snk->plan.template->path) : -1;
}

static int keras_finish(struct bl_sink *snk, struct bl_err *err)
{
	struct bl_zip zip;
	struct bl_zip_member *m;
	uint64_t size;
	int rc;

	if (bl_h5_complete(snk, &size, err) != 0)
		return -1;
	rc = open_template(&zip, &m, snk, err);
	if (rc == 0)
		rc = complete(snk, &zip, m, size, err);
	bl_zip_free(&zip);
	return rc;
}

const struct bl_format bl_format_keras = {
	.name = "keras",
	.suffixes = ".keras",
	.descriptors = 1, /* the scribe */
	.wraps = true,
	.compresses = true,
	.probe = keras_probe,
	.open = keras_open,
	.work_size = bl_h5_work_size,
	.work_new = bl_h5_work_new,
	.work_free = bl_h5_work_free,
	.read = bl_h5_read,
	.storage = bl_h5_storage,
	.bytes = bl_h5_bytes,
	.sink_bytes = keras_sink_bytes,
	.close = bl_h5_close,
	.fit = bl_h5_fit,
	.create = keras_create,
	.needs = keras_needs,
	.write = bl_h5_write,
	.place = bl_h5_place,
	.write_size = bl_h5_write_size,
	.finish = keras_finish,
	.abandon = bl_h5_abandon,
};
