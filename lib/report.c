/* report.c - the method in words, and what the text and the JSON of a report share. */
#include "report.h"

#include "text.h"
#include "value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns of a value; a longer number is rounded, a longer text cut. */
#define NUMBER 12
#define SHOWN 16

bool bl_row_takes(const struct bl_row *row, enum bl_option o)
{
	return bl_dynamics_takes(row->dynamics, o);
}

enum bl_option bl_row_length(const struct bl_row *row)
{
	if (bl_row_takes(row, BL_OPT_WINDOW))
		return BL_OPT_WINDOW;
	for (enum bl_option o = 0; row->length_option && o < BL_OPTIONS; o++)
		if (strcmp(bl_option(o)->key, row->length_option) == 0)
			return o;
	return BL_OPTIONS;
}

/* The time from the first checkpoint to the last. */
static double covered(const struct bl_report *r)
{
	return (double)(r->input[r->plan->checkpoints - 1].time - r->input[0].time);
}

/* The window in the unit of the times; 0 where it counts checkpoints or that unit is another. */
static double window(const struct bl_report *r, const struct bl_row *row)
{
	const struct bl_value *v = bl_case_value(row->settings, BL_OPT_WINDOW);
	const struct bl_value *unit = bl_case_value(row->settings, BL_OPT_TIME_UNIT);

	if (!v || v->unit == BL_UNIT_CKPT)
		return 0;
	if (v->unit == BL_UNIT_PERCENT)
		return v->number / 100 * covered(r);
	return unit ? v->number / unit->number : v->number;
}

static size_t fit_resolved(const struct bl_fit *f, struct bl_resolved *out)
{
	const char *target = f->target.power ? "exponent" : "kappa";

	out[0] = (struct bl_resolved){target, f->target.number};
	out[1] = (struct bl_resolved){"residual", f->residual};
	out[2] = (struct bl_resolved){"residual-share", f->share};
	out[3] = (struct bl_resolved){"condition", f->condition};
	return 4;
}

size_t bl_report_resolved(
	const struct bl_report *r, const struct bl_row *row, struct bl_resolved *out)
{
	const struct bl_spring *s = &row->spring;
	const double span = bl_row_takes(row, BL_OPT_WINDOW) ? window(r, row) : 0;
	size_t n = 0;

	if (row->half_life_asked > 0)
		out[n++] = (struct bl_resolved){"half-life", row->half_life_asked};
	if (span > 0)
		out[n++] = (struct bl_resolved){"window", span};
	if (row->dynamics->resolved)
		n += row->dynamics->resolved(row->settings, out + n);
	if (row->dynamics->fit)
		n += fit_resolved(&row->fit, out + n);
	if (!row->dynamics->spring)
		return n;
	out[n++] = (struct bl_resolved){"kappa", s->kappa};
	if (s->warmup.word != BL_WARMUP_NONE)
		out[n++] = (struct bl_resolved){"warmup-updates", (double)s->warmup.last};
	if (bl_row_takes(row, BL_OPT_DAMPING))
		out[n++] = (struct bl_resolved){"gamma", s->gamma};
	if (!bl_row_takes(row, BL_OPT_MASS_RATIO))
		return n;
	out[n++] = (struct bl_resolved){"pull", s->pull};
	out[n++] = (struct bl_resolved){"restore", s->restore};
	out[n++] = (struct bl_resolved){"gain", s->gain};
	return n;
}

uint64_t bl_report_disk(const struct bl_report *r)
{
	uint64_t total = 0;

	for (size_t p = 0; p < r->plan->rows; p++)
		if (r->output[p].size == 0 ||
			__builtin_add_overflow(total, r->output[p].size, &total))
			return 0;
	return total;
}

size_t bl_report_overlaid(const struct bl_report *r)
{
	size_t n = 0;

	for (size_t k = 0; k < r->plan->overlays; k++)
		n += r->overlay_tensors[k];
	return n;
}

