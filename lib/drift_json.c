/* drift_json.c - how far the weights moved, as JSON and TSV. */
#include "drift.h"

#include "text.h"
#include "utf8.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* The numbers of a point, in the order in which they are shown. */
static const struct {
	const char *key;
	size_t at;
} number[] = {
	{"movement", offsetof(struct bl_drift_point, movement)},
	{"to_last", offsetof(struct bl_drift_point, to_last)},
	{"to_average", offsetof(struct bl_drift_point, to_average)},
	{"norm", offsetof(struct bl_drift_point, norm)},
	{"cosine", offsetof(struct bl_drift_point, cosine)},
};

#define NUMBERS (sizeof number / sizeof number[0])

static double number_of(const struct bl_drift_point *p, size_t k)
{
	double value;

	memcpy(&value, (const char *)p + number[k].at, sizeof value);
	return value;
}

/* ---- TSV ---- */

static void put_lines(FILE *to, const struct bl_drift_view *v, const struct bl_drift_of *of)
{
	const struct bl_report *r = v->portrait->report;
	char text[BL_NUMBER_TEXT];

	for (size_t t = 0; t < v->drift->checkpoints; t++) {
		fputs(of->tensor ? "tensor\t" : "model\t", to);
		bl_text_put(to, of->tensor ? of->tensor->name : "NA");
		fprintf(to, "\t%" PRId64 "\t", r->input[t].time);
		bl_text_put(to, r->input[t].path);
		for (size_t k = 0; k < NUMBERS; k++) {
			const double value = number_of(&of->point[t], k);

			fprintf(to, "\t%s",
				isnan(value)   ? "NA"
				: isinf(value) ? "inf"
					       : bl_number_text(value, text, sizeof text));
		}
		fprintf(to, "\t%" PRIu64 "\n", of->point[t].nonfinite);
	}
}

void bl_drift_tsv(FILE *to, const struct bl_drift_view *v)
{
	fputs("scope\ttensor\ttime\tcheckpoint", to);
	for (size_t k = 0; k < NUMBERS; k++)
		fprintf(to, "\t%s", number[k].key);
	fputs("\tnonfinite\n", to);
	put_lines(to, v, &v->drift->model);
	for (size_t i = 0; i < v->drift->tensors; i++)
		put_lines(to, v, &v->drift->of[i]);
}

/* ---- JSON ---- */

static void put_numbers(
	struct bl_json_printer *j, const struct bl_drift *d, const struct bl_drift_of *of)
{
	bl_json_member_count(j, "values", of->values);
	for (size_t k = 0; k < NUMBERS; k++) {
		bl_json_key(j, number[k].key);
		bl_json_begin_array(j);
		for (size_t t = 0; t < d->checkpoints; t++)
			bl_json_put_double(j, number_of(&of->point[t], k));
		bl_json_end_array(j);
	}
	bl_json_key(j, "nonfinite");
	bl_json_begin_array(j);
	for (size_t t = 0; t < d->checkpoints; t++)
		bl_json_put_unsigned(j, of->point[t].nonfinite);
	bl_json_end_array(j);
}

static void put_tensor(
	struct bl_json_printer *j, const struct bl_drift *d, const struct bl_drift_of *of)
{
	const struct bl_tensor *t = of->tensor;

	bl_json_begin_object(j);
	bl_json_put_name(j, "name", t->name);
	bl_json_member_text(j, "dtype", bl_dtype(t->dtype)->name);
	bl_json_key(j, "shape");
	bl_json_begin_array(j);
	for (unsigned i = 0; i < t->rank; i++)
		bl_json_put_unsigned(j, t->dim[i]);
	bl_json_end_array(j);
	put_numbers(j, d, of);
	bl_json_end_object(j);
}

static void put_average(struct bl_json_printer *j, const struct bl_portrait *p)
{
	bl_json_key(j, "average");
	bl_json_begin_object(j);
	bl_json_member_text(j, "name", p->name[0]);
	bl_report_put_method(j, p->report, &p->report->plan->row[0]);
	bl_portrait_put_weights(j, &p->report->plan->row[0]);
	bl_json_end_object(j);
}

void bl_drift_json(FILE *to, const struct bl_drift_view *v)
{
	struct bl_json_printer j = {.to = to, .pretty = true};

	bl_json_begin_object(&j);
	bl_portrait_put_head(&j, v->portrait->report);
	put_average(&j, v->portrait);
	bl_json_member_count(&j, "left_out", v->left_out);
	bl_json_key(&j, "model");
	bl_json_begin_object(&j);
	put_numbers(&j, v->drift, &v->drift->model);
	bl_json_end_object(&j);
	bl_json_key(&j, "tensors");
	bl_json_begin_array(&j);
	for (size_t i = 0; i < v->drift->tensors; i++)
		put_tensor(&j, v->drift, &v->drift->of[i]);
	bl_json_end_array(&j);
	bl_json_end_object(&j);
	putc('\n', to);
}
