/* plot_text.c - numbers over time, as a picture for a terminal. */
#include "plot.h"

#include "axis.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 16 /* of the field, about */
#define EMPTY 0xff

/* A grid of rows above, at and below zero. Row 0 is the line of zero. */
struct grid {
	const struct bl_plot *plot;
	struct bl_axis x, y;  /* y in percent where that is shown */
	size_t left, columns; /* of the labels and of the field */
	int per_tick;	      /* rows from one tick to the next */
	int above, below;     /* rows */
	bool unicode, colour;
};

/* ---- marks ---- */

static const char *const mark[2][BL_PLOT_SERIES] = {
	{"a", "b", "c", "d", "e", "f"},
	{"●", "■", "▲", "◆", "○", "□"},
};

/* Text in the colour of series i. */
static void put(FILE *to, const char *text, size_t i, bool colour)
{
	static const int code[BL_PLOT_SERIES] = {34, 31, 32, 35, 33, 90};

	if (colour)
		fprintf(to, "\033[%dm%s\033[0m", code[i], text);
	else
		fputs(text, to);
}

void bl_plot_mark(FILE *to, size_t i, bool unicode, bool colour)
{
	if (i < BL_PLOT_SERIES)
		put(to, mark[unicode][i], i, colour);
	else
		putc(' ', to);
}

/* ---- the field ---- */

static double value(const struct grid *g, double y)
{
	return g->plot->percent ? 100 * y : y;
}

/* Rows that a value is high, with a fraction. */
static double rows_of(const struct grid *g, double y)
{
	const double tick = bl_axis_tick(&g->y, 1);

	return value(g, y) / tick * g->per_tick;
}

static size_t column_of(const struct grid *g, double x)
{
	return (size_t)(bl_axis_place(&g->x, x) * (double)(g->columns - 1) + 0.5);
}

static void make_axes(struct grid *g)
{
	const struct bl_range x = bl_plot_x(g->plot), y = bl_plot_y(g->plot);
	char text[BL_TEXT];

	bl_axis_make(&g->y, value(g, y.low), value(g, y.high), 6, true);
	g->per_tick = (int)(ROWS / (g->y.last - g->y.first));
	g->above = (int)g->y.last * g->per_tick;
	g->below = (int)-g->y.first * g->per_tick;
	for (int64_t i = g->y.first; i <= g->y.last; i++) {
		const size_t n = strlen(bl_axis_text(&g->y, i, text)) + g->plot->percent;

		g->left = n > g->left ? n : g->left;
	}
	g->columns -= g->left + 2;
	bl_axis_make(&g->x, x.low, x.high, (int64_t)(g->columns / 10 + 2), false);
}

/* The label of a row, and the line of the axis. */
static void put_label(FILE *to, const struct grid *g, int row)
{
	char text[BL_TEXT + 1] = "";
	const char *line = g->unicode ? "│" : "|";

	if (row % g->per_tick == 0) {
		bl_axis_text(&g->y, row / g->per_tick, text);
		if (g->plot->percent)
			strcat(text, "%");
		line = g->unicode ? "┤" : "+";
	}
	fprintf(to, "%*s %s", (int)g->left, text, line);
}

