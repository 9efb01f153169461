/*
 * digests.h - the digests of checkpoints that are open.
 */
#ifndef BL_DIGESTS_H
#define BL_DIGESTS_H

#include "golden.h"
#include "hashing.h"
#include "inputs.h"
#include "run.h"

/* Fails where the type of a tensor is known and its values cannot be read: they would have a
 * digest. Error: BL_INPUT. */
int bl_digests_may(const struct bl_source *src, struct bl_err *err) BL_MUST_USE;

/* Bytes of values that are to be read for what is not known yet. Of an empty list nothing is. */
uint64_t bl_digests_left(const struct bl_source *src, const struct bl_hashed *hashed);

/*
 * Reads the tensors of an open source whose digests are not known. like: a job whose limits,
 * overhead, stop and progress hold. Errors: those of bl_run.
 */
int bl_digests_read(const struct bl_job *like, const struct bl_source *src,
	struct bl_hashed *hashed, struct bl_err *err) BL_MUST_USE;

/*
 * The digests of all inputs, in one pass: golden is an array of in->n, zeroed, whose entries the
 * caller frees. Shows progress, which is zeroed before. Errors: those above, and BL_INPUT where a
 * file has changed.
 */
int bl_digests_of_inputs(const struct bl_inputs *in, const struct bl_settings *s,
	struct bl_progress *progress, struct bl_golden *golden, struct bl_err *err) BL_MUST_USE;

#endif
