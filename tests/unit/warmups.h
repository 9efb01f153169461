/*
 * warmups.h - schedules at random, and their pulls as the source of each reads.
 */
#ifndef BL_WARMUPS_H
#define BL_WARMUPS_H

#include "case_text.h"

#include <math.h>

typedef long double wide;

/* In the widest type there is. */
static inline wide literal_pull(const struct bl_warmup *w, double kappa, int64_t t)
{
	const wide s = (wide)(t - w->copies);
	wide pull;

	if (w->word == BL_WARMUP_NONE)
		return (wide)kappa;
	if (s <= 0)
		return 1;
	pull = w->word == BL_WARMUP_DIFFUSERS ? powl(1 + s / (wide)w->inv_gamma, -(wide)w->power)
					      : 9 / (10 + s);
	return fminl(fmaxl(pull, (wide)kappa), (wide)w->most);
}

static inline void random_warmup(char *text, size_t cap)
{
	const size_t kind = below(6);

	if (kind == 0)
		snprintf(text, cap, "tf");
	else if (kind == 1)
		snprintf(text, cap, "diffusers0");
	else if (kind == 2)
		snprintf(text, cap, "diffusers:%.17g,%.17g,%zu,%.17g", log_uniform(0.1, 1e4),
			uniform(0, 2), below(40), below(2) ? uniform(0, 0.99) : 0);
	else if (kind == 3)
		snprintf(text, cap, "diffusers:%.17g,%.17g,%zu", log_uniform(1e-3, 1e6),
			log_uniform(0.05, 50), below(1000));
	else
		snprintf(text, cap, "diffusers:1,%zu/%zu", 1 + below(4), 1 + below(4));
}

#endif
