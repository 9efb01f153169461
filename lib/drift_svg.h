/*
 * drift_svg.h - what the parts of the picture of drift.h share. Private to them.
 */
#ifndef BL_DRIFT_SVG_H
#define BL_DRIFT_SVG_H

#include "drift.h"

/* The page, 960 by 540 pixels. */
#define BL_DRIFT_WIDTH 960.0
#define BL_DRIFT_HEIGHT 540.0
#define BL_DRIFT_MARGIN 36.0
#define BL_DRIFT_TOP 150.0 /* of the fields */

#define BL_DRIFT_MINUS "\xe2\x88\x92"
#define BL_DRIFT_BODY "fill=\"#111\""
#define BL_DRIFT_FAINT "fill=\"#444\""

/* Something that a logarithmic scale can show. */
bool bl_drift_shown(double value);

/* The moves of the tensors that come first in an order of drift.h, as a map of tensors and times,
 * in the right half of the page. Error: BL_LIMIT, no memory. */
int bl_drift_map(FILE *to, const struct bl_drift_view *v, const size_t *order, struct bl_err *err)
	BL_MUST_USE;

#endif
