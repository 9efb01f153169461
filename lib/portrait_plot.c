/* portrait_plot.c - the weights of averages as a picture. */
#include "portrait.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTH 480 /* points of a curve, about */
#define NOTES 2
#define NOTE 256 /* bytes of one */

/* ---- the curve between the checkpoints ---- */

/* Steps between checkpoints where all gaps are the same, else 0. */
static int64_t regular_gap(const struct bl_timeline *time)
{
	int64_t gap = 0;

	for (size_t i = 1; i < time->count; i++) {
		if (i > 1 && time->n[i] - time->n[i - 1] != gap)
			return 0;
		gap = time->n[i] - time->n[i - 1];
	}
	return gap;
}

/* Every stride-th step, counted back from the last checkpoint, and the first. */
static size_t fill_steps(const struct bl_timeline *time, int64_t stride, int64_t *n)
{
	const int64_t first = time->n[0], last = time->n[time->count - 1];
	const size_t count = (size_t)((last - first + stride - 1) / stride) + 1;

	n[0] = first;
	for (size_t i = 1; i < count; i++)
		n[i] = last - (int64_t)(count - 1 - i) * stride;
	return count;
}

/*
 * The weights that the steps between the checkpoints would have if these were saved as well, times
 * the gap between checkpoints. The first step is left out, which also has what is left of the
 * start, and the last one, which has but half a gap.
 */
static int smooth_curve(const struct bl_row *row, double scale, double start, double *x, double *y,
	struct bl_points *curve, struct bl_err *err)
{
	const int64_t gap = regular_gap(&row->time);
	const int64_t span = row->time.n[row->time.count - 1] - row->time.n[0];
	const int64_t stride = span / SMOOTH + 1;
	struct bl_timeline fine = {NULL, 0};
	int64_t *n;

	if (!row->dynamics->spring || gap <= 1)
		return 0;
	n = calloc(SMOOTH + 2, sizeof *n);
	if (!n)
		return bl_fail_memory(err, (SMOOTH + 2) * sizeof *n, "a curve");
	fine.count = fill_steps(&row->time, stride, n);
	fine.n = n;
	bl_spring_weights(&row->spring, &fine, y);
	for (size_t i = 0; i < fine.count; i++) {
		x[i] = start + scale * (double)(n[i] - n[0]);
		y[i] *= (double)gap / (double)stride;
	}
	free(n);
	/* The gap before the second step may be shorter than the others. */
	if (fine.count > 4)
		*curve = (struct bl_points){x + 2, y + 2, fine.count - 3};
	return 0;
}

/* ---- notes ---- */

/* Three digits or the whole number; of a large one with a word: "7.21 billion". */
static const char *number(double value, char *buf)
{
	static const char *const word[] = {"", " million", " billion", " trillion"};
	char text[BL_TEXT / 2];
	size_t n = 0;

	if (fabs(value) >= 999500)
		for (value /= 1e6, n = 1; fabs(value) >= 999.5 && n < 3; n++)
			value /= 1000;
	snprintf(buf, BL_TEXT, "%s%s", bl_text_number(value, 3, text, sizeof text), word[n]);
	return buf;
}

/* "mean age 98.3, effective number 6.2" */
static void write_reach(const struct bl_row *row, char *buf, size_t cap)
{
	char a[BL_TEXT], b[BL_TEXT];

	snprintf(buf, cap, "mean age %s%s, effective number %s", number(row->mean_age, a),
		row->counts_checkpoints ? " checkpoints" : "", number(row->effective_number, b));
}

/* "under-damped: damping ratio 0.2, period 316; negative weights -0.21" */
static void write_damping(const struct bl_response *response, char *buf, size_t cap)
{
	char a[BL_TEXT], b[BL_TEXT];
	size_t at = 0;

	buf[0] = '\0';
	if (response->damping == BL_DAMPING_UNDER)
		at = (size_t)snprintf(buf, cap, "under-damped: damping ratio %s, period %s",
			number(response->ratio, a), number(response->period, b));
	else if (response->damping != BL_DAMPING_NONE)
		at = (size_t)snprintf(buf, cap, "%s: fades by half in %s",
			bl_damping_word(response->damping), number(response->pole[0].fade, a));
	if (response->negative < 0)
		snprintf(buf + at, cap - at, "%snegative weights %s", at ? "; " : "",
			number(response->negative, a));
}