int bl_report_paths(const struct bl_report *r, struct bl_paths *paths, struct bl_err *err)
{
	const size_t count = r->plan->checkpoints;
	const char **path = calloc(count + 1, sizeof *path);
	int rc;

	*paths = (struct bl_paths){NULL, NULL, NULL};
	if (!path)
		return bl_fail_memory(err, count * sizeof *path, "the paths");
	for (size_t t = 0; t < count; t++)
		path[t] = r->input[t].path;
	rc = bl_paths_make(paths, path, count, err);
	free(path);
	return rc;
}

/* Is a the same number as b but for rounding? */
static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * fabs(b);
}

/* The half-life that holds where no length was given, and what it comes from where it is plain. */
static void put_default(FILE *to, const struct bl_report *r, const struct bl_row *row)
{
	const double half_life = row->half_life_asked;
	char text[BL_TEXT];

	if (strcmp(row->length_option, bl_option(BL_OPT_HALF_LIFE)->key) != 0) {
		fprintf(to, ", %s %s (default)", row->length_option,
			bl_text_number(row->rel_std_asked, 6, text, sizeof text));
		return;
	}
	fprintf(to, ", half-life %s (default", bl_text_number(half_life, 6, text, sizeof text));
	if (near(half_life, covered(r) / 10))
		fprintf(to, ": 10%% of %s", bl_text_number(covered(r), 6, text, sizeof text));
	else if (near(half_life, row->median_gap))
		fputs(": the gap between checkpoints", to);
	putc(')', to);
}

void bl_report_setting(FILE *to, enum bl_option o, const struct bl_value *v)
{
	const enum bl_kind kind = bl_option(o)->kind;
	char text[BL_TEXT_FIT(SHOWN)];

	fputs(bl_option(o)->key, to);
	if (kind == BL_KIND_FLAG)
		return;
	if ((kind == BL_KIND_NUMBER || kind == BL_KIND_LENGTH) && strlen(v->text) > NUMBER)
		fprintf(to, " %s%s", bl_text_number(v->number, 6, text, sizeof text),
			bl_unit_text(v->unit));
	else
		fprintf(to, " %s", bl_text_fit(v->text, SHOWN, text, sizeof text));
}

/* "half-life 100 (10% of 1000)" */
static void put_length(
	FILE *to, const struct bl_report *r, const struct bl_row *row, enum bl_option o)
{
	const struct bl_value *v = bl_case_value(row->settings, o);
	const char *key = bl_option(o)->key;
	char a[BL_TEXT], b[BL_TEXT], c[BL_TEXT];

	if (!v) {
		put_default(to, r, row);
		return;
	}
	fputs(", ", to);
	if (v->unit == BL_UNIT_PERCENT)
		fprintf(to, "%s %s (%s%% of %s)", key,
			bl_text_number(v->number / 100 * covered(r), 6, a, sizeof a),
			bl_text_number(v->number, 6, c, sizeof c),
			bl_text_number(covered(r), 6, b, sizeof b));
	else if (v->unit == BL_UNIT_CKPT)
		fprintf(to, "%s %s checkpoint%s", key, bl_text_number(v->number, 6, a, sizeof a),
			v->number == 1 ? "" : "s");
	else
		bl_report_setting(to, o, v);
	if (o != BL_OPT_HALF_LIFE && o != BL_OPT_WINDOW)
		fprintf(to, " (half-life %s)",
			bl_text_number(row->half_life_asked, 6, a, sizeof a));
}

void bl_report_method(FILE *to, const struct bl_report *r, size_t p)
{
	bl_report_row(to, r, &r->plan->row[p]);
}

void bl_report_row(FILE *to, const struct bl_report *r, const struct bl_row *row)
{
	fputs(row->dynamics->name, to);
	bl_report_settings(to, r, row);
}

void bl_report_settings(FILE *to, const struct bl_report *r, const struct bl_row *row)
{
	const enum bl_option length = bl_row_length(row);

	if (length != BL_OPTIONS)
		put_length(to, r, row, length);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const struct bl_value *v = bl_case_value(row->settings, o);

		if (!v || o == BL_OPT_METHOD || o == length || !(bl_option(o)->flags & BL_METHOD))
			continue;
		fputs(", ", to);
		bl_report_setting(to, o, v);
	}
}
