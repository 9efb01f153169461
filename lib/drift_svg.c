/* drift_svg.c - how far the weights moved, as a picture for a page. */
#include "drift.h"

#include "axis.h"
#include "svg.h"
#include "text.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 960.0
#define HEIGHT 540.0
#define MARGIN 36.0
#define MINUS "\xe2\x88\x92"
#define BODY "fill=\"#111\""
#define FAINT "fill=\"#444\""

#define LINES 3
#define MARKED 60 /* points of a line, at most, that have marks */

#define SHADES 12
#define LEAST 0.3 /* decades that they stand for, at least */
#define ROWS 20    /* tensors, at most */
#define CELLS 96   /* moves side by side, at most */
#define NAME 26    /* columns of a name, at most */
#define LETTER 7.2 /* width of one, about */

/* A rectangle of the page in which numbers stand. */
struct field {
	double left, right, top, bottom;
};

static const struct field distances = {92, 470, 150, 330};
static const struct field cosines = {92, 470, 366, 458};
static const double map_top = 150, map_bottom = 446, map_right = 872;

/* What is drawn. */
struct page {
	FILE *to;
	const struct bl_drift_view *view;
	const struct bl_drift *drift;
	struct bl_axis time;
	double scale;     /* distances are shown over this */
	double low, high; /* of what is shown, logarithms to base 10 */
};

/* ---- distances over time ---- */

static double to_last(const struct bl_drift_point *p)
{
	return p->to_last;
}

static double to_average(const struct bl_drift_point *p)
{
	return p->to_average;
}

static double movement(const struct bl_drift_point *p)
{
	return p->movement;
}

static const struct {
	const char *name;
	double (*of)(const struct bl_drift_point *p);
} line[LINES] = {
	{"to the last", to_last},
	{"to the average", to_average},
	{"from one to the next", movement},
};

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

static bool is_shown(double value)
{
	return value > 0 && isfinite(value);
}

/* A logarithmic axis with ticks at 1, 2 and 5 of each power of ten, or at powers of ten alone, or at
 * some of these. */
