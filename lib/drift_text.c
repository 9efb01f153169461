/* drift_text.c - how far the weights moved, in words, tables and a picture for a terminal. */
#include "drift.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FACT 512   /* bytes of what is said of a word */
#define STEPS 12   /* checkpoints in the table of the model, at most */
#define TENSORS 20 /* in the table of the tensors, at most */
#define NAME 40	   /* columns of a name, at most */
#define SPARK 40   /* columns of a row of moves, at most */
#define NARROW 10  /* at least, or there is none */

/* What a stream can show. */
struct form {
	FILE *to;
	size_t columns;
	bool unicode, colour;
};

/* Three digits; "-" where there is no number. */
static const char *number(double value, char *buf)
{
	if (isnan(value))
		return strcpy(buf, "-");
	return bl_text_number(value, 3, buf, BL_TEXT);
}

static const char *percent(double share, char *buf)
{
	number(100 * share, buf);
	return isnan(share) ? buf : strcat(buf, "%");
}

static const char *cosine(double value, char *buf)
{
	if (isnan(value))
		return strcpy(buf, "-");
	snprintf(buf, BL_TEXT, "%.2f", fabs(value) < 0.005 ? 0 : value);
	return buf;
}

/* ---- the picture ---- */

/* The points of a line that are numbers, as shares of scale. room: for all, twice. */
static struct bl_points points_of(
	const struct bl_drift_view *v, size_t k, double scale, double *room)
{
	const struct bl_drift *d = v->drift;
	double *x = room, *y = room + d->checkpoints;
	size_t n = 0;

	for (size_t t = 0; t < d->checkpoints; t++) {
		const double value = bl_drift_distance(k, &d->model.point[t]) / scale;

		if (!isfinite(value))
			continue;
		x[n] = (double)v->portrait->report->input[t].time;
		y[n++] = value;
	}
	return (struct bl_points){x, y, n};
}

static void put_legend(const struct form *f)
{
	size_t at = 0;

	for (size_t k = 0; k < BL_DRIFT_DISTANCES; k++) {
		const size_t n = strlen(bl_drift_distance_name(k)) + 2;

		if (at > 0 && at + 3 + n > f->columns) {
			putc('\n', f->to);
			at = 0;
		}
		at += (size_t)fprintf(f->to, "%s", at > 0 ? "   " : "") + n;
		bl_plot_mark(f->to, k, f->unicode, f->colour);
		fprintf(f->to, " %s", bl_drift_distance_name(k));
	}
	fputs("\n\n", f->to);
}

/* Distances over time, as shares of the norm of the last checkpoint where it has one. */
static int put_picture(const struct form *f, const struct bl_drift_view *v, struct bl_err *err)
{
	const struct bl_drift *d = v->drift;
	const double norm = d->model.point[d->checkpoints - 1].norm;
	const bool share = norm > 0 && isfinite(norm);
	struct bl_series series[BL_DRIFT_DISTANCES];
	char axis[BL_PORTRAIT_AXIS];
	struct bl_plot plot = {.title = "",
		.x = bl_portrait_axis(v->portrait->report, axis),
		.y = "",
		.caption = "",
		.percent = share,
		.series = series,
		.n = BL_DRIFT_DISTANCES};
	double *room = calloc(d->checkpoints, BL_DRIFT_DISTANCES * 2 * sizeof *room);
	const struct bl_drift_sum sum = bl_drift_sum(d, &d->model);
	bool drawn = d->checkpoints > 2 && sum.path > 0;
	int rc = 0;

	if (!room)
		return bl_fail_memory(err, d->checkpoints * sizeof *room, "a picture");
	for (size_t k = 0; k < BL_DRIFT_DISTANCES; k++) {
		series[k] = (struct bl_series){.name = bl_drift_distance_name(k),
			.note = "",
			.points = points_of(v, k, share ? norm : 1, room + 2 * k * d->checkpoints)};
		drawn = drawn && series[k].points.n > 0;
	}
	if (drawn) {
		fprintf(f->to, "Distances%s\n\n",
			share ? ", as shares of the norm of the last checkpoint" : "");
		rc = bl_plot_text(f->to, &plot, f->columns, f->unicode, f->colour, err);
		put_legend(f);
	}
	free(room);
	return rc;
}

/* ---- the model in words ---- */

static void say_moves(const struct bl_drift_sum *s, char *buf)
{
	char a[BL_TEXT], b[BL_TEXT];

	buf[0] = '\0';
	if (!isnan(s->share))
		snprintf(buf, FACT,
			"%s from one checkpoint to the next in the later half, which is "
			"%s of the norm",
			number(s->move, a), percent(s->share, b));
}

static void say_way(const struct bl_drift_sum *s, char *buf)
{
	char a[BL_TEXT], b[BL_TEXT];

	buf[0] = '\0';
	if (s->path > 0)
		snprintf(buf, FACT, "%s in all, and %s from the first to the last",
			number(s->path, a), number(s->net, b));
}

