/* made_zip.c - makes zip files, byte by byte, of three members around given weights. */
#include "made_zip.h"
#include "sample.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct bytes {
	unsigned char *at;
	size_t n, room;
};

static void put(struct bytes *b, const void *p, size_t n)
{
	if (b->n + n > b->room) {
		b->room = 2 * (b->n + n);
		b->at = realloc(b->at, b->room);
	}
	memcpy(b->at + b->n, p, n);
	b->n += n;
}

/* A little-endian number of width bytes. */
static void number(struct bytes *b, unsigned width, uint64_t value)
{
	for (; width-- > 0; value >>= 8)
		put(b, &(unsigned char){(unsigned char)value}, 1);
}

/* A member of this zip file. */
struct member {
	const char *name;
	const void *data;
	size_t n;
	unsigned how;
	size_t header;
};

static const char extras[] = "ux\5\0abcde", comment[] = "a remark";

static uint32_t crc_of(const struct member *m)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), m->data, (uInt)m->n);
}

/* From flags to the sizes: the same in a header and a row. */
static void head(struct bytes *b, const struct member *m, uint32_t crc, uint32_t size)
{
	number(b, 2, m->how & ZIP_LATE ? 8 : 0);
	number(b, 2, 0);
	number(b, 4, 0x5c216a42); /* the time */
	number(b, 4, crc);
	number(b, 4, size);
	number(b, 4, size);
	number(b, 2, strlen(m->name));
}

static void header(struct bytes *b, const struct member *m)
{
	const int known = !(m->how & ZIP_LATE) || m->how & ZIP_LATE_KNOWN;
	const int ones = m->how & ZIP_WIDE && !(m->how & ZIP_NARROW_HEADER);
	const int wide = ones || m->how & ZIP_WIDE_HEADER;
	const uint32_t size = known ? (uint32_t)m->n : 0;

	put(b, "PK\3\4", 4);
	number(b, 2, 20);
	head(b, m, known ? crc_of(m) : 0, ones ? UINT32_MAX : size);
	number(b, 2, (wide ? 20u : 0u) + (m->how & ZIP_EXTRAS ? 9u : 0u));
	put(b, m->name, strlen(m->name));
	if (m->how & ZIP_EXTRAS)
		put(b, extras, 9);
	if (wide) {
		number(b, 4, 0x00100001);
		number(b, 8, size);
		number(b, 8, size);
	}
	put(b, m->data, m->n);
}

static void descriptor(struct bytes *b, const struct member *m)
{
	const unsigned width = m->how & ZIP_LATE_WIDE ? 8 : 4;

	if (!(m->how & ZIP_LATE))
		return;
	if (!(m->how & ZIP_LATE_BARE))
		put(b, "PK\7\10", 4);
	number(b, 4, crc_of(m));
	number(b, width, m->n);
	number(b, width, m->n);
}

static void row(struct bytes *b, const struct member *m)
{
	const int wide = (m->how & ZIP_WIDE) != 0, more = (m->how & ZIP_EXTRAS) != 0;

	put(b, "PK\1\2", 4);
	number(b, 2, 20);
	number(b, 2, 20);
	head(b, m, crc_of(m), wide ? UINT32_MAX : (uint32_t)m->n);
	number(b, 2, (wide ? 28u : 0u) + (more ? 9u : 0u));
	number(b, 2, more ? 8 : 0);
	number(b, 8, 0); /* disk and attributes */
	number(b, 4, wide ? UINT32_MAX : m->header);
	put(b, m->name, strlen(m->name));
	if (more)
		put(b, extras, 9);
	if (wide) {
		number(b, 4, 0x00180001);
		number(b, 8, m->n);
		number(b, 8, m->n);
		number(b, 8, m->header);
	}
	if (more)
		put(b, comment, 8);
}

static void ends(struct bytes *b, unsigned how, struct made_zip_places *p)
{
	const size_t size = b->n - p->directory;
	const int ones = (how & ZIP_WIDE_END) != 0;

	p->record = b->n;
	if (how & (ZIP_WIDE_END | ZIP_WIDE_EXTRA)) {
		put(b, "PK\6\6", 4);
		number(b, 8, 44);
		number(b, 4, 0x002d002d);
		number(b, 8, 0);
		number(b, 8, 3);
		number(b, 8, 3);
		number(b, 8, size);
		number(b, 8, p->directory);
		p->locator = b->n;
		put(b, "PK\6\7", 4);
		number(b, 4, 0);
		number(b, 8, p->record);
		number(b, 4, 1);
	}
	p->last = b->n;
	put(b, "PK\5\6", 4);
	number(b, 4, 0);
	number(b, 2, ones ? 0xffff : 3);
	number(b, 2, ones ? 0xffff : 3);
	number(b, 4, ones ? UINT32_MAX : size);
	number(b, 4, ones ? UINT32_MAX : p->directory);
	number(b, 2, how & ZIP_EXTRAS ? 8 : 0);
	if (how & ZIP_EXTRAS)
		put(b, comment, 8);
}

