/*
 * hdf5_walk.c - walks a file with libhdf5 and writes its index.
 *
 * Groups are walked depth first with a stack of their own; objects are opened by address, so that
 * odd names lead nowhere. Soft links are not followed.
 */
#include "hdf5_walk.h"

#include "hdf5_links.h"
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTRIBUTE ((size_t)64 << 10) /* bytes of an attribute that is told as text, at most */
#define OURS ((size_t)8 << 20)       /* the same of belay's own: "belay", "belay.names" */

/* A group whose members are being looked at. */
struct group {
	struct bl_h5_links links;
	size_t next;
	size_t path; /* bytes of the path that lead here */
};

/* What is only counted. */
struct extra {
	uint64_t n;
	char *first; /* owned */
};

/* What is known of an address: it was reached, and is a dataset. */
enum { SEEN = 1, DATASET = 2 };

struct walk {
	hid_t file;
	struct bl_h5_window window;
	struct bl_h5_words *index;
	struct group *group; /* BL_H5_DEPTH of them would be a lot: grown as needed */
	size_t depth, room;
	struct bl_h5_map seen;
	char *path;
	size_t path_room;
	uint64_t aliases, attributes, datasets, chunks;
	struct extra extra[BL_H5_EXTRAS];
	struct bl_err *err;
};

/* Sets the path to the group's and one name more; NULL: no memory. */
static const char *path_to(struct walk *w, const struct group *g, const char *name, size_t *len)
{
	const size_t n = strlen(name), slash = g->path != 0;
	char *p = bl_h5_room_for(w->path, &w->path_room, g->path + slash + n + 1, 1, w->err);

	if (!p)
		return NULL;
	w->path = p;
	if (slash)
		p[g->path] = '/';
	memcpy(p + g->path + slash, name, n + 1);
	*len = g->path + slash + n;
	return p;
}

/* Counts things of a kind; path, and name where there is one, tell the first. */
static int count(struct walk *w, enum bl_h5_extra kind, uint64_t n, const char *path,
	const char *name)
{
	struct extra *e = &w->extra[kind];
	const size_t room = strlen(path) + (name ? strlen(name) : 0) + 3;

	e->n += n;
	if (n == 0 || e->first)
		return 0;
	e->first = malloc(room);
	if (!e->first)
		return bl_fail_memory(w->err, room, "a name");
	snprintf(e->first, room, "%s%s%s", path, name ? ": " : "", name ? name : "");
	return 0;
}

/* Counts the attributes of the object at w->path. */
static int count_attributes(struct walk *w, hid_t id)
{
	H5O_info_t info;
	char name[256] = "";

	memset(&info, 0, sizeof info);
	if (H5Oget_info2(id, &info, H5O_INFO_NUM_ATTRS) < 0 || info.num_attrs == 0)
		return 0; /* where they cannot be counted, the rest may still be read */
	if (!w->extra[BL_H5_EXTRA_ATTRIBUTE].first)
		H5Aget_name_by_idx(id, ".", H5_INDEX_NAME, H5_ITER_INC, 0, name, sizeof name,
			H5P_DEFAULT);
	return count(w, BL_H5_EXTRA_ATTRIBUTE, info.num_attrs, w->path, name);
}

/* Links to other files lead nowhere good. */
static int refuse_external(struct walk *w, const struct group *g)
{
	size_t len;

	for (size_t i = 0; i < g->links.n; i++) {
		if (g->links.link[i].kind != H5L_TYPE_EXTERNAL)
			continue;
		if (!path_to(w, g, g->links.text + g->links.link[i].name, &len))
			return -1;
		bl_fail(w->err, BL_INPUT, "%s: is a link to another file", w->path);
		return bl_hint(w->err, "links to other files are never followed; h5repack or "
			"h5copy bring the data together");
	}
	return 0;
}

