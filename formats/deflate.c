/*
 * deflate.c - compresses a chunk piece by piece.
 *
 * Of each piece it is counted how often two of its bytes, drawn at random, are the same: in noise,
 * once in 256 times. Such a piece is stored. Up to once in 4 the bytes get codes of their own,
 * without a search, which is shorter than what a search comes to where bytes are independent of
 * each other. Where they repeat more often than by chance, the piece is searched, and so is what it
 * repeats. Above once in 4, codes of whole bits for single bytes are too coarse.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "deflate.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#define CHUNK_LEAST 8192 /* bytes; a smaller one is searched as it is */
#define PIECE_LEAST 1024
#define PIECE_MOST 32768
#define PLANES 16 /* a number has no more bytes */
#define WINDOW (32768 - 262) /* how far zlib looks back */

#define ONE ((uint64_t)1 << 32)       /* probabilities are multiples of 1 / ONE */
#define NOISE (ONE / 256 / 100 * 108) /* up to here coding single bytes gains under 1 % */
#define COARSE (ONE / 4)

#define SLOTS 8192 /* for strings that were seen */
#define LONGEST 16 /* of the strings that are compared */

/* One position in KEEP goes into a slot, and of BLOCK of them the first KEEP are looked up: some
 * pair has any distance, and rows whose length is a power of two are not looked up at one place
 * only. */
#define KEEP 4
#define BLOCK 44

/* What is done with a piece. */
enum way { STORE, CODE, SEARCH };

struct bl_deflater {
	z_stream z;
	unsigned char *way;   /* of each piece */
	uint32_t slot[SLOTS]; /* 1 + where in the chunk a string stands; 0: none */
	uint32_t count[4][256];
#ifdef HAVE_LIBDEFLATE
	struct libdeflate_compressor *fast; /* of level; NULL: not needed yet */
	unsigned level;
#endif
};

#define ZLIB_BYTES ((size_t)300 << 10)
#define FAST_BYTES ((size_t)700 << 10)

/* A chunk, cut: as many pieces in each plane, of the same size but for the last. */
struct pieces {
	const unsigned char *src;
	size_t n, plane, per_plane, size, pieces;
};

/* ---- one thread's memory ---- */

/* Pieces of a chunk are no more than this. */
static size_t most_pieces(size_t n)
{
	return n / PIECE_LEAST + 1;
}

size_t bl_deflater_size(size_t room)
{
	return sizeof(struct bl_deflater) + most_pieces(room) + ZLIB_BYTES;
}

size_t bl_deflate_size(enum bl_deflate how)
{
	return how == BL_DEFLATE_FAST ? FAST_BYTES : 0;
}

struct bl_deflater *bl_deflater_new(size_t room)
{
	struct bl_deflater *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->way = malloc(most_pieces(room));
	if (d->way && deflateInit(&d->z, Z_DEFAULT_COMPRESSION) == Z_OK)
		return d;
	free(d->way);
	free(d);
	return NULL;
}

void bl_deflater_free(struct bl_deflater *d)
{
	if (!d)
		return;
	deflateEnd(&d->z);
#ifdef HAVE_LIBDEFLATE
	libdeflate_free_compressor(d->fast);
#endif
	free(d->way);
	free(d);
}

bool bl_deflate_has(enum bl_deflate how)
{
#ifdef HAVE_LIBDEFLATE
	return how == BL_DEFLATE_ZLIB || how == BL_DEFLATE_FAST;
#else
	return how == BL_DEFLATE_ZLIB;
#endif
}

/* ---- judging pieces ---- */

static struct pieces cut(const unsigned char *src, size_t n, size_t plane)
{
	struct pieces p = {.src = src, .n = n, .plane = n};
	size_t rest;

	if (plane >= PIECE_LEAST && n / plane <= PLANES)
		p.plane = plane;
	p.per_plane = (p.plane + PIECE_MOST - 1) / PIECE_MOST;
	p.size = (p.plane + p.per_plane - 1) / p.per_plane;
	rest = n % p.plane;
	p.pieces = n / p.plane * p.per_plane;
	if (rest >= PIECE_LEAST) /* else it belongs to the last piece */
		p.pieces += (rest + p.size - 1) / p.size;
	return p;
}

/* Where piece i begins, and the one before it ends. */
static size_t begin(const struct pieces *p, size_t i)
{
	return i < p->pieces ? i / p->per_plane * p->plane + i % p->per_plane * p->size : p->n;
}

