/*
 * hdf5_decode.c - a chunk's filters, undone and applied without the library.
 *
 * A pipeline is a list; it is undone from its end. Every length is demanded exactly: HDF5 itself
 * hands out what was in memory before where a chunk inflates to less than a chunk.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "hdf5_chunk.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

/* What inflates has its own memory, made once per thread. */
struct bl_h5_zip {
#ifdef HAVE_LIBDEFLATE
	struct libdeflate_decompressor *in;
#else
	z_stream in;
#endif
};

#define ZIP_BYTES ((size_t)64 << 10) /* what it takes, generously */

size_t bl_h5_work_size(size_t largest_chunk_bytes)
{
	size_t room = largest_chunk_bytes > BL_H5_WORK_MIN ? largest_chunk_bytes : BL_H5_WORK_MIN;

	if (room > BL_H5_CHUNK_BYTES)
		return SIZE_MAX;
	return 3 * (size_t)bl_h5_stored_max(room) + ZIP_BYTES + bl_deflater_size(room) +
		sizeof(struct bl_h5_work);
}

static struct bl_h5_zip *zip_new(void)
{
	struct bl_h5_zip *zip = calloc(1, sizeof *zip);

	if (!zip)
		return NULL;
#ifdef HAVE_LIBDEFLATE
	zip->in = libdeflate_alloc_decompressor();
	if (zip->in)
		return zip;
#else
	if (inflateInit(&zip->in) == Z_OK)
		return zip;
#endif
	free(zip);
	return NULL;
}

static void zip_free(struct bl_h5_zip *zip)
{
	if (!zip)
		return;
#ifdef HAVE_LIBDEFLATE
	libdeflate_free_decompressor(zip->in);
#else
	inflateEnd(&zip->in);
#endif
	free(zip);
}

void *bl_h5_work_new(size_t largest_chunk_bytes)
{
	struct bl_h5_work *w;
	size_t bytes;

	if (bl_h5_work_size(largest_chunk_bytes) == SIZE_MAX || !(w = calloc(1, sizeof *w)))
		return NULL;
	w->room = largest_chunk_bytes > BL_H5_WORK_MIN ? largest_chunk_bytes : BL_H5_WORK_MIN;
	bytes = (size_t)bl_h5_stored_max(w->room);
	w->stored = malloc(bytes);
	w->spare = malloc(bytes);
	w->chunk = malloc(bytes);
	w->zip = zip_new();
	w->deflater = bl_deflater_new(w->room);
	if (w->stored && w->spare && w->chunk && w->zip && w->deflater)
		return w;
	bl_h5_work_free(w);
	return NULL;
}

void bl_h5_work_free(void *work)
{
	struct bl_h5_work *w = work;

	if (!w)
		return;
	free(w->stored);
	free(w->spare);
	free(w->chunk);
	zip_free(w->zip);
	bl_deflater_free(w->deflater);
	free(w);
}

enum inflated { INFLATED, TOO_SHORT, TOO_LONG, BROKEN };

/* n bytes at src to exactly want bytes at dst. */
static enum inflated inflate_exactly(struct bl_h5_zip *zip, const unsigned char *src, size_t n,
	unsigned char *dst, size_t want)
{
#ifdef HAVE_LIBDEFLATE
	switch (libdeflate_zlib_decompress(zip->in, src, n, dst, want, NULL)) {
	case LIBDEFLATE_SUCCESS:
		return INFLATED;
	case LIBDEFLATE_SHORT_OUTPUT:
		return TOO_SHORT;
	case LIBDEFLATE_INSUFFICIENT_SPACE:
		return TOO_LONG;
	case LIBDEFLATE_BAD_DATA:
		break;
	}
	return BROKEN;
#else
	z_stream *z = &zip->in;
	int rc;

	if (inflateReset(z) != Z_OK)
		return BROKEN;
	z->next_in = src;
	z->avail_in = (uInt)n;
	z->next_out = dst;
	z->avail_out = (uInt)want;
	rc = inflate(z, Z_FINISH);
	if (rc == Z_STREAM_END)
		return z->avail_out == 0 ? INFLATED : TOO_SHORT;
	return rc == Z_BUF_ERROR && z->avail_out == 0 ? TOO_LONG : BROKEN;
#endif
}

/* Is filter i of the pipeline applied to this chunk? */
static bool applied(uint32_t mask, unsigned i)
{
	return !(mask >> i & 1);
}

/* Bytes that enter filter i: checksums before it have made the chunk longer. */
static size_t bytes_before(const struct bl_h5_object *o, uint32_t mask, unsigned i, size_t bytes)
{
	for (unsigned k = 0; k < i; k++)
		if (o->filter[k].id == BL_H5_FLETCHER32 && applied(mask, k))
			bytes += 4;
	return bytes;
}

