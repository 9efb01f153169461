/*
 * models.h - catalogues from texts, for tests of what is done with many.
 */
#ifndef BL_MODELS_H
#define BL_MODELS_H

#include "io.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adds a tensor; text is its shape, "3x4", "" for a scalar. */
static inline struct bl_tensor *models_add(
	struct bl_catalog *cat, const char *name, enum bl_dtype dtype, const char *shape)
{
	struct bl_err err;
	struct bl_tensor *t;
	uint64_t *dim;
	unsigned rank = 0;

	ck_assert_int_eq(bl_catalog_reserve(cat, 1, 0, &err), 0);
	dim = bl_catalog_alloc(cat, (strlen(shape) + 1) * sizeof *dim, &err);
	t = &cat->tensor[cat->tensors++];
	for (char *end; *shape; shape = *end ? end + 1 : end)
		dim[rank++] = strtoull(shape, &end, 10);
	*t = (struct bl_tensor){.dtype = dtype, .rank = rank, .dim = dim};
	t->name = bl_catalog_text(cat, name, strlen(name), &err);
	ck_assert_int_eq(bl_tensor_measure(t, &err), 0);
	return t;
}

/* "w:F32:3x4 b:F16:12 n:I64:": the tensors of a checkpoint with the path given. */
static inline void models_make(struct bl_source *src, const char *path, const char *text)
{
	char copy[1024], *save = NULL;

	memset(src, 0, sizeof *src);
	src->path = path;
	snprintf(copy, sizeof copy, "%s", text);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char *type = strchr(w, ':') + 1, *shape = strchr(type, ':') + 1;
		enum bl_dtype dtype = BL_OTHER;

		type[-1] = shape[-1] = '\0';
		if (!bl_dtype_find(type, strlen(type), &dtype))
			dtype = BL_C128;
		models_add(&src->cat, w, dtype, shape);
	}
}

static inline void models_free(struct bl_source *src, size_t n)
{
	for (size_t t = 0; t < n; t++)
		bl_catalog_free(&src[t].cat);
}

#endif
