/* drift_map.c - the moves of tensors, as a map of tensors and times. */
#include "drift_svg.h"

#include "svg.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define LEFT 510.0
#define RIGHT 872.0
#define BOTTOM 446.0

#define SHADES 12
#define LEAST 0.3  /* decades that they stand for, at least */
#define ROWS 20	   /* tensors, at most */
#define CELLS 96   /* moves side by side, at most */
#define NAME 26	   /* columns of a name, at most */
#define LETTER 7.2 /* width of one, about */

/* From light to dark, even in lightness (CIELAB), readable without colours. */
static const char *const shade[SHADES] = {
	"#f1f5fe",
	"#dde7fb",
	"#c8d8f8",
	"#b3c9f4",
	"#9dbaf0",
	"#86abeb",
	"#6e9be6",
	"#558be0",
	"#3b7ad6",
	"#2967bf",
	"#1c53a1",
	"#123f82",
};

/* A map of moves: rows of tensors, cells of time. */
struct map {
	FILE *to;
	const struct bl_drift_view *view;
	const size_t *order;
	struct bl_drift_names names;
	size_t rows, cells;
	double left, width, height; /* of a cell */
	double low, high;	    /* logarithms of the shares */
};

/* The largest move of those that share a cell, over the norm of the last checkpoint. */
static double cell_of(const struct map *m, size_t row, size_t cell)
{
	const struct bl_drift *d = m->view->drift;
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

	if (!bl_drift_shown(share))
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
			n += bl_drift_shown(share[n]);
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
	const double y = BL_DRIFT_TOP + m->height * (double)row, bottom = y + m->height - 1;

	bl_svg_path_point(m->to, true, x, y);
	bl_svg_path_point(m->to, false, right, y);
	bl_svg_path_point(m->to, false, right, bottom);
	bl_svg_path_point(m->to, false, x, bottom);
}

/* All cells of one shade as one area. */
static void draw_shade(const struct map *m, size_t k)
{
	char fill[64];
	size_t runs = 0;

	snprintf(fill, sizeof fill, "fill=\"%s\"", shade[k]);
	for (size_t r = 0; r < m->rows; r++)
		for (size_t c = 0, from; c < m->cells; c++) {
			if (shade_of(m, r, c) != k)
				continue;
			for (from = c; c + 1 < m->cells && shade_of(m, r, c + 1) == k;)
				c++;
			if (runs++ == 0)
				bl_svg_path(m->to, fill);
			draw_run(m, r, from, c + 1);
		}
	if (runs > 0)
		bl_svg_path_end(m->to, true);
}

static void draw_names(const struct map *m)
{
	const struct bl_drift *d = m->view->drift;
	const double size = fmin(13, m->height - 1);
	char attributes[64], text[BL_TEXT_FIT(40)];

	snprintf(attributes, sizeof attributes, "font-size=\"%.0f\" fill=\"#111\"", floor(size));
	for (size_t r = 0; r < m->rows; r++) {
		const struct bl_drift_of *of = &d->of[m->order[r]];
		const double y = BL_DRIFT_TOP + m->height * ((double)r + 0.5) + size * 0.35;
		const double cosine = bl_drift_sum(d, of).cosine;

		bl_svg_text(m->to, m->left - 8, y, "end", attributes,
			bl_drift_name(&m->names, of, text));
		if (isnan(cosine))
			continue;
		snprintf(text, sizeof text, "%s%.2f", cosine <= -0.005 ? BL_DRIFT_MINUS : "",
			fabs(cosine));
		bl_svg_text(m->to, BL_DRIFT_WIDTH - BL_DRIFT_MARGIN, y, "end", attributes, text);
	}
}

/* What the shades stand for. */
static void draw_scale(const struct map *m)
{
	const double width = 12, x = RIGHT - width * SHADES, y = 486;
	char a[BL_TEXT], text[BL_TEXT + 2];

	for (size_t k = 0; k < SHADES; k++) {
		char fill[64];

		snprintf(fill, sizeof fill, "stroke=\"%s\" stroke-width=\"10\"", shade[k]);
		bl_svg_line(m->to, x + width * (double)k, y, x + width * (double)(k + 1), y, fill);
	}
	snprintf(text, sizeof text, "%s%%", bl_text_number(100 * pow(10, m->low), 2, a, sizeof a));
	bl_svg_text(m->to, x - 6, y + 4.5, "end", BL_DRIFT_FAINT, text);
	snprintf(text, sizeof text, "%s%%", bl_text_number(100 * pow(10, m->high), 2, a, sizeof a));
	bl_svg_text(m->to, RIGHT + 6, y + 4.5, "start", BL_DRIFT_FAINT, text);
}

/* Names stand on the left. */
static void find_places(struct map *m)
{
	m->names = bl_drift_names(m->view->drift, m->order, m->rows, NAME);
	m->left = LEFT + LETTER * (double)m->names.columns;
	m->width = (RIGHT - m->left) / (double)m->cells;
	m->height = fmin(26, (BOTTOM - BL_DRIFT_TOP) / (double)m->rows);
}

static void draw_words(const struct map *m)
{
	const struct bl_report_input *input = m->view->portrait->report->input;
	const size_t tensors = m->view->drift->tensors, last = m->view->drift->checkpoints - 1;
	const double end = BL_DRIFT_WIDTH - BL_DRIFT_MARGIN;
	const double top = BL_DRIFT_TOP - 14, below = BL_DRIFT_TOP + m->height * (double)m->rows;
	char text[64];

	if (m->names.prefix > 0)
		bl_svg_text(m->to, m->left - 8, top, "end", BL_DRIFT_FAINT, m->names.head);
	bl_svg_text(m->to, m->left, top, "start", BL_DRIFT_BODY, "moves / norm of the last");
	bl_svg_text(m->to, end, top, "end", BL_DRIFT_BODY, "cosine");
	snprintf(text, sizeof text, "%" PRId64, input[0].time);
	bl_svg_text(m->to, m->left, below + 15, "start", BL_DRIFT_FAINT, text);
	snprintf(text, sizeof text, "%" PRId64, input[last].time);
	bl_svg_text(m->to, RIGHT, below + 15, "end", BL_DRIFT_FAINT, text);
	if (m->rows == tensors)
		return;
	snprintf(text, sizeof text, "%zu more, which move less", tensors - m->rows);
	bl_svg_text(m->to, end, BL_DRIFT_HEIGHT - 20, "end", BL_DRIFT_FAINT, text);
}

int bl_drift_map(FILE *to, const struct bl_drift_view *v, const size_t *order, struct bl_err *err)
{
	const size_t tensors = v->drift->tensors, moves = v->drift->checkpoints - 1;
	struct map m = {.to = to,
		.view = v,
		.order = order,
		.rows = tensors < ROWS ? tensors : ROWS,
		.cells = moves < CELLS ? moves : CELLS};
	double *room;

	if (m.rows == 0 || m.cells == 0)
		return 0;
	room = calloc(m.rows * m.cells, sizeof *room);
	if (!room)
		return bl_fail_memory(err, m.rows * m.cells * sizeof *room, "a picture");
	find_places(&m);
	find_shades(&m, room);
	for (size_t k = 0; k < SHADES; k++)
		draw_shade(&m, k);
	draw_names(&m);
	draw_scale(&m);
	draw_words(&m);
	free(room);
	return 0;
}
