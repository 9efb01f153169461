/* report_text.c - the plan as text, in 80 columns. */
#include "report.h"

#include "memory_stream.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 80
#define SHOWN_WHOLE 12  /* checkpoints of which all weights are shown */
#define SHOWN_FIRST 3   /* else these at the beginning */
#define SHOWN_LAST 8    /* and these at the end */
#define SHOWN_OUTPUTS 8 /* whose weights are shown */
#define SHOWN_OVERLAYS 8 /* patterns with settings of their own, and of an output their weights */
#define SHOWN_ROWS 32   /* of the table of outputs */
#define BAR 20          /* columns of the largest weight */

/* One line of facts: a word in the first column, then the text. */
static void fact(FILE *to, const char *word)
{
	fprintf(to, "%-12s", word);
}

/* ---- what goes in ---- */

static void put_origin(FILE *to, const struct bl_report *r)
{
	char key[BL_TEXT_FIT(12)];

	switch (r->origin) {
	case BL_TIME_KEY:
		fprintf(to, "the recorded %s",
			bl_text_fit(r->time_key ? r->time_key : "time", 12, key, sizeof key));
		break;
	case BL_TIME_PATTERN:
		fputs("--time-pattern", to);
		break;
	case BL_TIME_NAME:
		fputs("the names", to);
		break;
	case BL_TIME_INDEX:
		fputs("the order given", to);
		break;
	case BL_TIME_PROVENANCE:
		fputs("their provenance", to);
		break;
	}
}

