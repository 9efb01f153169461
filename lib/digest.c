/* digest.c - digests of tensors and of checkpoints. */
#include "digest.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* The numbers are in every digest that was ever made: none may change. */
static const uint32_t code[BL_DTYPES] = {
	[BL_BOOL] = 1,
	[BL_U8] = 2,
	[BL_I8] = 3,
	[BL_U16] = 4,
	[BL_I16] = 5,
	[BL_U32] = 6,
	[BL_I32] = 7,
	[BL_U64] = 8,
	[BL_I64] = 9,
	[BL_F16] = 10,
	[BL_BF16] = 11,
	[BL_F32] = 12,
	[BL_F64] = 13,
	[BL_C64] = 14,
	[BL_C128] = 15,
	[BL_F8_E4M3] = 16,
	[BL_F8_E5M2] = 17,
	[BL_F8_E4M3FNUZ] = 18,
	[BL_F8_E5M2FNUZ] = 19,
	[BL_F8_E8M0] = 20,
	[BL_F6_E2M3] = 21,
	[BL_F6_E3M2] = 22,
	[BL_F4] = 23,
};

uint32_t bl_digest_code(enum bl_dtype dtype)
{
	return code[dtype];
}

/* ---- text ---- */

static const char digits[] = "0123456789abcdef";

const char *bl_digest_hex(const struct bl_digest *d, char *hex)
{
	for (size_t i = 0; i < sizeof d->byte; i++) {
		hex[2 * i] = digits[d->byte[i] >> 4];
		hex[2 * i + 1] = digits[d->byte[i] & 15];
	}
	hex[2 * sizeof d->byte] = '\0';
	return hex;
}

bool bl_digest_parse(const char *text, struct bl_digest *d)
{
	memset(d, 0, sizeof *d);
	for (size_t i = 0; i < 2 * sizeof d->byte; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return false;
		d->byte[i / 2] = (unsigned char)(d->byte[i / 2] << 4 | (digit - digits));
	}
	return true;
}

char *bl_digest_name(const char *name, struct bl_err *err)
{
	const size_t length = strlen(name), cap = 4 * length + 8; /* \xNN for every byte */
	char *text = malloc(cap);
	size_t n = 0;

	if (!text) {
		bl_fail_memory(err, cap, "a name");
		return NULL;
	}
	for (size_t i = 0; i < length;) {
		const size_t whole = bl_utf8(name + i, length - i), used = whole ? whole : 1;

		if (name[i] == '\\')
			text[n++] = '\\';
		if (name[i] == '/')
			text[n++] = '.';
		else
			n += bl_escape(text + n, cap - n, name + i, used);
		i += used;
	}
	text[n] = '\0';
	return text;
}

/* ---- of a tensor ---- */

static struct bl_digest canonical(XXH128_hash_t hash)
{
	XXH128_canonical_t bytes;
	struct bl_digest d;

	XXH128_canonicalFromHash(&bytes, hash);
	memcpy(d.byte, bytes.digest, sizeof d.byte);
	return d;
}

static void update(XXH3_state_t *state, const void *data, size_t n)
{
	XXH3_128bits_update(state, data, n); /* fails without a state only */
}

static void update_number(XXH3_state_t *state, uint64_t number, size_t bytes)
{
	unsigned char little[8];

	for (size_t i = 0; i < bytes; i++)
		little[i] = (unsigned char)(number >> 8 * i);
	update(state, little, bytes);
}

size_t bl_digester_bytes(void)
{
	return 2 * 1024; /* two states of 576 bytes, aligned, and a little more */
}

int bl_digester_make(struct bl_digester *d, struct bl_err *err)
{
	d->all = XXH3_createState();
	d->leaf = XXH3_createState();
	if (d->all && d->leaf)
		return 0;
	return bl_fail_memory(err, bl_digester_bytes(), "a digest");
}