/* What fills a cell of row > 0 of a bar that is so many rows high. */
static const char *bar_above(const struct grid *g, double high, int row)
{
	static const char *const part[] = {"", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	const double share = fmin(high - (row - 1), 1);

	if (row == g->above && high > row + 0.5) /* it lies outside */
		return g->unicode ? "↑" : "^";
	if (g->unicode)
		return share * 8 >= 0.5 ? part[(int)(share * 8 + 0.5)] : "";
	return share >= 0.5 ? "#" : share >= 0.1 ? "." : "";
}

/* The same below zero, deep > 0. */
static const char *bar_below(const struct grid *g, double deep, int row)
{
	const double share = deep - (row - 1);

	if (row == g->below && deep > row + 0.5)
		return g->unicode ? "↓" : "v";
	if (share < 0.1)
		return "";
	if (g->unicode)
		return share >= 0.75 ? "█" : share >= 0.3 ? "▀" : "▔";
	return share >= 0.5 ? "#" : "'";
}

/* ---- one series: bars ---- */

/* The value of every column, of those that share it the largest; NAN where there is none. */
static void fill_bars(const struct grid *g, double *bar)
{
	const struct bl_points *p = &g->plot->series[0].points;

	for (size_t c = 0; c < g->columns; c++)
		bar[c] = nan("");
	for (size_t i = 0; i < p->n; i++) {
		double *at = &bar[column_of(g, p->x[i])];

		if (isnan(*at) || fabs(p->y[i]) > fabs(*at))
			*at = p->y[i];
	}
}

static const char *bar_cell(const struct grid *g, double y, int row)
{
	const double rows = isnan(y) ? 0 : rows_of(g, y);

	if (row == 0)
		return isnan(y) ? (g->unicode ? "─" : "-") : (g->unicode ? "┴" : "+");
	if (row > 0)
		return bar_above(g, rows, row);
	return bar_below(g, -rows, -row);
}

/* ---- several: marks ---- */

/* The row of a value: that of zero takes what is near it, the outermost what lies outside. */
static int row_of(const struct grid *g, double y)
{
	const double row = floor(rows_of(g, y) + 0.5);

	return (int)fmax(fmin(row, g->above), -g->below);
}

static unsigned char *cell(const struct grid *g, unsigned char *cells, int row, size_t column)
{
	return &cells[(size_t)(g->above - row) * g->columns + column];
}

/* The straight line through the points of series s, a mark in every column; the first series lies
 * on top. */
static void fill_marks(const struct grid *g, unsigned char *cells, size_t s)
{
	const struct bl_points *p = &g->plot->series[s].points;

	for (size_t i = 0; i < p->n; i++) {
		const size_t from = column_of(g, p->x[i ? i - 1 : 0]), to = column_of(g, p->x[i]);
		const double first = p->y[i ? i - 1 : 0], step = p->y[i] - first;

		for (size_t c = from; c <= to; c++) {
			const double part =
				to > from ? (double)(c - from) / (double)(to - from) : 1;

			*cell(g, cells, row_of(g, first + part * step), c) = (unsigned char)s;
		}
	}
}

/* ---- lines ---- */

/* One row: texts and the series that they belong to come by column. */
static void put_cell(FILE *to, const struct grid *g, const char *text, size_t series)
{
	if (*text)
		put(to, text, series, g->colour);
	else
		putc(' ', to);
}

/* The ticks of the x axis and their labels, as far as they do not meet. */
static void put_times(FILE *to, const struct grid *g)
{
	size_t at = 0;
	char text[BL_TEXT], unit[BL_TEXT];

	fprintf(to, "%*s", (int)g->left + 2, "");
	for (int64_t i = g->x.first; i <= g->x.last; i++) {
		const size_t n = strlen(bl_axis_text(&g->x, i, text));
		size_t from = column_of(g, bl_axis_tick(&g->x, i));

		from = from > n / 2 ? from - n / 2 : 0;
		if (from + n > g->columns)
			from = g->columns - n;
		if (at > 0 && from < at + 2)
			continue;
		fprintf(to, "%*s%s", (int)(from - at), "", text);
		at = from + n;
	}
	bl_axis_unit(&g->x, unit);
	fprintf(to, *unit ? "\n%*s%s (%s)\n" : "\n%*s%s\n",
		(int)(g->left + 2 + (g->columns - strlen(g->plot->x)) / 2), "", g->plot->x, unit);
}

static void put_bars(FILE *to, const struct grid *g, double *bar)
{
	fill_bars(g, bar);
	for (int row = g->above; row >= -g->below; row--) {
		size_t last = 0;

		put_label(to, g, row);
		for (size_t c = 0; c < g->columns; c++)
			if (*bar_cell(g, bar[c], row))
				last = c + 1;
		for (size_t c = 0; c < last; c++)
			put_cell(to, g, bar_cell(g, bar[c], row), 0);
		putc('\n', to);
	}
}

static void put_marks(FILE *to, const struct grid *g, unsigned char *cells)
{
	memset(cells, EMPTY, (size_t)(g->above + g->below + 1) * g->columns);
	for (size_t s = bl_plot_drawn(g->plot); s-- > 0;)
		fill_marks(g, cells, s);
	for (int row = g->above; row >= -g->below; row--) {
		const char *blank = row != 0 ? "" : g->unicode ? "─" : "-";
		size_t last = row == 0 ? g->columns : 0;

		put_label(to, g, row);
		for (size_t c = 0; c < g->columns; c++)
			if (*cell(g, cells, row, c) != EMPTY)
				last = c + 1 > last ? c + 1 : last;
		for (size_t c = 0; c < last; c++) {
			const unsigned char s = *cell(g, cells, row, c);

			if (s != EMPTY)
				put_cell(to, g, mark[g->unicode][s], s);
			else
				fputs(*blank ? blank : " ", to);
		}
		putc('\n', to);
	}
}

int bl_plot_text(FILE *to, const struct bl_plot *p, size_t columns, bool unicode, bool colour,
	struct bl_err *err)
{
	struct grid g = {.plot = p, .columns = columns, .unicode = unicode, .colour = colour};
	size_t size;
	void *room;

	make_axes(&g);
	size = (size_t)(g.above + g.below + 1) * g.columns * sizeof(double);
	room = malloc(size);
	if (!room)
		return bl_fail_memory(err, size, "a picture");
	if (p->n == 1)
		put_bars(to, &g, room);
	else
		put_marks(to, &g, room);
	put_times(to, &g);
	free(room);
	return 0;
}
