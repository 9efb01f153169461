/* zip_write.c - completes a zip file one member of which was written anew. */
#include "zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

#define PIECE ((size_t)1 << 20) /* bytes read at a time */

/* Sets a number that may be all ones only where it is wide. */
static int set(struct bl_zip *zip, struct bl_zip_number *n, uint64_t value)
{
	if (n->bytes == 4 && value >= UINT32_MAX)
		return -1;
	n->value = value;
	bl_zip_put(zip->tail + n->at, n->bytes, value);
	return 0;
}

/* Adds to a place in the last record, where all ones say that ZIP64's record has it. */
static int move_last(struct bl_zip *zip, uint64_t by)
{
	struct bl_zip_number place = {0, zip->last + 16, 4};

	place.value = bl_zip_get(zip->tail + place.at, 4);
	if (zip->wide && place.value == UINT32_MAX)
		return 0;
	return set(zip, &place, place.value + by);
}

static void move_wide(struct bl_zip *zip, size_t at, uint64_t by)
{
	bl_zip_put(zip->tail + at, 8, bl_zip_get(zip->tail + at, 8) + by);
}

/* Moves all that is behind the member; by may be "negative", modulo 2^64. */
static int move(struct bl_zip *zip, struct bl_zip_member *m, uint64_t by)
{
	for (size_t i = (size_t)(m - zip->member) + 1; i < zip->members; i++)
		if (set(zip, &zip->member[i].header, zip->member[i].header.value + by) != 0)
			return -1;
	if (zip->wide) {
		move_wide(zip, zip->record + 48, by);
		move_wide(zip, zip->locator + 8, by);
	}
	m->next += by;
	zip->directory += by;
	zip->size += by;
	return move_last(zip, by);
}

/* Do all the places where a member's size is told have room for it? */
static bool fits(const struct bl_zip_member *m, uint64_t size)
{
	const bool narrow = m->knows_sizes || m->descriptor == 12 || m->descriptor == 16;

	return size < UINT32_MAX || !narrow;
}

int bl_zip_resize(struct bl_zip *zip, struct bl_zip_member *m, uint64_t size, struct bl_err *err)
{
	if (size <= INT64_MAX - zip->size && fits(m, size) &&
		move(zip, m, size - m->size.value) == 0 && set(zip, &m->size, size) == 0 &&
		set(zip, &m->stored, size) == 0)
		return 0;
	bl_fail(err, BL_LIMIT, "its weights need %" PRIu64 " bytes, for which the zip directory of "
		"the last checkpoint is too narrow", size);
	return bl_hint(err, "--no-provenance keeps the size of uncompressed weights");
}

/* The CRC of the member as it was written. */
static int sum(const struct bl_zip_member *m, struct bl_output *out, unsigned char *piece,
	uint32_t *crc, struct bl_err *err)
{
	uLong c = crc32(0, NULL, 0);

	for (uint64_t at = 0; at < m->size.value;) {
		const uint64_t left = m->size.value - at;
		const size_t n = left < PIECE ? (size_t)left : PIECE;

		if (bl_output_read(out, m->data + at, piece, n, err) != 0)
			return -1;
		c = crc32(c, piece, (uInt)n);
		at += n;
	}
	*crc = (uint32_t)c;
	return 0;
}

/* Copies what stands between the member and the directory: the other members. */
static int copy(const struct bl_zip *zip, const struct bl_zip_member *m, struct bl_file *old,
	struct bl_output *out, unsigned char *piece, struct bl_err *err)
{
	const uint64_t to = m->data + m->size.value;

	for (uint64_t at = 0; at < zip->directory - to;) {
		const uint64_t left = zip->directory - to - at;
		const size_t n = left < PIECE ? (size_t)left : PIECE;

		if (bl_file_read(old, m->behind + at, piece, n, err) != 0 ||
			bl_output_write(out, to + at, piece, n, err) != 0)
			return -1;
		at += n;
	}
	return 0;
}

static int put(struct bl_output *out, uint64_t at, unsigned n, uint64_t value, struct bl_err *err)
{
	unsigned char bytes[8];

	bl_zip_put(bytes, n, value);
	return bl_output_write(out, at, bytes, n, err);
}

/* Size, without and with compression, at a place in the file. */
static int put_sizes(const struct bl_zip_member *m, struct bl_output *out, uint64_t at,
	unsigned width, struct bl_err *err)
{
	if (put(out, at, width, m->size.value, err) != 0)
		return -1;
	return put(out, at + width, width, m->stored.value, err);
}

/* The member's own header, and its descriptor. */
static int put_own(const struct bl_zip_member *m, struct bl_output *out, struct bl_err *err)
{
	const unsigned width = m->descriptor >= 20 ? 8 : 4;
	const uint64_t sizes = m->data + m->size.value + m->descriptor - 2 * width;

	if (m->knows_crc && put(out, m->header.value + 14, 4, m->crc, err) != 0)
		return -1;
	if (m->knows_sizes && put_sizes(m, out, m->header.value + 18, 4, err) != 0)
		return -1;
	if (m->knows_wide && put_sizes(m, out, m->wide, 8, err) != 0)
		return -1;
	if (!m->descriptor)
		return 0;
	if (put(out, sizes - 4, 4, m->crc, err) != 0)
		return -1;
	return put_sizes(m, out, sizes, width, err);
}

int bl_zip_complete(struct bl_zip *zip, struct bl_zip_member *m, struct bl_file *old,
	struct bl_output *out, struct bl_err *err)
{
	unsigned char *piece = malloc(PIECE);
	int rc = -1;

	if (!piece)
		return bl_fail_memory(err, PIECE, "a copy");
	if (sum(m, out, piece, &m->crc, err) != 0)
		goto out;
	bl_zip_put(zip->tail + m->entry + 16, 4, m->crc);
	if (copy(zip, m, old, out, piece, err) != 0 || put_own(m, out, err) != 0)
		goto out;
	rc = bl_output_write(out, zip->directory, zip->tail, zip->tail_size, err);
out:
	free(piece);
	return rc;
}
