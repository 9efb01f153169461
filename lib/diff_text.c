/* diff_text.c - what sets two checkpoints apart, in words. */
#include "diff.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- places and order ---- */

unsigned bl_diff_place(const struct bl_tensor *t, uint64_t at, uint64_t *coordinate)
{
	const unsigned lanes = bl_dtype(t->dtype)->lanes;
	uint64_t element = at / lanes;

	for (unsigned i = t->rank; i-- > 0;) {
		coordinate[i] = element % t->dim[i];
		element /= t->dim[i];
	}
	return (unsigned)(at % lanes);
}

/* How much there is to say of a tensor. */
struct ranked {
	unsigned class;
	double size;
	size_t place;
};

static struct ranked rank(const struct bl_diff *d, size_t i)
{
	static const unsigned class_of[BL_DIFF_FATES] = {
		[BL_DIFF_ONLY_A] = 0,  [BL_DIFF_ONLY_B] = 0, [BL_DIFF_SHAPE] = 1,
		[BL_DIFF_TYPE] = 2,    [BL_DIFF_VALUES] = 4, [BL_DIFF_WITHIN] = 5,
		[BL_DIFF_LEFT_OUT] = 6, [BL_DIFF_SAME] = 7,
	};
	const struct bl_diff_of *of = &d->of[i];
	struct ranked r = {class_of[of->fate], of->found.spot[BL_MOST_ABS].size, i};

	if (of->fate == BL_DIFF_VALUES && of->found.nonfinite > 0)
		r.class = 3;
	return r;
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->size < y->size || x->size > y->size)
		return x->size > y->size ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

int bl_diff_order(const struct bl_diff *d, size_t **order, struct bl_err *err)
{
	struct ranked *ranked = calloc(d->tensors + 1, sizeof *ranked);

	*order = calloc(d->tensors + 1, sizeof **order);
	if (!ranked || !*order) {
		free(ranked);
		free(*order);
		*order = NULL;
		return bl_fail_memory(err, d->tensors * sizeof *ranked, "the order");
	}
	for (size_t i = 0; i < d->tensors; i++)
		ranked[i] = rank(d, i);
	qsort(ranked, d->tensors, sizeof *ranked, by_rank);
	for (size_t i = 0; i < d->tensors; i++)
		(*order)[i] = ranked[i].place;
	free(ranked);
	return 0;
}

bool bl_diff_differ(const struct bl_diff_view *v)
{
	for (enum bl_diff_fate f = 0; f < BL_DIFF_FATES; f++)
		if (bl_diff_tells(f) && v->diff->count[f] > 0)
			return true;
	return v->meta_tells && v->metas > 0;
}

/* ---- a tensor ---- */

/* " at [3, 17].imag"; nothing of a scalar. */
static void put_place(FILE *to, const struct bl_tensor *t, uint64_t at)
{
	uint64_t coordinate[BL_DIFF_RANK] = {0};
	const unsigned part = bl_diff_place(t, at, coordinate);

	for (unsigned i = 0; i < t->rank; i++)
		fprintf(to, "%s%" PRIu64, i ? ", " : " at [", coordinate[i]);
	fprintf(to, "%s%s", t->rank ? "]" : "",
		bl_dtype(t->dtype)->lanes == 1 ? "" : part ? ".imag" : ".real");
}

/* " at [3, 17]: 1.5, and 1.25" */
static void put_spot(FILE *to, const struct bl_diff_of *of, const struct bl_spot *s)
{
	char a[BL_CODE_TEXT], b[BL_CODE_TEXT];

	put_place(to, of->tensor[1], s->at);
	fprintf(to, ": %s, and %s", bl_code_text(of->tensor[0]->dtype, s->code[0], a),
		bl_code_text(of->tensor[1]->dtype, s->code[1], b));
}

