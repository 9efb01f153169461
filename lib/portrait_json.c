/* portrait_json.c - the weights of averages as JSON and TSV. */
#include "portrait.h"

#include "text.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>

/* ---- TSV ---- */

void bl_portrait_tsv(FILE *to, const struct bl_portrait *p)
{
	const struct bl_plan *plan = p->report->plan;
	char text[BL_NUMBER_TEXT];

	fputs("time\tcheckpoint", to);
	for (size_t i = 0; i < plan->rows; i++)
		fprintf(to, "\t%s", plan->rows > 1 ? p->name[i] : "weight");
	putc('\n', to);
	for (size_t t = 0; t < plan->checkpoints; t++) {
		fprintf(to, "%" PRId64 "\t", p->report->input[t].time);
		bl_text_put(to, p->report->input[t].path ? p->report->input[t].path : "NA");
		for (size_t i = 0; i < plan->rows; i++)
			fprintf(to, "\t%s",
				bl_number_text(plan->row[i].weight[t], text, sizeof text));
		putc('\n', to);
	}
}

/* ---- JSON ---- */

/* A number; null where there is none. */
static void put_number(struct bl_json_printer *j, const char *key, double value, bool there)
{
	bl_json_key(j, key);
	if (there)
		bl_json_put_double(j, value); /* what is not finite is null too */
	else
		bl_json_put_null(j);
}

static void put_poles(struct bl_json_printer *j, const struct bl_response *s)
{
	bl_json_key(j, "poles");
	bl_json_begin_array(j);
	for (size_t i = 0; i < s->poles; i++) {
		bl_json_begin_object(j);
		put_number(j, "modulus", s->pole[i].modulus, true);
		put_number(j, "angle", s->pole[i].angle, true);
		put_number(j, "fade", s->pole[i].fade, true);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
}

static void put_response(struct bl_json_printer *j, const struct bl_response *s)
{
	const bool swings = s->period > 0;

	bl_json_key(j, "response");
	if (s->damping == BL_DAMPING_NONE) {
		bl_json_put_null(j);
		return;
	}
	bl_json_begin_object(j);
	bl_json_member_text(j, "damping", bl_damping_word(s->damping));
	put_number(j, "damping_ratio", s->ratio, swings);
	put_number(j, "period", s->period, swings);
	put_poles(j, s);
	put_number(j, "kappa", s->kappa, true);
	put_number(j, "kappa_most", s->kappa_most, true);
	put_number(j, "settled_age", s->settled_age, true);
	put_number(j, "error", s->error, s->error >= 0);
	bl_json_end_object(j);
}

static void put_weights(struct bl_json_printer *j, const struct bl_row *row, bool hex)
{
	bl_json_key(j, hex ? "weights_hex" : "weights");
	bl_json_begin_array(j);
	for (size_t t = 0; t < row->time.count; t++)
		if (hex)
			bl_json_put_hex(j, row->weight[t]);
		else
			bl_json_put_double(j, row->weight[t]);
	bl_json_end_array(j);
}

void bl_portrait_put_weights(struct bl_json_printer *j, const struct bl_row *row)
{
	put_weights(j, row, false);
	put_weights(j, row, true);
}

static void put_average(struct bl_json_printer *j, const struct bl_portrait *p, size_t i)
{
	const struct bl_row *row = &p->report->plan->row[i];
	const struct bl_response *s = &p->response[i];

	bl_json_begin_object(j);
	bl_json_member_text(j, "name", p->name[i]);
	bl_report_put_method(j, p->report, &p->report->plan->row[i]);
	put_number(j, "sum", row->sum, true);
	put_number(j, "sum_abs", row->sum_abs, true);
	put_number(j, "negative", s->negative, true);
	put_number(j, "mean_age", row->mean_age, true);
	put_number(j, "half_life", row->half_life, row->half_life >= 0);
	put_number(j, "rel_std", row->rel_std, row->rel_std >= 0);
	put_number(j, "effective_number", row->effective_number, true);
	put_number(j, "first_share", row->first_share, true);
	put_response(j, s);
	bl_report_put_warnings(j, row);
	bl_portrait_put_weights(j, row);
	bl_json_end_object(j);
}

static void put_checkpoints(struct bl_json_printer *j, const struct bl_report *r)
{
	bl_json_key(j, "checkpoints");
	bl_json_begin_array(j);
	for (size_t t = 0; t < r->plan->checkpoints; t++) {
		bl_json_begin_object(j);
		bl_json_put_name(j, "path", r->input[t].path);
		bl_json_key(j, "time");
		bl_json_put_signed(j, r->input[t].time);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
}

void bl_portrait_put_head(struct bl_json_printer *j, const struct bl_report *r)
{
	bl_json_member_count(j, "schema", 1);
	bl_json_member_text(j, "belay", r->version);
	bl_json_key(j, "times");
	if (r->input[0].path) {
		bl_json_begin_object(j);
		bl_report_put_origin(j, r);
		bl_json_end_object(j);
	} else {
		bl_json_put_null(j);
	}
	put_checkpoints(j, r);
}

void bl_portrait_json(FILE *to, const struct bl_portrait *p)
{
	struct bl_json_printer j = {.to = to, .pretty = true};
	const struct bl_report *r = p->report;

	bl_json_begin_object(&j);
	bl_portrait_put_head(&j, r);
	bl_json_key(&j, "averages");
	bl_json_begin_array(&j);
	for (size_t i = 0; i < r->plan->rows; i++)
		put_average(&j, p, i);
	bl_json_end_array(&j);
	bl_json_end_object(&j);
	putc('\n', to);
}
