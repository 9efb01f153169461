/*
 * account.h - what a run has to tell, put together from its parts.
 */
#ifndef BL_ACCOUNT_H
#define BL_ACCOUNT_H

#include "inputs.h"
#include "outputs.h"
#include "report.h"
#include "tensors.h"

/* Zero-initialised is empty; freed with bl_account_free also after a failure. */
struct bl_account {
	struct bl_report report; /* its budget is filled in by who has it */
	struct bl_report_input *input;
	struct bl_report_output *output;
};

/* All is borrowed: it must outlive the account. cases: as many as the plan has rows. Error:
 * BL_LIMIT. */
int bl_account_make(struct bl_account *a, const struct bl_case *cases, const struct bl_inputs *in,
	const struct bl_tensors *tensors, const struct bl_format *format,
	const struct bl_plan *plan, struct bl_err *err) BL_MUST_USE;
void bl_account_free(struct bl_account *a);

#endif