static void put_extreme(
	FILE *to, const char *name, const struct bl_diff_of *of, enum bl_extreme k)
{
	const struct bl_spot *s = &of->found.spot[k];
	char number[BL_TEXT];

	if (!s->there)
		return;
	fprintf(to, "    %-10s ", name);
	if (k == BL_MOST_STEPS)
		fprintf(to, "%" PRIu64, s->steps);
	else
		fputs(bl_text_number(s->size, 6, number, sizeof number), to);
	put_spot(to, of, s);
	putc('\n', to);
}

static void put_sums(FILE *to, const struct bl_difference *found)
{
	char rms[BL_TEXT], cosine[BL_TEXT];

	if (found->finite > 0)
		fprintf(to, "    RMS        %s", bl_text_number(found->rms, 6, rms, sizeof rms));
	if (!isnan(found->cosine))
		fprintf(to, ", cosine %s", bl_text_number(found->cosine, 9, cosine, sizeof cosine));
	if (found->finite > 0)
		putc('\n', to);
	if (found->nan[0] + found->nan[1] > 0)
		fprintf(to, "    NaN        %" PRIu64 ", and %" PRIu64 "\n", found->nan[0],
			found->nan[1]);
}

void bl_diff_say_numbers(FILE *to, const struct bl_diff_of *of)
{
	const struct bl_difference *found = &of->found;

	if (found->differing == 0)
		return;
	if (found->nonfinite > 0) {
		fprintf(to, "    not finite %" PRIu64 ", the first", found->nonfinite);
		put_spot(to, of, &found->spot[BL_FIRST_WILD]);
		putc('\n', to);
	}
	put_extreme(to, "max abs", of, BL_MOST_ABS);
	put_extreme(to, "max rel", of, BL_MOST_REL);
	put_extreme(to, "max ULP", of, BL_MOST_STEPS);
	if (of->looked)
		put_sums(to, found);
}

/* How many values differ. */
static void put_counts(FILE *to, const struct bl_diff_of *of)
{
	const struct bl_difference *found = &of->found;
	const uint64_t scalars = of->values * bl_dtype(of->tensor[1]->dtype)->lanes;

	if (found->differing == 0) {
		fputs("all values agree", to);
		return;
	}
	fprintf(to, "%" PRIu64 " of %" PRIu64 " values differ", found->differing, scalars);
	if (found->beyond == 0)
		fputs(", all within the tolerance", to);
	else if (found->beyond < found->differing)
		fprintf(to, ", %" PRIu64 " beyond the tolerance", found->beyond);
}

static void put_shapes(FILE *to, const struct bl_diff_of *of)
{
	char a[256], b[256];

	fprintf(to, "shape %s, and %s", bl_shape_text(of->tensor[0], a, sizeof a),
		bl_shape_text(of->tensor[1], b, sizeof b));
}

void bl_diff_say(FILE *to, const struct bl_diff *d, const struct bl_diff_of *of)
{
	const struct bl_tensor *a = of->tensor[0], *b = of->tensor[1];

	if (!a || !b) {
		fputs("only in ", to);
		bl_text_put(to, d->source[a ? 0 : 1].path);
	} else if (of->fate == BL_DIFF_SHAPE) {
		put_shapes(to, of);
	} else if (of->fate == BL_DIFF_LEFT_OUT) {
		fputs("is no array of numbers, and not compared", to);
	} else if (a->dtype != b->dtype) {
		fprintf(to, "type %s, and %s", bl_dtype(a->dtype)->name, bl_dtype(b->dtype)->name);
		if (of->compared)
			fputs("; ", to);
	}
	if (of->compared)
		put_counts(to, of);
}

static void put_tensor(FILE *to, const struct bl_diff *d, const struct bl_diff_of *of)
{
	bl_text_put(to, of->tensor[of->tensor[1] ? 1 : 0]->name);
	fputs(": ", to);
	bl_diff_say(to, d, of);
	putc('\n', to);
	bl_diff_say_numbers(to, of);
}

/* ---- metadata ---- */

