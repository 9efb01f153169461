/*
 * profiles.h - what each snapshot is an average of.
 */
#ifndef BL_PROFILES_H
#define BL_PROFILES_H

#include "inputs.h"

/* Are these the settings of outputs that are all made out of snapshots? */
bool bl_cases_snapshots(const struct bl_case *cases, size_t n);

/*
 * Finds the profiles of inputs that are in the order of time, as --profiles says or else as belay
 * has recorded them, sets in->profile and puts inputs of one time into the order of their profiles.
 * Errors: those of bl_listing_read(); BL_USAGE for what is no profile, an input that records none,
 * or one that records another time than it has here.
 */
int bl_profiles_find(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
	BL_MUST_USE;

/* The same for inputs in any order, with the times that belay has recorded. */
int bl_profiles_and_times(struct bl_inputs *in, struct bl_err *err) BL_MUST_USE;

#endif
