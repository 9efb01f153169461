/* translate.c - what has been selected, for outputs of another format. */
#include "translate.h"

#include "json.h"
#include "names.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static const struct bl_source *last_of(const struct bl_selection *s)
{
	return &s->all.source[s->all.sources - 1];
}

/* ---- types ---- */

/* A type that the format has not, of a tensor that is wanted. */
static int refuse_type(const struct bl_selection *s, size_t i, const struct bl_format *to,
	struct bl_err *err)
{
	const struct bl_tensor *t = &s->cat.tensor[i];
	const enum bl_dtype half = bl_dtype_as(t->dtype, BL_F32);

	bl_fail(err, BL_INPUT, "%s: %s: type %s, which %s does not have", last_of(s)->path, t->name,
		bl_dtype(t->dtype)->name, to->name);
	if (s->averaged[i] && half != t->dtype && to->holds(half))
		return bl_hint(err, "--dtype=f32 stores it as %s, --skip leaves it out",
			bl_dtype(half)->name);
	return bl_hint(err, "--skip leaves it out");
}

/* Leaves out what no other format has a type for. */
static int suit_types(struct bl_selection *s, const struct bl_format *to, struct bl_err *err)
{
	struct bl_extra lost = {"tensor of a type that only HDF5 has",
		"tensors of types that only HDF5 has", 0, NULL, false};

	for (size_t i = 0; i < s->cat.tensors; i++) {
		struct bl_tensor *t = &s->cat.tensor[i];

		if (s->skipped[i])
			continue;
		if (t->sealed) {
			bl_fail(err, BL_INPUT, "%s: %s: %s", last_of(s)->path, t->name, t->sealed);
			return bl_hint(err, "--skip leaves it out");
		}
		if (t->dtype == BL_OTHER) {
			lost.first = lost.n++ ? lost.first : t->name;
			s->skipped[i] = true;
			s->copies--;
			s->skips++;
		} else if (to->holds && !to->holds(t->dtype)) {
			return refuse_type(s, i, to, err);
		}
		t->chunk = NULL;
		t->chunk_count = t->chunks = 0;
	}
	return bl_catalog_extra(&s->cat, &lost, err);
}

/* ---- names ---- */

static int refuse_clash(const struct bl_selection *s, const struct bl_clash *c,
	const char *const *name, const struct bl_format *to, struct bl_err *err)
{
	const char *first = s->cat.tensor[c->first].name, *second = s->cat.tensor[c->second].name;

	if (c->group)
		bl_fail(err, BL_INPUT, "%s: %s and %s: %s would be a tensor and a group in %s",
			last_of(s)->path, first, second, name[c->first], to->name);
	else
		bl_fail(err, BL_INPUT, "%s: %s and %s: both would be %s in %s", last_of(s)->path,
			first, second, name[c->first], to->name);
	return bl_hint(err, "--skip leaves one of them out");
}

/* Spells all names anew; *record is then what leads back. there, name: room for all tensors. */
static int spell(struct bl_selection *s, const struct bl_format *to, const char **there,
	const char **name, const char **record, struct bl_err *err)
{
	const size_t n = s->cat.tensors;
	struct bl_clash clash;

	if (bl_names_spell(s->cat.tensor, n, bl_catalog_meta(&last_of(s)->cat, BL_NAMES),
		to->dotted, name, &s->cat, err) != 0)
		return err->code == BL_INPUT ? bl_prefix(err, "%s", last_of(s)->path) : -1;
	for (size_t i = 0; i < n; i++) {
		there[i] = s->cat.tensor[i].name;
		if (s->skipped[i])
			name[i] = NULL;
	}
	if (bl_names_clash(name, n, to->dotted, &clash, err) != 0)
		return -1;
	if (clash.found)
		return refuse_clash(s, &clash, name, to, err);
	for (size_t i = 0; i < n; i++)
		if (name[i])
			s->cat.tensor[i].name = name[i];
	if (bl_names_record(name, there, n, to->dotted, record, &s->cat, err) == 0)
		return 0;
	return err->code == BL_INPUT ? bl_prefix(err, "%s", last_of(s)->path) : -1;
}

static int suit_names(struct bl_selection *s, const struct bl_format *to, const char **record,
	struct bl_err *err)
{
	const char **there, **name;
	int rc;

	*record = bl_catalog_meta(&last_of(s)->cat, BL_NAMES);
	if (to->dotted == last_of(s)->format->dotted)
		return 0;
	there = calloc(s->cat.tensors + 1, sizeof *there);
	name = calloc(s->cat.tensors + 1, sizeof *name);
	if (there && name)
		rc = spell(s, to, there, name, record, err);
	else
		rc = bl_fail_memory(err, s->cat.tensors * sizeof *name, "a list of names");
	free(there);
	free(name);
	return rc;
}

/* ---- the rest ---- */

/* Made anew, or not at all. */
static bool is_ours(const char *key)
{
	return strcmp(key, "belay") == 0 || strcmp(key, BL_NAMES) == 0;
}

static int suit_metadata(struct bl_selection *s, const struct bl_format *to, const char *record,
	struct bl_err *err)
{
	const struct bl_catalog *from = &last_of(s)->cat;
	struct bl_extra lost = {"piece of metadata that is no text, or without a name",
		"pieces of metadata that are no text, or without a name", 0, NULL, false};

	if (bl_catalog_reserve(&s->cat, 0, from->metas + 1, err) != 0)
		return -1;
	for (size_t i = 0; i < from->metas; i++) {
		const struct bl_meta *m = &from->meta[i];

		if (is_ours(m->key))
			continue;
		if (m->key[0] && bl_is_utf8(m->key) && bl_is_utf8(m->value) &&
			(m->more == 0 || to->dotted))
			s->cat.meta[s->cat.metas++] = *m;
		else
			lost.first = lost.n++ ? lost.first : m->key;
	}
	if (record)
		s->cat.meta[s->cat.metas++] = (struct bl_meta){.key = BL_NAMES, .value = record};
	return bl_catalog_extra(&s->cat, &lost, err);
}

int bl_translate(struct bl_selection *s, const struct bl_format *to, struct bl_err *err)
{
	const struct bl_catalog *from = &last_of(s)->cat;
	const char *record;

	if (suit_types(s, to, err) != 0 || suit_names(s, to, &record, err) != 0 ||
		suit_metadata(s, to, record, err) != 0)
		return -1;
	for (size_t i = 0; i < from->extras; i++)
		if (bl_catalog_extra(&s->cat, &from->extra[i], err) != 0)
			return -1;
	return 0;
}

uint64_t bl_translation_least(const struct bl_source *last)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < last->cat.tensors; i++)
		bytes += strlen(last->cat.tensor[i].name) + 3 * sizeof(char *);
	return bytes;
}
