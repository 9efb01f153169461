/* plot_svg.c - numbers over time, as a picture for a page. */
#include "plot.h"

#include "axis.h"
#include "svg.h"
#include "text.h"
#include "value.h"

#include <math.h>
#include <string.h>

#define WIDTH 960.0
#define HEIGHT 540.0
#define MARGIN 36.0 /* of title, notes and legend */
#define LEFT 104.0  /* of the field: room for the labels of the axes */
#define RIGHT 36.0
#define BOTTOM 82.0
#define LINE 26.0  /* height of a line of text */
#define LETTER 8.9 /* width of one, about */
#define HINTED 600 /* points of a series that tell their numbers */
#define MARKED 160 /* points of a series that have marks */
#define RADIUS 4.5
#define BEYOND 0.35 /* of the height of the points, that curves may go beyond them */

/* Told apart by most people who see colours differently, and each 3:1 or better on white. */
static const char *const colour[BL_PLOT_SERIES] = {
	"#0b62a8",
	"#c8501e",
	"#1b7f5c",
	"#9b3f8f",
	"#8a6a00",
	"#4a4a4a",
};

/* Where numbers stand on the page. */
struct field {
	const struct bl_plot *plot;
	FILE *to;
	size_t n;            /* series drawn */
	struct bl_axis x, y; /* y in percent where that is shown */
	double top;
};

static double value(const struct field *f, double y)
{
	return f->plot->percent ? 100 * y : y;
}

static double across(const struct field *f, double x)
{
	return LEFT + bl_axis_place(&f->x, x) * (WIDTH - LEFT - RIGHT);
}

static double down(const struct field *f, double y)
{
	return HEIGHT - BOTTOM - bl_axis_place(&f->y, y) * (HEIGHT - BOTTOM - f->top);
}

/* ---- the field ---- */

/* Numbers from low to high. */
struct range {
	double low, high;
};

static void extend(struct range *r, const double *value, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		r->low = fmin(r->low, value[i]);
		r->high = fmax(r->high, value[i]);
	}
}

/* Curves may go beyond the points, which are what counts, but not so far that these become small.
 */
static void make_axes(struct field *f)
{
	struct range x = {INFINITY, -INFINITY}, y = {0, 0}, curve = {0, 0};

	for (size_t i = 0; i < f->n; i++) {
		const struct bl_series *s = &f->plot->series[i];

		extend(&x, s->points.x, s->points.n);
		extend(&y, s->points.y, s->points.n);
		extend(&curve, s->curve.y, s->curve.n);
	}
	y.low = fmin(y.low, fmax(curve.low, y.low - BEYOND * (y.high - y.low)));
	y.high = fmax(y.high, fmin(curve.high, y.high + BEYOND * (y.high - y.low)));
	bl_axis_make(&f->x, x.low, x.high, 11, false);
	bl_axis_make(&f->y, value(f, y.low), value(f, y.high), 7, true);
}

/* "weight of a checkpoint", with what its labels count in. */
static void axis_title(const struct bl_axis *a, const char *text, char *buf, size_t cap)
{
	char unit[BL_TEXT];

	bl_axis_unit(a, unit);
	snprintf(buf, cap, *unit ? "%s (%s)" : "%s", text, unit);
}

static void draw_axes(const struct field *f)
{
	const double floor = HEIGHT - BOTTOM;
	char text[BL_TEXT + 1], title[256];

	bl_svg_group(f->to, "stroke=\"#e3e3e3\"");
	for (int64_t i = f->y.first; i <= f->y.last; i++)
		if (i != 0)
			bl_svg_line(f->to, LEFT, down(f, bl_axis_tick(&f->y, i)), WIDTH - RIGHT,
				down(f, bl_axis_tick(&f->y, i)), "");
	bl_svg_group_end(f->to);
	bl_svg_line(f->to, LEFT, down(f, 0), WIDTH - RIGHT, down(f, 0), "stroke=\"#777\"");
	bl_svg_group(f->to, "font-size=\"16\" fill=\"#333\"");
	for (int64_t i = f->y.first; i <= f->y.last; i++) {
		bl_axis_text(&f->y, i, text);
		if (f->plot->percent)
			strcat(text, "%");
		bl_svg_text(
			f->to, LEFT - 12, down(f, bl_axis_tick(&f->y, i)) + 5.5, "end", "", text);
	}
	for (int64_t i = f->x.first; i <= f->x.last; i++) {
		const double x = across(f, bl_axis_tick(&f->x, i));

		bl_svg_line(f->to, x, floor, x, floor + 6, "stroke=\"#777\"");
		bl_svg_text(f->to, x, floor + 25, "middle", "", bl_axis_text(&f->x, i, text));
	}
	bl_svg_group_end(f->to);
	axis_title(&f->x, f->plot->x, title, sizeof title);
	bl_svg_text(f->to, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 24, "middle",
		"font-size=\"18\" fill=\"#111\"", title);
	axis_title(&f->y, f->plot->y, title, sizeof title);
	bl_svg_text_up(
		f->to, MARGIN - 4, (f->top + floor) / 2, "font-size=\"18\" fill=\"#111\"", title);
}

/* ---- series ---- */

/* The parts of a line that are in the field. */
static void draw_line(const struct field *f, const struct bl_points *p)
{
	bool first = true;

	bl_svg_path(f->to, "fill=\"none\" stroke-width=\"2\" stroke-opacity=\"0.55\"");
	for (size_t i = 0; i < p->n; i++) {
		const double y = value(f, p->y[i]);

		if (y >= f->y.low && y <= f->y.high)
			bl_svg_path_point(f->to, first, across(f, p->x[i]), down(f, y));
		first = y < f->y.low || y > f->y.high;
	}
	bl_svg_path_end(f->to, false);
}

