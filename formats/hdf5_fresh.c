/*
 * hdf5_fresh.c - how HDF5 outputs begin that are no clones of their template.
 *
 * A process makes the file without its numbers; then it is indexed like any other, and nothing that
 * the index says is trusted more than of a file from elsewhere.
 */
#include "hdf5_fresh.h"

#include "align.h"
#include "hdf5_places.h"
#include "hdf5_scribe.h"
#include "names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((uint64_t)512 << 10) /* bytes of a chunk that is new, at most, where it can be */
#define COPY ((size_t)1 << 16)
#define GROUPS 2000000 /* that are made */
#define METAS 4096     /* keys of metadata that are written */
#define META_BYTES (32 << 20) /* of all of it */
#define META_KEY 60000 /* bytes of one: with the rest it must fit a message of 64 KiB */

/* The template's state, where it is HDF5. */
static const struct bl_h5 *template_of(const struct bl_sink_plan *plan)
{
	return plan->template->format->read == bl_h5_read ? plan->template->state : NULL;
}

static bool is_skipped(const struct bl_sink_plan *plan, size_t i)
{
	return plan->skipped && plan->skipped[i];
}

/* What the template has of tensor i; NULL: it lacks it. */
static const struct bl_h5_object *object_of(const struct bl_sink_plan *plan, size_t i)
{
	const struct bl_h5 *h = template_of(plan);

	return h && i < plan->template->cat.tensors ? &h->object[i] : NULL;
}

bool bl_h5_clones(const struct bl_sink_plan *plan, const struct bl_format *format)
{
	return plan->template->format == format && plan->compression == BL_COMPRESS_SAME &&
		bl_sink_clones(plan);
}

/* ---- what fits ---- */

/* Does a path lead to a variable of Keras 3: "layers/dense/vars/0"? */
static bool is_variable(const char *name)
{
	const char *end = strrchr(name, '/');

	if (!end || end - name < 4 || end[1] == '\0' || strspn(end + 1, "0123456789") !=
		strlen(end + 1))
		return false;
	return memcmp(end - 4, "vars", 4) == 0 && (end - name == 4 || end[-5] == '/');
}

/* Does Keras 3 load it, by the members of groups? */
static bool is_keras3(const struct bl_catalog *cat)
{
	for (size_t i = 0; i < cat->tensors; i++)
		if (is_variable(cat->tensor[i].name))
			return true;
	return false;
}

/* Keras loads by the number of members, or by lists of their names. */
static int fit_keras(const struct bl_sink_plan *plan, const struct bl_catalog *cat,
	struct bl_err *err)
{
	const struct bl_catalog *from = &plan->template->cat;

	if (!is_keras3(from) && !bl_catalog_meta(from, "keras_version"))
		return 0;
	for (size_t i = 0; i < cat->tensors; i++) {
		const bool extra = i >= from->tensors;

		if (is_skipped(plan, i) == extra)
			continue;
		bl_fail(err, BL_USAGE, "%s: cannot be %s a Keras file: Keras counts the tensors in "
			"it, and does not load one with %s", cat->tensor[i].name,
			extra ? "added to" : "left out of", extra ? "more" : "fewer");
		return bl_hint(err, extra ? "--missing=copy leaves it out"
			: "--copy takes it from one checkpoint as it is");
	}
	return 0;
}

/* Is the name one that a new dataset can have? */
static int fit_name(const char *name, struct bl_err *err)
{
	size_t parts = 1;

	for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/'))
		parts++;
	if (parts > BL_H5_DEPTH)
		return bl_fail(err, BL_INPUT, "%.100s...: has %zu parts; as the name of an HDF5 "
			"dataset it can have %d", name, parts, BL_H5_DEPTH);
	return bl_names_allowed(name, false) ? 0
		: bl_fail(err, BL_INPUT, "%s: cannot be the name of an HDF5 dataset", name);
}

/* Is none of the names a group on the way to another, and can the groups be made? */
static int fit_groups(const struct bl_catalog *cat, const char *const *name, struct bl_err *err)
{
	struct bl_clash clash;

	if (bl_names_clash(name, cat->tensors, false, &clash, err) != 0)
		return -1;
	if (clash.found)
		return bl_fail(err, BL_INPUT, "%s and %s: in HDF5 the first cannot be both a "
			"dataset and a group", name[clash.first], name[clash.second]);
	return clash.groups <= GROUPS ? 0 : bl_fail(err, BL_INPUT, "its names have %zu groups of "
		"tensors; belay writes %d into an HDF5 file at most", clash.groups, GROUPS);
}

static int fit_names(const struct bl_sink_plan *plan, const struct bl_catalog *cat,
	struct bl_err *err)
{
	const size_t known = template_of(plan) ? plan->template->cat.tensors : 0;
	const char **name = calloc(cat->tensors + 1, sizeof *name);
	int rc = 0;