/* Probability that two bytes of the piece are the same. */
static uint64_t sameness(uint32_t count[4][256], const unsigned char *bytes, size_t n)
{
	uint64_t pairs = 0;
	size_t i = 0;

	memset(count, 0, 4 * sizeof *count);
	for (; i + 4 <= n; i += 4) {
		count[0][bytes[i]]++;
		count[1][bytes[i + 1]]++;
		count[2][bytes[i + 2]]++;
		count[3][bytes[i + 3]]++;
	}
	for (; i < n; i++)
		count[0][bytes[i]]++;
	for (size_t v = 0; v < 256; v++) {
		const uint64_t c = (uint64_t)count[0][v] + count[1][v] + count[2][v] + count[3][v];

		pairs += c * (c - 1);
	}
	return pairs * ONE / ((uint64_t)n * (n - 1));
}

/* A length of strings, and the probability that two of them are the same by chance. */
struct strings {
	size_t length;
	uint64_t chance;
};

/* The shortest that match with a probability of about most or less; of those that deflate replaces,
 * which are 3 bytes or more. */
static struct strings strings_of(uint64_t same, uint64_t most)
{
	struct strings s = {0, ONE};

	for (; s.length < LONGEST && (s.length < 3 || s.chance > most); s.length++)
		s.chance = s.chance * same / ONE;
	return s;
}

static uint32_t three(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
}

static uint32_t *slot_of(uint32_t *slot, const unsigned char *at)
{
	return &slot[three(at) * 2654435761u >> 19];
}

static void keep_strings(uint32_t *slot, const unsigned char *src, size_t at, size_t end)
{
	for (; at < end; at += KEEP)
		*slot_of(slot, src + at) = (uint32_t)at + 1;
}

/* Where the string of length bytes at i came before, within the window; else i. */
static size_t came_before(uint32_t *slot, const unsigned char *src, size_t i, size_t length)
{
	const size_t seen = *slot_of(slot, src + i);

	if (seen == 0 || i - (seen - 1) > WINDOW || three(src + i) != three(src + seen - 1) ||
		memcmp(src + i, src + seen - 1, length) != 0)
		return i;
	return seen - 1;
}

/*
 * Are more than a 64th of the piece strings that came before, within the window? Long ones are
 * hardly ever the same by chance; of short ones, which show what long ones do not, twice as many
 * are expected as chance has at most. Then *from becomes where the first of them came before.
 */
static bool repeats(uint32_t *slot, const struct pieces *p, size_t at, size_t end, uint64_t same,
	size_t *from)
{
	const struct strings brief = strings_of(same, ONE >> 16);
	const struct strings full = strings_of(same, ONE / 100 * 115 >> 24);
	const size_t last = end < p->n - LONGEST ? end : p->n - LONGEST;
	const uint64_t live = (end < WINDOW ? end : WINDOW) / KEEP, blocks = (end - at) / BLOCK;
	size_t first = at;
	uint64_t hits = 0, full_hits = 0;

	for (size_t b = at; b < last; b += BLOCK) {
		for (size_t i = b; i < b + KEEP && i < last; i++) {
			const size_t seen = came_before(slot, p->src, i, brief.length);

			if (seen == i)
				continue;
			hits++;
			full_hits += memcmp(p->src + i, p->src + seen, full.length) == 0;
			first = seen < first ? seen : first;
		}
		keep_strings(slot, p->src, b, b + BLOCK < last ? b + BLOCK : last);
	}
	if (full_hits * 64 <= blocks + 32 &&
		hits * 64 <= blocks + 32 + 128 * blocks * KEEP * live * brief.chance / ONE)
		return false;
	*from = first;
	return true;
}

/*
 * Do the same 3 bytes stand at one and the same distance, in more than a 32nd of the places and
 * more often than by chance? So they do in records, and where values last; a match at a distance
 * that is frequent costs deflate next to nothing.
 */
static bool steps(const struct pieces *p, size_t at, size_t end, uint64_t same)
{
	static const size_t distance[] = {1, 2, 3, 4, 6, 8, 12, 16};
	const uint64_t chance = same * same / ONE * same / ONE;

	for (size_t k = 0; k < sizeof distance / sizeof distance[0]; k++) {
		const unsigned char *s = p->src + at + 16;
		uint64_t tests = 0, hits = 0;

		/* A prime leads to all places of records. */
		for (; s + 3 <= p->src + end; s += 61, tests++)
			hits += memcmp(s, s - distance[k], 3) == 0;
		if (hits > 4 + tests / 32 + 2 * (tests * chance / ONE))
			return true;
	}
	return false;
}

/* *from: see repeats(). */
static enum way judge(struct bl_deflater *d, const struct pieces *p, size_t i, size_t *from)
{
	const size_t at = begin(p, i), end = begin(p, i + 1);
	const uint64_t same = sameness(d->count, p->src + at, end - at);