static void draw_stems(const struct field *f, const struct bl_points *p)
{
	const bool dense = p->n > MARKED;

	bl_svg_group(f->to, dense ? "stroke-width=\"1\"" : "stroke-width=\"2.5\"");
	for (size_t i = 0; i < p->n; i++)
		bl_svg_line(f->to, across(f, p->x[i]), down(f, 0), across(f, p->x[i]),
			down(f, value(f, p->y[i])), "");
	bl_svg_group_end(f->to);
}

static void draw_marks(const struct field *f, const struct bl_points *p, size_t series)
{
	char a[BL_NUMBER_TEXT], b[BL_NUMBER_TEXT], hint[2 * BL_NUMBER_TEXT + 4];

	for (size_t i = 0; i < p->n; i++) {
		snprintf(hint, sizeof hint, "%s: %s", bl_number_text(p->x[i], a, sizeof a),
			bl_number_text(p->y[i], b, sizeof b));
		bl_svg_mark(f->to, (enum bl_svg_mark)(series % BL_SVG_MARKS), across(f, p->x[i]),
			down(f, value(f, p->y[i])), p->n > MARKED ? 1.5 : RADIUS,
			p->n > HINTED ? NULL : hint);
	}
}

static void draw_series(const struct field *f, size_t i)
{
	const struct bl_series *s = &f->plot->series[i];
	const bool stems = f->plot->stems && f->n == 1;
	char attributes[64];

	snprintf(attributes, sizeof attributes, "stroke=\"%s\" fill=\"%s\"", colour[i], colour[i]);
	bl_svg_group(f->to, attributes);
	if (stems)
		draw_stems(f, &s->points);
	if (s->curve.n > 0)
		draw_line(f, &s->curve);
	else if (!stems)
		draw_line(f, &s->points);
	bl_svg_group(f->to, "stroke=\"#fff\" stroke-width=\"1\"");
	draw_marks(f, &s->points, i);
	bl_svg_group_end(f->to);
	bl_svg_group_end(f->to);
}

/* ---- what is said above the field ---- */

#define BODY "font-size=\"17\" fill=\"#111\""
#define FAINT "font-size=\"17\" fill=\"#444\""

/* The line of a series in the legend; the notes stand side by side. */
static void draw_legend(const struct field *f, size_t i, double y, double notes)
{
	const struct bl_series *s = &f->plot->series[i];
	char fill[32];

	snprintf(fill, sizeof fill, "fill=\"%s\"", colour[i]);
	bl_svg_group(f->to, fill);
	bl_svg_mark(f->to, (enum bl_svg_mark)(i % BL_SVG_MARKS), MARGIN + 7, y - 6, 6, NULL);
	bl_svg_group_end(f->to);
	bl_svg_text(f->to, MARGIN + 24, y, "start", BODY, s->name);
	bl_svg_text(f->to, notes, y, "start", FAINT, s->note);
}

/* Title, notes, legend; sets where the field begins. */
static void draw_words(struct field *f)
{
	const struct bl_plot *p = f->plot;
	size_t widest = 0;
	double y = 44;
	char text[64];

	bl_svg_text(f->to, MARGIN, y, "start",
		"font-size=\"24\" font-weight=\"bold\" fill=\"#111\"", p->title);
	y += 2;
	for (size_t i = 0; i < p->notes; i++)
		bl_svg_text(f->to, MARGIN, y += LINE, "start", FAINT, p->note[i]);
	for (size_t i = 0; i < f->n; i++)
		if (bl_text_columns(p->series[i].name) > widest)
			widest = bl_text_columns(p->series[i].name);
	for (size_t i = 0; f->n > 1 && i < f->n; i++)
		draw_legend(f, i, y += LINE, MARGIN + 48 + LETTER * (double)widest);
	if (p->n > f->n) {
		snprintf(text, sizeof text, "%zu more are not drawn", p->n - f->n);
		bl_svg_text(f->to, MARGIN + 24, y += LINE, "start", FAINT, text);
	}
	bl_svg_text(f->to, WIDTH - RIGHT, HEIGHT - 24, "end", "font-size=\"14\" fill=\"#555\"",
		p->caption);
	f->top = y + 30;
}

/* What the picture shows, for those who cannot see it. */
static void describe(const struct bl_plot *p, char *buf, size_t cap)
{
	size_t at = (size_t)snprintf(buf, cap, "%s over %s.", p->y, p->x);

	for (size_t i = 0; i < p->notes && at < cap; i++)
		at += (size_t)snprintf(buf + at, cap - at, " %s.", p->note[i]);
}

void bl_plot_svg(FILE *to, const struct bl_plot *p)
{
	struct field f = {.plot = p, .to = to, .n = p->n > BL_PLOT_SERIES ? BL_PLOT_SERIES : p->n};
	char description[1024];

	describe(p, description, sizeof description);
	bl_svg_begin(to, WIDTH, HEIGHT, p->title, description);
	bl_svg_group(to, "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\"");
	draw_words(&f);
	make_axes(&f);
	draw_axes(&f);
	for (size_t i = f.n; i-- > 0;)
		draw_series(&f, i);
	bl_svg_group_end(to);
	bl_svg_end(to);
}
