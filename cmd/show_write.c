/* show_write.c - a view in the forms that are asked for. */
#include "show.h"

#include "memory_stream.h"
#include "report_place.h"
#include "writing.h"

#include <stdlib.h>
#include <string.h>

/* What goes into files. */
static const enum bl_option into[] = {BL_OPT_SVG, BL_OPT_SHOW_REPORT};

#define FILES (sizeof into / sizeof into[0])

/* A report takes the place of an older one unasked. */
static unsigned flags_of(const struct bl_show *show, enum bl_option o)
{
	const bool replace =
		o == BL_OPT_SHOW_REPORT || bl_settings_given(show->settings, BL_OPT_FORCE);

	return replace ? BL_REPLACE : 0;
}

/* The path given for an option, NULL without one. */
static const char *path_of(const struct bl_show *show, enum bl_option o)
{
	return bl_settings_text(show->settings, o);
}

int bl_show_may_write(const struct bl_show *show, const struct bl_inputs *in, struct bl_err *err)
{
	const struct bl_call call = {.settings = show->settings, .args = show->args};
	const char *report = path_of(show, BL_OPT_SHOW_REPORT);
	unsigned flags = 0;

	for (size_t i = 0; i < FILES; i++) {
		const char *path = path_of(show, into[i]);

		if (path && bl_may_write(path, flags_of(show, into[i]), in, err) != 0)
			return -1;
	}
	if (!report || strcmp(report, "-") == 0)
		return 0;
	return bl_report_file(report, NULL, &call, &flags, err);
}

int bl_show_places(const struct bl_show *show, struct bl_err *err)
{
	const char *svg = path_of(show, BL_OPT_SVG), *report = path_of(show, BL_OPT_SHOW_REPORT);
	unsigned on_stdout = bl_settings_given(show->settings, BL_OPT_TSV) +
			     bl_settings_given(show->settings, BL_OPT_SHOW_JSON);

	for (size_t i = 0; i < FILES; i++)
		on_stdout += path_of(show, into[i]) && strcmp(path_of(show, into[i]), "-") == 0;
	if (on_stdout > 1)
		return bl_fail(err, BL_USAGE, "standard output can be one thing only");
	if (svg && report && strcmp(svg, report) == 0)
		return bl_fail(err, BL_USAGE, "--svg and --report name the same file");
	return 0;
}

/* One form into its file; o: the option that names it. */
static int write_form(const struct bl_show *show, const struct bl_show_forms *forms,
	const void *what, enum bl_option o, struct bl_err *err)
{
	const char *path = path_of(show, o);
	char *text = NULL;
	size_t size = 0;
	FILE *to = bl_memory_stream(&text, &size);
	int rc = 0;

	if (to && o == BL_OPT_SVG)
		rc = forms->svg(to, what, err);
	else if (to && bl_output_is_table(path))
		forms->tsv(to, what);
	else if (to)
		forms->json(to, what);
	if (bl_memory_close(to, &text) != 0)
		rc = bl_fail_memory(err, size, "what is to be written");
	if (rc == 0)
		rc = bl_write(path, flags_of(show, o), show->stop, text, size, err);
	free(text);
	return rc;
}

int bl_show_print(const struct bl_show *show, const struct bl_show_forms *forms, const void *what,
	struct bl_err *err)
{
	const struct bl_screen screen = bl_screen_of(stdout);
	bool filed = false;

	for (size_t i = 0; i < FILES; i++) {
		if (!path_of(show, into[i]))
			continue;
		if (write_form(show, forms, what, into[i], err) != 0)
			return -1;
		filed = true;
	}
	if (bl_settings_given(show->settings, BL_OPT_TSV))
		forms->tsv(stdout, what);
	else if (bl_settings_given(show->settings, BL_OPT_SHOW_JSON))
		forms->json(stdout, what);
	else if (!filed)
		return forms->text(stdout, what, &screen, err);
	return 0;
}
