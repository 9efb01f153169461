/* plot.c - what the pictures of numbers share. */
#include "plot.h"

#include <math.h>

#define OUTLYING 2.5 /* times the range of all others */
#define NOTHING 1e-9 /* of that range: there is nothing to be made out */

size_t bl_plot_drawn(const struct bl_plot *p)
{
	return p->n > BL_PLOT_SERIES ? BL_PLOT_SERIES : p->n;
}

static void extend(struct bl_range *r, double value)
{
	r->low = fmin(r->low, value);
	r->high = fmax(r->high, value);
}

struct bl_range bl_plot_x(const struct bl_plot *p)
{
	struct bl_range r = {HUGE_VAL, -HUGE_VAL};

	for (size_t s = 0; s < bl_plot_drawn(p); s++) {
		extend(&r, p->series[s].points.x[0]);
		extend(&r, p->series[s].points.x[p->series[s].points.n - 1]);
	}
	return r;
}

struct bl_range bl_plot_y(const struct bl_plot *p)
{
	struct bl_range rest = {0, 0}, all;
	double span;

	for (size_t s = 0; s < bl_plot_drawn(p); s++)
		for (size_t i = 1; i < p->series[s].points.n; i++)
			extend(&rest, p->series[s].points.y[i]);
	all = rest;
	for (size_t s = 0; s < bl_plot_drawn(p); s++)
		extend(&all, p->series[s].points.y[0]);
	span = rest.high - rest.low;
	return span > NOTHING && all.high - all.low > OUTLYING * span ? rest : all;
}
