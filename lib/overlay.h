/*
 * overlay.h - settings of some tensors, laid over those of the outputs.
 */
#ifndef BL_OVERLAY_H
#define BL_OVERLAY_H

#include "settings.h"

/* What "GLOB:key=value" says. */
struct bl_said {
	size_t glob;           /* bytes of the pattern, which text begins with */
	enum bl_option option; /* of a method; or average, copy, skip, copy-from */
	struct bl_value value; /* its text is the end of text */
};

/*
 * Takes text apart, at the last colon before the first equals sign. Errors BL_USAGE: no such
 * parts, an unknown key (with "did you mean"), one that is of all tensors alike, a value that the
 * option does not take, more than one value.
 */
int bl_said_parse(const char *text, struct bl_said *said, struct bl_err *err) BL_MUST_USE;

/* Options of methods for the tensors that a pattern matches. */
struct bl_overlay {
	const char *glob;
	struct bl_value value[BL_OPTIONS]; /* text NULL: not given */
};

/* The value given for o, else NULL. */
const struct bl_value *bl_overlay_value(const struct bl_overlay *overlay, enum bl_option o);

/*
 * The settings c with the overlay over them. A method keeps such of c as it takes; a length
 * (half-life, mean-age, decay, rel-std, kappa with gamma) takes the place of that of c, and kappa,
 * which is what a length and a damping ratio are turned into, that of the damping too. The values
 * stay those of c and of the overlay, the output is that of c.
 */
struct bl_case bl_overlay_case(const struct bl_overlay *overlay, const struct bl_case *c);

/* "GLOB:method=belay, gain=2", as messages name an overlay, in buf. Returns buf. */
const char *bl_overlay_text(const struct bl_overlay *overlay, char *buf, size_t cap);

#endif