void bl_digester_free(struct bl_digester *d)
{
	XXH3_freeState(d->all);
	XXH3_freeState(d->leaf);
	memset(d, 0, sizeof *d);
}

void bl_digester_begin(struct bl_digester *d, const struct bl_tensor *t)
{
	static const char magic[16] = BL_DIGEST_MAGIC;

	d->bytes = t->bytes;
	d->at = 0;
	XXH3_128bits_reset(d->all);
	XXH3_128bits_reset(d->leaf);
	update(d->all, magic, sizeof magic);
	update_number(d->all, code[t->dtype], 4);
	update_number(d->all, t->rank, 4);
	for (unsigned i = 0; i < t->rank; i++)
		update_number(d->all, t->dim[i], 8);
}

static void add_leaf(struct bl_digester *d, struct bl_digest leaf)
{
	update(d->all, leaf.byte, sizeof leaf.byte);
}

/* From byte `at` of a tensor on, how many bytes are left of the leaf. */
static size_t left_of_leaf(uint64_t bytes, uint64_t at)
{
	const uint64_t left = BL_DIGEST_LEAF - at % BL_DIGEST_LEAF;

	return (size_t)(left < bytes - at ? left : bytes - at);
}

/* Is there a whole leaf from byte `at` on, of which n bytes are there? */
static bool is_whole(uint64_t bytes, uint64_t at, size_t n)
{
	return at % BL_DIGEST_LEAF == 0 && left_of_leaf(bytes, at) <= n;
}

void bl_digester_add(
	struct bl_digester *d, const void *data, size_t n, const struct bl_digest *leaf)
{
	const unsigned char *from = data;

	while (n > 0) {
		const size_t left = left_of_leaf(d->bytes, d->at), piece = left < n ? left : n;

		if (is_whole(d->bytes, d->at, n)) {
			add_leaf(d, leaf ? *leaf++ : canonical(XXH3_128bits(from, piece)));
		} else {
			update(d->leaf, from, piece);
			if (piece == left) {
				add_leaf(d, canonical(XXH3_128bits_digest(d->leaf)));
				XXH3_128bits_reset(d->leaf);
			}
		}
		d->at += piece;
		from += piece;
		n -= piece;
	}
}

void bl_digester_end(struct bl_digester *d, struct bl_digest *out)
{
	*out = canonical(XXH3_128bits_digest(d->all));
}

void bl_digest_leaves(
	uint64_t bytes, uint64_t at, const void *data, size_t n, struct bl_digest *leaf)
{
	const unsigned char *from = data;

	while (n > 0) {
		const size_t left = left_of_leaf(bytes, at), piece = left < n ? left : n;

		if (is_whole(bytes, at, n))
			*leaf++ = canonical(XXH3_128bits(from, piece));
		at += piece;
		from += piece;
		n -= piece;
	}
}

/* ---- of a checkpoint ---- */

static int by_name(const void *a, const void *b)
{
	const struct bl_digest_line *x = a, *y = b;
	const int order = strcmp(x->name, y->name);

	return order ? order : memcmp(x->digest.byte, y->digest.byte, sizeof x->digest.byte);
}

int bl_digest_lines(
	struct bl_digest_line *line, size_t n, struct bl_digest *out, struct bl_err *err)
{
	XXH3_state_t *state = XXH3_createState();
	char hex[BL_DIGEST_HEX];

	if (!state)
		return bl_fail_memory(err, bl_digester_bytes(), "a digest");
	XXH3_128bits_reset(state);
	if (n > 0)
		qsort(line, n, sizeof *line, by_name);
	for (size_t i = 0; i < n; i++) {
		update(state, bl_digest_hex(&line[i].digest, hex), BL_DIGEST_HEX - 1);
		update(state, "  ", 2);
		update(state, line[i].name, strlen(line[i].name));
		update(state, "\n", 1);
	}
	*out = canonical(XXH3_128bits_digest(state));
	XXH3_freeState(state);
	return 0;
}