/* How far apart the checkpoints are: "every 25", "every 10 to 50". */
static void put_gaps(FILE *to, const struct bl_report *r)
{
	int64_t least = INT64_MAX, most = 0;

	for (size_t t = 1; t < r->plan->checkpoints; t++) {
		const int64_t gap = r->input[t].time - r->input[t - 1].time;

		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	if (most == 0)
		return;
	fprintf(to, ", every %" PRId64, least);
	if (most > least)
		fprintf(to, " to %" PRId64, most);
}

static void put_times(FILE *to, const struct bl_report *r)
{
	const struct bl_value *unit = bl_case_value(r->plan->row[0].settings, BL_OPT_TIME_UNIT);
	const size_t last = r->plan->checkpoints - 1;
	char text[BL_TEXT_FIT(12)];

	fact(to, "times");
	fprintf(to, "%" PRId64, r->input[0].time);
	if (last > 0)
		fprintf(to, " to %" PRId64, r->input[last].time);
	put_gaps(to, r);
	if (unit)
		fprintf(to, ", in units of %s", bl_text_fit(unit->text, 12, text, sizeof text));
	fputs(" (from ", to);
	put_origin(to, r);
	fputs(")\n", to);
}

/* The tensors that have settings of their own. */
static void put_overlaid(FILE *to, const struct bl_report *r)
{
	const struct bl_plan *plan = r->plan;
	char glob[BL_TEXT_FIT(30)];

	for (size_t k = 0; k < plan->overlays && k < SHOWN_OVERLAYS; k++) {
		fact(to, "");
		fprintf(to, "%zu averaged as --tensor-option %s says\n", r->overlay_tensors[k],
			bl_text_fit(plan->overlay[k]->glob, 30, glob, sizeof glob));
	}
	if (plan->overlays > SHOWN_OVERLAYS) {
		fact(to, "");
		fprintf(to, "and others as %zu more of these say\n",
			plan->overlays - SHOWN_OVERLAYS);
	}
}

/* What becomes of the tensors. */
static void put_tensors(FILE *to, const struct bl_report *r)
{
	char path[BL_TEXT_FIT(30)];

	fact(to, "tensors");
	fprintf(to, "%zu: %zu averaged, %zu copied from %s", r->tensors, r->averaged, r->copied,
		r->copy_from ? bl_text_fit(r->copy_from, 30, path, sizeof path)
		             : "the last checkpoint");
	if (r->aliases > 0)
		fprintf(to, "; %zu further name%s", r->aliases, bl_text_s(r->aliases));
	putc('\n', to);
	put_overlaid(to, r);
	if (r->partial > 0) {
		fact(to, "");
		fprintf(to, "%zu averaged over those checkpoints only that have %s\n", r->partial,
			r->partial == 1 ? "it" : "them");
	}
	if (r->skipped > 0) {
		fact(to, "");
		fprintf(to, "%zu left out\n", r->skipped);
	}
}

/* "37 of 41: 20 by --first-time, 17 by --every", "37 of 41 by --last". */
static void put_chosen(FILE *to, const struct bl_chosen *chosen)
{
	const size_t out = chosen->given - chosen->n[BL_TAKEN];
	const char *between = ": ";
	char text[512];
	int at = snprintf(text, sizeof text, "%zu of %zu", out, chosen->given);

	for (enum bl_choice c = BL_TAKEN + 1; c < BL_CHOICES; c++) {
		const char *key = bl_option(bl_choice_option(c))->key;

		if (chosen->n[c] == 0)
			continue;
		if (chosen->n[c] == out)
			snprintf(text + at, sizeof text - (size_t)at, " by --%s", key);
		else
			at += snprintf(text + at, sizeof text - (size_t)at, "%s%zu by --%s",
				between, chosen->n[c], key);
		between = ", ";
	}
	bl_text_wrap(to, "left out    ", 12, COLUMNS, text);
}

static void put_inputs(FILE *to, const struct bl_report *r, const struct bl_paths *paths)
{
	const size_t count = r->plan->checkpoints;
	size_t read = 0;
	char folder[BL_TEXT_FIT(40)];

	for (size_t t = 0; t < count; t++)
		read += r->input[t].read;
	fact(to, "input");
	fprintf(to, "%zu checkpoint%s", count, bl_text_s(count));
	if (read < count)
		fprintf(to, ", %zu of them read", read);
	if (paths->path && *paths->folder)
		fprintf(to, " in %s", bl_text_fit(paths->folder, 40, folder, sizeof folder));
	putc('\n', to);
	if (r->chosen)
		put_chosen(to, r->chosen);
	put_times(to, r);
	put_tensors(to, r);
}

/* ---- how it is done ---- */

static void put_disk(FILE *to, const struct bl_report *r)
{
	const uint64_t need = bl_report_disk(r);
	const char *shared;
	uint64_t least = 0;
	char text[BL_TEXT];

	for (size_t p = 0; p < r->plan->rows; p++)
		if (least == 0 || (r->output[p].disk_free && r->output[p].disk_free < least))
			least = r->output[p].disk_free;
	if (need == 0 && least == 0)
		return;
	fact(to, "disk");
	shared = r->plan->rows > 1 ? ", if the outputs share it" : "";
	fprintf(to, "%s needed",
		need ? bl_text_bytes((double)need, text, sizeof text) : "not known how much");
	if (least > 0)
		fprintf(to, ", %s free%s%s", bl_text_bytes((double)least, text, sizeof text),
			need > least ? ": NOT ENOUGH" : "", need > least ? shared : "");
	putc('\n', to);
}

static void put_run(FILE *to, const struct bl_report *r)
{
	const struct bl_budget *b = &r->budget;
	char text[BL_TEXT];

	fact(to, "data");
	fprintf(to, "%s to read, ", bl_text_bytes((double)b->read_bytes, text, sizeof text));
	fprintf(to, "%s to write as %s\n",
		bl_text_bytes((double)b->written_bytes, text, sizeof text), r->format);
	fact(to, "memory");
	fprintf(to, "%s at most, ", bl_text_memory((double)b->peak, text, sizeof text));
	fprintf(to, "%u thread%s, ", b->threads, bl_text_s(b->threads));
	fprintf(to, "tiles of %s\n", bl_text_memory((double)b->tile, text, sizeof text));
	put_disk(to, r);
}

/* ---- the outputs of a sweep ---- */

static const char *number(double value, char *buf)
{
	return bl_text_number(value, 4, buf, BL_TEXT);
}

static const char *half_life(const struct bl_row *row, char *buf)
{
	return row->half_life < 0 ? "-" : number(row->half_life, buf);
}

static const char *share(double value, char *buf)
{
	snprintf(buf, BL_TEXT, "%.2f%%", 100 * value);
	return buf;
}

/* Columns for the names of the outputs in their table. */
static size_t name_columns(const struct bl_report *r)
{
	size_t widest = 6;
	char name[BL_TEXT_FIT(COLUMNS)];

	for (size_t p = 0; p < r->plan->rows && p < SHOWN_ROWS; p++) {
		const size_t n =
			bl_text_columns(bl_text_fit(r->output[p].path, 34, name, sizeof name));

		widest = n > widest ? n : widest;
	}
	return widest;
}

static void put_name(FILE *to, const char *path, size_t columns)
{
	char name[BL_TEXT_FIT(COLUMNS)];

	bl_text_fit(path, columns, name, sizeof name);
	fprintf(to, "%s%*s", name, (int)(columns - bl_text_columns(name)), "");
}

static void put_outputs(FILE *to, const struct bl_report *r)
{
	const size_t columns = name_columns(r), rows = r->plan->rows;

	putc('\n', to);
	put_name(to, "output", columns);
	fprintf(to, " %10s %10s %12s %9s\n", "mean age", "half-life", "eff. number", "first");
	for (size_t p = 0; p < rows && p < SHOWN_ROWS; p++) {
		const struct bl_row *row = &r->plan->row[p];
		char a[BL_TEXT], h[BL_TEXT], n[BL_TEXT], f[BL_TEXT];

		put_name(to, r->output[p].path, columns);
		fprintf(to, " %10s %10s %12s %9s\n", number(row->mean_age, a), half_life(row, h),
			number(row->effective_number, n), share(row->first_share, f));
	}
	if (rows > SHOWN_ROWS)
		fprintf(to, "... and %zu more\n", rows - SHOWN_ROWS);
}

/* ---- one output ---- */

/* "per step: kappa 0.0069, gamma 1": what the recurrence runs with. */
static void put_resolved(FILE *to, const struct bl_report *r, const struct bl_row *row)
{
	const bool every = bl_case_value(row->settings, BL_OPT_UPDATE_EVERY);
	struct bl_resolved resolved[BL_RESOLVED];
	const size_t n = bl_report_resolved(r, row, resolved);
	char text[BL_RESOLVED * 2 * BL_TEXT] = "", value[BL_TEXT];

	for (size_t i = 0; i < n; i++) {
		const size_t at = strlen(text);

		if (strcmp(resolved[i].name, "half-life") == 0 ||
			strcmp(resolved[i].name, "window") == 0)
			continue; /* the title has it */
		snprintf(text + at, sizeof text - at, "%s%s %s", at > 0 ? ", " : "",
			resolved[i].name,
			bl_text_number(resolved[i].value, 6, value, sizeof value));
	}
	if (*text)
		bl_text_wrap(to,
			!row->dynamics->spring ? "  with: "
			: every                ? "  per update: "
					       : "  per step: ",
			12, COLUMNS, text);
}

/* The length that was asked for, in every language. */
static void put_asked(FILE *to, const struct bl_row *row)
{
	char text[5 * BL_TEXT + 128], h[BL_TEXT], a[BL_TEXT], d[BL_TEXT], s[BL_TEXT];

	if (!row->length_option)
		return;
	snprintf(text, sizeof text, "half-life %s, mean age %s, decay %s, rel-std %s",
		number(row->half_life_asked, h), number(row->mean_age_asked, a),
		bl_text_number(row->decay_asked, 6, d, sizeof d), number(row->rel_std_asked, s));
	bl_text_wrap(to, row->dynamics->spring ? "  asked: EMA of " : "  asked: ", 9, COLUMNS,
		text);
}

static void put_shape(FILE *to, const struct bl_row *row)
{
	char text[BL_TEXT];

	fprintf(to, "  mean age %s, ", number(row->mean_age, text));
	if (row->half_life >= 0)
		fprintf(to, "half of the weight within %s, ", number(row->half_life, text));
	fprintf(to, "rel-std %s\n", row->rel_std < 0 ? "-" : number(row->rel_std, text));
	fprintf(to, "  effective number %s", number(row->effective_number, text));
	if (row->sum_abs > row->sum + 1e-9 || fabs(row->sum - 1) > 1e-9) {
		fprintf(to, ", sum of the weights %s, ", number(row->sum, text));
		fprintf(to, "of their magnitudes %s", number(row->sum_abs, text));
	}
	putc('\n', to);
}

/* A weight in nine columns. */
static const char *weight_text(double w, char *buf)
{
	if (w == 0)
		snprintf(buf, BL_TEXT, "0");
	else
		snprintf(buf, BL_TEXT, fabs(w) < 5e-7 ? "%.1e" : "%.6f", w);
	return buf;
}

/* What the lines of a table of weights share. */
struct weights {
	const struct bl_report *r;
	const struct bl_row *row;
	const struct bl_paths *paths;
	double largest; /* of |w| */
	int time_columns, name_columns;
};

static void put_weight(FILE *to, const struct weights *w, size_t t)
{
	static const char full[] = "####################", less[] = "--------------------";
	const double weight = w->row->weight[t];
	const int bar = w->largest > 0 ? (int)(BAR * fabs(weight) / w->largest + 0.5) : 0;
	char name[BL_TEXT_FIT(COLUMNS)], text[BL_TEXT];

	bl_text_fit(w->paths->path ? w->paths->path[t] : w->r->input[t].path,
		(size_t)w->name_columns, name, sizeof name);
	fprintf(to, "  %*" PRId64 "  %9s  %-*.*s  %s\n", w->time_columns, w->r->input[t].time,
		weight_text(weight, text), BAR, bar, weight < 0 ? less : full, name);
}

/* Stands for the checkpoints from t up to end. */
static void put_rule(FILE *to, const struct weights *w, size_t t, size_t end)
{
	double sum = 0;
	char text[BL_TEXT];

	for (size_t i = t; i < end; i++)
		sum += w->row->weight[i];
	fprintf(to, "  %*s  %9s  in all, of %zu checkpoints\n", w->time_columns, "...",
		weight_text(sum, text), end - t);
}

static int digits(int64_t n)
{
	return snprintf(NULL, 0, "%" PRId64, n);
}

static void put_weights(FILE *to, const struct bl_report *r, const struct bl_row *row,
	const struct bl_paths *paths)
{
	const size_t count = r->plan->checkpoints;
	const int first = digits(r->input[0].time), last = digits(r->input[count - 1].time);
	struct weights w = {r, row, paths, 0, first > last ? first : last, 0};

	if (w.time_columns < 4)
		w.time_columns = 4;
	w.name_columns = COLUMNS - 17 - BAR - w.time_columns;
	for (size_t t = 0; t < count; t++)
		w.largest = fmax(w.largest, fabs(w.row->weight[t]));
	fprintf(to, "  %*s  %9s\n", w.time_columns, "time", "weight");
	for (size_t t = 0; t < count; t++) {
		if (count > SHOWN_WHOLE && t == SHOWN_FIRST) {
			put_rule(to, &w, t, count - SHOWN_LAST);
			t = count - SHOWN_LAST;
		}
		put_weight(to, &w, t);
	}
}

/* "avg.h5: ema, half-life 100", "avg.h5, *.running_*: uniform". */
static void put_title(FILE *to, const struct bl_report *r, size_t p, size_t set)
{
	const struct bl_row *row = bl_plan_row(r->plan, p, set);
	char path[BL_TEXT_FIT(COLUMNS)], glob[BL_TEXT_FIT(30)] = "";
	char lead[sizeof path + sizeof glob + 4], *method = NULL;
	size_t size;
	FILE *memory = bl_memory_stream(&method, &size);

	if (memory)
		bl_report_row(memory, r, row);
	if (set)
		bl_text_fit(r->plan->overlay[set - 1]->glob, 30, glob, sizeof glob);
	bl_text_fit(r->output[p].path, COLUMNS - 8 - bl_text_columns(glob), path, sizeof path);
	snprintf(lead, sizeof lead, "%s%s%s: ", path, set ? ", " : "", glob);
	if (bl_memory_close(memory, &method) == 0) {
		bl_text_wrap(to, lead, 4, COLUMNS, method);
	} else { /* in one line it needs no memory */
		fputs(lead, to);
		bl_report_row(to, r, row);
		putc('\n', to);
	}
	free(method);
}

/* Output p, for tensors with its settings (set 0) or with settings of their own. */
static void put_row(FILE *to, const struct bl_report *r, size_t p, size_t set,
	const struct bl_paths *paths)
{
	const struct bl_row *row = bl_plan_row(r->plan, p, set);
	char text[512];

	putc('\n', to);
	put_title(to, r, p, set);
	put_asked(to, row);
	put_resolved(to, r, row);
	put_shape(to, row);
	for (size_t n = 0; bl_plan_warning(row, n, text, sizeof text); n++)
		bl_text_wrap(to, "  warning: ", 11, COLUMNS, text);
	put_weights(to, r, row, paths);
}

static void put_output(FILE *to, const struct bl_report *r, size_t p, const struct bl_paths *paths)
{
	for (size_t set = 0; set <= r->plan->overlays && set <= SHOWN_OVERLAYS; set++)
		put_row(to, r, p, set, paths);
	if (r->plan->overlays > SHOWN_OVERLAYS)
		fprintf(to, "\nThe weights for %zu more patterns: --plan=json\n",
			r->plan->overlays - SHOWN_OVERLAYS);
}

void bl_report_plan_text(FILE *to, const struct bl_report *r)
{
	const size_t rows = r->plan->rows;
	struct bl_paths paths;
	struct bl_err none;

	if (bl_report_paths(r, &paths, &none) != 0)
		paths = (struct bl_paths){NULL, NULL, NULL};
	put_inputs(to, r, &paths);
	put_run(to, r);
	if (rows > 1)
		put_outputs(to, r);
	for (size_t p = 0; p < rows && p < SHOWN_OUTPUTS; p++)
		put_output(to, r, p, &paths);
	if (rows > SHOWN_OUTPUTS)
		fprintf(to, "\nThe weights of %zu more outputs: --plan=json\n",
			rows - SHOWN_OUTPUTS);
	bl_paths_free(&paths);
}
