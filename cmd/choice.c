/* choice.c - which of the inputs are taken. */
#include "choice.h"

#include "metrics.h"
#include "value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FURTHEST 9007199254740992.0 /* beyond all times */
#define NEAR 1e-6 /* of a time: as far as times may be from whole numbers */

/* ---- what is wished for ---- */

enum bl_option bl_wish_given(const struct bl_settings *s)
{
	static const enum bl_option asks[] = {BL_OPT_FIRST_TIME, BL_OPT_LAST_TIME,
		BL_OPT_MIN_INTERVAL, BL_OPT_EVERY, BL_OPT_LAST, BL_OPT_METRICS, BL_OPT_BEST};

	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++)
		if (bl_settings_given(s, asks[i]))
			return asks[i];
	return BL_OPTIONS;
}

/* A time in units, as a whole number that does not matter beyond all times. */
static int64_t whole(double time)
{
	return (int64_t)fmax(-FURTHEST, fmin(FURTHEST, time));
}

/* N:min, N:max, N:min:COLUMN. */
static int read_best(struct bl_wish *w, const char *text, struct bl_err *err)
{
	static const struct bl_option_info count = {
		.kind = BL_KIND_WHOLE, .low = 1, .high = 9007199254740991.0};
	const char *colon = strchr(text, ':');
	char number[BL_NUMBER_TEXT];
	struct bl_value n;

	if (colon && (size_t)(colon - text) < sizeof number) {
		memcpy(number, text, (size_t)(colon - text));
		number[colon - text] = '\0';
		if (bl_value_parse(&count, number, &n, err) != 0)
			return bl_prefix(err, "--best");
		w->rule.best = (uint64_t)n.number;
		w->rule.most = strncmp(colon, ":max", 4) == 0;
		if (!w->rule.most && strncmp(colon, ":min", 4) != 0)
			colon = NULL;
	}
	if (colon && (!colon[4] || (colon[4] == ':' && colon[5]))) {
		w->column = colon[4] ? colon + 5 : NULL;
		return 0;
	}
	bl_fail(err, BL_USAGE, "--best: \"%s\" is not N:min or N:max", text);
	return bl_hint(err, "min where less is better, as of a loss; max where more is, as of an "
		"accuracy");
}

/* A state takes all checkpoints as they come: what depends on the last one would change. */
static int refuse_moving(const struct bl_settings *s, struct bl_err *err)
{
	static const enum bl_option moves[] = {
		BL_OPT_MIN_INTERVAL, BL_OPT_EVERY, BL_OPT_LAST, BL_OPT_BEST};

	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		if (!bl_settings_given(s, moves[i]))
			continue;
		bl_fail(err, BL_USAGE, "--%s and --state exclude each other: a new checkpoint "
			"would change which of the old ones are taken", bl_option(moves[i])->key);
		return bl_hint(err, "--first-time and --last-time go with it");
	}
	return 0;
}

static int check_company(const struct bl_settings *s, bool snapshots, struct bl_err *err)
{
	const bool metrics = bl_settings_given(s, BL_OPT_METRICS);
	const bool best = bl_settings_given(s, BL_OPT_BEST);

	if (best && snapshots)
		return bl_fail(err, BL_USAGE, "--best does not go with posthoc, whose snapshots "
			"belong together");
	if (best && !metrics)
		return bl_fail(err, BL_USAGE, "--best needs --metrics, a file with what is to be "
			"compared");
	if (metrics && !best) {
		bl_fail(err, BL_USAGE, "--metrics chooses nothing without --best");
		return bl_hint(err, "--best N:min takes the N smallest, --best N:max the N "
			"largest");
	}
	return bl_settings_given(s, BL_OPT_STATE) ? refuse_moving(s, err) : 0;
}

int bl_wish_read(struct bl_wish *w, const struct bl_settings *s, bool snapshots,
	struct bl_err *err)
{
	const bool first = bl_settings_given(s, BL_OPT_FIRST_TIME);
	const bool last = bl_settings_given(s, BL_OPT_LAST_TIME);
	const bool unit = bl_settings_given(s, BL_OPT_TIME_UNIT);