/* Begins with a group: collects its links. path: the bytes of w->path that lead to it. */
static int push(struct walk *w, hid_t id, size_t path)
{
	struct group *g = bl_h5_room_for(w->group, &w->room, w->depth + 1, sizeof *g, w->err);

	if (!g)
		return -1;
	w->group = g;
	if (w->depth == BL_H5_DEPTH)
		return bl_fail(w->err, BL_INPUT, "over %d groups within each other", BL_H5_DEPTH);
	g += w->depth++;
	memset(g, 0, sizeof *g);
	g->path = path;
	if (bl_h5_links_read(id, false, &g->links, w->err) != 0)
		return bl_prefix(w->err, "%.*s", path ? (int)path : 1, path ? w->path : "/");
	if (path && g->links.n == 0)
		return count(w, BL_H5_EXTRA_GROUP, 1, w->path, NULL);
	return refuse_external(w, g);
}

static void pop(struct walk *w)
{
	bl_h5_links_free(&w->group[--w->depth].links);
}

static int on_dataset(struct walk *w, hid_t id, uint64_t address, size_t len)
{
	if (++w->datasets > BL_H5_DATASETS)
		return bl_fail(w->err, BL_INPUT, "over %llu datasets in one file",
			(unsigned long long)BL_H5_DATASETS);
	bl_h5_put_bytes(w->index, w->path, len);
	if (bl_h5_describe(id, address, &w->window, &w->chunks, w->index, w->err) != 0)
		return bl_prefix(w->err, "%s", w->path);
	if (w->index->failed)
		return bl_h5_words_fail(w->index, w->err);
	return 0;
}

/* An object that was not reached before. */
static int on_object(struct walk *w, uint64_t address, size_t len, uint64_t *noted)
{
	hid_t id = H5Oopen_by_addr(w->file, address);
	H5I_type_t kind;
	int rc = 0;

	if (id < 0) {
		unsigned major = 0, minor = 0, release = 0;

		bl_h5_fail(w->err, BL_INPUT, "the HDF5 library cannot open it");
		H5get_libversion(&major, &minor, &release);
		bl_hint(w->err, "it is damaged, or needs a newer HDF5 than %u.%u.%u", major, minor,
			release);
		return bl_prefix(w->err, "%s", w->path);
	}
	kind = H5Iget_type(id);
	if (kind == H5I_DATASET)
		*noted |= DATASET;
	if (kind == H5I_DATASET || kind == H5I_GROUP)
		rc = count_attributes(w, id);
	else
		rc = count(w, BL_H5_EXTRA_TYPE, 1, w->path, NULL);
	if (rc == 0 && kind == H5I_DATASET)
		rc = on_dataset(w, id, address, len);
	else if (rc == 0 && kind == H5I_GROUP)
		rc = push(w, id, len);
	bl_h5_drop(id);
	return rc;
}

static int on_member(struct walk *w, const struct bl_h5_link *link)
{
	const struct group *g = &w->group[w->depth - 1];
	uint64_t *noted;
	size_t len;

	if (!path_to(w, g, g->links.text + link->name, &len))
		return -1;
	if (link->kind != H5L_TYPE_HARD)
		return count(w, BL_H5_EXTRA_SOFT_LINK, 1, w->path, NULL);
	noted = bl_h5_map_slot(&w->seen, link->address, w->err);
	if (!noted)
		return -1;
	if (*noted) {
		w->aliases += (*noted & DATASET) != 0;
		return count(w, BL_H5_EXTRA_HARD_LINK, 1, w->path, NULL);
	}
	*noted = SEEN;
	return on_object(w, link->address, len, noted);
}

static int walk_groups(struct walk *w)
{
	H5O_info_t info;
	uint64_t *noted;
	size_t len;
	const struct group top = {0};

	memset(&info, 0, sizeof info);
	if (!path_to(w, &top, "", &len))
		return -1;
	if (H5Oget_info2(w->file, &info, H5O_INFO_BASIC) < 0)
		return bl_h5_fail(w->err, BL_INPUT, "its root cannot be read");
	noted = bl_h5_map_slot(&w->seen, info.addr, w->err);
	if (!noted)
		return -1;
	*noted = SEEN;
	if (push(w, w->file, 0) != 0)
		return -1;
	while (w->depth) {
		struct group *g = &w->group[w->depth - 1];

		if (g->next == g->links.n)
			pop(w);
		else if (on_member(w, &g->links.link[g->next++]) != 0)
			return -1;
	}
	return 0;
}

