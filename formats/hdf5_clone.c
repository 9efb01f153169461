/* hdf5_clone.c - the bytes of the template, but for the values that will be written. */
#include "hdf5_fresh.h"
#include "hdf5_stretch.h"

#include <stdlib.h>

#define COPY ((size_t)1 << 20) /* bytes copied at a time */

static const struct bl_h5 *template_of(const struct bl_sink *snk)
{
	return snk->plan.template->state;
}

static int copy(struct bl_sink *snk, uint64_t first, uint64_t end, unsigned char *buf,
	struct bl_err *err)
{
	while (first < end) {
		const size_t n = end - first < COPY ? (size_t)(end - first) : COPY;

		if (bl_file_read(snk->plan.template->file, first, buf, n, err) != 0)
			return bl_prefix(err, "%s", snk->plan.template->path);
		if (bl_output_write(snk->out, first, buf, n, err) != 0)
			return -1;
		first += n;
	}
	return 0;
}

/* Copies the template up to the end of HDF5, but for n gaps. */
static int copy_around(struct bl_sink *snk, const struct bl_h5_stretch *gap, size_t n,
	struct bl_err *err)
{
	const uint64_t base = template_of(snk)->base;
	unsigned char *buf = malloc(COPY);
	uint64_t at = 0;
	int rc = 0;

	if (!buf)
		return bl_fail_memory(err, COPY, "a copy");
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = copy(snk, at, base + gap[i].first, buf, err);
		at = base + gap[i].end;
	}
	if (rc == 0)
		rc = copy(snk, at, base + template_of(snk)->super.size, buf, err);
	free(buf);
	return rc;
}

int bl_h5_clone(struct bl_sink *snk, struct bl_err *err)
{
	struct bl_h5_stretch *gap;
	size_t n;
	int rc;

	if (bl_output_reserve(snk->out, bl_file_size(snk->plan.template->file), err) != 0 ||
		bl_h5_stretches(&snk->plan.template->cat, template_of(snk)->object,
			snk->plan.averaged, &gap, &n, err) != 0)
		return -1;
	rc = copy_around(snk, gap, n, err);
	free(gap);
	return rc;
}
