/*
 * remarks.h - what is said on standard error beside the plan, the summary and errors.
 */
#ifndef BL_REMARKS_H
#define BL_REMARKS_H

#include "outputs.h"
#include "plan.h"
#include "tensors.h"
#include "voice.h"

/* The patterns that no name matches are likely to be misspelt. */
void bl_remark_rules(const struct bl_voice *voice, const struct bl_policy *policy);

/* What is to be known of the weights of output p of a plan, at path. */
void bl_remark_plan(const struct bl_voice *voice, const char *path, const struct bl_plan *plan,
	size_t p);

/* Outputs that exist and that a run would not replace, where a plan has let them pass. */
void bl_remark_existing(const struct bl_voice *voice, const struct bl_outputs *o);

/* What outputs of a format do not keep of the last checkpoint, at path: the extras of their
 * catalogue. */
void bl_remark_losses(const struct bl_voice *voice, const char *path,
	const struct bl_catalog *cat, const char *format);

/* What is averaged, and should be known to be; path: of the last checkpoint. */
void bl_remark_averages(const struct bl_voice *voice, const char *path,
	const struct bl_tensors *tensors, const struct bl_settings *s);

#endif
