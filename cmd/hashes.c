/* hashes.c - the digests of what belay-avg reads and writes: --digest. */
#include "hashes.h"

#include "digests.h"

#include <stdlib.h>
#include <string.h>

/* ---- before the run ---- */

static int make_lists(struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_selection *selection, size_t outputs, struct bl_err *err)
{
	h->input = calloc(in->n, sizeof *h->input);
	h->output = calloc(outputs, sizeof *h->output);
	if (!h->input || !h->output)
		return bl_fail_memory(err, in->n * sizeof *h->input, "the digests");
	for (; h->inputs < in->n; h->inputs++)
		if (bl_hashed_make(&h->input[h->inputs], &in->source[h->inputs].cat, err) != 0)
			return -1;
	for (; h->outputs < outputs; h->outputs++)
		if (bl_hashed_make(&h->output[h->outputs], &selection->cat, err) != 0)
			return -1;
	return 0;
}

/* Memory of all of it, and of the report that tells it. */
static uint64_t bytes_of(const struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_selection *selection)
{
	uint64_t bytes = bl_hashing_bytes(h->hashing.streams);

	for (size_t t = 0; t < in->n; t++)
		bytes += bl_hashed_bytes(&in->source[t].cat) +
			 2 * bl_golden_bytes(&in->source[t].cat);
	return bytes + h->outputs * (bl_hashed_bytes(&selection->cat) +
					    2 * bl_golden_bytes(&selection->cat));
}

int bl_hashes_make(struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_selection *selection, const struct bl_outputs *out,
	const struct bl_settings *s, struct bl_job *job, struct bl_err *err)
{
	if (!bl_settings_given(s, BL_OPT_DIGEST) || out->n == 0)
		return 0;
	for (size_t t = 0; t < in->n; t++)
		if (bl_digests_may(&in->source[t], err) != 0)
			return -1;
	if (make_lists(h, in, selection, out->n, err) != 0 ||
		bl_hashing_make(&h->hashing, job->sources + job->sinks, err) != 0)
		return -1;
	/* What is widened is not read as the files have it. */
	for (size_t t = 0; !job->widened && t < in->n; t++)
		h->hashing.of[t] = &h->input[t];
	for (size_t p = 0; p < out->n; p++)
		h->hashing.of[job->sources + p] = &h->output[p];
	job->hashing = &h->hashing;
	job->overhead += bytes_of(h, in, selection);
	return 0;
}

void bl_hashes_account(const struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_job *job, struct bl_account *account)
{
	static const struct bl_hashed none;
	struct bl_budget *budget = &account->report.budget;

	if (h->inputs == 0)
		return;
	if (!job->widened)
		budget->read_bytes = 0; /* everything once */
	for (size_t t = 0; t < in->n; t++) {
		budget->read_bytes += bl_digests_left(&in->source[t], &none);
		account->input[in->past + t].read = true;
	}
}

/* ---- after it ---- */

/* Output p: what was averaged is known, the rest is as it was where it was copied from. */
static int fill_output(struct bl_hashes *h, size_t p, const struct bl_selection *selection,
	struct bl_err *err)
{
	struct bl_hashed *to = &h->output[p];

	for (size_t i = 0; i < selection->cat.tensors; i++) {
		const size_t t = selection->from[i];

		if (selection->skipped[i] || selection->cat.tensor[i].dtype == BL_OTHER)
			continue;
		if (selection->averaged[i] && !to->known[i])
			return bl_fail(err, BL_BUG, "%s: has no digest",
				selection->cat.tensor[i].name);
		if (!selection->averaged[i])
			to->digest[i] =
				h->input[t].digest[bl_aligned_place(&selection->all, t, i)];
	}
	return 0;
}

int bl_hashes_complete(struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_selection *selection, const struct bl_outputs *out,
	const struct bl_job *job, struct bl_err *err)
{
	if (h->inputs == 0)
		return 0;
	for (size_t t = 0; t < in->n; t++)
		if (bl_digests_read(job, &in->source[t], &h->input[t], err) != 0)
			return -1;
	h->golden = calloc(h->inputs + h->outputs, sizeof *h->golden);
	if (!h->golden)
		return bl_fail_memory(err, h->inputs * sizeof *h->golden, "the digests");
	for (size_t t = 0; t < in->n; t++)
		if (bl_golden_make(&h->golden[t], in->source[t].path, &in->time[t],
			    &in->source[t].cat, NULL, h->input[t].digest, err) != 0)
			return -1;
	for (size_t p = 0; p < h->outputs; p++)
		if (fill_output(h, p, selection, err) != 0 ||
			bl_golden_make(&h->golden[h->inputs + p], out->sink[p].path, NULL,
				&selection->cat, selection->skipped, h->output[p].digest, err) != 0)
			return -1;
	return 0;
}

const struct bl_golden *bl_hashes_output(const struct bl_hashes *h, size_t p)
{
	return h->golden ? &h->golden[h->inputs + p] : NULL;
}

void bl_hashes_free(struct bl_hashes *h)
{
	for (size_t k = 0; h->golden && k < h->inputs + h->outputs; k++)
		bl_golden_free(&h->golden[k]);
	for (size_t t = 0; t < h->inputs; t++)
		bl_hashed_free(&h->input[t]);
	for (size_t p = 0; p < h->outputs; p++)
		bl_hashed_free(&h->output[p]);
	free(h->golden);
	free(h->input);
	free(h->output);
	bl_hashing_free(&h->hashing);
	memset(h, 0, sizeof *h);
}