/* As much of a value as fits. */
static void put_value(FILE *to, const char *value)
{
	char text[64];
	const size_t n = strlen(value);

	if (bl_text_columns(value) < sizeof text) {
		bl_text_put(to, value);
		return;
	}
	bl_escape(text, sizeof text, value, n);
	fprintf(to, "%s...", text);
}

void bl_diff_say_metadata(FILE *to, const struct bl_diff_view *v)
{
	for (size_t i = 0; i < v->metas; i++) {
		fputs("metadata ", to);
		bl_text_put(to, v->meta[i].key);
		for (size_t t = 0; t < 2; t++) {
			fputs(t ? ", and " : ": ", to);
			put_value(to, v->meta[i].value[t] ? v->meta[i].value[t] : "none");
		}
		putc('\n', to);
	}
}

/* ---- all of it ---- */

/* "; 2 only in a.h5, 1 of another shape": what there is besides values. */
static void put_kinds(FILE *to, const struct bl_diff *d, bool differ)
{
	const char *const words[BL_DIFF_FATES] = {
		[BL_DIFF_WITHIN] = differ ? "within the tolerance" : "not bit for bit",
		[BL_DIFF_TYPE] = "of another type",
		[BL_DIFF_SHAPE] = "of another shape",
		[BL_DIFF_ONLY_A] = "only in ",
		[BL_DIFF_ONLY_B] = "only in ",
		[BL_DIFF_LEFT_OUT] = "not compared",
	};
	const char *between = "; ";

	for (enum bl_diff_fate f = 0; f < BL_DIFF_FATES; f++) {
		if (!words[f] || d->count[f] == 0)
			continue;
		fprintf(to, "%s%zu %s", between, d->count[f], words[f]);
		if (f == BL_DIFF_ONLY_A || f == BL_DIFF_ONLY_B)
			bl_text_put(to, d->source[f == BL_DIFF_ONLY_B].path);
		between = ", ";
	}
	if (d->excluded > 0)
		fprintf(to, "%s%zu excluded", between, d->excluded);
}

void bl_diff_verdict_text(FILE *to, const struct bl_diff_view *v)
{
	const struct bl_diff *d = v->diff;
	const size_t compared = d->tensors - d->count[BL_DIFF_LEFT_OUT];
	size_t n = 0;

	for (enum bl_diff_fate f = 0; f < BL_DIFF_FATES; f++)
		n += bl_diff_tells(f) ? d->count[f] : 0;
	bl_text_put(to, d->source[0].path);
	fputs(" and ", to);
	bl_text_put(to, d->source[1].path);
	if (n > 0)
		fprintf(to, " differ in %zu of %zu tensors", n, d->tensors);
	else if (bl_diff_differ(v))
		fputs(" differ in their metadata", to);
	else
		fprintf(to, " are the same%s: %zu tensor%s, %" PRIu64 " value%s",
			d->count[BL_DIFF_WITHIN] ? " within the tolerance" : "", compared,
			bl_text_s(compared), d->values, bl_text_s(d->values));
	put_kinds(to, d, bl_diff_differ(v));
	putc('\n', to);
}

int bl_diff_text(FILE *to, const struct bl_diff_view *v, struct bl_err *err)
{
	const struct bl_diff *d = v->diff;
	size_t *order, more = 0, shown = 0;

	if (bl_diff_order(d, &order, err) != 0)
		return -1;
	for (size_t i = 0; i < d->tensors; i++) {
		const struct bl_diff_of *of = &d->of[order[i]];
		const bool tells = bl_diff_tells(of->fate);

		if (tells ? shown < v->top : v->all) {
			put_tensor(to, d, of);
			shown += tells;
		} else if (tells) {
			more++;
		}
		if (more > 0 && (i + 1 == d->tensors || !bl_diff_tells(d->of[order[i + 1]].fate))) {
			fprintf(to, "... and %zu more\n", more);
			more = 0;
		}
	}
	free(order);
	bl_diff_say_metadata(to, v);
	bl_diff_verdict_text(to, v);
	return 0;
}
