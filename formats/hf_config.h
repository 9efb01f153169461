/*
 * hf_config.h - the type of the weights, as a Hugging Face config.json has it.
 */
#ifndef BL_HF_CONFIG_H
#define BL_HF_CONFIG_H

#include "dtype.h"
#include "err.h"

/*
 * Makes a configuration name another type: what dtype or torch_dtype names a type of torch's, at
 * the top or in the configuration of a part of the model (text_config and the like, but not
 * quantization_config). *text, of *length bytes, malloc'd, is replaced where it changes; nothing
 * else in it does. A text that is no JSON is left alone; NaN and Infinity, which Python writes, are
 * seen as numbers. A dtype other than F64, F32, F16 and BF16 changes nothing. Errors: BL_LIMIT, no
 * memory.
 */
int bl_hf_config_retype(char **text, size_t *length, enum bl_dtype dtype, struct bl_err *err)
	BL_MUST_USE;

#endif
