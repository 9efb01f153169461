/*
 * show.h - what belay-show shows: one function each.
 */
#ifndef BL_SHOW_H
#define BL_SHOW_H

#include "args.h"
#include "inputs.h"
#include "portrait.h"
#include "screen.h"

/* What was asked for. All borrowed. */
struct bl_show {
	const struct bl_settings *settings;
	const struct bl_args *args;
	const volatile sig_atomic_t *stop; /* a signal's number once it came */
};

/* The tensors and metadata of checkpoints. */
int bl_show_tensors(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* The weights of averages over time. */
int bl_show_kernel(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* How far the weights moved. */
int bl_show_drift(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* The digests of tensors and checkpoints. */
int bl_show_digest(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* The recipe that made an average. */
int bl_show_recipe(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* ---- what they share ---- */

/* The averages that a view speaks of. Zero-initialised is empty; freed with bl_show_average_free
 * also after a failure. */
struct bl_show_average {
	size_t most; /* set before: averages at most; 0: any number */

	struct bl_inputs in;
	struct bl_case *cases;
	size_t n_cases;
	int64_t *listed;               /* times of --time-list; NULL: there are checkpoints */
	struct bl_report_input *input; /* n, one for each time; listed ones have no path */
	size_t n;
	double *given; /* weights from a file; NULL: none */
	struct bl_plan plan;
	struct bl_report report;
	struct bl_portrait portrait;
};

/* Opens the checkpoints, makes the weights. Fails, too, where --svg or --report cannot be written.
 * Errors: those of bl_inputs_open, bl_plan_make and bl_output_examine. */
int bl_show_average_make(const struct bl_show *show, struct bl_show_average *a, struct bl_err *err)
	BL_MUST_USE;
void bl_show_average_free(struct bl_show_average *a);

/* How a view is printed in each form. what: the view's own. */
struct bl_show_forms {
	int (*text)(FILE *to, const void *what, const struct bl_screen *screen, struct bl_err *err);
	int (*svg)(FILE *to, const void *what, struct bl_err *err);
	void (*tsv)(FILE *to, const void *what);
	void (*json)(FILE *to, const void *what);
};

/* Fails when several things are to go to one place. */
int bl_show_places(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* Fails when one of the files that are asked for cannot be written, or is an input. */
int bl_show_may_write(const struct bl_show *show, const struct bl_inputs *in, struct bl_err *err)
	BL_MUST_USE;

/* Prints in the forms that are asked for: into files that appear whole or not at all, and on
 * standard output, where without any of them the text goes. */
int bl_show_print(const struct bl_show *show, const struct bl_show_forms *forms, const void *what,
	struct bl_err *err) BL_MUST_USE;

#endif
