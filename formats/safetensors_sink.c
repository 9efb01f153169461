/* safetensors_sink.c - from a catalogue to safetensors files: one, or a folder of them. */
#include "hf_folder.h"
#include "formats.h"
#include "safetensors.h"
#include "safetensors_index.h"
#include "safetensors_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file that is being written. */
struct target {
	struct bl_output *out; /* the sink's own, or a member of it */
	uint64_t data;         /* file offset of the data section */
};

/* What a sink keeps. */
struct writer {
	struct target *target;
	size_t targets;
	const uint64_t *begin;   /* of every tensor, from the start of its data section */
	const size_t *target_of; /* for every tensor; NULL: there is only one */
	uint64_t *own_begin;     /* where the layout is new; else they are the template's */
	size_t *own_target;
};

/* Takes the head of a target, which is freed, and reserves the room for its values. */
static int start(struct target *t, struct bl_safetensors_head *head, uint64_t values,
	struct bl_err *err)
{
	uint64_t size;
	int rc = 0;

	if (__builtin_add_overflow((uint64_t)head->size, values, &size))
		rc = bl_fail(err, BL_LIMIT, "it would have more than 2^64 bytes");
	if (rc == 0)
		rc = bl_output_reserve(t->out, size, err);
	if (rc == 0)
		rc = bl_output_write(t->out, 0, head->bytes, head->size, err);
	t->data = head->size;
	free(head->bytes);
	head->bytes = NULL;
	return rc;
}

/* Makes room for n targets. */
static int aim(struct writer *w, size_t n, struct bl_err *err)
{
	w->target = calloc(n, sizeof *w->target);
	if (!w->target)
		return bl_fail_memory(err, n * sizeof *w->target, "an output");
	w->targets = n;
	return 0;
}

/* A member of an output folder with the bytes given. */
static int put_member(struct bl_output *folder, const char *name, const char *text, size_t size,
	struct bl_err *err)
{
	struct bl_output *out;

	if (bl_output_member(folder, name, &out, err) != 0 ||
		bl_output_reserve(out, size, err) != 0)
		return -1;
	return bl_output_write(out, 0, text, size, err);
}

/* ---- the layout of the template ---- */

/* Messages of a sink are taken for those of an output, unless they name the input. */
static int name_input(const struct bl_file *file, struct bl_err *err)
{
	return err->code == BL_INPUT ? bl_prefix(err, "%s", bl_file_path(file)) : -1;
}

/* A target like a file of the template. */
static int begin_clone(const struct bl_sink *snk, const struct bl_safetensors_file *f,
	struct target *t, struct bl_err *err)
{
	struct bl_safetensors_head head = {NULL, 0};
	char *text = bl_safetensors_text(f, err);
	int rc = -1;

	if (text && bl_file_unchanged(f->file, err) == 0)
		rc = bl_safetensors_splice(text, (size_t)f->data - BL_SAFETENSORS_WORD,
			snk->plan.provenance, &head, err);
	free(text);
	return rc == 0 ? start(t, &head, bl_file_size(f->file) - f->data, err)
		: name_input(f->file, err);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The file that the template was opened with, as it is: the index of its shards. */
static int clone_index(const struct bl_sink *snk, struct bl_err *err)
{
	struct bl_file *from = snk->plan.template->file;
	const size_t size = (size_t)bl_file_size(from); /* it was in memory before */
	char *text = malloc(size + 1);
	int rc;

	if (!text)
		return bl_fail_memory(err, size, "the index");
	if (bl_file_read(from, 0, text, size, err) != 0 || bl_file_unchanged(from, err) != 0)
		rc = name_input(from, err);
	else
		rc = put_member(snk->out, base_name(bl_file_path(from)), text, size, err);
	free(text);
	return rc;
}

/* All files of the template, under their names in a folder or, if it is only one, as the output. */
static int clone_all(struct bl_sink *snk, struct writer *w, struct bl_err *err)
{
	const struct bl_source *from = snk->plan.template;
	const struct bl_safetensors_reader *r = from->state;
	const bool folder = bl_output_is_folder(snk->out);

	if (aim(w, r->files ? r->files : 1, err) != 0)
		return -1;
	w->begin = r->begin;
	w->target_of = r->file_of;
	for (size_t i = 0; i < r->files; i++) {
		const struct bl_safetensors_file *f = &r->file[i];
		struct target *t = &w->target[i];

		t->out = snk->out;
		if (folder && bl_output_member(snk->out, f->name ? f->name
				: base_name(bl_file_path(f->file)), &t->out, err) != 0)
			return -1;
		if (begin_clone(snk, f, t, err) != 0)
			return -1;
	}
	return folder && from->parts ? clone_index(snk, err) : 0;
}

/* ---- a new layout ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct bl_meta *)a)->key, ((const struct bl_meta *)b)->key);
}

/* The template's metadata where it is safetensors, in its order, else the catalogue's, sorted by
 * key; and our own. NULL on error. */
static struct bl_meta *new_metadata(const struct bl_sink *snk, size_t *n, struct bl_err *err)
{
	const bool ours = snk->plan.template->format == &bl_format_safetensors;
	const struct bl_catalog *cat =
		ours ? &snk->plan.template->cat : bl_sink_catalog(&snk->plan);
	struct bl_meta *meta = calloc(cat->metas + 2, sizeof *meta);