static void say_turns(const struct bl_drift_sum *s, char *buf)
{
	char a[BL_TEXT];

	buf[0] = '\0';
	if (!isnan(s->cosine))
		snprintf(buf, FACT,
			"the cosine between successive moves is %s in the later half "
			"(noise around a point -0.5, random walk 0, straight line 1)",
			cosine(s->cosine, a));
}

static void say_average(const struct bl_drift_view *v, const struct bl_drift_sum *s, char *buf)
{
	const struct bl_drift *d = v->drift;
	const struct bl_report_input *input = v->portrait->report->input;
	const double norm = d->model.point[d->checkpoints - 1].norm;
	char a[BL_TEXT], b[BL_TEXT], axis[BL_PORTRAIT_AXIS];
	size_t at = (size_t)snprintf(
		buf, FACT, "%s is %s from the last", v->portrait->title, number(s->lag, a));

	if (norm > 0 && at < FACT)
		at += (size_t)snprintf(
			buf + at, FACT - at, " (%s of its norm)", percent(s->lag / norm, b));
	if (d->checkpoints > 1 && at < FACT)
		snprintf(buf + at, FACT - at, ", and nearest to that of %s %" PRId64 ": %s",
			bl_portrait_axis(v->portrait->report, axis), input[s->nearest].time,
			number(d->model.point[s->nearest].to_average, a));
}

static void say_nonfinite(const struct bl_drift *d, const struct bl_drift_sum *s, char *buf)
{
	size_t n = 0;

	for (size_t t = 0; t < d->checkpoints; t++)
		n += d->model.point[t].nonfinite > 0;
	buf[0] = '\0';
	if (n > 0)
		snprintf(buf, FACT, "%" PRIu64 " value%s in %zu checkpoint%s: left out above",
			s->nonfinite, bl_text_s(s->nonfinite), n, bl_text_s(n));
}

static void put_facts(const struct form *f, const struct bl_drift_view *v)
{
	const struct bl_drift_sum s = bl_drift_sum(v->drift, &v->drift->model);
	char text[FACT];

	say_moves(&s, text);
	bl_text_fact(f->to, f->columns, "moves", text);
	say_way(&s, text);
	bl_text_fact(f->to, f->columns, "way", text);
	say_turns(&s, text);
	bl_text_fact(f->to, f->columns, "turns", text);
	say_average(v, &s, text);
	bl_text_fact(f->to, f->columns, "average", text);
	say_nonfinite(v->drift, &s, text);
	bl_text_fact(f->to, f->columns, "not finite", text);
	bl_text_fact(f->to, f->columns, "so", bl_drift_advice(&s));
}

/* ---- the model, checkpoint by checkpoint ---- */

/* As many columns of a table as there is room for. */
static void put_cell(const struct form *f, size_t *at, int width, const char *text)
{
	if (*at + (size_t)width > f->columns) {
		*at = f->columns; /* nothing behind it either */
		return;
	}
	fprintf(f->to, "%*s", width, text);
	*at += (size_t)width;
}

static void put_step(const struct form *f, const struct bl_drift_view *v, size_t t, bool wild)
{
	const struct bl_drift_point *p = &v->drift->model.point[t];
	char text[BL_TEXT];
	size_t at = 0;

	snprintf(text, sizeof text, "%" PRId64, v->portrait->report->input[t].time);
	put_cell(f, &at, 10, text);
	put_cell(f, &at, 10, number(p->movement, text));
	put_cell(f, &at, 10, number(p->to_last, text));
	put_cell(f, &at, 12, number(p->to_average, text));
	put_cell(f, &at, 9, number(p->norm, text));
	put_cell(f, &at, 8, cosine(p->cosine, text));
	snprintf(text, sizeof text, "%" PRIu64, p->nonfinite);
	if (wild)
		put_cell(f, &at, 12, text);
	putc('\n', f->to);
}

static void put_steps(const struct form *f, const struct bl_drift_view *v)
{
	const size_t all = v->drift->checkpoints, n = all < STEPS ? all : STEPS;
	char axis[BL_PORTRAIT_AXIS];
	bool wild = false;
	size_t at = 0;

	for (size_t t = 0; t < all; t++)
		wild = wild || v->drift->model.point[t].nonfinite > 0;
	putc('\n', f->to);
	put_cell(f, &at, 10, bl_portrait_axis(v->portrait->report, axis));
	put_cell(f, &at, 10, "moved");
	put_cell(f, &at, 10, "to last");
	put_cell(f, &at, 12, "to average");
	put_cell(f, &at, 9, "norm");
	put_cell(f, &at, 8, "cosine");
	if (wild)
		put_cell(f, &at, 12, "not finite");
	putc('\n', f->to);
	for (size_t i = 0; i < n; i++)
		put_step(f, v, n > 1 ? i * (all - 1) / (n - 1) : 0, wild);
	if (n < all)
		fprintf(f->to, "%zu of %zu checkpoints; --tsv has all\n", n, all);
}