/* Bytes of the text of an attribute, at most. */
static size_t longest(const char *name)
{
	return strcmp(name, "belay") == 0 || strcmp(name, BL_NAMES) == 0 ? OURS : ATTRIBUTE;
}

static herr_t on_attribute(hid_t root, const char *name, const H5A_info_t *info, void *data)
{
	struct walk *w = data;
	hid_t id = H5Aopen(root, name, H5P_DEFAULT);
	char *text = NULL;
	size_t len = 0;
	int rc;

	(void)info;
	rc = id < 0 ? bl_h5_fail(w->err, BL_INPUT, "cannot be read")
	            : bl_h5_attribute_text(id, &text, &len, w->err);
	if (rc != 0)
		bl_prefix(w->err, "attribute %s", name);
	else if (text && len <= longest(name)) {
		bl_h5_put_bytes(w->index, name, strlen(name));
		bl_h5_put_bytes(w->index, text, len);
		w->attributes++;
	} else {
		rc = count(w, BL_H5_EXTRA_ROOT_ATTRIBUTE, 1, name, NULL);
	}
	free(text);
	bl_h5_drop(id);
	return rc;
}

static int walk_attributes(struct walk *w)
{
	hid_t root = H5Gopen2(w->file, "/", H5P_DEFAULT);
	hsize_t at = 0;
	int rc = 0;

	w->err->text[0] = '\0';
	if (root < 0)
		rc = bl_h5_fail(w->err, BL_INPUT, "its root cannot be read");
	else if (H5Aiterate2(root, H5_INDEX_NAME, H5_ITER_INC, &at, on_attribute, w) < 0) {
		rc = -1;
		if (w->err->text[0] == '\0')
			bl_h5_fail(w->err, BL_INPUT, "its attributes cannot be read");
	}
	bl_h5_drop(root);
	return rc;
}

static int walk_file(struct walk *w)
{
	struct bl_h5_words *index = w->index;

	w->file = bl_h5_attach(&w->window, false, BL_INPUT, w->err);
	if (w->file < 0)
		return -1;
	for (int i = 0; i < 5; i++) /* the counts come when they are known */
		bl_h5_put(index, 0);
	if (walk_attributes(w) != 0 || walk_groups(w) != 0)
		return -1;
	for (size_t i = 0; i < BL_H5_EXTRAS; i++) {
		const char *first = w->extra[i].first ? w->extra[i].first : "";

		bl_h5_put(index, w->extra[i].n);
		bl_h5_put_bytes(index, first, strlen(first));
	}
	if (index->failed)
		return bl_h5_words_fail(index, w->err);
	index->word[0] = BL_H5_MARK;
	index->word[1] = index->count;
	index->word[2] = w->aliases;
	index->word[3] = w->attributes;
	index->word[4] = w->datasets;
	bl_h5_words_trim(index);
	return 0;
}

int bl_h5_walk(int fd, uint64_t base, uint64_t size, unsigned flags, struct bl_h5_words *index,
	struct bl_err *err)
{
	struct walk w = {.file = -1, .index = index, .err = err,
		.window = {.fd = fd, .base = base, .size = size,
			.plugins = (flags & BL_H5_PLUGINS) != 0,
			.opaque_bf16 = (flags & BL_H5_OPAQUE_BF16) != 0}};
	int rc;

	bl_h5_tame(w.window.plugins);
	rc = walk_file(&w);
	if (w.window.unread) /* of what the library has made of it nothing is to be trusted */
		rc = bl_fail_errno(err, BL_INPUT, w.window.unread, "cannot be read");
	bl_h5_drop(w.file);
	H5garbage_collect(); /* many files are open at once, none of them to the library */
	while (w.depth)
		pop(&w);
	free(w.group);
	bl_h5_map_free(&w.seen);
	free(w.path);
	for (size_t i = 0; i < BL_H5_EXTRAS; i++)
		free(w.extra[i].first);
	return rc;
}
