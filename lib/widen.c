/* widen.c - checkpoints whose averaged tensors are seen as doubles. */
#include "widen.h"

#include "kernels.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 512

/* The layout of a narrow type, whose NaN have the highest exponent. */
struct layout {
	unsigned bytes, fraction; /* bits of the fraction */
	uint64_t exponent;        /* all its bits set */
	bool one;                 /* it has one code for NaN, that of a negative zero */
};

static const struct layout *layout_of(enum bl_scalar s)
{
	static const struct layout layout[BL_SCALARS] = {
		[BL_SCALAR_F16] = {2, 10, 0x7c00, false},
		[BL_SCALAR_BF16] = {2, 7, 0x7f80, false},
		[BL_SCALAR_F32] = {4, 23, 0x7f800000, false},
		[BL_SCALAR_E5M2] = {1, 2, 0x7c, false},
		[BL_SCALAR_E4M3] = {1, 3, 0x78, false},
		[BL_SCALAR_E4M3FNUZ] = {1, 3, 0, true},
		[BL_SCALAR_E5M2FNUZ] = {1, 2, 0, true},
	};

	return &layout[s];
}

/* ---- NaN ---- */

static void widen_nan(enum bl_scalar s, double *to, const unsigned char *from)
{
	const struct layout *l = layout_of(s);
	uint64_t bits = 0, sign, wide = (uint64_t)0x7ff << 52;

	memcpy(&bits, from, l->bytes);
	sign = from[l->bytes - 1] >> 7;
	bits &= ((uint64_t)1 << l->fraction) - 1;
	wide |= sign << 63 | (l->one ? (uint64_t)1 << 51 : bits << (52 - l->fraction));
	memcpy(to, &wide, sizeof wide);
}

bool bl_narrow_nan(enum bl_scalar s, void *to, const void *from)
{
	const struct layout *l = layout_of(s);
	uint64_t wide, bits;
	double value;

	memcpy(&wide, from, sizeof wide);
	memcpy(&value, from, sizeof value);
	if (value == value || l->bytes == 0)
		return false;
	bits = (wide & (((uint64_t)1 << 52) - 1)) >> (52 - l->fraction);
	if (bits == 0)
		bits = (uint64_t)1 << (l->fraction - 1);
	if (s == BL_SCALAR_E4M3) /* less than that is a number */
		bits = 7;
	if (l->one)
		bits = 0x80;
	else
		bits |= l->exponent | wide >> 63 << (8 * l->bytes - 1);
	memcpy(to, &bits, l->bytes);
	return true;
}

/* ---- values ---- */

/* Widens n scalars that stand at the end of the room for their doubles. */
static void widen(enum bl_scalar s, double *to, const unsigned char *from, size_t n)
{
	const struct bl_kernel *kernel = &bl_kernels("base")->kernel[s];
	const size_t size = bl_scalar_size(s);
	unsigned char block[BLOCK * sizeof(float)];

	for (size_t at = 0; at < n; at += BLOCK) {
		const size_t some = n - at < BLOCK ? n - at : BLOCK;
		bool any = false;

		memcpy(block, from + at * size, some * size);
		kernel->load(to + at, block, some);
		for (size_t j = 0; j < some; j++)
			any = any || to[at + j] != to[at + j];
		for (size_t j = 0; any && j < some; j++)
			if (to[at + j] != to[at + j])
				widen_nan(s, &to[at + j], block + j * size);
	}
}

static int read_wide(const struct bl_source *view, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err)
{
	const struct bl_source *src = view->state;
	const struct bl_dtype_info *type = bl_dtype(src->cat.tensor[tensor].dtype);
	const size_t n = (size_t)span.count * type->lanes, size = bl_scalar_size(type->scalar);
	unsigned char *narrow = dst;

	if (view->cat.tensor[tensor].dtype == src->cat.tensor[tensor].dtype)
		return src->format->read(src, tensor, span, dst, work, err);
	narrow += n * (sizeof(double) - size);
	if (src->format->read(src, tensor, span, narrow, work, err) != 0)
		return -1;
	widen(type->scalar, dst, narrow, n);
	return 0;
}

const struct bl_tensor *bl_wide_stored(const struct bl_source *view, size_t tensor)
{
	const struct bl_source *src = view->format->read == read_wide ? view->state : view;

	return &src->cat.tensor[tensor];
}

/* ---- views ---- */

/* The format of a view on a source of a format; NULL: there are too many. */
static const struct bl_format *wide_format(struct bl_wide *w, const struct bl_format *of)
{
	size_t k = 0;

	while (k < w->formats && w->of[k] != of)
		k++;
	if (k == BL_WIDE_FORMATS)
		return NULL;
	if (k == w->formats) {
		w->of[k] = of;
		w->format[k] = *of;
		w->format[k].read = read_wide;
		w->formats++;
	}
	return &w->format[k];
}

/* The tensors of a source as a view has them; NULL on error. */
static struct bl_tensor *wide_tensors(const struct bl_catalog *cat, const size_t *map,
	const bool *averaged, size_t n, struct bl_err *err)
{
	struct bl_tensor *tensor = calloc(cat->tensors + 1, sizeof *tensor);

	if (!tensor) {
		bl_fail_memory(err, cat->tensors * sizeof *tensor, "the tensors as doubles");
		return NULL;
	}
	if (cat->tensors)
		memcpy(tensor, cat->tensor, cat->tensors * sizeof *tensor);
	for (size_t i = 0; i < n; i++) {
		struct bl_tensor *t;

		if (!averaged[i] || (map && map[i] == BL_NOWHERE))
			continue;
		t = &tensor[map ? map[i] : i];
		t->dtype = bl_dtype_as(t->dtype, BL_F64);
		if (bl_tensor_measure(t, err) != 0) {
			bl_prefix(err, "%s", t->name);
			free(tensor);
			return NULL;
		}
	}
	return tensor;
}

int bl_wide_add(struct bl_wide *w, const struct bl_source *source, const size_t *map,
	const bool *averaged, size_t n, struct bl_source *view, struct bl_err *err)
{
	const struct bl_format *format = wide_format(w, source->format);
	struct bl_tensor **list = realloc(w->tensor, (w->views + 1) * sizeof *list);

	if (!list)
		return bl_fail_memory(err, (w->views + 1) * sizeof *list, "the views");
	w->tensor = list;
	if (!format)
		return bl_fail(err, BL_LIMIT, "more than %d formats in one run", BL_WIDE_FORMATS);
	list[w->views] = wide_tensors(&source->cat, map, averaged, n, err);
	if (!list[w->views])
		return -1;
	*view = (struct bl_source){
		.format = format,
		.path = source->path,
		.cat = {.tensor = list[w->views], .tensors = source->cat.tensors},
		.state = (void *)(uintptr_t)source, /* const for read_wide */
	};
	w->views++;
	w->bytes += source->cat.tensors * sizeof **list;
	return 0;
}

void bl_wide_free(struct bl_wide *w)
{
	for (size_t i = 0; i < w->views; i++)
		free(w->tensor[i]);
	free(w->tensor);
	memset(w, 0, sizeof *w);
}
