/*
 * choice.h - which of the inputs are taken: options to a rule (lib/choose.h), and what it leaves.
 */
#ifndef BL_CHOICE_H
#define BL_CHOICE_H

#include "choose.h"
#include "inputs.h"

/* What is asked for. Its texts are the settings'. */
struct bl_wish {
	struct bl_choice_rule rule;
	bool asked;
	double unit;         /* --time-unit, or 1 */
	const char *metrics; /* a file; NULL: none */
	const char *column;  /* of it; NULL: there is one */
};

/* The first option of those that choose that is given, BL_OPTIONS where none is. */
enum bl_option bl_wish_given(const struct bl_settings *s);

/* Error BL_USAGE: what does not go together. snapshots: of inputs.h. */
int bl_wish_read(struct bl_wish *w, const struct bl_settings *s, bool snapshots,
	struct bl_err *err) BL_MUST_USE;

/* Closes what is not wished for of inputs that have times, and tells in->chosen. Errors: those of
 * bl_metrics_read; BL_USAGE where nothing is left. */
int bl_inputs_choose(struct bl_inputs *in, const struct bl_wish *w, const struct bl_settings *s,
	struct bl_err *err) BL_MUST_USE;

#endif