	if (!name)
		return bl_fail_memory(err, cat->tensors * sizeof *name, "the names");
	for (size_t i = 0; rc == 0 && i < cat->tensors; i++) {
		if (is_skipped(plan, i))
			continue;
		name[i] = cat->tensor[i].name;
		rc = i < known ? 0 : fit_name(name[i], err);
	}
	if (rc == 0 && known < cat->tensors)
		rc = fit_groups(cat, name, err);
	free(name);
	return rc;
}

/* The library looks at all attributes that are there before it makes another one. */
static int fit_metadata(const struct bl_catalog *cat, struct bl_err *err)
{
	size_t bytes = 0;

	if (cat->metas > METAS)
		return bl_fail(err, BL_INPUT, "has %zu metadata keys; belay writes %d into an HDF5 "
			"file at most", cat->metas, METAS);
	for (size_t i = 0; i < cat->metas; i++) {
		const size_t length = strlen(cat->meta[i].key);

		if (length > META_KEY)
			return bl_fail(err, BL_INPUT, "a metadata key (%.40s...) has %zu bytes; "
				"as the name of an HDF5 attribute it can have %d", cat->meta[i].key,
				length, META_KEY);
		bytes += length + strlen(cat->meta[i].value);
	}
	if (bytes > META_BYTES)
		return bl_fail(err, BL_INPUT, "has %zu bytes of metadata; belay writes %d into an "
			"HDF5 file at most", bytes, META_BYTES);
	return 0;
}

bool bl_h5_holds(enum bl_dtype dtype)
{
	static const enum bl_dtype without[] = {BL_F4, BL_F6_E2M3, BL_F6_E3M2, BL_F8_E8M0,
		BL_F8_E4M3FNUZ, BL_F8_E5M2FNUZ, BL_OTHER};

	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
		if (without[i] == dtype)
			return false;
	return true;
}

/* Extents of chunks for what had none: whole rows, some to a chunk, where they are short. */
static void shape_chunk(const struct bl_tensor *t, uint64_t *chunk)
{
	uint64_t bytes = bl_dtype(t->dtype)->bits / 8, most;

	for (unsigned i = t->rank; i-- > 0;) {
		most = CHUNK / bytes ? CHUNK / bytes : 1;
		chunk[i] = t->dim[i] < most ? t->dim[i] : most;
		bytes *= chunk[i];
	}
}

/* Sets the chunk extents that tensor i will have. */
static int fit_chunk(const struct bl_sink_plan *plan, struct bl_catalog *cat, size_t i,
	struct bl_err *err)
{
	const struct bl_h5_object *o = object_of(plan, i);
	const bool chunked = o && o->layout == BL_H5_CHUNKED;
	struct bl_tensor *t = &cat->tensor[i];
	uint64_t *chunk;

	if (t->dtype == BL_OTHER || (plan->compression == BL_COMPRESS_SAME && chunked))
		return 0;
	if (chunked && (plan->compression == BL_COMPRESS_GZIP || o->resizable))
		return 0;
	t->chunk = NULL;
	if (plan->compression == BL_COMPRESS_GZIP && t->rank && t->count) {
		chunk = bl_catalog_alloc(cat, t->rank * sizeof *chunk, err);
		if (!chunk)
			return -1;
		shape_chunk(t, chunk);
		t->chunk = chunk;
	}
	return bl_tensor_measure(t, err);
}

/* Can the output hold tensor i, and in which chunks? */
static int fit_tensor(const struct bl_sink_plan *plan, struct bl_catalog *cat, size_t i,
	struct bl_err *err)
{
	const struct bl_tensor *t = &cat->tensor[i];

	if (!object_of(plan, i) && !bl_h5_holds(t->dtype))
		return bl_fail(err, BL_USAGE, "%s: HDF5 has no type for %s", t->name,
			bl_dtype(t->dtype)->name);
	if (t->rank > BL_H5_RANK)
		return bl_fail(err, BL_INPUT, "%s: has %u extents; in HDF5 it can have %d", t->name,
			t->rank, BL_H5_RANK);
	return fit_chunk(plan, cat, i, err) == 0 ? 0 : bl_prefix(err, "%s", t->name);
}

static int fit_all(const struct bl_sink_plan *plan, struct bl_catalog *cat, struct bl_err *err)
{
	if (fit_keras(plan, cat, err) != 0 || fit_names(plan, cat, err) != 0)
		return -1;
	if (!template_of(plan) && fit_metadata(cat, err) != 0)
		return -1;
	for (size_t i = 0; i < cat->tensors; i++)
		if (!is_skipped(plan, i) && fit_tensor(plan, cat, i, err) != 0)
			return -1;
	return 0;
}

