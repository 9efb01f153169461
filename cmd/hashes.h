/*
 * hashes.h - the digests of what belay-avg reads and writes: --digest.
 */
#ifndef BL_HASHES_H
#define BL_HASHES_H

#include "account.h"
#include "golden.h"
#include "hashing.h"
#include "inputs.h"
#include "outputs.h"
#include "run.h"

/* Zero-initialised is a run without digests: then all of this does nothing. Freed with
 * bl_hashes_free also after a failure. */
struct bl_hashes {
	struct bl_hashing hashing;
	size_t inputs, outputs;
	struct bl_hashed *input, *output; /* of the sources; of the selection's catalogue */
	struct bl_golden *golden; /* of the inputs in the order of time, then of the outputs that
	                             are made; NULL: they are not known yet */
};

/*
 * Where they are asked for, lets the job, which is complete but for this, make them; names of
 * tensors are those of the run. Errors: BL_INPUT for a tensor that cannot be read, BL_LIMIT.
 */
int bl_hashes_make(struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_selection *selection, const struct bl_outputs *out,
	const struct bl_settings *s, struct bl_job *job, struct bl_err *err) BL_MUST_USE;

/* Notes in the account that all inputs are read, and how many bytes more than the run reads. */
void bl_hashes_account(const struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_job *job, struct bl_account *account);

/* After the run: reads what it has not read, and fills golden. Errors: those of bl_run. */
int bl_hashes_complete(struct bl_hashes *h, const struct bl_inputs *in,
	const struct bl_selection *selection, const struct bl_outputs *out,
	const struct bl_job *job, struct bl_err *err) BL_MUST_USE;

/* Of output p of those that are made; NULL: it is not known. */
const struct bl_golden *bl_hashes_output(const struct bl_hashes *h, size_t p);

void bl_hashes_free(struct bl_hashes *h);

#endif
