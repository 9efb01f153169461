/* drift_svg.c - how far the weights moved, as a picture for a page. */
#include "drift_svg.h"

#include "axis.h"
#include "svg.h"
#include "text.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARKED 60 /* points of a line, at most, that have marks */

/* A rectangle of the page in which numbers stand. */
struct field {
	double left, right, top, bottom;
};

static const struct field distances = {92, 470, BL_DRIFT_TOP, 330};
static const struct field cosines = {92, 470, 366, 458};

/* What is drawn. */
struct page {
	FILE *to;
	const struct bl_drift_view *view;
	const struct bl_drift *drift;
	struct bl_axis time;
	double scale;	  /* distances are shown over this */
	double low, high; /* of what is shown, logarithms to base 10 */
};

/* ---- distances over time ---- */

static double across(const struct page *p, const struct field *f, size_t t)
{
	const double time = (double)p->view->portrait->report->input[t].time;

	return f->left + bl_axis_place(&p->time, time) * (f->right - f->left);
}

static double down(const struct page *p, double value)
{
	const struct field *f = &distances;

	return f->bottom - (log10(value) - p->low) / (p->high - p->low) * (f->bottom - f->top);
}

bool bl_drift_shown(double value)
{
	return value > 0 && isfinite(value);
}

/* A logarithmic axis with ticks at 1, 2 and 5 of each power of ten, or at powers of ten alone, or
 * at some of these. */
struct ticks {
	int lowest, stride; /* exponents of ten */
	int parts;	    /* per exponent: 3 or 1 */
	int first, last;
};

static double tick(const struct ticks *a, int i)
{
	static const int part[] = {1, 2, 5};
	char text[16];

	snprintf(text, sizeof text, "%de%d", part[i % a->parts],
		a->lowest + i / a->parts * a->stride);
	return strtod(text, NULL);
}

/* Ticks from least to most, or around them. */
static struct ticks make_ticks(double least, double most)
{
	const int low = (int)floor(log10(least)), span = (int)ceil(log10(most)) - low;
	struct ticks a = {.lowest = low, .stride = span / 6 + 1, .parts = span <= 2 ? 3 : 1};

	while (tick(&a, a.first + 1) <= least)
		a.first++;
	a.last = a.first + 1;
	while (tick(&a, a.last) < most)
		a.last++;
	return a;
}

/* The range of all that is shown; false where there is nothing. */
static bool find_range(const struct page *p, double *least, double *most)
{
	*least = HUGE_VAL;
	*most = 0;
	for (size_t t = 0; t < p->drift->checkpoints; t++)
		for (size_t k = 0; k < BL_DRIFT_DISTANCES; k++) {
			const double value =
				bl_drift_distance(k, &p->drift->model.point[t]) / p->scale;

			if (!bl_drift_shown(value))
				continue;
			*least = fmin(*least, value);
			*most = fmax(*most, value);
		}
	return *most > 0;
}

static void draw_times(const struct page *p, const struct field *f, bool labels)
{
	char text[BL_TEXT];

	for (int64_t i = p->time.first; i <= p->time.last; i++) {
		const double x = f->left + bl_axis_place(&p->time, bl_axis_tick(&p->time, i)) *
						   (f->right - f->left);

		bl_svg_line(p->to, x, f->bottom, x, f->bottom + 5, "stroke=\"#777\"");
		if (labels)
			bl_svg_text(p->to, x, f->bottom + 21, "middle", BL_DRIFT_FAINT,
				bl_axis_text(&p->time, i, text));
	}
	bl_svg_line(p->to, f->left, f->bottom, f->right, f->bottom, "stroke=\"#777\"");
}