int bl_h5_fit(const struct bl_sink_plan *plan, struct bl_catalog *cat, struct bl_err *err)
{
	if (plan->template->format->read == bl_h5_read && plan->compression == BL_COMPRESS_SAME &&
		bl_sink_clones(plan))
		return 0;
	if (fit_all(plan, cat, err) == 0)
		return 0;
	return err->code == BL_INPUT ? bl_prefix(err, "%s", plan->template->path) : -1;
}

uint64_t bl_h5_sink_bytes(const struct bl_sink_plan *plan, const struct bl_format *format)
{
	const struct bl_catalog *cat = bl_sink_catalog(plan);
	const bool fresh = !bl_h5_clones(plan, format);
	bool chunked = false;
	uint64_t bytes = 0;

	for (size_t i = 0; i < cat->tensors; i++) {
		const struct bl_tensor *t = &cat->tensor[i];
		const struct bl_h5_object *o = object_of(plan, i);

		chunked |= t->chunk != NULL;
		bytes += sizeof(uint64_t) + sizeof(void *);
		if (o && o->layout == BL_H5_INLINE)
			bytes += (1 + fresh) * t->bytes;
		/* The catalogue, the index, and its words: name, extents, some numbers. */
		if (fresh)
			bytes += sizeof *t + sizeof *o + 2 * strlen(t->name) + 32 * t->rank +
				24 * sizeof(uint64_t);
	}
	return bytes + (chunked ? bl_h5_places_size() : 0);
}

/* ---- making it ---- */

/* What becomes of tensor i. */
static void wish_for(const struct bl_sink_plan *plan, size_t i, struct bl_h5_wish *wish)
{
	const struct bl_h5_object *o = object_of(plan, i);
	const struct bl_tensor *t = &bl_sink_catalog(plan)->tensor[i];
	const bool gzip = plan->compression == BL_COMPRESS_GZIP && t->dtype != BL_OTHER;
	const bool same = o && plan->template->cat.tensor[i].dtype == t->dtype;

	*wish = (struct bl_h5_wish){
		.header = o ? o->header : BL_H5_NOWHERE,
		.fate = is_skipped(plan, i) ? BL_H5_LEAVE_OUT
			: t->dtype == BL_OTHER ? BL_H5_THROUGH : BL_H5_NUMBERS,
		.name = o ? NULL : t->name,
		.dtype = same ? BL_DTYPES : t->dtype,
		.rank = t->rank,
		.dim = t->dim,
		.chunk = gzip ? t->chunk : NULL,
	};
}

/* Says what of the template is not kept. */
static void note_losses(struct bl_sink *snk, const struct bl_h5_losses *lost)
{
	const struct {
		uint64_t n;
		const char *one, *many;
	} kind[] = {
		{lost->names, "further name (hard link) of what is left out",
			"further names (hard links) of what is left out"},
		{lost->references, "reference to what is left out",
			"references to what is left out"},
		{lost->links, "link of an unknown kind", "links of unknown kinds"},
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++)
		if (kind[i].n && at < sizeof snk->note)
			at += (size_t)snprintf(snk->note + at, sizeof snk->note - at,
				"%s%" PRIu64 " %s", at ? ", " : "not kept: ", kind[i].n,
				kind[i].n == 1 ? kind[i].one : kind[i].many);
}

/* Has the scribe make the file: *size bytes. */
static int make(struct bl_sink *snk, uint64_t base, uint64_t *size, struct bl_err *err)
{
	const struct bl_sink_plan *plan = &snk->plan;
	const struct bl_catalog *cat = bl_sink_catalog(plan), *from = &plan->template->cat;
	const struct bl_h5 *h = template_of(plan);
	struct bl_h5_wishes wishes = {.compression = plan->compression, .level = plan->level,
		.keras = h && is_keras3(from), .attribute = h ? NULL : cat->meta,
		.attributes = h ? 0 : cat->metas, .n = cat->tensors};
	struct bl_h5_template template = {-1, h ? h->base : 0, h ? h->super.size : 0};
	struct bl_h5_duty duty = bl_h5_scribing;
	struct bl_h5_losses lost = {0, 0, 0};
	struct bl_h5_words words = {0};
	int rc = -1;

	duty.stop = bl_output_stop(snk->out);
	if (h) /* it is the template that such a process dies of */
		duty.blame = BL_INPUT;
	wishes.wish = calloc(cat->tensors + 1, sizeof *wishes.wish);
	if (!wishes.wish)
		return bl_fail_memory(err, cat->tensors * sizeof *wishes.wish, "a new file");
	for (size_t i = 0; i < cat->tensors; i++)
		wish_for(plan, i, &wishes.wish[i]);
	bl_h5_wishes_put(&words, &wishes);
	free(wishes.wish);
	if (words.failed)
		rc = bl_fail_memory(err, words.count * sizeof *words.word, "a new file");
	else if (!h || (template.fd = bl_file_borrow(plan->template->file, err)) >= 0)
		rc = bl_h5_scribe_make(&duty, h && h->scout ? &h->scout->plugins : NULL,
			bl_output_fd(snk->out), base, &template, &words, size, &lost, err);
	if (template.fd >= 0)
		bl_file_return(plan->template->file);
	if (rc != 0 && err->code == BL_INPUT)
		bl_prefix(err, "%s", plan->template->path);
	bl_h5_words_free(&words);
	if (rc == 0)
		note_losses(snk, &lost);
	return rc;
}

