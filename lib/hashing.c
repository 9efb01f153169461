/* hashing.c - the digests of what a run reads and writes, made while it does. */
#include "hashing.h"

#include <stdlib.h>
#include <string.h>

static int digest_empty(struct bl_hashed *h, const struct bl_catalog *cat, struct bl_err *err)
{
	struct bl_digester d = {0};
	int rc = bl_digester_make(&d, err);

	for (size_t i = 0; rc == 0 && i < cat->tensors; i++) {
		if (cat->tensor[i].count > 0 || cat->tensor[i].dtype == BL_OTHER)
			continue;
		bl_digester_begin(&d, &cat->tensor[i]);
		bl_digester_end(&d, &h->digest[i]);
		h->known[i] = true;
	}
	bl_digester_free(&d);
	return rc;
}

int bl_hashed_make(struct bl_hashed *h, const struct bl_catalog *cat, struct bl_err *err)
{
	int rc;

	h->tensors = cat->tensors;
	h->digest = calloc(cat->tensors + 1, sizeof *h->digest);
	h->known = calloc(cat->tensors + 1, sizeof *h->known);
	if (h->digest && h->known)
		rc = digest_empty(h, cat, err);
	else
		rc = bl_fail_memory(err, cat->tensors * sizeof *h->digest, "the digests");
	if (rc != 0)
		bl_hashed_free(h);
	return rc;
}

void bl_hashed_free(struct bl_hashed *h)
{
	free(h->digest);
	free(h->known);
	memset(h, 0, sizeof *h);
}

uint64_t bl_hashed_bytes(const struct bl_catalog *cat)
{
	return (cat->tensors + 1) * (sizeof(struct bl_digest) + sizeof(bool));
}

int bl_hashing_make(struct bl_hashing *h, size_t streams, struct bl_err *err)
{
	h->of = calloc(streams, sizeof *h->of);
	h->digester = calloc(streams, sizeof *h->digester);
	if (!h->of || !h->digester)
		return bl_fail_memory(err, streams * sizeof *h->digester, "the digests");
	for (; h->streams < streams; h->streams++)
		if (bl_digester_make(&h->digester[h->streams], err) != 0) {
			h->streams++;
			return -1;
		}
	return 0;
}

void bl_hashing_free(struct bl_hashing *h)
{
	for (size_t s = 0; s < h->streams; s++)
		bl_digester_free(&h->digester[s]);
	free(h->digester);
	free(h->of);
	memset(h, 0, sizeof *h);
}

uint64_t bl_hashing_bytes(size_t streams)
{
	return streams * (sizeof(struct bl_hashed *) + sizeof(struct bl_digester) +
				 bl_digester_bytes());
}

void bl_hashing_take(struct bl_hashing *h, size_t stream, const struct bl_tensor *t, size_t place,
	uint64_t at, const void *data, uint64_t n, const struct bl_digest *leaf)
{
	struct bl_digester *d = &h->digester[stream];
	struct bl_hashed *of = h->of[stream];
	const unsigned char *from = data;

	for (; n > 0; t++, place++, at = 0) {
		const uint64_t piece = n < t->bytes - at ? n : t->bytes - at;

		if (at == 0)
			bl_digester_begin(d, t);
		bl_digester_add(d, from, (size_t)piece, leaf);
		if (at + piece == t->bytes) {
			bl_digester_end(d, &of->digest[place]);
			of->known[place] = true;
		}
		from += piece;
		n -= piece;
	}
}
