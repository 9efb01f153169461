/* show_kernel.c - the weights of averages over time. */
#include "show.h"

#include "sandbox.h"

static int print_text(
	FILE *to, const void *what, const struct bl_screen *screen, struct bl_err *err)
{
	return bl_portrait_text(to, what, screen->columns, screen->unicode, screen->colour, err);
}

static int print_svg(FILE *to, const void *what, struct bl_err *err)
{
	return bl_portrait_svg(to, what, err);
}

static void print_tsv(FILE *to, const void *what)
{
	bl_portrait_tsv(to, what);
}

static void print_json(FILE *to, const void *what)
{
	bl_portrait_json(to, what);
}

static const struct bl_show_forms forms = {print_text, print_svg, print_tsv, print_json};

int bl_show_kernel(const struct bl_show *show, struct bl_err *err)
{
	struct bl_show_average a = {0};
	int rc = bl_show_places(show, err);

	if (rc == 0)
		rc = bl_show_average_make(show, &a, err);
	if (rc == 0)
		rc = bl_sandbox_reading(&a.in, show->settings, NULL, err);
	if (rc == 0)
		rc = bl_show_print(show, &forms, &a.portrait, err);
	bl_show_average_free(&a);
	return rc;
}
