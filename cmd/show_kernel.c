/* show_kernel.c - the weights of averages over time. */
#include "config.h"

#include "show.h"

#include "portrait.h"
#include "screen.h"

#include <stdlib.h>
#include <string.h>

/* All that it holds. */
struct kernel {
	struct bl_inputs in;
	struct bl_case *cases;
	size_t n_cases;
	struct bl_plan plan;
	struct bl_report_input *input;
	struct bl_report report;
	struct bl_portrait portrait;
};

static int make_plan(struct kernel *k, struct bl_err *err)
{
	const struct bl_timeline time = {k->in.time, k->in.n};

	if (bl_plan_make(k->cases, k->n_cases, &time, &k->plan, err) == 0)
		return 0;
	if (k->n_cases > 1 && k->plan.rows > 0)
		bl_prefix(err, "average %zu of %zu", k->plan.rows, k->n_cases);
	return -1;
}

static int make_report(struct kernel *k, struct bl_err *err)
{
	k->input = calloc(k->in.n, sizeof *k->input);
	if (!k->input)
		return bl_fail_memory(err, k->in.n * sizeof *k->input, "the inputs");
	for (size_t t = 0; t < k->in.n; t++)
		k->input[t] = (struct bl_report_input){
			.path = k->in.source[t].path, .time = k->in.time[t]};
	k->report = (struct bl_report){
		.version = PACKAGE_VERSION,
		.plan = &k->plan,
		.input = k->input,
		.origin = k->in.origin,
		.time_key = k->in.time_key,
	};
	return bl_portrait_make(&k->portrait, &k->report, err);
}

static int print(const struct bl_show *show, const struct kernel *k, struct bl_err *err)
{
	const struct bl_screen screen = bl_screen_of(stdout);

	if (bl_settings_given(show->settings, BL_OPT_TSV))
		bl_portrait_tsv(stdout, &k->portrait);
	else if (bl_settings_given(show->settings, BL_OPT_SHOW_JSON))
		bl_portrait_json(stdout, &k->portrait);
	else if (!bl_settings_given(show->settings, BL_OPT_SVG))
		return bl_portrait_text(
			stdout, &k->portrait, screen.columns, screen.unicode, screen.colour, err);
	return 0;
}

static int draw(
	const struct bl_show *show, const struct kernel *k, const char *path, struct bl_err *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	int rc = to ? bl_portrait_svg(to, &k->portrait, err) : 0;

	if (!to || ferror(to) | fclose(to))
		rc = bl_fail_memory(err, size, "a picture");
	if (rc == 0)
		rc = bl_show_write(show, path, text, size, err);
	free(text);
	return rc;
}

static int run(const struct bl_show *show, struct kernel *k, struct bl_err *err)
{
	const struct bl_settings *s = show->settings;
	struct bl_value room;
	const struct bl_value *svg = bl_settings_get(s, BL_OPT_SVG, &room);

	k->in.stop = show->stop;
	if (bl_settings_expand(s, &k->cases, &k->n_cases, err) != 0 ||
		bl_inputs_open(&k->in, show->args->operand, show->args->operands, s, err) != 0)
		return -1;
	if (svg && bl_show_may_write(show, svg->text, &k->in, err) != 0)
		return -1;
	if (make_plan(k, err) != 0 || make_report(k, err) != 0 || print(show, k, err) != 0)
		return -1;
	return svg ? draw(show, k, svg->text, err) : 0;
}

int bl_show_kernel(const struct bl_show *show, struct bl_err *err)
{
	struct kernel k = {0};
	const int rc = run(show, &k, err);

	if (k.portrait.report)
		bl_portrait_free(&k.portrait);
	bl_plan_free(&k.plan);
	bl_cases_free(k.cases, k.n_cases);
	bl_inputs_free(&k.in);
	free(k.input);
	return rc;
}