	*n = 0;
	if (!meta) {
		bl_fail_memory(err, (cat->metas + 2) * sizeof *meta, "the metadata");
		return NULL;
	}
	for (size_t i = 0; i < cat->metas; i++)
		if (strcmp(cat->meta[i].key, "belay") != 0)
			meta[(*n)++] = cat->meta[i];
	/* transformers will not load a file without it */
	if (!ours && !bl_catalog_meta(cat, "format"))
		meta[(*n)++] = (struct bl_meta){.key = "format", .value = "pt"};
	if (snk->plan.provenance)
		meta[(*n)++] = (struct bl_meta){
			.key = "belay", .value = snk->plan.provenance};
	if (!ours)
		qsort(meta, *n, sizeof *meta, by_key);
	return meta;
}

/* Sorts the tensors by their targets, those of target t to order[first[t]] and on: in the
 * reference's order, or on a pipe in that of the catalogue, in which the values come. order has
 * room for all of them and first, zeroed, for two more than there are targets. */
static int arrange(const struct bl_sink *snk, const struct writer *w, size_t *order, size_t *first,
	struct bl_err *err)
{
	const struct bl_catalog *cat = bl_sink_catalog(&snk->plan);
	size_t *all = calloc(cat->tensors + 1, sizeof *all);

	if (!all)
		return bl_fail_memory(err, cat->tensors * sizeof *all, "the layout");
	for (size_t i = 0; i < cat->tensors; i++)
		all[i] = i;
	if (!snk->ordered && bl_safetensors_order(cat, all, err) != 0) {
		free(all);
		return -1;
	}
	for (size_t i = 0; i < cat->tensors; i++)
		if (w->own_target[i] != BL_NO_FILE)
			first[w->own_target[i] + 2]++;
	for (size_t t = 0; t < w->targets; t++)
		first[t + 2] += first[t + 1];
	for (size_t i = 0; i < cat->tensors; i++)
		if (w->own_target[all[i]] != BL_NO_FILE)
			order[first[w->own_target[all[i]] + 1]++] = all[i];
	free(all);
	return 0;
}

/* Writes the heads of all targets. */
static int lay_out(const struct bl_sink *snk, struct writer *w, struct bl_err *err)
{
	const struct bl_catalog *cat = bl_sink_catalog(&snk->plan);
	size_t *order = calloc(cat->tensors + 1, sizeof *order), metas;
	size_t *first = calloc(w->targets + 2, sizeof *first);
	struct bl_meta *meta = new_metadata(snk, &metas, err);
	int rc = -1;

	if (!order || !first)
		bl_fail_memory(err, (cat->tensors + w->targets) * sizeof *order, "the layout");
	else if (meta)
		rc = arrange(snk, w, order, first, err);
	for (size_t t = 0; rc == 0 && t < w->targets; t++) {
		struct bl_safetensors_head head = {NULL, 0};
		uint64_t values;

		rc = bl_safetensors_build(cat, order + first[t], first[t + 1] - first[t],
			metas ? meta : NULL, metas, w->own_begin, &values, &head, err);
		if (rc == 0)
			rc = start(&w->target[t], &head, values, err);
	}
	free(meta);
	free(first);
	free(order);
	return rc;
}

/* The files of the template, but for such as nothing is left of. Where the template lacks a tensor,
 * it goes into the last. file[t] becomes the template's file that target t is. Returns the number
 * of targets. */
static size_t keep_files(const struct bl_sink *snk, struct writer *w, size_t *file)
{
	const struct bl_source *from = snk->plan.template;
	const struct bl_safetensors_reader *r = from->state;
	const size_t n = bl_sink_catalog(&snk->plan)->tensors;
	size_t targets = 0;

	for (size_t i = 0; i < n; i++) {
		if (snk->plan.skipped && snk->plan.skipped[i]) {
			w->own_target[i] = BL_NO_FILE;
			continue;
		}
		if (targets == 0 || (i < from->cat.tensors && r->file_of &&
					    r->file_of[i] != file[targets - 1]))
			file[targets++] = i < from->cat.tensors && r->file_of ? r->file_of[i] : 0;
		w->own_target[i] = targets - 1;
	}
	if (targets == 0)
		file[targets++] = 0;
	return targets;
}

/* Everything in one file. */
static size_t one_file(const struct bl_sink *snk, struct writer *w)
{
	const size_t n = bl_sink_catalog(&snk->plan)->tensors;

	for (size_t i = 0; i < n; i++)
		w->own_target[i] = snk->plan.skipped && snk->plan.skipped[i] ? BL_NO_FILE : 0;
	return 1;
}

/* The name that those of new files follow. */
static const char *like(const struct bl_source *from)
{
	return from->folder ? base_name(bl_file_path(from->file)) : "model.safetensors";
}

/* Makes the targets members of a folder, with their index where there are several, or were. Target
 * t is the template's file[t]; NULL: they are new ones. */
static int make_members(struct bl_sink *snk, struct writer *w, const size_t *file,
	struct bl_err *err)
{
	const struct bl_source *from = snk->plan.template;
	const struct bl_safetensors_reader *r = from->state;
	char (*name)[NAME_MAX + 1] = calloc(w->targets, sizeof *name), index[NAME_MAX + 1];
	size_t size;
	char *text;
	int rc = 0;

