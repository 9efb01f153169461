/*
 * tensors.h - what the settings say of the tensors, and what becomes of these.
 */
#ifndef BL_TENSORS_H
#define BL_TENSORS_H

#include "inputs.h"
#include "rules.h"

/* Zero-initialised is empty; freed with bl_tensors_free also after a failure. */
struct bl_tensors {
	struct bl_rules rules;
	struct bl_policy policy;
	struct bl_selection selection;
};

/*
 * Selects. format: of the outputs. Errors: those of bl_select; BL_USAGE for --copy-from a time that
 * no checkpoint has, and for what the format cannot write; those of bl_translate.
 */
int bl_tensors_select(struct bl_tensors *t, const struct bl_inputs *in,
	const struct bl_format *format, const struct bl_settings *s, struct bl_err *err)
	BL_MUST_USE;

/* The first tensor averaged that is, by its name, a running statistic of a batch normalisation;
 * NULL: there is none. */
const char *bl_tensors_statistic(const struct bl_tensors *t);

/* The first tensor copied that may be bfloat16, though the file does not say so; NULL: there is
 * none. */
const char *bl_tensors_unsaid(const struct bl_tensors *t);

void bl_tensors_free(struct bl_tensors *t);

#endif
