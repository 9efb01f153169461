/*
 * belay-show.c - looks at checkpoints.
 *
 *   argv -> settings -> which view -> open sources -> show
 */
#include "failure.h"
#include "help.h"
#include "lists.h"
#include "reading.h"
#include "show.h"
#include "signals.h"
#include "streams.h"

#include <string.h>

/* What can be shown: one row each. */
static const struct view {
	enum bl_option asks;     /* the option that asks for it; BL_OPTIONS: comes unasked */
	bool methods;            /* it takes the options of methods */
	enum bl_option takes[12]; /* of those that not all views take */
	int (*show)(const struct bl_show *show, struct bl_err *err);
} view[] = {
	{BL_OPT_KERNEL, true,
		{BL_OPT_SHOW_JSON, BL_OPT_TSV, BL_OPT_SVG, BL_OPT_SHOW_REPORT, BL_OPT_TIME_LIST,
			BL_OPTIONS},
		bl_show_kernel},
	{BL_OPT_DRIFT, true,
		{BL_OPT_SHOW_SKIP, BL_OPT_SHOW_JSON, BL_OPT_TSV, BL_OPT_SVG, BL_OPT_SHOW_REPORT,
			BL_OPT_MEMORY, BL_OPT_THREADS, BL_OPTIONS},
		bl_show_drift},
	{BL_OPT_SHOW_DIGEST, false,
		{BL_OPT_SHOW_JSON, BL_OPT_MEMORY, BL_OPT_THREADS, BL_OPTIONS}, bl_show_digest},
	{BL_OPT_SHOW_RECIPE, false, {BL_OPT_SHOW_JSON, BL_OPTIONS}, bl_show_recipe},
	{BL_OPTIONS, false, {BL_OPT_TREE, BL_OPT_SHOW_JSON, BL_OPTIONS}, bl_show_tensors},
};

#define VIEWS (sizeof view / sizeof view[0])

/* Options that make sense with some views only, besides those of methods. */
static const enum bl_option particular[] = {
	BL_OPT_TREE,
	BL_OPT_SHOW_SKIP,
	BL_OPT_SHOW_JSON,
	BL_OPT_TSV,
	BL_OPT_SVG,
	BL_OPT_SHOW_REPORT,
	BL_OPT_TIME_LIST,
	BL_OPT_MEMORY,
	BL_OPT_THREADS,
};

/* The view that was asked for, by one option at most. */
static int choose(const struct bl_settings *s, const struct view **chosen, struct bl_err *err)
{
	*chosen = &view[VIEWS - 1];
	for (size_t i = 0, found = 0; i < VIEWS; i++) {
		if (view[i].asks == BL_OPTIONS || !bl_settings_given(s, view[i].asks))
			continue;
		if (found++)
			return bl_fail(err, BL_USAGE, "--%s and --%s exclude each other",
				bl_option((*chosen)->asks)->key, bl_option(view[i].asks)->key);
		*chosen = &view[i];
	}
	return 0;
}

static bool takes(const struct view *v, enum bl_option o)
{
	if (bl_option(o)->flags & BL_METHOD)
		return v->methods;
	for (const enum bl_option *take = v->takes; *take != BL_OPTIONS; take++)
		if (*take == o)
			return true;
	for (size_t i = 0; i < sizeof particular / sizeof particular[0]; i++)
		if (particular[i] == o)
			return false;
	return true;
}

/* The first view that takes what another one does not. */
static int refuse(const struct view *v, enum bl_option o, struct bl_err *err)
{
	const char *key = bl_option(o)->key;

	if (v->asks == BL_OPTIONS)
		bl_fail(err, BL_USAGE, "--%s does not apply to the list of tensors", key);
	else
		bl_fail(err, BL_USAGE, "--%s does not apply to --%s", key, bl_option(v->asks)->key);
	for (size_t i = 0; i < VIEWS; i++)
		if (view[i].asks != BL_OPTIONS && takes(&view[i], o))
			return bl_hint(err, "it goes with --%s", bl_option(view[i].asks)->key);
	return -1;
}

static int usage(const struct bl_show *show, const struct view *v, struct bl_err *err)
{
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_settings_given(show->settings, o) && !takes(v, o))
			return refuse(v, o, err);
	if (show->args->operands > 0 || bl_settings_given(show->settings, BL_OPT_TIME_LIST))
		return 0;
	bl_fail(err, BL_USAGE, "no checkpoints are named");
	return bl_hint(err, "belay-show ckpt_1000.h5; more by belay-show --help");
}

static int run(const struct bl_show *show, struct bl_args *args, struct bl_err *err)
{
	const struct view *v;

	if (choose(show->settings, &v, err) != 0 ||
		bl_stdin_once(show->settings, NULL, 0, err) != 0 ||
		bl_lists_take(show->settings, "", args, show->stop, err) != 0 ||
		usage(show, v, err) != 0)
		return -1;
	return v->show(show, err);
}

/* Is there someone who reads JSON on standard output? */
static bool prints_json(const struct bl_settings *s)
{
	struct bl_value room;
	const struct bl_value *report = bl_settings_get(s, BL_OPT_SHOW_REPORT, &room);

	return bl_settings_given(s, BL_OPT_SHOW_JSON) ||
	       (report && strcmp(report->text, "-") == 0);
}

int main(int argc, char **argv)
{
	struct bl_settings settings = {.program = BL_SHOW};
	struct bl_args args = {0};
	struct bl_show show = {&settings, &args, NULL};
	const struct bl_suspects suspects = {argc, argv, &settings, &args, NULL, NULL, 0};
	struct bl_err err = {0};
	int rc;

	bl_streams_hold();
	show.stop = bl_signals_start();
	rc = bl_args_parse(argc, argv, &settings, &args, &err);
	if (rc == 0 && bl_settings_given(&settings, BL_OPT_HELP))
		bl_help(stdout, BL_SHOW);
	else if (rc == 0 && bl_settings_given(&settings, BL_OPT_VERSION))
		bl_version(stdout, BL_SHOW);
	else if (rc == 0)
		rc = run(&show, &args, &err);
	if (rc != 0 && prints_json(&settings))
		bl_failure_print("belay-show", &suspects, bl_signals_came(), &err);
	bl_settings_free(&settings);
	bl_args_free(&args);
	bl_signals_finish(bl_signals_came());
	if (rc == 0)
		rc = bl_streams_close(&err);
	return bl_streams_end("belay-show", rc, &err);
}