	if (!name)
		return bl_fail_memory(err, w->targets * sizeof *name, "the names of the shards");
	for (size_t t = 0; rc == 0 && t < w->targets; t++) {
		if (file && r->files)
			snprintf(name[t], sizeof name[t], "%s",
				from->parts ? r->file[file[t]].name : like(from));
		else
			rc = bl_shard_name(like(from), t, w->targets, name[t], err);
		if (rc == 0)
			rc = bl_output_member(snk->out, name[t], &w->target[t].out, err);
	}
	if (rc == 0 && (w->targets > 1 || (file && from->parts))) {
		text = bl_index_build(bl_sink_catalog(&snk->plan), w->own_target, name, &size, err);
		rc = text ? bl_index_name(like(from), index, err) : -1;
		if (rc == 0)
			rc = put_member(snk->out, file ? like(from) : index, text, size, err);
		free(text);
	}
	free(name);
	return rc;
}

static int new_files(struct bl_sink *snk, struct writer *w, struct bl_err *err)
{
	const struct bl_catalog *cat = bl_sink_catalog(&snk->plan);
	const bool folder = bl_output_is_folder(snk->out);
	const bool ours = snk->plan.template->format == &bl_format_safetensors;
	const bool kept = folder && ours && !snk->plan.shard_size;
	size_t *file = calloc(cat->tensors + 1, sizeof *file), targets;
	int rc = -1;

	w->begin = w->own_begin = calloc(cat->tensors + 1, sizeof *w->own_begin);
	w->target_of = w->own_target = calloc(cat->tensors + 1, sizeof *w->own_target);
	if (!file || !w->own_begin || !w->own_target) {
		bl_fail_memory(err, (cat->tensors + 1) * sizeof *w->own_begin, "the layout");
		goto out;
	}
	if (kept)
		targets = keep_files(snk, w, file);
	else if (folder && snk->plan.shard_size)
		targets = bl_index_deal(cat, snk->plan.skipped, snk->plan.shard_size,
			w->own_target);
	else
		targets = one_file(snk, w);
	if (aim(w, targets, err) != 0)
		goto out;
	w->target[0].out = snk->out;
	rc = folder ? make_members(snk, w, kept ? file : NULL, err) : 0;
	if (rc == 0)
		rc = lay_out(snk, w, err);
out:
	free(file);
	return rc;
}

/* ---- the slots ---- */

/* Where the layout is new. */
uint64_t bl_safetensors_sink_bytes(const struct bl_sink_plan *plan)
{
	return bl_sink_catalog(plan)->tensors * (sizeof(uint64_t) + sizeof(size_t));
}

/* A header as it was read and as it is written; or a new one, an index, and the order in it. */
uint64_t bl_safetensors_making_bytes(const struct bl_sink_plan *plan)
{
	const struct bl_catalog *cat = bl_sink_catalog(plan);
	const struct bl_safetensors_reader *r = plan->template->state;
	uint64_t bytes = 0;

	if (plan->template->format == &bl_format_safetensors && bl_sink_clones(plan)) {
		for (size_t i = 0; i < r->files; i++)
			bytes = r->file[i].data > bytes ? r->file[i].data : bytes;
		return 2 * bytes;
	}
	for (size_t i = 0; i < cat->tensors; i++)
		bytes += 2 * (strlen(cat->tensor[i].name) + 80) + 21 * cat->tensor[i].rank +
			3 * sizeof(size_t);
	for (size_t i = 0; i < cat->metas; i++)
		bytes += strlen(cat->meta[i].key) + strlen(cat->meta[i].value);
	return bytes;
}

int bl_safetensors_create(struct bl_sink *snk, struct bl_err *err)
{
	const struct bl_source *from = snk->plan.template;
	struct writer *w = calloc(1, sizeof *w);
	bool same = from->format == &bl_format_safetensors && bl_sink_clones(&snk->plan);

	if (!w)
		return bl_fail_memory(err, sizeof *w, "an output");
	snk->state = w;
	snk->ordered = bl_output_is_pipe(snk->out);
	if (same && bl_output_is_folder(snk->out))
		same = snk->plan.shard_size == 0;
	else if (same)
		same = ((const struct bl_safetensors_reader *)from->state)->files == 1;
	return same ? clone_all(snk, w, err) : new_files(snk, w, err);
}

/* The files are new, so all that has values is written. */
void bl_safetensors_needs(const struct bl_sink_plan *plan, bool *needed)
{
	const struct bl_catalog *cat = bl_sink_catalog(plan);

	for (size_t i = 0; i < cat->tensors; i++)
		needed[i] = cat->tensor[i].count > 0 && !(plan->skipped && plan->skipped[i]);
}

uint64_t bl_safetensors_place(const struct bl_sink *snk, size_t tensor)
{
	const struct writer *w = snk->state;

	return w->target[w->target_of ? w->target_of[tensor] : 0].data + w->begin[tensor];
}

static int write_span(const struct bl_sink *snk, size_t tensor, struct bl_span span,
	const unsigned char *src, struct bl_err *err)
{
	const struct writer *w = snk->state;
	const struct bl_safetensors_layout l = {
		bl_sink_catalog(&snk->plan), w->begin, w->target_of};

	do {
		const struct target *t;
		struct bl_safetensors_stretch s;

		if (bl_safetensors_locate(&l, &tensor, &span, &s, err) != 0)
			return -1;
		t = &w->target[s.file];
		if (bl_output_write(t->out, t->data + s.offset, src, s.n, err) != 0)
			return -1;
		src += s.n;
	} while (span.count > 0);
	return 0;
}

int bl_safetensors_write(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err)
{
	(void)work;
	if (!snk->ordered)
		return write_span(snk, tensor, span, src, err);
	if (bl_turn_wait(turn) != 0 || write_span(snk, tensor, span, src, err) != 0)
		return -1;
	bl_turn_done(turn);
	return 0;
}

int bl_safetensors_finish(struct bl_sink *snk, struct bl_err *err)
{
	(void)snk;
	(void)err;
	return 0;
}

void bl_safetensors_abandon(struct bl_sink *snk)
{
	struct writer *w = snk->state;

	if (w) {
		free(w->target);
		free(w->own_begin);
		free(w->own_target);
	}
	free(w);
	snk->state = NULL;
}