static int check_sum(const unsigned char *src, size_t *n, struct bl_err *err)
{
	uint32_t sum, turned, stored;
	const unsigned char *at;

	if (*n < 4)
		return bl_fail(err, BL_INPUT, "it is too short for its checksum");
	*n -= 4;
	at = src + *n;
	stored = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
		(uint32_t)at[3] << 24;
	sum = bl_h5_fletcher32(src, *n);
	/* HDF5 1.6.2 on little-endian machines wrote the bytes of both halves swapped. */
	turned = (sum & 0x00ff00ffu) << 8 | (sum >> 8 & 0x00ff00ffu);
	if (stored != sum && stored != turned)
		return bl_fail(err, BL_INPUT, "its checksum is wrong");
	return 0;
}

static int inflate_chunk(struct bl_h5_work *w, const unsigned char *src, size_t n,
	unsigned char *dst, size_t want, struct bl_err *err)
{
	switch (inflate_exactly(w->zip, src, n, dst, want)) {
	case INFLATED:
		return 0;
	case TOO_SHORT:
		return bl_fail(err, BL_INPUT, "it inflates to less than %zu bytes", want);
	case TOO_LONG:
		return bl_fail(err, BL_INPUT, "it inflates to more than %zu bytes", want);
	case BROKEN:
		break;
	}
	return bl_fail(err, BL_INPUT, "its compressed data are damaged");
}

/* Has any filter before i work left to do that moves bytes? */
static bool moves_before(const struct bl_h5_object *o, uint32_t mask, unsigned i)
{
	while (i-- > 0)
		if (o->filter[i].id != BL_H5_FLETCHER32 && applied(mask, i))
			return true;
	return false;
}

int bl_h5_decode(const struct bl_h5_object *o, uint32_t mask, size_t stored, unsigned char *dst,
	size_t bytes, struct bl_h5_work *w, struct bl_err *err)
{
	const unsigned char *at = w->stored;
	unsigned char *free_buffer = w->spare;
	size_t n = stored;

	for (unsigned i = o->filters; i-- > 0;) {
		const size_t before = bytes_before(o, mask, i, bytes);
		/* The last step goes straight home, unless a checksum still has to come off. */
		const bool last = before == bytes && !moves_before(o, mask, i);
		unsigned char *to = last ? dst : free_buffer;

		if (!applied(mask, i))
			continue;
		if (o->filter[i].id == BL_H5_FLETCHER32) {
			if (check_sum(at, &n, err) != 0)
				return -1;
			continue;
		}
		if (o->filter[i].id == BL_H5_DEFLATE) {
			if (inflate_chunk(w, at, n, to, before, err) != 0)
				return -1;
			n = before;
		} else if (to == dst && n != bytes) {
			break;
		} else {
			bl_h5_unshuffle(to, at, n, o->filter[i].value);
		}
		free_buffer = at == w->stored ? w->stored : w->spare;
		at = to;
	}
	if (n != bytes)
		return bl_fail(err, BL_INPUT, "it has %zu bytes, not %zu", n, bytes);
	if (at != dst)
		memcpy(dst, at, bytes);
	return 0;
}

const unsigned char *bl_h5_encode(const struct bl_h5_object *o, enum bl_deflate how, uint32_t mask,
	const unsigned char *src, size_t bytes, size_t *stored, struct bl_h5_work *w,
	struct bl_err *err)
{
	const size_t room = (size_t)bl_h5_stored_max(w->room);
	const unsigned char *at = src;
	unsigned char *to = w->stored;
	size_t n = bytes, plane = bytes;

	for (unsigned i = 0; i < o->filters; i++) {
		if (!applied(mask, i))
			continue;
		switch (o->filter[i].id) {
		case BL_H5_SHUFFLE:
			bl_h5_shuffle(to, at, n, o->filter[i].value);
			if (o->filter[i].value)
				plane = n / o->filter[i].value;
			break;
		case BL_H5_DEFLATE:
			n = bl_deflate(w->deflater, how, o->filter[i].value, at, n, plane, to, room,
				err);
			if (n == 0)
				return NULL;
			break;
		default: {
			const uint32_t sum = bl_h5_fletcher32(at, n);

			memcpy(to, at, n);
			for (unsigned k = 0; k < 4; k++)
				to[n + k] = (unsigned char)(sum >> 8 * k);
			n += 4;
			break;
		}
		}
		at = to;
		to = to == w->stored ? w->spare : w->stored;
	}
	*stored = n;
	return at;
}