/* ---- the tensors ---- */

/* How much of the largest move is in each of so many columns: the largest of those that share it.
 */
static void put_spark(const struct form *f, const struct bl_drift *d,
	const struct bl_drift_point *point, size_t columns)
{
	static const char *const block[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char plain[] = ".:-=+*%#";
	const size_t moves = d->checkpoints - 1, n = moves < columns ? moves : columns;
	double most = 0;

	for (size_t t = 1; t <= moves; t++)
		most = fmax(most, point[t].movement);
	for (size_t c = 0; c < n; c++) {
		double here = 0;
		size_t level;

		for (size_t t = c * moves / n; t < (c + 1) * moves / n; t++)
			here = fmax(here, point[t + 1].movement);
		level = most > 0 && isfinite(most) ? (size_t)(7 * here / most + 0.5) : 0;
		if (f->unicode)
			fputs(block[level], f->to);
		else
			putc(plain[level], f->to);
	}
}

/* How the columns of the table of tensors are. */
struct widths {
	struct bl_drift_names names;
	size_t spark;
};

#define FIGURES 36 /* columns of the numbers */
#define FEW 17	   /* of the first two, where there is room for no more */
#define WIDE 60	   /* columns that all need */

static struct widths widths_of(
	const struct form *f, const struct bl_drift *d, const size_t *order, size_t n)
{
	const size_t room = f->columns - (f->columns < WIDE ? FEW : FIGURES);
	const size_t most = room > 2 * NARROW ? room - NARROW - 2 : room;
	struct widths w = {bl_drift_names(d, order, n, most < NAME ? most : NAME), 0};

	if (room >= w.names.columns + NARROW + 2)
		w.spark = room - w.names.columns - 2;
	w.spark = w.spark < SPARK ? w.spark : SPARK;
	return w;
}

/* How straight the way was: 1 as straight as can be. */
static double of_way(const struct bl_drift_sum *s)
{
	return s->path > 0 && s->nonfinite == 0 ? s->net / s->path : nan("");
}

static void put_tensor(const struct form *f, const struct bl_drift *d, const struct bl_drift_of *of,
	const struct widths *w)
{
	const struct bl_drift_sum s = bl_drift_sum(d, of);
	const double norm = of->point[d->checkpoints - 1].norm;
	char name[BL_TEXT_FIT(NAME)], text[BL_TEXT];
	size_t wide;

	wide = bl_text_columns(bl_drift_name(&w->names, of, name));
	fprintf(f->to, "%s%*s", name, (int)(w->names.columns - wide), "");
	fprintf(f->to, "%9s", percent(s.share, text));
	fprintf(f->to, "%8s", cosine(s.cosine, text));
	if (f->columns >= WIDE) {
		fprintf(f->to, "%10s", cosine(of_way(&s), text));
		fprintf(f->to, "%9s", percent(norm > 0 ? s.lag / norm : nan(""), text));
	}
	if (w->spark && d->checkpoints > 1) {
		fputs("  ", f->to);
		put_spark(f, d, of->point, w->spark);
	}
	putc('\n', f->to);
}

static int put_tensors(const struct form *f, const struct bl_drift *d, struct bl_err *err)
{
	const size_t n = d->tensors < TENSORS ? d->tensors : TENSORS;
	struct widths w;
	size_t *order;
	int rc = bl_drift_order(d, &order, err);

	if (rc == 0) {
		w = widths_of(f, d, order, n);
		fprintf(f->to, "\n%-*s%9s%8s%s%s\n", (int)w.names.columns, w.names.head, "move",
			"cosine", f->columns < WIDE ? "" : "  straight  average",
			w.spark ? "  moves" : "");
		for (size_t i = 0; i < n; i++)
			put_tensor(f, d, &d->of[order[i]], &w);
		if (n < d->tensors)
			fprintf(f->to, "%zu more, which move less; --tsv has all\n",
				d->tensors - n);
	}
	free(order);
	return rc;
}

int bl_drift_text(FILE *to, const struct bl_drift_view *v, size_t columns, bool unicode,
	bool colour, struct bl_err *err)
{
	const struct form f = {to, columns, unicode, colour};
	const struct bl_drift *d = v->drift;

	bl_portrait_times(to, v->portrait->report);
	fprintf(to, "\n%zu tensor%s, %" PRIu64 " value%s", d->tensors, bl_text_s(d->tensors),
		d->model.values, bl_text_s(d->model.values));
	if (v->left_out)
		fprintf(to, "; %zu more tensor%s left out", v->left_out,
			v->left_out == 1 ? " is" : "s are");
	fputs("\n\n", to);
	if (put_picture(&f, v, err) != 0)
		return -1;
	put_facts(&f, v);
	put_steps(&f, v);
	return put_tensors(&f, d, err);
}