/* Notes of one average stand below the title, those of several beside their names. */
static void write_notes(struct bl_portrait_plot *pp, const struct bl_portrait *p)
{
	const size_t rows = p->report->plan->rows;

	for (size_t i = 0; i < rows; i++) {
		char *text = pp->texts + i * NOTES * NOTE;

		write_reach(&p->report->plan->row[i], text, NOTE);
		write_damping(&p->response[i], text + NOTE, NOTE);
		pp->series[i].note = text;
	}
	if (rows > 1)
		return;
	pp->note[0] = pp->texts;
	pp->note[1] = pp->texts + NOTE;
	pp->plot.note = pp->note;
	pp->plot.notes = *pp->note[1] ? 2 : 1;
}

/* What a curve is. */
static void write_caption(struct bl_portrait_plot *pp, const struct bl_portrait *p)
{
	char text[BL_TEXT];

	for (size_t i = 0; i < pp->plot.n; i++)
		if (pp->series[i].curve.n > 0)
			snprintf(pp->caption, sizeof pp->caption,
				"line: weight of %s steps, were all saved",
				number(p->report->plan->row[i].median_gap, text));
}

/* ---- the whole ---- */

const char *bl_portrait_axis(const struct bl_report *r, char *buf)
{
	char key[BL_TEXT_FIT(16)];

	if (r->origin == BL_TIME_KEY && r->time_key)
		snprintf(buf, BL_PORTRAIT_AXIS, "%s",
			bl_text_fit(r->time_key, 16, key, sizeof key));
	else
		snprintf(buf, BL_PORTRAIT_AXIS, "%s",
			r->origin == BL_TIME_INDEX ? "checkpoint" : "time");
	return buf;
}

static int fill_series(struct bl_portrait_plot *pp, const struct bl_portrait *p, size_t i,
	bool smooth, double *room, struct bl_err *err)
{
	const struct bl_row *row = &p->report->plan->row[i];
	const struct bl_value *every = bl_case_value(row->settings, BL_OPT_UPDATE_EVERY);
	const double start = (double)p->report->input[0].time;

	pp->series[i].name = p->name[i];
	pp->series[i].points = (struct bl_points){pp->numbers, row->weight, row->time.count};
	if (!smooth || row->counts_checkpoints)
		return 0;
	return smooth_curve(row, every ? every->number : 1, start, room, room + SMOOTH + 2,
		&pp->series[i].curve, err);
}

int bl_portrait_plot(
	struct bl_portrait_plot *pp, const struct bl_portrait *p, bool smooth, struct bl_err *err)
{
	const struct bl_report *r = p->report;
	const size_t rows = r->plan->rows, count = r->plan->checkpoints, fine = 2 * (SMOOTH + 2);

	pp->series = calloc(rows, sizeof *pp->series);
	pp->numbers = calloc(count + rows * fine, sizeof *pp->numbers);
	pp->texts = calloc(rows, NOTES * NOTE);
	pp->note = calloc(NOTES, sizeof *pp->note);
	if (!pp->series || !pp->numbers || !pp->texts || !pp->note)
		return bl_fail_memory(
			err, (count + rows * fine) * sizeof *pp->numbers, "a picture");
	bl_portrait_axis(r, pp->axis);
	pp->plot = (struct bl_plot){.title = p->title,
		.x = pp->axis,
		.y = "weight of a checkpoint",
		.caption = pp->caption,
		.percent = true,
		.stems = true,
		.series = pp->series,
		.n = rows};
	for (size_t t = 0; t < count; t++)
		pp->numbers[t] = (double)r->input[t].time;
	for (size_t i = 0; i < rows; i++)
		if (fill_series(pp, p, i, smooth, pp->numbers + count + i * fine, err) != 0)
			return -1;
	write_notes(pp, p);
	write_caption(pp, p);
	return 0;
}

void bl_portrait_plot_free(struct bl_portrait_plot *pp)
{
	free(pp->series);
	free(pp->numbers);
	free(pp->texts);
	free(pp->note);
	memset(pp, 0, sizeof *pp);
}

int bl_portrait_svg(FILE *to, const struct bl_portrait *p, struct bl_err *err)
{
	struct bl_portrait_plot pp = {0};
	const int rc = bl_portrait_plot(&pp, p, true, err);

	if (rc == 0)
		bl_plot_svg(to, &pp.plot);
	bl_portrait_plot_free(&pp);
	return rc;
}
