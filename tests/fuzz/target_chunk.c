/*
 * target_chunk.c - fuzzes the filters of a chunk: shuffle, deflate, fletcher32.
 *
 * An input is a head of 16 bytes (struct task) and a chunk. That is decoded as it stands; or it is
 * taken for values, encoded, decoded, and must come back; or after it was encoded one of its bits
 * is changed, so that damaged streams of all kinds are decoded.
 */
#include "fuzz.h"
#include "hdf5_chunk.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 16
#define ROOM ((size_t)1 << 16)

struct task {
	struct bl_h5_object o; /* its filters: bytes 0 to 2 say which, 3 to 5 with which value */
	uint32_t mask;         /* 6 */
	unsigned what;         /* 7; 0: decode, 1: there and back, 2: damage */
	unsigned flip;         /* 8: the bit that is changed */
	size_t place;          /* 9 and 10: of which byte */
	size_t bytes;          /* 11 and 12: that should come out; 0: those that went in */
	enum bl_deflate how;   /* 13 */
};

static void take_task(const uint8_t *data, struct task *t)
{
	memset(t, 0, sizeof *t);
	for (unsigned i = 0; i < BL_H5_FILTERS; i++) {
		struct bl_h5_filter f = {(unsigned)data[i] % 4, data[3 + i]};

		for (unsigned k = 0; k < t->o.filters; k++)
			if (t->o.filter[k].id == f.id)
				f.id = 0; /* none is there twice */
		if (f.id == BL_H5_DEFLATE)
			f.value %= 10;
		if (f.id)
			t->o.filter[t->o.filters++] = f;
	}
	t->mask = data[6] >> 4 ? 0 : data[6] % 8;
	t->what = data[7] % 3;
	t->flip = data[8] % 8;
	t->place = (size_t)data[9] | (size_t)data[10] << 8;
	t->bytes = (size_t)data[11] | (size_t)data[12] << 8;
	t->how = data[13] % 2 && bl_deflate_has(BL_DEFLATE_FAST) ? BL_DEFLATE_FAST
	                                                         : BL_DEFLATE_ZLIB;
}

/* Bytes of memory for a chunk as stored: not one more, unless it will be used for what comes out of
 * a filter, which checksums before that one made longer. */
static size_t room_of(const struct task *t, size_t n, size_t bytes)
{
	for (unsigned i = 0; i + 1 < t->o.filters; i++)
		if (t->o.filter[i].id == BL_H5_FLETCHER32)
			return (size_t)bl_h5_stored_max(n > bytes ? n : bytes);
	return n ? n : 1;
}

/* Decodes from and to memory that has not a byte more. values: what must come out, NULL: that is
 * open. */
static void decode(const struct task *t, const uint8_t *stored, size_t n, size_t bytes,
	const uint8_t *values, struct bl_h5_work *w)
{
	unsigned char *in = malloc(room_of(t, n, bytes)), *dst = malloc(bytes ? bytes : 1);
	unsigned char *kept = w->stored;
	struct bl_err err = {0};
	int rc;

	fuzz_must(in && dst, "there is memory for a chunk");
	if (n)
		memcpy(in, stored, n);
	w->stored = in;
	rc = bl_h5_decode(&t->o, t->mask, n, dst, bytes, w, &err);
	if (rc != 0)
		fuzz_must_say(&err);
	if (values)
		fuzz_must(rc == 0 && (!bytes || memcmp(dst, values, bytes) == 0),
			"what was encoded comes back");
	w->stored = kept;
	free(in);
	free(dst);
}

static struct bl_h5_work *work(void)
{
	static struct bl_h5_work *w;

	if (!w)
		w = bl_h5_work_new(ROOM);
	fuzz_must(w != NULL, "there is memory to work in");
	return w;
}

static void encode(const struct task *t, const uint8_t *values, size_t bytes, struct bl_h5_work *w)
{
	struct bl_err err = {0};
	size_t n = 0;
	const unsigned char *made =
		bl_h5_encode(&t->o, t->how, t->mask, values, bytes, &n, w, &err);
	unsigned char *stored = made ? malloc(n ? n : 1) : NULL;

	fuzz_must(stored != NULL, "a chunk can be encoded");
	fuzz_must(n <= bl_h5_stored_max(bytes), "a chunk takes no more than it may");
	memcpy(stored, made, n);
	if (t->what == 2 && n)
		stored[t->place % n] ^= (unsigned char)(1u << t->flip);
	decode(t, stored, n, t->what == 2 && t->bytes ? t->bytes : bytes,
		t->what == 2 ? NULL : values, w);
	free(stored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bl_h5_work *w = work();
	struct task t;

	if (size <= HEAD || size - HEAD > ROOM)
		return 0;
	take_task(data, &t);
	if (t.what == 0)
		decode(&t, data + HEAD, size - HEAD, t.bytes ? t.bytes : size - HEAD, NULL, w);
	else
		encode(&t, data + HEAD, size - HEAD, w);
	return 0;
}
