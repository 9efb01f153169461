/* safetensors_check.c - does what a header says fit together, and with its file? */
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* Where the header says a tensor's data are. */
struct place {
	uint64_t begin, bytes;
	size_t tensor; /* as the header counts */
};

static int check_names(const struct bl_catalog *cat, struct bl_err *err)
{
	struct bl_lookup names = {0};
	int rc = bl_lookup_reserve(&names, cat->tensors, err);

	for (size_t i = 0; rc == 0 && i < cat->tensors; i++) {
		size_t number = i;

		rc = bl_lookup_add(&names, cat->tensor[i].name, &number, err);
		if (rc == 0 && number != i)
			rc = bl_fail(err, BL_INPUT, "tensor '%s' stands twice in the header",
				cat->tensor[i].name);
	}
	bl_lookup_free(&names);
	return rc;
}

static int check_keys(const struct bl_catalog *cat, struct bl_err *err)
{
	struct bl_lookup keys = {0};
	int rc = bl_lookup_reserve(&keys, cat->metas, err);

	for (size_t i = 0; rc == 0 && i < cat->metas; i++) {
		size_t number = i;

		rc = bl_lookup_add(&keys, cat->meta[i].key, &number, err);
		if (rc == 0 && number != i)
			rc = bl_fail(err, BL_INPUT, "metadata key '%s' stands twice in the header",
				cat->meta[i].key);
	}
	bl_lookup_free(&keys);
	return rc;
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return x->tensor < y->tensor ? -1 : x->tensor > y->tensor;
}

static bool are_sorted(const struct bl_catalog *cat, const uint64_t *begin)
{
	for (size_t i = 1; i < cat->tensors; i++)
		if (begin[i - 1] > begin[i] || (begin[i - 1] == begin[i] &&
			cat->tensor[i - 1].bytes > cat->tensor[i].bytes))
			return false;
	return true;
}

/* Moves tensor place[i].tensor to i, for all i, round by round, and numbers the places anew. */
static void permute(struct bl_tensor *tensor, struct place *place, size_t n)
{
	for (size_t first = 0; first < n; first++) {
		const struct bl_tensor aside = tensor[first];
		size_t i = first;

		while (place[i].tensor != first) {
			const size_t from = place[i].tensor;

			tensor[i] = tensor[from];
			place[i].tensor = i;
			i = from;
		}
		tensor[i] = aside;
		place[i].tensor = i;
	}
}

/* Puts the tensors into the order of their data. */
static int sort(struct bl_catalog *cat, uint64_t *begin, struct bl_err *err)
{
	const size_t n = cat->tensors;
	struct place *place;

	if (are_sorted(cat, begin))
		return 0;
	place = calloc(n, sizeof *place);
	if (!place)
		return bl_fail_memory(err, n * sizeof *place, "the places of the tensors");
	for (size_t i = 0; i < n; i++)
		place[i] = (struct place){begin[i], cat->tensor[i].bytes, i};
	qsort(place, n, sizeof *place, by_place);
	for (size_t i = 0; i < n; i++)
		begin[i] = place[i].begin;
	permute(cat->tensor, place, n);
	free(place);
	return 0;
}

/* Does tensor i, whose data begin there, fill its place, and does the place follow the one before,
 * which ends there? */
static int check_place(const struct bl_catalog *cat, size_t i, uint64_t begin, uint64_t end,
	struct bl_err *err)
{
	struct bl_tensor *t = &cat->tensor[i];
	const uint64_t bytes = t->bytes;
	char shape[256];

	if (begin < end)
		return bl_fail(err, BL_INPUT, "%s: its data overlap those of %s", t->name,
			cat->tensor[i - 1].name);
	if (begin > end)
		return bl_fail(err, BL_INPUT,
			"%s: no tensor holds the %llu bytes before its data", t->name,
			(unsigned long long)(begin - end));
	if (bl_tensor_measure(t, err) < 0)
		return bl_prefix(err, "%s", t->name);
	if (t->bytes != bytes)
		return bl_fail(err, BL_INPUT,
			"%s: shape %s of %s takes %llu bytes, but it has %llu", t->name,
			bl_shape_text(t, shape, sizeof shape), bl_dtype(t->dtype)->name,
			(unsigned long long)t->bytes, (unsigned long long)bytes);
	return 0;
}

/* Do the places cover the data section exactly? */
static int check_places(struct bl_safetensors_header *h, uint64_t values, struct bl_err *err)
{
	uint64_t end = 0;

	for (size_t i = 0; i < h->cat.tensors; i++) {
		if (check_place(&h->cat, i, h->begin[i], end, err) < 0)
			return -1;
		end = h->begin[i] + h->cat.tensor[i].bytes;
	}
	h->end = end;
	if (end == values)
		return 0;
	if (end < values)
		return bl_fail(err, BL_INPUT, "has %llu %s behind the last tensor",
			(unsigned long long)(values - end), values - end == 1 ? "byte" : "bytes");
	bl_fail(err, BL_INPUT, "the tensors take %llu bytes, but the file has only %llu for them",
		(unsigned long long)end, (unsigned long long)values);
	return bl_hint(err, "the download or the copy may have been cut short");
}

int bl_safetensors_check(struct bl_safetensors_header *header, const struct bl_catalog *meta,
	uint64_t values, struct bl_err *err)
{
	if (check_names(&header->cat, err) != 0 || check_keys(meta, err) != 0 ||
		sort(&header->cat, header->begin, err) != 0)
		return -1;
	return check_places(header, values, err);
}

int bl_safetensors_accept(struct bl_safetensors_scan *scan,
	const struct bl_safetensors_header *header, struct bl_err *err)
{
	if (bl_safetensors_count(scan, header->kept, err) != 0)
		return -1;
	return check_keys(scan->meta, err);
}