	if (same > COARSE || repeats(d->slot, p, at, end, same, from) || steps(p, at, end, same))
		return SEARCH;
	return same < NOISE ? STORE : CODE;
}

static void judge_all(struct bl_deflater *d, const struct pieces *p)
{
	memset(d->slot, 0, sizeof d->slot);
	for (size_t i = 0; i < p->pieces; i++) {
		size_t from = p->n;

		d->way[i] = (unsigned char)judge(d, p, i, &from);
		for (size_t k = i; k-- > 0 && begin(p, k + 1) > from;)
			d->way[k] = SEARCH;
	}
}

/* The chunk as one piece. */
static void judge_none(struct bl_deflater *d, struct pieces *p, enum way way)
{
	p->plane = p->size = p->n;
	p->per_plane = p->pieces = 1;
	d->way[0] = (unsigned char)way;
}

/* ---- compressing ---- */

/* What came before is flushed, without a byte more than its block needs. */
static bool turn_to(z_stream *z, enum way way, unsigned level)
{
	const int rc = deflateParams(z, way == STORE ? 0 : (int)level,
		way == CODE ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY);

	return (rc == Z_OK || rc == Z_BUF_ERROR) && z->avail_out > 0;
}

static bool push(z_stream *z, const unsigned char *src, size_t n, int flush)
{
	z->next_in = src;
	z->avail_in = (uInt)n;
	return deflate(z, flush) == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) && !z->avail_in &&
		(flush == Z_FINISH || z->avail_out > 0);
}

#ifdef HAVE_LIBDEFLATE
static bool need_fast(struct bl_deflater *d, unsigned level, struct bl_err *err)
{
	if (d->fast && d->level == level)
		return true;
	libdeflate_free_compressor(d->fast);
	d->fast = libdeflate_alloc_compressor((int)level);
	d->level = level;
	if (!d->fast)
		bl_fail_memory(err, FAST_BYTES, "compressing");
	return d->fast;
}

/* Ends a stream that zlib began with n bytes by libdeflate. */
static bool finish_fast(struct bl_deflater *d, unsigned level, const unsigned char *src, size_t n,
	struct bl_err *err)
{
	z_stream *z = &d->z;
	uint32_t sum;
	size_t bytes;

	if (!need_fast(d, level, err) || !push(z, src, 0, Z_SYNC_FLUSH))
		return false;
	bytes = libdeflate_deflate_compress(d->fast, src, n, z->next_out, z->avail_out);
	if (bytes == 0 || z->avail_out - bytes < 4)
		return false;
	sum = libdeflate_adler32((uint32_t)z->adler, src, n);
	z->next_out += bytes;
	for (unsigned k = 0; k < 4; k++)
		*z->next_out++ = (unsigned char)(sum >> (24 - 8 * k));
	return true;
}
#else
static bool finish_fast(struct bl_deflater *d, unsigned level, const unsigned char *src, size_t n,
	struct bl_err *err)
{
	(void)d, (void)level, (void)src, (void)n, (void)err;
	return false;
}
#endif

static bool compress_pieces(struct bl_deflater *d, enum bl_deflate how, unsigned level,
	const struct pieces *p, struct bl_err *err)
{
	for (size_t i = 0, next; i < p->pieces; i = next) {
		const enum way way = d->way[i];
		const size_t at = begin(p, i);

		if (way == SEARCH && how == BL_DEFLATE_FAST)
			return finish_fast(d, level, p->src + at, p->n - at, err);
		for (next = i + 1; next < p->pieces && d->way[next] == way; next++)
			if (way == CODE && next % p->per_plane == 0)
				break; /* other bytes get other codes */
		if (!turn_to(&d->z, way, level) ||
			!push(&d->z, p->src + at, begin(p, next) - at,
				next == p->pieces ? Z_FINISH : Z_BLOCK))
			return false;
	}
	return true;
}

size_t bl_deflate(struct bl_deflater *d, enum bl_deflate how, unsigned level,
	const unsigned char *src, size_t n, size_t plane, unsigned char *dst, size_t room,
	struct bl_err *err)
{
	struct pieces p = cut(src, n, plane);

	if (level == 0 || n < CHUNK_LEAST)
		judge_none(d, &p, level == 0 ? STORE : SEARCH);
	else
		judge_all(d, &p);
	d->z.next_out = dst;
	d->z.avail_out = (uInt)room;
	d->z.next_in = src;
	d->z.avail_in = 0;
	if (deflateReset(&d->z) == Z_OK && compress_pieces(d, how, level, &p, err))
		return (size_t)(d->z.next_out - dst);
	if (!err->text[0])
		bl_fail(err, BL_BUG, "a chunk of %zu bytes cannot be compressed", n);
	return 0;
}