struct ticks {
	int lowest, stride; /* exponents of ten */
	int parts;          /* per exponent: 3 or 1 */
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
		for (size_t k = 0; k < LINES; k++) {
			const double value = line[k].of(&p->drift->model.point[t]) / p->scale;

			if (!is_shown(value))
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
			bl_svg_text(p->to, x, f->bottom + 21, "middle", FAINT,
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
		const double value = line[k].of(&point[t]) / p->scale;

		if (is_shown(value))
			bl_svg_path_point(p->to, first, across(p, &distances, t), down(p, value));
		first = !is_shown(value);
	}
	bl_svg_path_end(p->to, false);
	snprintf(attributes, sizeof attributes, "stroke=\"#fff\" fill=\"%s\"", bl_plot_colour(k));
	bl_svg_group(p->to, attributes);
	for (size_t t = 0; marks && t < p->drift->checkpoints; t++) {
		const double value = line[k].of(&point[t]);

		if (!is_shown(value))
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

	for (size_t k = 0; k < LINES; k++) {
		char fill[32];

		snprintf(fill, sizeof fill, "fill=\"%s\"", bl_plot_colour(k));
		bl_svg_group(p->to, fill);
		bl_svg_mark(p->to, (enum bl_svg_mark)k, x + 5, distances.top - 19, 5, NULL);
		bl_svg_group_end(p->to);
		bl_svg_text(p->to, x + 16, distances.top - 14, "start", BODY, line[k].name);
		x += 34 + 7.0 * (double)strlen(line[k].name);
	}
}

static void draw_distances(struct page *p, bool share)
{
	const struct field *f = &distances;
	double least, most;
	struct ticks a;
	char text[BL_TEXT + 1];

	bl_svg_text_up(p->to, MARGIN - 8, (f->top + f->bottom) / 2, BODY,
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
			bl_svg_text(p->to, f->left - 8, y + 4.5, "end", FAINT, text);
		}
		for (size_t k = LINES; k-- > 0;)
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
	} level[] = {{1, "1"}, {0, "0"}, {-0.5, MINUS "\xc2\xbd"}, {-1, MINUS "1"}};
	const struct field *f = &cosines;
	const struct bl_drift_point *point = p->drift->model.point;
	const bool marks = p->drift->checkpoints <= MARKED;
	bool first = true;
	char fill[48];

	bl_svg_text_up(p->to, MARGIN - 8, (f->top + f->bottom) / 2, BODY, "cosine");
	bl_svg_text(p->to, f->left, f->top - 9, "start", BODY,
		"of successive moves: 1 straight, 0 random walk, " MINUS "\xc2\xbd noise");
	for (size_t i = 0; i < sizeof level / sizeof level[0]; i++) {
		const double y = cosine_down(level[i].value);

		bl_svg_line(p->to, f->left, y, f->right, y, "stroke=\"#e3e3e3\"");
		bl_svg_text(p->to, f->left - 8, y + 4.5, "end", FAINT, level[i].label);
	}
	bl_svg_path(p->to, "stroke=\"#4a3500\" stroke-opacity=\"0.6\" fill=\"none\"");
	for (size_t t = 0; t < p->drift->checkpoints; t++) {
		if (!isnan(point[t].cosine))
			bl_svg_path_point(
				p->to, first, across(p, f, t), cosine_down(point[t].cosine));
		first = isnan(point[t].cosine);
	}
	bl_svg_path_end(p->to, false);
	snprintf(fill, sizeof fill, "fill=\"#4a3500\"");
	bl_svg_group(p->to, fill);
	for (size_t t = 0; marks && t < p->drift->checkpoints; t++)
		if (!isnan(point[t].cosine))
			bl_svg_mark(p->to, BL_SVG_CIRCLE, across(p, f, t),
				cosine_down(point[t].cosine), 2.5, NULL);
	bl_svg_group_end(p->to);
	draw_times(p, f, true);
}

/* ---- the tensors ---- */

/* From light to dark, even in lightness (CIELAB), readable without colours. */
static const char *const shade[SHADES] = {
	"#f1f5fe", "#dde7fb", "#c8d8f8", "#b3c9f4", "#9dbaf0", "#86abeb",
	"#6e9be6", "#558be0", "#3b7ad6", "#2967bf", "#1c53a1", "#123f82",
};

/* A map of moves: rows of tensors, cells of time. */
struct map {
	const struct page *page;
	const size_t *order;
	size_t rows, cells;
	double left, width, height; /* of a cell */
	double low, high;           /* logarithms of the shares */
};

/* The largest move of those that share a cell, over the norm of the last checkpoint. */
static double cell_of(const struct map *m, size_t row, size_t cell)
{
	const struct bl_drift *d = m->page->drift;
	const struct bl_drift_point *point = d->of[m->order[row]].point;
	const size_t moves = d->checkpoints - 1;
	double most = 0;

	for (size_t t = cell * moves / m->cells; t < (cell + 1) * moves / m->cells; t++)
		most = fmax(most, point[t + 1].movement);
	return most / point[moves].norm;
}

/* The shade of a cell; SHADES: it has none. */
static size_t shade_of(const struct map *m, size_t row, size_t cell)
{
	const double share = cell_of(m, row, cell);
	double at;

	if (!is_shown(share))
		return SHADES;
	at = (log10(share) - m->low) / (m->high - m->low);
	return (size_t)(fmax(0, fmin(0.999, at)) * SHADES);
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* So that few cells that move as no others do not take the shades of all. share: room for those of
 * all cells. */
static void find_shades(struct map *m, double *share)
{
	size_t n = 0;

	for (size_t r = 0; r < m->rows; r++)
		for (size_t c = 0; c < m->cells; c++) {
			share[n] = cell_of(m, r, c);
			n += is_shown(share[n]);
		}
	qsort(share, n, sizeof *share, ascending);
	m->low = n > 0 ? log10(share[n / 50]) : -1;
	m->high = n > 0 ? log10(share[n - 1 - n / 50]) : 0;
	if (m->high - m->low < LEAST) {
		m->low = (m->low + m->high - LEAST) / 2;
		m->high = m->low + LEAST;
	}
}

static void draw_run(const struct map *m, size_t row, size_t from, size_t to)
{
	const double x = m->left + m->width * (double)from, right = m->left + m->width * (double)to;
	const double y = map_top + m->height * (double)row, bottom = y + m->height - 1;

	bl_svg_path_point(m->page->to, true, x, y);
	bl_svg_path_point(m->page->to, false, right, y);
	bl_svg_path_point(m->page->to, false, right, bottom);
	bl_svg_path_point(m->page->to, false, x, bottom);
}

/* All cells of one shade as one area. */
static void draw_shade(const struct map *m, size_t k)
{
	char fill[64];

	snprintf(fill, sizeof fill, "fill=\"%s\"", shade[k]);
	bl_svg_path(m->page->to, fill);
	for (size_t r = 0; r < m->rows; r++)
		for (size_t c = 0, from; c < m->cells; c++) {
			if (shade_of(m, r, c) != k)
				continue;
			for (from = c; c + 1 < m->cells && shade_of(m, r, c + 1) == k;)
				c++;
			draw_run(m, r, from, c + 1);
		}
	bl_svg_path_end(m->page->to, true);
}

static void draw_names(const struct map *m)
{
	const struct page *p = m->page;
	const double size = fmin(13, m->height - 1);
	char attributes[64], text[BL_TEXT_FIT(NAME)];

	snprintf(attributes, sizeof attributes, "font-size=\"%.0f\" fill=\"#111\"", floor(size));
	for (size_t r = 0; r < m->rows; r++) {
		const struct bl_drift_of *of = &p->drift->of[m->order[r]];
		const double y = map_top + m->height * ((double)r + 0.5) + size * 0.35;
		const double cosine = bl_drift_sum(p->drift, of).cosine;

		bl_svg_text(p->to, m->left - 8, y, "end", attributes,
			bl_text_fit(of->tensor->name, NAME, text, sizeof text));
		if (isnan(cosine))
			continue;
		snprintf(text, sizeof text, "%s%.2f", cosine <= -0.005 ? MINUS : "",
			fabs(cosine));
		bl_svg_text(p->to, WIDTH - MARGIN, y, "end", attributes, text);
	}
}

/* What the shades stand for. */
static void draw_scale(const struct map *m)
{
	const struct page *p = m->page;
	const double width = 12, x = map_right - width * SHADES, y = 486;
	char a[BL_TEXT], text[BL_TEXT + 2];

	for (size_t k = 0; k < SHADES; k++) {
		char fill[64];

		snprintf(fill, sizeof fill, "stroke=\"%s\" stroke-width=\"10\"", shade[k]);
		bl_svg_line(p->to, x + width * (double)k, y, x + width * (double)(k + 1), y, fill);
	}
	snprintf(text, sizeof text, "%s%%", bl_text_number(100 * pow(10, m->low), 2, a, sizeof a));
	bl_svg_text(p->to, x - 6, y + 4.5, "end", FAINT, text);
	snprintf(text, sizeof text, "%s%%", bl_text_number(100 * pow(10, m->high), 2, a, sizeof a));
	bl_svg_text(p->to, map_right + 6, y + 4.5, "start", FAINT, text);
}

static void draw_map(struct map *m, double *share)
{
	const struct page *p = m->page;
	const struct bl_report_input *input = p->view->portrait->report->input;
	size_t widest = 8;
	char text[BL_TEXT_FIT(NAME)];

	for (size_t r = 0; r < m->rows; r++) {
		const size_t n = bl_text_columns(bl_text_fit(
			p->drift->of[m->order[r]].tensor->name, NAME, text, sizeof text));

		widest = n > widest ? n : widest;
	}
	m->left = 510 + LETTER * (double)widest;
	m->width = (map_right - m->left) / (double)m->cells;
	m->height = fmin(26, (map_bottom - map_top) / (double)m->rows);
	find_shades(m, share);
	bl_svg_text(p->to, m->left, map_top - 14, "start", BODY, "moves / norm of the last");
	bl_svg_text(p->to, WIDTH - MARGIN, map_top - 14, "end", BODY, "cosine");
	for (size_t k = 0; k < SHADES; k++)
		draw_shade(m, k);
	draw_names(m);
	draw_scale(m);
	snprintf(text, sizeof text, "%" PRId64, input[0].time);
	bl_svg_text(p->to, m->left, map_top + m->height * (double)m->rows + 15, "start", FAINT,
		text);
	snprintf(text, sizeof text, "%" PRId64, input[p->drift->checkpoints - 1].time);
	bl_svg_text(p->to, map_right, map_top + m->height * (double)m->rows + 15, "end", FAINT,
		text);
}

/* ---- the whole ---- */

static void draw_words(const struct page *p)
{
	const struct bl_drift_sum sum = bl_drift_sum(p->drift, &p->drift->model);
	const struct bl_drift *d = p->drift;
	char text[256], cut[BL_TEXT_FIT(90)];

	snprintf(text, sizeof text, "How %zu tensor%s moved over %zu checkpoints", d->tensors,
		bl_text_s(d->tensors), d->checkpoints);
	bl_svg_text(p->to, MARGIN, 44, "start",
		"font-size=\"24\" font-weight=\"bold\" fill=\"#111\"", text);
	snprintf(text, sizeof text, "average: %s",
		bl_text_fit(p->view->portrait->title, 90, cut, sizeof cut));
	bl_svg_text(p->to, MARGIN, 72, "start", "font-size=\"16\" fill=\"#444\"", text);
	bl_svg_text(p->to, MARGIN, 96, "start", "font-size=\"16\" fill=\"#444\"",
		bl_drift_advice(&sum));
}

static void draw(struct page *p, const size_t *order, bool share, double *room)
{
	const struct bl_drift *d = p->drift;
	const size_t moves = d->checkpoints - 1;
	struct map m = {.page = p, .order = order,
		.rows = d->tensors < ROWS ? d->tensors : ROWS,
		.cells = moves < CELLS ? moves : CELLS};
	char axis[BL_PORTRAIT_AXIS], unit[BL_TEXT], text[BL_PORTRAIT_AXIS + BL_TEXT + 4];

	bl_svg_begin(p->to, WIDTH, HEIGHT, "How the weights moved",
		"Distances of the checkpoints to the last, to the average and to the next; the "
		"cosine between successive moves; the moves of the tensors.");
	bl_svg_group(p->to, "font-size=\"13\" "
		"font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\"");
	draw_words(p);
	draw_distances(p, share);
	draw_cosines(p);
	bl_axis_unit(&p->time, unit);
	snprintf(text, sizeof text, *unit ? "%s (%s)" : "%s",
		bl_portrait_axis(p->view->portrait->report, axis), unit);
	bl_svg_text(p->to, (cosines.left + cosines.right) / 2, cosines.bottom + 44, "middle", BODY,
		text);
	if (m.cells > 0 && m.rows > 0)
		draw_map(&m, room);
	if (m.rows < d->tensors) {
		snprintf(text, sizeof text, "%zu more, which move less", d->tensors - m.rows);
		bl_svg_text(p->to, WIDTH - MARGIN, 520, "end", FAINT, text);
	}
	bl_svg_group_end(p->to);
	bl_svg_end(p->to);
}

int bl_drift_svg(FILE *to, const struct bl_drift_view *v, struct bl_err *err)
{
	const struct bl_drift *d = v->drift;
	const struct bl_report_input *input = v->portrait->report->input;
	const double norm = d->model.point[d->checkpoints - 1].norm;
	const bool share = is_shown(norm);
	struct page p = {.to = to, .view = v, .drift = d, .scale = share ? norm : 1};
	double *room = calloc(ROWS * CELLS, sizeof *room);
	size_t *order = NULL;
	int rc = room ? bl_drift_order(d, &order, err)
		      : bl_fail_memory(err, ROWS * CELLS * sizeof *room, "a picture");

	if (rc == 0) {
		bl_axis_make(&p.time, (double)input[0].time,
			(double)input[d->checkpoints - 1].time, 6, false);
		draw(&p, order, share, room);
	}
	free(order);
	free(room);
	return rc;
}