static void draw_line(const struct page *p, size_t k)
{
	const struct bl_drift_point *point = p->drift->model.point;
	const bool marks = p->drift->checkpoints <= MARKED;
	char attributes[96], a[BL_TEXT], hint[3 * BL_TEXT];
	bool first = true;

	snprintf(attributes, sizeof attributes, "stroke=\"%s\" fill=\"none\" stroke-width=\"2\"%s",
		bl_plot_colour(k), marks ? " stroke-opacity=\"0.55\"" : "");
	bl_svg_path(p->to, attributes);
	for (size_t t = 0; t < p->drift->checkpoints; t++) {
		const double value = bl_drift_distance(k, &point[t]) / p->scale;

		if (bl_drift_shown(value))
			bl_svg_path_point(p->to, first, across(p, &distances, t), down(p, value));
		first = !bl_drift_shown(value);
	}
	bl_svg_path_end(p->to, false);
	snprintf(attributes, sizeof attributes, "stroke=\"#fff\" fill=\"%s\"", bl_plot_colour(k));
	bl_svg_group(p->to, attributes);
	for (size_t t = 0; marks && t < p->drift->checkpoints; t++) {
		const double value = bl_drift_distance(k, &point[t]);

		if (!bl_drift_shown(value))
			continue;
		snprintf(hint, sizeof hint, "%" PRId64 ": %s",
			p->view->portrait->report->input[t].time,
			bl_text_number(value, 6, a, sizeof a));
		bl_svg_mark(p->to, (enum bl_svg_mark)k, across(p, &distances, t),
			down(p, value / p->scale), 4, hint);
	}
	bl_svg_group_end(p->to);
}

static void draw_legend(const struct page *p)
{
	double x = distances.left;

	for (size_t k = 0; k < BL_DRIFT_DISTANCES; k++) {
		char fill[32];

		snprintf(fill, sizeof fill, "fill=\"%s\"", bl_plot_colour(k));
		bl_svg_group(p->to, fill);
		bl_svg_mark(p->to, (enum bl_svg_mark)k, x + 5, distances.top - 19, 5, NULL);
		bl_svg_group_end(p->to);
		bl_svg_text(p->to, x + 16, distances.top - 14, "start", BL_DRIFT_BODY,
			bl_drift_distance_name(k));
		x += 34 + 7.0 * (double)strlen(bl_drift_distance_name(k));
	}
}

static void draw_distances(struct page *p, bool share)
{
	const struct field *f = &distances;
	double least, most;
	struct ticks a;
	char text[BL_TEXT + 1];

	bl_svg_text_up(p->to, BL_DRIFT_MARGIN - 8, (f->top + f->bottom) / 2, BL_DRIFT_BODY,
		share ? "distance / norm of the last" : "distance");
	draw_legend(p);
	if (find_range(p, &least, &most)) {
		a = make_ticks(least, most);
		p->low = log10(tick(&a, a.first));
		p->high = log10(tick(&a, a.last));
		for (int i = a.first; i <= a.last; i++) {
			const double y = down(p, tick(&a, i));

			bl_svg_line(p->to, f->left, y, f->right, y, "stroke=\"#e3e3e3\"");
			bl_text_number((share ? 100 : 1) * tick(&a, i), 3, text, BL_TEXT);
			if (share)
				strcat(text, "%");
			bl_svg_text(p->to, f->left - 8, y + 4.5, "end", BL_DRIFT_FAINT, text);
		}
		for (size_t k = BL_DRIFT_DISTANCES; k-- > 0;)
			draw_line(p, k);
	}
	draw_times(p, f, false);
}

/* ---- cosines over time ---- */

static double cosine_down(double cosine)
{
	return cosines.bottom - (cosine + 1) / 2 * (cosines.bottom - cosines.top);
}

