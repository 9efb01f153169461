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
#define MARKED 120 /* points of a series, at most, that have marks */
#define RADIUS 4.5
#define BEYOND 0.35 /* of the height of the points, that curves may go beyond them */

/* Each 3:1 or better on white, and told apart by those who lack one kind of cones too: they were
 * searched for the largest least distance in CIELAB, as seen with each. */
static const char *const colour[BL_PLOT_SERIES] = {
	"#2b5cf2",
	"#d00541",
	"#11a784",
	"#8784d1",
	"#4a3500",
	"#184a63",
};

const char *bl_plot_colour(size_t i)
{
	return colour[i];
}

/* Where numbers stand on the page. */
struct field {
	const struct bl_plot *plot;
	FILE *to;
	size_t n;	     /* series drawn */
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

/* Curves may go beyond the points, which are what counts, but not so far that these become small.
 */
static void make_axes(struct field *f)
{
	const struct bl_range x = bl_plot_x(f->plot), points = bl_plot_y(f->plot);
	const double beyond = BEYOND * (points.high - points.low);
	struct bl_range y = points;

	for (size_t s = 0; s < f->n; s++) {
		const struct bl_points *curve = &f->plot->series[s].curve;

		for (size_t i = 0; i < curve->n; i++) {
			y.low = fmin(y.low, fmax(curve->y[i], points.low - beyond));
			y.high = fmax(y.high, fmin(curve->y[i], points.high + beyond));
		}
	}
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

/* A value that is labelled, or what of it is in the field. */
static double shown(const struct field *f, double y)
{
	return fmin(fmax(value(f, y), f->y.low), f->y.high);
}

static bool is_in(const struct field *f, double y)
{
	return value(f, y) >= f->y.low && value(f, y) <= f->y.high;
}

static bool is_dense(const struct bl_points *p)
{
	return p->n > MARKED;
}

/* The parts of a line that are in the field. */
static void draw_line(const struct field *f, const struct bl_points *p, const char *attributes)
{
	bool first = true;

	bl_svg_path(f->to, attributes);
	for (size_t i = 0; i < p->n; i++) {
		if (is_in(f, p->y[i]))
			bl_svg_path_point(
				f->to, first, across(f, p->x[i]), down(f, value(f, p->y[i])));
		first = !is_in(f, p->y[i]);
	}
	bl_svg_path_end(f->to, false);
}

static void draw_stems(const struct field *f, const struct bl_points *p)
{
	bl_svg_group(f->to, is_dense(p) ? "stroke-width=\"1\"" : "stroke-width=\"2.5\"");
	for (size_t i = 0; i < p->n; i++)
		bl_svg_line(f->to, across(f, p->x[i]), down(f, 0), across(f, p->x[i]),
			down(f, shown(f, p->y[i])), "");
	bl_svg_group_end(f->to);
}

static void draw_marks(const struct field *f, const struct bl_points *p, size_t series)
{
	char a[BL_NUMBER_TEXT], b[BL_NUMBER_TEXT], hint[2 * BL_NUMBER_TEXT + 4];

	bl_svg_group(f->to, "stroke=\"#fff\" stroke-width=\"1\"");
	for (size_t i = 0; i < p->n; i++) {
		snprintf(hint, sizeof hint, "%s: %s", bl_number_text(p->x[i], a, sizeof a),
			bl_number_text(p->y[i], b, sizeof b));
		bl_svg_mark(f->to, (enum bl_svg_mark)(series % BL_SVG_MARKS), across(f, p->x[i]),
			down(f, shown(f, p->y[i])), RADIUS, hint);
	}
	bl_svg_group_end(f->to);
}

static void draw_series(const struct field *f, size_t i)
{
	static const char full[] = "fill=\"none\" stroke-width=\"2\"";
	static const char faint[] = "fill=\"none\" stroke-width=\"2\" stroke-opacity=\"0.55\"";
	const struct bl_series *s = &f->plot->series[i];
	const bool stems = f->plot->stems && f->n == 1, dense = is_dense(&s->points);
	char attributes[64];

	snprintf(attributes, sizeof attributes, "stroke=\"%s\" fill=\"%s\"", colour[i], colour[i]);
	bl_svg_group(f->to, attributes);
	if (stems)
		draw_stems(f, &s->points);
	if (dense && !stems)
		draw_line(f, &s->points, full);
	else if (!dense && s->curve.n > 0)
		draw_line(f, &s->curve, faint);
	else if (!dense && !stems)
		draw_line(f, &s->points, faint);
	if (!dense)
		draw_marks(f, &s->points, i);
	bl_svg_group_end(f->to);
}

/* First points that lie outside stand at the edge, with an arrow and a figure. */
static void draw_outliers(const struct field *f)
{
	size_t above = 0, below = 0;
	char figure[BL_TEXT], text[BL_TEXT + 16], attributes[64];

	for (size_t i = 0; i < f->n; i++) {
		const struct bl_points *p = &f->plot->series[i].points;
		const bool up = value(f, p->y[0]) > 0;

		if (is_in(f, p->y[0]))
			continue;
		snprintf(text, sizeof text, "%s %s%s", up ? "\xe2\x86\x91" : "\xe2\x86\x93",
			bl_text_number(value(f, p->y[0]), 3, figure, sizeof figure),
			f->plot->percent ? "%" : "");
		snprintf(attributes, sizeof attributes, "font-size=\"16\" fill=\"%s\"", colour[i]);
		bl_svg_text(f->to, across(f, p->x[0]) + 12,
			up ? f->top + 18 + LINE * (double)above++
			   : HEIGHT - BOTTOM - 8 - LINE * (double)below++,
			"start", attributes, text);
	}
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

static bool has_curves(const struct field *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->plot->series[i].curve.n > 0 && !is_dense(&f->plot->series[i].points))
			return true;
	return false;
}

/* As large as it fits, up to a bound. */
static void draw_title(const struct field *f, double y)
{
	const double room = WIDTH - MARGIN - RIGHT, most = 24;
	const double fits = room / (0.64 * (double)bl_text_columns(f->plot->title));
	char attributes[96];

	snprintf(attributes, sizeof attributes,
		"font-size=\"%.0f\" font-weight=\"bold\" fill=\"#111\"",
		floor(fmin(most, fmax(fits, 10))));
	bl_svg_text(f->to, MARGIN, y, "start", attributes, f->plot->title);
}

/* Title, notes, legend; sets where the field begins. */
static void draw_words(struct field *f)
{
	const struct bl_plot *p = f->plot;
	size_t widest = 0;
	double y = 44;
	char text[64];

	draw_title(f, y);
	y += 2;
	for (size_t i = 0; i < p->notes; i++)
		bl_svg_text(f->to, MARGIN, y += LINE, "start", FAINT, p->note[i]);
	for (size_t i = 0; i < f->n; i++)
		if (bl_text_columns(p->series[i].name) > widest)
			widest = bl_text_columns(p->series[i].name);
	for (size_t i = 0; f->n > 1 && i < f->n; i++)
		draw_legend(f, i, y += LINE, MARGIN + 48 + LETTER * (double)widest);
	if (p->n > f->n) {
		snprintf(text, sizeof text, "%zu more %s not drawn", p->n - f->n,
			p->n - f->n == 1 ? "is" : "are");
		bl_svg_text(f->to, MARGIN + 24, y += LINE, "start", FAINT, text);
	}
	f->top = y + 32;
	if (has_curves(f))
		bl_svg_text(f->to, WIDTH - RIGHT, f->top - 10, "end",
			"font-size=\"14\" fill=\"#555\"", p->caption);
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
	struct field f = {.plot = p, .to = to, .n = bl_plot_drawn(p)};
	char description[1024];

	describe(p, description, sizeof description);
	bl_svg_begin(to, WIDTH, HEIGHT, p->title, description);
	bl_svg_group(to, "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\"");
	draw_words(&f);
	make_axes(&f);
	draw_axes(&f);
	for (size_t i = f.n; i-- > 0;)
		draw_series(&f, i);
	draw_outliers(&f);
	bl_svg_group_end(to);
	bl_svg_end(to);
}