unsigned char *made_zip(unsigned how, const void *weights, size_t n, struct made_zip_places *places)
{
	const unsigned other = how & (ZIP_EXTRAS | (how & ZIP_BEHIND ? ZIP_WIDE : 0));
	struct member all[] = {
		{"metadata.json", "{\"keras_version\": \"3\"}", 22, 0, 0},
		{"config.json", "{\"class_name\": \"Functional\"}", 28, other, 0},
		{"model.weights.h5", weights, n, how, 0},
	};
	const unsigned order[] = {0, how & ZIP_BEHIND ? 2 : 1, how & ZIP_BEHIND ? 1 : 2};
	struct bytes b = {0};

	memset(places, 0, sizeof *places);
	for (unsigned i = 0; i < 3; i++) {
		struct member *m = &all[order[i]];

		if (i && how & ZIP_GAPS)
			put(&b, "between", 7);
		m->header = b.n;
		header(&b, m);
		if (order[i] == 2) {
			places->header = m->header;
			places->data = b.n - n;
			places->descriptor = b.n;
			descriptor(&b, m);
		}
	}
	if (how & ZIP_GAPS)
		put(&b, "end", 3);
	places->directory = b.n;
	for (unsigned i = 3; i-- > 0;) { /* the directory need not be in the order of the file */
		if (order[i] == 2)
			places->row = b.n;
		row(&b, &all[order[i]]);
	}
	ends(&b, how, places);
	places->end = b.n;
	return b.at;
}

const unsigned made_zip_kind[] = {
	0, ZIP_BEHIND, ZIP_GAPS | ZIP_BEHIND, ZIP_EXTRAS | ZIP_BEHIND,
	ZIP_WIDE, ZIP_WIDE | ZIP_BEHIND | ZIP_WIDE_END, ZIP_WIDE | ZIP_EXTRAS | ZIP_WIDE_EXTRA,
	ZIP_WIDE_HEADER | ZIP_BEHIND, ZIP_WIDE_EXTRA | ZIP_BEHIND,
	ZIP_LATE, ZIP_LATE | ZIP_BEHIND | ZIP_GAPS, ZIP_LATE | ZIP_LATE_BARE | ZIP_BEHIND,
	ZIP_LATE | ZIP_LATE_KNOWN | ZIP_BEHIND, ZIP_LATE | ZIP_LATE_WIDE | ZIP_LATE_BARE,
	ZIP_WIDE | ZIP_LATE | ZIP_LATE_WIDE | ZIP_WIDE_END | ZIP_BEHIND | ZIP_GAPS | ZIP_EXTRAS,
	ZIP_WIDE_HEADER | ZIP_LATE | ZIP_LATE_KNOWN | ZIP_LATE_WIDE | ZIP_BEHIND,
};

_Static_assert(sizeof made_zip_kind / sizeof made_zip_kind[0] == MADE_ZIP_KINDS, "count them");

unsigned char *made_weights(size_t n, unsigned seed)
{
	unsigned char *w = malloc(n + 1);

	for (size_t i = 0; i < n; i++)
		w[i] = (unsigned char)((i * 37 + seed) >> 3 ^ i);
	return w;
}

struct opened *open_zip(const void *bytes, size_t n)
{
	struct opened *o = calloc(1, sizeof *o);

	o->path = strdup(scratch_path("a.zip"));
	sample_write(o->path, bytes, n);
	ck_assert_int_eq(bl_files_new(&o->pool, 0, &o->err), 0);
	ck_assert_int_eq(bl_file_open(o->pool, o->path, &o->file, &o->err), 0);
	o->rc = bl_zip_open(&o->zip, o->file, &o->err);
	if (o->rc == 0)
		o->rc = bl_zip_stored(&o->zip, o->file, "model.weights.h5", &o->m, &o->err);
	return o;
}

void close_zip(struct opened *o)
{
	bl_zip_free(&o->zip);
	bl_file_close(o->file);
	bl_files_free(o->pool);
	free(o->path);
	free(o);
}