static void draw_cosines(const struct page *p)
{
	static const struct {
		double value;
		const char *label;
	} level[] = {
		{1, "1"}, {0, "0"}, {-0.5, BL_DRIFT_MINUS "\xc2\xbd"}, {-1, BL_DRIFT_MINUS "1"}};
	const struct field *f = &cosines;
	const struct bl_drift_point *point = p->drift->model.point;
	const bool marks = p->drift->checkpoints <= MARKED;
	bool first = true;

	bl_svg_text_up(
		p->to, BL_DRIFT_MARGIN - 8, (f->top + f->bottom) / 2, BL_DRIFT_BODY, "cosine");
	bl_svg_text(p->to, f->left, f->top - 9, "start", BL_DRIFT_BODY,
		"of successive moves: 1 straight, 0 random walk, " BL_DRIFT_MINUS "\xc2\xbd noise");
	for (size_t i = 0; i < sizeof level / sizeof level[0]; i++) {
		const double y = cosine_down(level[i].value);

		bl_svg_line(p->to, f->left, y, f->right, y, "stroke=\"#e3e3e3\"");
		bl_svg_text(p->to, f->left - 8, y + 4.5, "end", BL_DRIFT_FAINT, level[i].label);
	}
	bl_svg_path(p->to, "stroke=\"#4a3500\" stroke-opacity=\"0.6\" fill=\"none\"");
	for (size_t t = 0; t < p->drift->checkpoints; t++) {
		if (!isnan(point[t].cosine))
			bl_svg_path_point(
				p->to, first, across(p, f, t), cosine_down(point[t].cosine));
		first = isnan(point[t].cosine);
	}
	bl_svg_path_end(p->to, false);
	bl_svg_group(p->to, "fill=\"#4a3500\"");
	for (size_t t = 0; marks && t < p->drift->checkpoints; t++)
		if (!isnan(point[t].cosine))
			bl_svg_mark(p->to, BL_SVG_CIRCLE, across(p, f, t),
				cosine_down(point[t].cosine), 2.5, NULL);
	bl_svg_group_end(p->to);
	draw_times(p, f, true);
}

/* ---- the whole ---- */

static void draw_words(const struct page *p)
{
	const struct bl_drift_sum sum = bl_drift_sum(p->drift, &p->drift->model);
	const struct bl_drift *d = p->drift;
	char text[256], cut[BL_TEXT_FIT(90)];

	snprintf(text, sizeof text, "How %zu tensor%s moved over %zu checkpoints", d->tensors,
		bl_text_s(d->tensors), d->checkpoints);
	bl_svg_text(p->to, BL_DRIFT_MARGIN, 44, "start",
		"font-size=\"24\" font-weight=\"bold\" fill=\"#111\"", text);
	snprintf(text, sizeof text, "average: %s",
		bl_text_fit(p->view->portrait->title, 90, cut, sizeof cut));
	bl_svg_text(p->to, BL_DRIFT_MARGIN, 72, "start", "font-size=\"16\" fill=\"#444\"", text);
	bl_svg_text(p->to, BL_DRIFT_MARGIN, 96, "start", "font-size=\"16\" fill=\"#444\"",
		bl_drift_advice(&sum));
}

static void draw_fields(struct page *p, bool share)
{
	const struct field *f = &cosines;
	char axis[BL_PORTRAIT_AXIS], unit[BL_TEXT], text[BL_PORTRAIT_AXIS + BL_TEXT + 4];

	draw_distances(p, share);
	draw_cosines(p);
	bl_axis_unit(&p->time, unit);
	snprintf(text, sizeof text, *unit ? "%s (%s)" : "%s",
		bl_portrait_axis(p->view->portrait->report, axis), unit);
	bl_svg_text(p->to, (f->left + f->right) / 2, f->bottom + 44, "middle", BL_DRIFT_BODY, text);
}

int bl_drift_svg(FILE *to, const struct bl_drift_view *v, struct bl_err *err)
{
	const struct bl_drift *d = v->drift;
	const struct bl_report_input *input = v->portrait->report->input;
	const double norm = d->model.point[d->checkpoints - 1].norm;
	const bool share = bl_drift_shown(norm);
	struct page p = {.to = to, .view = v, .drift = d, .scale = share ? norm : 1};
	size_t *order;
	int rc = bl_drift_order(d, &order, err);

	if (rc == 0) {
		bl_axis_make(&p.time, (double)input[0].time, (double)input[d->checkpoints - 1].time,
			6, false);
		bl_svg_begin(to, BL_DRIFT_WIDTH, BL_DRIFT_HEIGHT, "How the weights moved",
			"Distances of the checkpoints to the last, to the average and from one to "
			"the next; the cosine between successive moves; the moves of the tensors.");
		bl_svg_group(to, "font-size=\"13\" font-family=\"Helvetica, Arial, "
				 "'Liberation Sans', sans-serif\"");
		draw_words(&p);
		draw_fields(&p, share);
		rc = bl_drift_map(to, v, order, err);
		bl_svg_group_end(to);
		bl_svg_end(to);
	}
	free(order);
	return rc;
}
