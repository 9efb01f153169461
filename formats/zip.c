/*
 * zip.c - reads the directory of a zip file (PKWARE's APPNOTE.TXT 6.3, sections 4.3 to 4.5).
 *
 *   header, data [, descriptor]   of each member
 *   directory                     a row for each member
 *   [record, locator]             of ZIP64
 *   last record                   with a comment
 */
#include "zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 30    /* bytes, and then the name and the extra field */
#define ROW 46       /* bytes, and then the name, the extra field and a comment */
#define RECORD 56
#define LOCATOR 20
#define LAST 22      /* bytes, and then a comment */
#define TEXT 65535   /* bytes of a name, an extra field or a comment, at most */
#define TAIL ((size_t)4 << 20) /* bytes of a directory, at most */

#define ENCRYPTED 1u /* flags of a member */
#define LATE 8u
#define PATCH 0x20u
#define HIDDEN 0x2040u

uint64_t bl_zip_get(const unsigned char *p, unsigned n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

void bl_zip_put(unsigned char *p, unsigned n, uint64_t value)
{
	for (; n-- > 0; value >>= 8)
		*p++ = (unsigned char)value;
}

static bool is(const unsigned char *p, const char *signature)
{
	return memcmp(p, signature, 4) == 0;
}

static int damaged(struct bl_err *err)
{
	return bl_fail(err, BL_INPUT, "its zip directory is damaged");
}

bool bl_zip_begins(const unsigned char *head, size_t n, const unsigned char **name, size_t *length)
{
	if (n < HEADER || !is(head, "PK\3\4"))
		return false;
	*name = head + HEADER;
	*length = (size_t)bl_zip_get(head + 26, 2);
	return *length <= n - HEADER;
}

/* ---- the end of the directory ---- */

/* What the ends of the directory say. */
struct ends {
	uint64_t at;     /* of the last record */
	uint64_t record; /* ZIP64's; only where wide */
	bool wide;
	uint64_t members, directory, size;
};

/* Finds the last record: the last place with its signature counts. size is at least 4. */
static int find_last(struct bl_file *file, uint64_t size, struct ends *e, struct bl_err *err)
{
	const size_t n = size < LAST + TEXT ? (size_t)size : LAST + TEXT;
	unsigned char *end = malloc(n);
	size_t at = n - 4;
	int rc;

	if (!end)
		return bl_fail_memory(err, n, "the end of a zip file");
	rc = bl_file_read(file, size - n, end, n, err);
	while (rc == 0 && at > 0 && !is(end + at, "PK\5\6"))
		at--;
	if (rc == 0 && (n - at < LAST || !is(end + at, "PK\5\6"))) {
		rc = bl_fail(err, BL_INPUT, "its zip directory is missing");
		bl_hint(err, "it was cut short, or is not written to its end yet");
	} else if (rc == 0 && n - at != LAST + bl_zip_get(end + at + 20, 2)) {
		rc = bl_fail(err, BL_INPUT, "its zip directory does not end where the file does");
	}
	e->at = size - n + at;
	free(end);
	return rc;
}

/* Reads ZIP64's record, which stands before its locator. The last record says the same, or in all
 * ones that it does not know. */
static int read_wide(struct bl_file *file, struct ends *e, const unsigned char *locator,
	struct bl_err *err)
{
	const uint64_t at = bl_zip_get(locator + 8, 8), end = e->at - LOCATOR;
	unsigned char r[RECORD];

	if (bl_zip_get(locator + 4, 4) != 0 || bl_zip_get(locator + 16, 4) > 1)
		return bl_fail(err, BL_INPUT, "is one part of a zip file in several");
	if (at > end || end - at < RECORD)
		return damaged(err);
	if (bl_file_read(file, at, r, RECORD, err) != 0)
		return -1;
	if (!is(r, "PK\6\6") || bl_zip_get(r + 4, 8) != end - at - 12 ||
		bl_zip_get(r + 16, 8) != 0 || bl_zip_get(r + 24, 8) != bl_zip_get(r + 32, 8))
		return damaged(err);
	if ((e->members != 0xffff && e->members != bl_zip_get(r + 32, 8)) ||
		(e->size != UINT32_MAX && e->size != bl_zip_get(r + 40, 8)) ||
		(e->directory != UINT32_MAX && e->directory != bl_zip_get(r + 48, 8)))
		return damaged(err);
	e->wide = true;
	e->record = at;
	e->members = bl_zip_get(r + 32, 8);
	e->size = bl_zip_get(r + 40, 8);
	e->directory = bl_zip_get(r + 48, 8);
	return 0;
}

static int read_ends(struct bl_file *file, struct ends *e, struct bl_err *err)
{
	unsigned char bytes[LOCATOR + LAST], *last = bytes + LOCATOR;
	uint64_t end;

	if (e->at < LOCATOR)
		return damaged(err);
	if (bl_file_read(file, e->at - LOCATOR, bytes, sizeof bytes, err) != 0)
		return -1;
	e->members = bl_zip_get(last + 10, 2);
	e->size = bl_zip_get(last + 12, 4);
	e->directory = bl_zip_get(last + 16, 4);
	if (is(bytes, "PK\6\7")) {
		if (read_wide(file, e, bytes, err) != 0)
			return -1;
	} else if (bl_zip_get(last + 4, 4) != 0 || bl_zip_get(last + 8, 2) != e->members) {
		return bl_fail(err, BL_INPUT, "is one part of a zip file in several");
	}
	end = e->wide ? e->record : e->at;
	if (e->directory > end || end - e->directory != e->size)
		return damaged(err);
	return 0;
}

/* ---- the rows of the directory ---- */

/* Takes one number of a row from its ZIP64 field, which has only those that are all ones in the
 * row, in this order. */
static bool take_wide(const struct bl_zip *zip, struct bl_zip_number *n, size_t *at, size_t end)
{
	if (n->value != UINT32_MAX || *at == 0)
		return true;
	if (end - *at < 8)
		return false;
	n->at = *at;
	n->bytes = 8;
	n->value = bl_zip_get(zip->tail + *at, 8);
	*at += 8;
	return true;
}

/* Finds an extra field by its number: *at and *end are those of all fields, then those of its
 * content; *at 0 where there is none. False where they do not fit. */
static bool find_extra(const unsigned char *bytes, unsigned number, size_t *at, size_t *end)
{
	bool found = false;
	size_t first = 0, behind = 0;

	while (*end - *at >= 4) {
		const size_t n = (size_t)bl_zip_get(bytes + *at + 2, 2);

		if (n > *end - *at - 4)
			return false;
		if (bl_zip_get(bytes + *at, 2) == number) {
			if (found)
				return false;
			found = true;
			first = *at + 4;
			behind = first + n;
		}
		*at += 4 + n;
	}
	*at = first;
	*end = behind;
	return true;
}

static struct bl_zip_number number(const struct bl_zip *zip, size_t at)
{
	return (struct bl_zip_number){bl_zip_get(zip->tail + at, 4), at, 4};
}

/* Reads the row at *at and steps over it. */
static int take_row(const struct bl_zip *zip, size_t *at, struct bl_zip_member *m,
	struct bl_err *err)
{
	const unsigned char *row = zip->tail + *at;
	const size_t left = zip->directory_size - *at;
	size_t extra, end, whole;

	if (left < ROW || !is(row, "PK\1\2"))
		return damaged(err);
	m->entry = *at;
	m->flags = (unsigned)bl_zip_get(row + 8, 2);
	m->method = (unsigned)bl_zip_get(row + 10, 2);
	m->crc = (uint32_t)bl_zip_get(row + 16, 4);
	m->stored = number(zip, *at + 20);
	m->size = number(zip, *at + 24);
	m->header = number(zip, *at + 42);
	m->name = row + ROW;
	m->length = (size_t)bl_zip_get(row + 28, 2);
	extra = *at + ROW + m->length;
	end = extra + (size_t)bl_zip_get(row + 30, 2);
	whole = end - *at + (size_t)bl_zip_get(row + 32, 2);
	if (whole > left || !find_extra(zip->tail, 1, &extra, &end) ||
		!take_wide(zip, &m->size, &extra, end) ||
		!take_wide(zip, &m->stored, &extra, end) ||
		!take_wide(zip, &m->header, &extra, end))
		return damaged(err);
	if (bl_zip_get(row + 34, 2) != 0)
		return bl_fail(err, BL_INPUT, "is one part of a zip file in several");
	*at += whole;
	return 0;
}

static int take_rows(struct bl_zip *zip, uint64_t members, struct bl_err *err)
{
	size_t at = 0;

	if (members > zip->directory_size / ROW)
		return damaged(err);
	zip->member = calloc(members ? (size_t)members : 1, sizeof *zip->member);
	if (!zip->member)
		return bl_fail_memory(err, (size_t)members * sizeof *zip->member, "a directory");
	for (; zip->members < members; zip->members++)
		if (take_row(zip, &at, &zip->member[zip->members], err) != 0)
			return -1;
	return at == zip->directory_size ? 0 : damaged(err);
}

/* ---- the members' own headers ---- */

static int in_member(const struct bl_zip_member *m, struct bl_err *err)
{
	return bl_prefix(err, "member %.*s", m->length < 200 ? (int)m->length : 200,
		(const char *)m->name);
}

/* Is a number that a header tells the directory's? known: it is, and not left to a descriptor. */
static bool agrees(const struct bl_zip_member *m, uint64_t told, uint64_t should, bool *known)
{
	*known = !(m->flags & LATE) || told != 0;
	return !*known || told == should;
}

/* Compares the sizes in a header, and in its ZIP64 field (extra; 0: none), with the directory's. */
static bool sizes_agree(struct bl_zip_member *m, const unsigned char *header, size_t extra,
	size_t end)
{
	const uint64_t stored = bl_zip_get(header + 18, 4), size = bl_zip_get(header + 22, 4);
	bool known;

	if (extra) {
		if (end - extra < 16 || !agrees(m, bl_zip_get(header + extra, 8), m->size.value,
				&m->knows_wide) ||
			!agrees(m, bl_zip_get(header + extra + 8, 8), m->stored.value, &known) ||
			known != m->knows_wide)
			return false;
		m->wide = m->header.value + extra;
		if (stored == UINT32_MAX && size == UINT32_MAX)
			return true;
	}
	return agrees(m, size, m->size.value, &m->knows_sizes) &&
		agrees(m, stored, m->stored.value, &known) && known == m->knows_sizes;
}

/* Reads a member's header; room has space for the longest. */
static int read_header(const struct bl_zip *zip, struct bl_file *file, struct bl_zip_member *m,
	unsigned char *room, struct bl_err *err)
{
	size_t length, extra, end;

	if (m->header.value > zip->directory || zip->directory - m->header.value < HEADER)
		return bl_fail(err, BL_INPUT, "lies outside the zip file");
	if (bl_file_read(file, m->header.value, room, HEADER, err) != 0)
		return -1;
	length = (size_t)bl_zip_get(room + 26, 2);
	extra = HEADER + length;
	end = extra + (size_t)bl_zip_get(room + 28, 2);
	m->data = m->header.value + end;
	if (!is(room, "PK\3\4"))
		return bl_fail(err, BL_INPUT, "is not where the zip directory says");
	if (m->data > zip->directory || m->stored.value > zip->directory - m->data)
		return bl_fail(err, BL_INPUT, "lies outside the zip file");
	m->behind = m->data + m->stored.value;
	if (bl_file_read(file, m->header.value + HEADER, room + HEADER, end - HEADER, err) != 0)
		return -1;
	if (length != m->length || memcmp(room + HEADER, m->name, length) != 0)
		return bl_fail(err, BL_INPUT, "has another name in its header");
	if (!find_extra(room, 1, &extra, &end) || !sizes_agree(m, room, extra, end) ||
		!agrees(m, bl_zip_get(room + 14, 4), m->crc, &m->knows_crc) ||
		((bl_zip_get(room + 6, 2) ^ m->flags) & (ENCRYPTED | LATE)) ||
		bl_zip_get(room + 8, 2) != m->method)
		return bl_fail(err, BL_INPUT, "its header differs from the zip directory");
	return 0;
}

static int read_headers(struct bl_zip *zip, struct bl_file *file, struct bl_err *err)
{
	unsigned char *room = malloc(HEADER + 2 * TEXT);
	int rc = 0;

	if (!room)
		return bl_fail_memory(err, HEADER + 2 * TEXT, "a directory");
	for (size_t i = 0; i < zip->members && rc == 0; i++)
		if (read_header(zip, file, &zip->member[i], room, err) != 0)
			rc = in_member(&zip->member[i], err);
	free(room);
	return rc;
}

/* ---- all members ---- */

static int by_name(const void *a, const void *b)
{
	const struct bl_zip_member *x = a, *y = b;
	const size_t n = x->length < y->length ? x->length : y->length;
	const int order = memcmp(x->name, y->name, n);

	return order ? order : (x->length > y->length) - (x->length < y->length);
}

static int by_place(const void *a, const void *b)
{
	const struct bl_zip_member *x = a, *y = b;

	return (x->header.value > y->header.value) - (x->header.value < y->header.value);
}

/* One name, one member; and none over another. Leaves them in the order of the file. */
static int check_members(struct bl_zip *zip, struct bl_err *err)
{
	struct bl_zip_member *m = zip->member;

	qsort(m, zip->members, sizeof *m, by_name);
	for (size_t i = 1; i < zip->members; i++)
		if (by_name(&m[i - 1], &m[i]) == 0) {
			bl_fail(err, BL_INPUT, "is in the zip file twice");
			return in_member(&m[i], err);
		}
	qsort(m, zip->members, sizeof *m, by_place);
	for (size_t i = 0; i < zip->members; i++) {
		m[i].next = i + 1 < zip->members ? m[i + 1].header.value : zip->directory;
		if (m[i].behind <= m[i].next)
			continue;
		bl_fail(err, BL_INPUT, "shares bytes with another one");
		return in_member(&m[i], err);
	}
	return 0;
}

int bl_zip_open(struct bl_zip *zip, struct bl_file *file, struct bl_err *err)
{
	const uint64_t size = bl_file_size(file);
	unsigned char head[4];
	struct ends e = {0};

	memset(zip, 0, sizeof *zip);
	if (size < sizeof head)
		return bl_fail(err, BL_INPUT, "is no zip file");
	if (bl_file_read(file, 0, head, sizeof head, err) != 0)
		return -1;
	if (!is(head, "PK\3\4"))
		return bl_fail(err, BL_INPUT, "is no zip file");
	if (find_last(file, size, &e, err) != 0 || read_ends(file, &e, err) != 0)
		return -1;
	if (size - e.directory > TAIL)
		return bl_fail(err, BL_INPUT, "its zip directory takes over %zu bytes", TAIL);
	zip->size = size;
	zip->directory = e.directory;
	zip->directory_size = (size_t)e.size;
	zip->tail_size = (size_t)(size - e.directory);
	zip->wide = e.wide;
	zip->record = e.wide ? (size_t)(e.record - e.directory) : 0;
	zip->last = (size_t)(e.at - e.directory);
	zip->locator = zip->last - LOCATOR;
	zip->tail = malloc(zip->tail_size);
	if (!zip->tail)
		return bl_fail_memory(err, zip->tail_size, "a directory");
	if (bl_file_read(file, e.directory, zip->tail, zip->tail_size, err) != 0 ||
		take_rows(zip, e.members, err) != 0 || read_headers(zip, file, err) != 0)
		return -1;
	return check_members(zip, err);
}

void bl_zip_free(struct bl_zip *zip)
{
	free(zip->tail);
	free(zip->member);
	memset(zip, 0, sizeof *zip);
}

/* ---- one member ---- */

/* Is this the descriptor of the member, in its narrow or wide form? It may begin with a signature.
 * Its bytes; else 0. */
static unsigned descriptor_at(const unsigned char *p, size_t n, const struct bl_zip_member *m,
	unsigned width)
{
	const unsigned skip = n >= 4 && is(p, "PK\7\10") ? 4 : 0, bytes = skip + 4 + 2 * width;

	if (n < bytes || bl_zip_get(p + skip, 4) != m->crc ||
		bl_zip_get(p + skip + 4, width) != m->stored.value ||
		bl_zip_get(p + skip + 4 + width, width) != m->size.value)
		return 0;
	return bytes;
}

static int find_descriptor(struct bl_zip_member *m, struct bl_file *file, struct bl_err *err)
{
	unsigned char bytes[24];
	const uint64_t left = m->next - m->behind;
	const size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;

	if (bl_file_read(file, m->behind, bytes, n, err) != 0)
		return -1;
	m->descriptor = descriptor_at(bytes, n, m, 4);
	if (!m->descriptor)
		m->descriptor = descriptor_at(bytes, n, m, 8);
	if (!m->descriptor)
		return bl_fail(err, BL_INPUT, "its descriptor differs from the zip directory");
	return 0;
}

static int check_stored(struct bl_zip_member *m, struct bl_file *file, struct bl_err *err)
{
	if (m->flags & (ENCRYPTED | HIDDEN))
		return bl_fail(err, BL_INPUT, "is encrypted");
	if (m->method != 0 || m->flags & PATCH) {
		bl_fail(err, BL_INPUT, "is compressed (method %u), and cannot be read in place",
			m->method);
		return bl_hint(err, "unpack the file and pack it anew with zip -0 -r");
	}
	if (m->stored.value != m->size.value)
		return bl_fail(err, BL_INPUT, "has two different sizes");
	return m->flags & LATE ? find_descriptor(m, file, err) : 0;
}

int bl_zip_stored(struct bl_zip *zip, struct bl_file *file, const char *name,
	struct bl_zip_member **member, struct bl_err *err)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < zip->members; i++) {
		struct bl_zip_member *m = &zip->member[i];

		if (m->length != length || memcmp(m->name, name, length) != 0)
			continue;
		*member = m;
		return check_stored(m, file, err) == 0 ? 0 : in_member(m, err);
	}
	return bl_fail(err, BL_INPUT, "has no member %s", name);
}
