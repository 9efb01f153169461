/* show_kernel.c - the weights of averages over time. */
#include "config.h"

#include "show.h"

#include "lines.h"
#include "portrait.h"
#include "profiles.h"
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((uint64_t)1 << 30) /* bytes of weights */

/* All that it holds. */
struct kernel {
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

/* ---- the times ---- */

/* --time-list: times without checkpoints. */
static int take_list(const struct bl_show *show, struct kernel *k, struct bl_err *err)
{
	const struct bl_given *list = &show->settings->given[BL_OPT_TIME_LIST];

	if (show->args->operands > 0)
		return bl_fail(err, BL_USAGE, "--time-list takes the place of checkpoints");
	if (bl_settings_given(show->settings, BL_OPT_TIME_UNIT))
		return bl_fail(err, BL_USAGE, "--time-list and --time-unit exclude each other");
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_option(o)->flags & BL_FILE && bl_settings_given(show->settings, o))
			return bl_fail(err, BL_USAGE, "--%s speaks of checkpoints, not of times",
				bl_option(o)->key);
	k->n = list->n;
	k->listed = calloc(k->n, sizeof *k->listed);
	if (!k->listed)
		return bl_fail_memory(err, k->n * sizeof *k->listed, "the times");
	for (size_t t = 0; t < k->n; t++) {
		k->listed[t] = (int64_t)list->value[t].number;
		if (t > 0 && k->listed[t] <= k->listed[t - 1])
			return bl_fail(err, BL_USAGE, "--time-list: %s does not come after %s",
				list->value[t].text, list->value[t - 1].text);
	}
	return 0;
}

static int open_inputs(const struct bl_show *show, struct kernel *k, struct bl_err *err)
{
	const bool listed = bl_settings_given(show->settings, BL_OPT_TIME_LIST);

	k->in.stop = show->stop;
	k->in.snapshots = bl_cases_snapshots(k->cases, k->n_cases);
	if (listed && take_list(show, k, err) != 0)
		return -1;
	if (!listed && bl_inputs_open(&k->in, show->args->operand, show->args->operands,
			       show->settings, err) != 0)
		return -1;
	if (!listed)
		k->n = k->in.n;
	k->input = calloc(k->n, sizeof *k->input);
	if (!k->input)
		return bl_fail_memory(err, k->n * sizeof *k->input, "the inputs");
	for (size_t t = 0; t < k->n; t++)
		k->input[t] = (struct bl_report_input){
			.path = listed ? NULL : k->in.source[t].path,
			.time = listed ? k->listed[t] : k->in.time[t],
		};
	return 0;
}

/* ---- the weights ---- */

static int make_plan(const struct bl_settings *s, struct kernel *k, struct bl_err *err)
{
	struct bl_history history = {
		{k->listed ? k->listed : k->in.time, k->n}, NULL, k->in.profile, MOST};

	if (!k->listed && bl_given_weights(&k->in, s, &k->given, err) != 0)
		return -1;
	history.given = k->given;
	if (bl_plan_make(k->cases, k->n_cases, &history, &k->plan, err) == 0)
		return 0;
	if (k->n_cases > 1 && k->plan.rows > 0)
		bl_prefix(err, "average %zu of %zu", k->plan.rows, k->n_cases);
	return -1;
}

static int make_portrait(struct kernel *k, struct bl_err *err)
{
	k->report = (struct bl_report){
		.version = PACKAGE_VERSION,
		.plan = &k->plan,
		.input = k->input,
		.origin = k->listed ? BL_TIME_NAME : k->in.origin,
		.time_key = k->in.time_key,
	};
	return bl_portrait_make(&k->portrait, &k->report, err);
}

/* ---- showing them ---- */

static int print_svg(FILE *to, const struct bl_portrait *p, struct bl_err *err)
{
	return bl_portrait_svg(to, p, err);
}

static int print_tsv(FILE *to, const struct bl_portrait *p, struct bl_err *err)
{
	(void)err;
	bl_portrait_tsv(to, p);
	return 0;
}

static int print_json(FILE *to, const struct bl_portrait *p, struct bl_err *err)
{
	(void)err;
	bl_portrait_json(to, p);
	return 0;
}