	*w = (struct bl_wish){.asked = bl_wish_given(s) != BL_OPTIONS,
		.unit = unit ? bl_settings_number(s, BL_OPT_TIME_UNIT) : 1};
	if (!w->asked)
		return 0;
	if (check_company(s, snapshots, err) != 0)
		return -1;
	w->rule = (struct bl_choice_rule){
		.first = !first ? INT64_MIN : whole(ceil(
			bl_settings_number(s, BL_OPT_FIRST_TIME) / w->unit - NEAR)),
		.last = !last ? INT64_MAX : whole(floor(
			bl_settings_number(s, BL_OPT_LAST_TIME) / w->unit + NEAR)),
		.interval = whole(ceil(
			bl_settings_number(s, BL_OPT_MIN_INTERVAL) / w->unit - NEAR)),
		.every = (uint64_t)bl_settings_number(s, BL_OPT_EVERY),
		.newest = (uint64_t)bl_settings_number(s, BL_OPT_LAST),
	};
	if (first && last && w->rule.first > w->rule.last)
		return bl_fail(err, BL_USAGE, "--first-time %s and --last-time %s leave no time",
			s->given[BL_OPT_FIRST_TIME].value->text,
			s->given[BL_OPT_LAST_TIME].value->text);
	if (!bl_settings_given(s, BL_OPT_BEST))
		return 0;
	w->metrics = s->given[BL_OPT_METRICS].value->text;
	return read_best(w, s->given[BL_OPT_BEST].value->text, err);
}

/* ---- what is left ---- */

/* A time as the inputs carry it. */
static const char *time_text(const struct bl_wish *w, int64_t time, char *buf)
{
	return bl_number_text((double)time * w->unit, buf, BL_NUMBER_TEXT);
}

/* The bounds of time have left nothing: one of them at least is given. */
static int fail_bounds(const struct bl_inputs *in, const struct bl_wish *w,
	const struct bl_settings *s, struct bl_err *err)
{
	const struct bl_given *first = &s->given[BL_OPT_FIRST_TIME];
	const struct bl_given *last = &s->given[BL_OPT_LAST_TIME];
	char low[BL_NUMBER_TEXT], high[BL_NUMBER_TEXT];
	size_t before = 0; /* checkpoints before the bounds */

	while (before < in->n && in->time[before] < w->rule.first)
		before++;
	bl_fail(err, BL_USAGE,
		"%s%s%s%s%s: no checkpoint is left of %zu, whose times are %s to %s",
		first->n ? "--first-time " : "", first->n ? first->value->text : "",
		first->n && last->n ? " " : "", last->n ? "--last-time " : "",
		last->n ? last->value->text : "", in->n, time_text(w, in->time[0], low),
		time_text(w, in->time[in->n - 1], high));
	if (before == 0 || before == in->n)
		return -1;
	return bl_hint(err, "the nearest have the times %s and %s",
		time_text(w, in->time[before - 1], low), time_text(w, in->time[before], high));
}

/* Takes the best of those that are taken. */
static int take_best(struct bl_inputs *in, const struct bl_wish *w, enum bl_choice *choice,
	struct bl_err *err)
{
	double *metric = calloc(in->n, sizeof *metric);
	size_t n = SIZE_MAX;

	if (!metric)
		return bl_fail_memory(err, in->n * sizeof *metric, "the metrics");
	if (bl_metrics_read(in, w->metrics, w->column, w->unit, choice, metric, err) == 0)
		n = bl_choose_by_metric(&w->rule, metric, in->n, choice, err);
	free(metric);
	if (n == 0)
		return bl_fail(err, BL_USAGE, "--best: no checkpoint has a metric that is not NaN");
	return n == SIZE_MAX ? -1 : 0;
}

/* Keeps the inputs that are taken, in their order. */
static void keep(struct bl_inputs *in, const enum bl_choice *choice)
{
	size_t n = 0;

	for (size_t t = 0; t < in->n; t++) {
		if (choice[t] != BL_TAKEN) {
			bl_source_close(&in->source[t]);
			continue;
		}
		in->source[n] = in->source[t];
		in->time[n] = in->time[t];
		if (in->profile)
			in->profile[n] = in->profile[t];
		n++;
	}
	in->n = n;
}

int bl_inputs_choose(struct bl_inputs *in, const struct bl_wish *w, const struct bl_settings *s,
	struct bl_err *err)
{
	enum bl_choice *choice;
	int rc = 0;

	in->chosen = (struct bl_chosen){.asked = w->asked, .given = in->n};
	if (!w->asked)
		return 0;
	choice = calloc(in->n, sizeof *choice);
	if (!choice)
		return bl_fail_memory(err, in->n * sizeof *choice, "the inputs");
	if (bl_choose_by_time(&w->rule, in->time, in->n, choice) == 0)
		rc = fail_bounds(in, w, s, err);
	else if (w->metrics)
		rc = take_best(in, w, choice, err);
	if (rc == 0) {
		bl_choice_count(choice, in->n, &in->chosen);
		keep(in, choice);
	}
	free(choice);
	return rc;
}
