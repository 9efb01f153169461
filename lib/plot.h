/*
 * plot.h - numbers over time, as a picture for a page and as one for a terminal.
 */
#ifndef BL_PLOT_H
#define BL_PLOT_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Points over one axis, x ascending. */
struct bl_points {
	const double *x, *y;
	size_t n;
};

/* One thing that is plotted. */
struct bl_series {
	const char *name; /* for the legend */
	const char *note; /* beside it; "": nothing */
	struct bl_points points;
	struct bl_points curve; /* what lies between the points; n is 0: straight lines */
};

/* More cannot be told apart: of more series, these are drawn, and it is said. */
#define BL_PLOT_SERIES 6

/* Borrowed. All numbers are finite. */
struct bl_plot {
	const char *title;
	const char *const *note; /* lines below the title */
	size_t notes;
	const char *x, *y;       /* what the axes show */
	const char *caption;     /* what the curves are; "": nothing is said */
	bool percent;            /* y is labelled as a share */
	bool stems;              /* one series alone stands on stems: it is at its points only */
	const struct bl_series *series;
	size_t n;
};

/* ---- what the pictures share ---- */

/* Numbers from low to high. */
struct bl_range {
	double low, high;
};

/* Series that are drawn, from the first on. */
size_t bl_plot_drawn(const struct bl_plot *p);

/* The range of all points, and of 0 too for y. A first point that lies so far off that the others
 * could not be made out is left out of it. */
struct bl_range bl_plot_x(const struct bl_plot *p);
struct bl_range bl_plot_y(const struct bl_plot *p);

/* ---- the pictures ---- */

/* Scalable vector graphics, 960 by 540 pixels, for a slide. The points of a series that has not
 * too many tell their numbers when the pointer rests on them. A first point outside of the picture
 * is told in figures. */
void bl_plot_svg(FILE *to, const struct bl_plot *p);

/* Characters, at most columns (40 or more) in a line, without title and notes. One series alone
 * has bars, several have letters (unicode: marks). Points that share a column are shown by the
 * largest. Error: BL_LIMIT, no memory. */
int bl_plot_text(FILE *to, const struct bl_plot *p, size_t columns, bool unicode, bool colour,
	struct bl_err *err) BL_MUST_USE;

/* What colour series i has in bl_plot_svg: "#2b5cf2". i < BL_PLOT_SERIES. */
const char *bl_plot_colour(size_t i);

/* How bl_plot_text marks series i, for a list beside it: "a". */
void bl_plot_mark(FILE *to, size_t i, bool unicode, bool colour);

#endif
