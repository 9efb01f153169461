/*
 * hdf5_claims.h - the parts of a file that are taken.
 */
#ifndef BL_HDF5_CLAIMS_H
#define BL_HDF5_CLAIMS_H

#include "hdf5_index.h"

struct bl_h5_range {
	uint64_t first, end;
	uint32_t tensor;
	bool header; /* an object header, not data */
};

/* Zero-initialised is empty; the caller frees range. */
struct bl_h5_claims {
	struct bl_h5_range *range;
	size_t n, room;
};

/* Takes bytes of the file, which must be in it and behind the superblock, for a tensor: for its
 * object header or its data. Errors: BL_INPUT, BL_LIMIT. */
int bl_h5_claim(struct bl_h5_claims *c, const struct bl_h5_super *super, uint64_t first,
	uint64_t bytes, size_t tensor, bool header, struct bl_err *err) BL_MUST_USE;

/* No two may share a byte: an average is written over them. Sorts the claims. Error: BL_INPUT,
 * naming the tensors. */
int bl_h5_claims_check(struct bl_h5_claims *c, const struct bl_catalog *cat, struct bl_err *err)
	BL_MUST_USE;

#endif