/* Into a file that appears whole or not at all. */
static int write_file(const struct bl_show *show, const struct kernel *k, const char *path,
	int (*print)(FILE *to, const struct bl_portrait *p, struct bl_err *err), struct bl_err *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	int rc = to ? print(to, &k->portrait, err) : 0;

	if (!to || ferror(to) | fclose(to))
		rc = bl_fail_memory(err, size, "what is to be written");
	if (rc == 0)
		rc = bl_show_write(show, path, text, size, err);
	free(text);
	return rc;
}

/* The path given for an option, NULL without one. */
static const char *path_of(const struct bl_show *show, enum bl_option o)
{
	struct bl_value room;
	const struct bl_value *v = bl_settings_get(show->settings, o, &room);

	return v ? v->text : NULL;
}

static int write_files(const struct bl_show *show, const struct kernel *k, struct bl_err *err)
{
	const char *svg = path_of(show, BL_OPT_SVG), *report = path_of(show, BL_OPT_SHOW_REPORT);
	const size_t n = report ? strlen(report) : 0;
	const bool tsv = n > 4 && strcmp(report + n - 4, ".tsv") == 0;

	if (svg && write_file(show, k, svg, print_svg, err) != 0)
		return -1;
	return report ? write_file(show, k, report, tsv ? print_tsv : print_json, err) : 0;
}

/* On standard output, unless what was asked for goes into files. */
static int print(const struct bl_show *show, const struct kernel *k, struct bl_err *err)
{
	const struct bl_screen screen = bl_screen_of(stdout);

	if (bl_settings_given(show->settings, BL_OPT_TSV))
		return print_tsv(stdout, &k->portrait, err);
	if (bl_settings_given(show->settings, BL_OPT_SHOW_JSON))
		return print_json(stdout, &k->portrait, err);
	if (path_of(show, BL_OPT_SVG) || path_of(show, BL_OPT_SHOW_REPORT))
		return 0;
	return bl_portrait_text(
		stdout, &k->portrait, screen.columns, screen.unicode, screen.colour, err);
}

/* Several things cannot go to one place. */
static int check_places(const struct bl_show *show, struct bl_err *err)
{
	static const enum bl_option file[] = {BL_OPT_SVG, BL_OPT_SHOW_REPORT};
	const bool tsv = bl_settings_given(show->settings, BL_OPT_TSV);
	const bool json = bl_settings_given(show->settings, BL_OPT_SHOW_JSON);
	const char *svg = path_of(show, BL_OPT_SVG), *report = path_of(show, BL_OPT_SHOW_REPORT);
	unsigned on_stdout = tsv + json;

	for (size_t i = 0; i < sizeof file / sizeof file[0]; i++)
		on_stdout += path_of(show, file[i]) && strcmp(path_of(show, file[i]), "-") == 0;
	if (on_stdout > 1)
		return bl_fail(err, BL_USAGE, "standard output can be one thing only");
	if (svg && report && strcmp(svg, report) == 0)
		return bl_fail(err, BL_USAGE, "--svg and --report name the same file");
	return 0;
}

static int may_write(const struct bl_show *show, const struct kernel *k, struct bl_err *err)
{
	static const enum bl_option file[] = {BL_OPT_SVG, BL_OPT_SHOW_REPORT};

	for (size_t i = 0; i < sizeof file / sizeof file[0]; i++)
		if (path_of(show, file[i]) &&
			bl_show_may_write(show, path_of(show, file[i]), &k->in, err) != 0)
			return -1;
	return 0;
}

static int run(const struct bl_show *show, struct kernel *k, struct bl_err *err)
{
	if (check_places(show, err) != 0 ||
		bl_settings_expand(show->settings, &k->cases, &k->n_cases, err) != 0 ||
		open_inputs(show, k, err) != 0 || may_write(show, k, err) != 0)
		return -1;
	if (make_plan(show->settings, k, err) != 0 || make_portrait(k, err) != 0)
		return -1;
	return write_files(show, k, err) == 0 ? print(show, k, err) : -1;
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
	free(k.listed);
	free(k.given);
	return rc;
}