/* What stands before HDF5 in a file: of a zip file other members; and the user block. */
static int copy_before(const struct bl_sink *snk, uint64_t base, struct bl_err *err)
{
	const struct bl_h5 *h = template_of(&snk->plan);
	const uint64_t end = h ? base + h->super.start : 0;
	unsigned char *bytes = malloc(COPY);
	int rc = bytes ? 0 : bl_fail_memory(err, COPY, "a copy");

	for (uint64_t at = 0; rc == 0 && at < end; at += COPY) {
		const size_t n = end - at < COPY ? (size_t)(end - at) : COPY;

		rc = bl_file_read(snk->plan.template->file, at, bytes, n, err);
		if (rc != 0)
			bl_prefix(err, "%s", snk->plan.template->path);
		else
			rc = bl_output_write(snk->out, at, bytes, n, err);
	}
	free(bytes);
	return rc;
}

/* Takes the index of what was made. */
static int look(const struct bl_sink *snk, uint64_t base, uint64_t size, struct bl_source *made,
	struct bl_err *err)
{
	char path[64];
	int rc;

	made->format = snk->format;
	made->pool = snk->plan.template->pool;
	made->path = snk->path;
	snprintf(path, sizeof path, "/proc/self/fd/%d", bl_output_fd(snk->out));
	if (bl_file_open(made->pool, path, &made->file, err) != 0)
		return -1;
	rc = bl_h5_look(made, base, size, true, err);
	bl_file_close(made->file);
	made->file = NULL;
	if (rc != 0 && err->code == BL_INPUT)
		err->code = BL_OUTPUT;
	return rc;
}

/* Finds the tensors of the plan in what was made, which must be what was wished for. */
static int find(const struct bl_sink *snk, struct bl_h5_fresh *fresh, struct bl_err *err)
{
	const struct bl_catalog *cat = bl_sink_catalog(&snk->plan);
	const struct bl_source pair[2] = {{.cat = fresh->made.cat}, {.cat = *cat}};
	struct bl_alignment all = {0};
	int rc = bl_align(pair, 2, &all, err);

	fresh->place = calloc(cat->tensors + 1, sizeof *fresh->place);
	if (rc == 0 && !fresh->place)
		rc = bl_fail_memory(err, cat->tensors * sizeof *fresh->place, "an output");
	for (size_t i = 0; rc == 0 && i < cat->tensors; i++) {
		const size_t at = bl_aligned_place(&all, 0, i);
		const struct bl_tensor *t = at == BL_NOWHERE ? NULL : &fresh->made.cat.tensor[at];

		fresh->place[i] = at;
		if (is_skipped(&snk->plan, i) || cat->tensor[i].dtype == BL_OTHER)
			continue;
		if (!t || t->dtype != cat->tensor[i].dtype || !bl_same_shape(t, &cat->tensor[i]))
			rc = bl_fail(err, BL_OUTPUT, "%s: the HDF5 library made something else",
				cat->tensor[i].name);
	}
	bl_alignment_free(&all);
	return rc;
}

int bl_h5_fresh_make(struct bl_sink *snk, uint64_t base, struct bl_h5_fresh *fresh,
	struct bl_err *err)
{
	uint64_t size = 0, end;

	if (copy_before(snk, base, err) != 0 || make(snk, base, &size, err) != 0)
		return -1;
	if (__builtin_add_overflow(base, size, &end) || end > INT64_MAX)
		return bl_fail(err, BL_OUTPUT, "the HDF5 library says what cannot be");
	if (bl_output_reserve(snk->out, end, err) != 0 ||
		look(snk, base, size, &fresh->made, err) != 0)
		return -1;
	return find(snk, fresh, err);
}

void bl_h5_fresh_free(struct bl_h5_fresh *fresh)
{
	bl_source_close(&fresh->made);
	free(fresh->place);
	fresh->place = NULL;
}
