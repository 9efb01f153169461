/* portrait_text.c - the weights of averages in words, with a picture for a terminal. */
#include "portrait.h"

#include "text.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FACT 512  /* bytes of it */

static const char *number(double value, int digits, char *buf)
{
	return bl_text_number(value, digits, buf, BL_TEXT);
}

/* ---- the facts of one average: each writes what is to be said, or nothing ---- */

static void say_reach(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	char text[BL_TEXT];
	size_t at = (size_t)snprintf(buf, FACT, "mean age %s%s", number(row->mean_age, 4, text),
		!row->counts_checkpoints ? ""
		: row->mean_age == 1	 ? " checkpoint"
					 : " checkpoints");

	if (s->damping != BL_DAMPING_NONE && isfinite(s->settled_age))
		at += (size_t)snprintf(buf + at, FACT - at, " (%s in the long run)",
			number(s->settled_age, 4, text));
	if (row->half_life >= 0)
		at += (size_t)snprintf(buf + at, FACT - at, ", half of the weight within %s",
			number(row->half_life, 4, text));
	if (row->rel_std >= 0)
		snprintf(
			buf + at, FACT - at, ", rel-std %s", number(row->rel_std, 3, text));
}

static void say_worth(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	char text[BL_TEXT];

	(void)s;
	snprintf(buf, FACT, "as much as %s checkpoint%s of the same weight (1 / sum of squares)",
		number(row->effective_number, 4, text), row->time.count == 1 ? "" : "s");
}

static void say_sum(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	char a[BL_TEXT], b[BL_TEXT], c[BL_TEXT];

	if (s->negative == 0)
		snprintf(buf, FACT, "%s, no weight is negative", number(row->sum, 4, a));
	else
		snprintf(buf, FACT, "%s, of it %s in negative weights; their sizes add up to %s",
			number(row->sum, 4, a), number(s->negative, 4, b),
			number(row->sum_abs, 4, c));
}

static void say_first(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	char text[BL_TEXT];

	(void)s;
	snprintf(buf, FACT, "%s%% of the weight is on the first checkpoint",
		number(100 * row->first_share, 3, text));
}

static void say_damping(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	char a[BL_TEXT], b[BL_TEXT], c[BL_TEXT];

	(void)row;
	switch (s->damping) {
	case BL_DAMPING_NONE:
		buf[0] = '\0';
		break;
	case BL_DAMPING_FIRST:
		snprintf(buf, FACT, "first-order, without inertia: nothing swings");
		break;
	case BL_DAMPING_UNDER:
		snprintf(buf, FACT,
			"under-damped, damping ratio %s: it swings with a period of %s, "
			"and a swing halves in %s",
			number(s->ratio, 4, a), number(s->period, 4, b),
			number(s->pole[s->pole[0].pair ? 0 : 1].fade, 4, c));
		break;
	case BL_DAMPING_CRITICAL:
		snprintf(buf, FACT, "critical: as fast as it can be without swinging");
		break;
	case BL_DAMPING_OVER:
		snprintf(buf, FACT, "over-damped: nothing swings");
		break;
	}
}

/* "0.9931 (halves in 100)", "0.98 e^(+-0.02 i)" */
static size_t say_pole(const struct bl_pole *p, char *buf, size_t cap)
{
	char a[BL_TEXT], b[BL_TEXT];
	size_t at = (size_t)snprintf(
		buf, cap, "%s%s", !p->pair && p->angle > 0 ? "-" : "", number(p->modulus, 7, a));

	if (p->pair)
		at += (size_t)snprintf(buf + at, cap - at, " e^(+-%s i)", number(p->angle, 4, b));
	if (isinf(p->fade))
		at += (size_t)snprintf(buf + at, cap - at, " (never fades)");
	else if (p->fade > 0)
		at += (size_t)snprintf(
			buf + at, cap - at, " (halves in %s)", number(p->fade, 4, b));
	return at;
}

static void say_poles(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	size_t at = 0;

	(void)row;
	buf[0] = '\0';
	for (size_t i = 0; i < s->poles; i++) {
		at += (size_t)snprintf(buf + at, FACT - at, "%s", i ? ", " : "");
		at += say_pole(&s->pole[i], buf + at, FACT - at);
	}
}

static void say_stability(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	char a[BL_TEXT], b[BL_TEXT], c[BL_TEXT];

	(void)row;
	if (s->damping == BL_DAMPING_NONE)
		buf[0] = '\0';
	else
		snprintf(buf, FACT,
			"kappa is %s, and could be %s times as large before it "
			"flies apart (at %s)",
			number(s->kappa, 4, a),
			number(bl_number_round(s->kappa_most / s->kappa, 3), 15, b),
			number(s->kappa_most, 4, c));
}

/* What would bring the replay to 1 %. */
static void say_spacing(const struct bl_response *s, char *buf, size_t cap)
{
	char text[BL_TEXT];

	if (s->spacing < 2)
		snprintf(buf, cap, "; it would be exact if every step were saved");
	else
		snprintf(buf, cap, "; a checkpoint every %s would bring it to 1%%",
			number(floor(s->spacing), 15, text));
}

static void say_fidelity(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	char text[BL_TEXT];
	size_t at = 0;

	buf[0] = '\0';
	if (s->error == 0 && row->counts_checkpoints)
		snprintf(buf, FACT,
			"exact: the length counts checkpoints, so nothing lies between them");
	else if (s->error == 0)
		snprintf(buf, FACT, "exact: every step was saved");
	else if (s->error >= 1)
		at = (size_t)snprintf(buf, FACT,
			"none: the average is shorter than the gap of %s between checkpoints",
			number(row->median_gap, 4, text));
	else if (s->error > 0)
		at = (size_t)snprintf(buf, FACT, "about %s%% off an average kept at every step",
			number(100 * s->error, 2, text));
	if (s->error > 0.01)
		say_spacing(s, buf + at, FACT - at);
}

static void put_average(FILE *to, const struct bl_portrait *p, size_t columns)
{
	static const struct {
		const char *word;
		void (*say)(const struct bl_row *row, const struct bl_response *s, char *buf);
	} fact[] = {
		{"reach", say_reach},
		{"worth", say_worth},
		{"sum", say_sum},
		{"start", say_first},
		{"damping", say_damping},
		{"poles", say_poles},
		{"stability", say_stability},
		{"fidelity", say_fidelity},
	};
	char text[FACT];

	putc('\n', to);
	for (size_t i = 0; i < sizeof fact / sizeof fact[0]; i++) {
		fact[i].say(&p->report->plan->row[0], &p->response[0], text);
		bl_text_fact(to, columns, fact[i].word, text);
	}
}

/* ---- the table of several ---- */

/* One column: its head, and what stands in it for a row; "-" for nothing. */
struct column {
	const char *head;
	int width;
	void (*cell)(const struct bl_row *row, const struct bl_response *s, char *buf);
};

/* A number, or that there is none. */
static void cell_of(double value, int digits, bool there, char *buf)
{
	if (there && isfinite(value))
		number(value, digits, buf);
	else
		strcpy(buf, "-");
}

static void cell_age(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)s;
	cell_of(row->mean_age, 4, true, buf);
}

static void cell_half(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)s;
	cell_of(row->half_life, 4, row->half_life >= 0, buf);
}

static void cell_std(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)s;
	cell_of(row->rel_std, 3, row->rel_std >= 0, buf);
}

static void cell_worth(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)s;
	cell_of(row->effective_number, 4, true, buf);
}

static void cell_negative(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)row;
	cell_of(s->negative, 3, s->negative < 0, buf);
}

static void cell_first(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)s;
	snprintf(buf, BL_TEXT, "%.1f%%", 100 * row->first_share);
}

static void cell_damping(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)row;
	snprintf(buf, BL_TEXT, "%s",
		*bl_damping_word(s->damping) ? bl_damping_word(s->damping) : "-");
}

static void cell_ratio(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)row;
	cell_of(s->ratio, 3, s->period > 0, buf);
}

static void cell_period(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)row;
	cell_of(s->period, 4, s->period > 0, buf);
}

static void cell_fade(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)row;
	cell_of(s->poles > 0 ? s->pole[0].fade : 0, 4, s->poles > 0, buf);
}

static void cell_error(const struct bl_row *row, const struct bl_response *s, char *buf)
{
	(void)row;
	if (s->error > 1)
		strcpy(buf, "over 100%");
	else if (s->error >= 0)
		snprintf(buf, BL_TEXT, "%.1f%%", 100 * s->error);
	else
		strcpy(buf, "-");
}

#define COLUMNS 6 /* of a table, at most */
#define NAME 29	  /* of the names, at most: with the widest table they fill 80 */

static void put_table(FILE *to, const struct bl_portrait *p, const struct column *column,
	bool unicode, bool colour)
{
	const size_t rows = p->report->plan->rows;
	size_t widest = 7;
	char name[BL_TEXT_FIT(NAME)], text[BL_TEXT];

	for (size_t i = 0; i < rows; i++) {
		const size_t n = bl_text_columns(bl_text_fit(p->name[i], NAME, name, sizeof name));

		widest = n > widest ? n : widest;
	}
	fprintf(to, "\n  %-*s", (int)widest, "average");
	for (size_t c = 0; c < COLUMNS && column[c].head; c++)
		fprintf(to, " %*s", column[c].width, column[c].head);
	putc('\n', to);
	for (size_t i = 0; i < rows; i++) {
		bl_plot_mark(to, i, unicode, colour);
		fprintf(to, " %-*s", (int)widest, bl_text_fit(p->name[i], NAME, name, sizeof name));
		for (size_t c = 0; c < COLUMNS && column[c].head; c++) {
			column[c].cell(&p->report->plan->row[i], &p->response[i], text);
			fprintf(to, " %*s", column[c].width, text);
		}
		putc('\n', to);
	}
}

static void put_tables(FILE *to, const struct bl_portrait *p, bool unicode, bool colour)
{
	static const struct column reach[COLUMNS] = {
		{"age", 8, cell_age},
		{"half in", 8, cell_half},
		{"rel-std", 7, cell_std},
		{"worth", 6, cell_worth},
		{"negative", 8, cell_negative},
		{"first", 6, cell_first},
	};
	static const struct column damping[COLUMNS] = {
		{"damping", 12, cell_damping},
		{"ratio", 6, cell_ratio},
		{"period", 8, cell_period},
		{"halves in", 9, cell_fade},
		{"off by", 9, cell_error},
	};
	bool recurrences = false;

	put_table(to, p, reach, unicode, colour);
	for (size_t i = 0; i < p->report->plan->rows; i++)
		recurrences = recurrences || p->response[i].damping != BL_DAMPING_NONE;
	if (recurrences)
		put_table(to, p, damping, unicode, colour);
}

/* ---- the whole ---- */

void bl_portrait_times(FILE *to, const struct bl_report *r)
{
	const size_t count = r->plan->checkpoints;
	int64_t least = INT64_MAX, most = 0;
	char axis[BL_PORTRAIT_AXIS];

	fprintf(to, "%zu checkpoint%s, %s %" PRId64, count, bl_text_s(count),
		bl_portrait_axis(r, axis), r->input[0].time);
	for (size_t t = 1; t < count; t++) {
		const int64_t gap = r->input[t].time - r->input[t - 1].time;

		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	if (count > 1)
		fprintf(to, " to %" PRId64 ", every %" PRId64, r->input[count - 1].time, least);
	if (most > least)
		fprintf(to, " to %" PRId64, most);
}

static void put_warnings(FILE *to, const struct bl_portrait *p, size_t columns)
{
	char warning[FACT], text[2 * FACT];

	for (size_t i = 0; i < p->report->plan->rows; i++) {
		const struct bl_row *row = &p->report->plan->row[i];

		for (size_t n = 0; bl_plan_warning(row, n, warning, sizeof warning); n++) {
			snprintf(text, sizeof text, p->report->plan->rows > 1 ? "%s: %s" : "%s%s",
				p->report->plan->rows > 1 ? p->name[i] : "", warning);
			bl_text_fact(to, columns, "warning", text);
		}
	}
}

int bl_portrait_text(FILE *to, const struct bl_portrait *p, size_t columns, bool unicode,
	bool colour, struct bl_err *err)
{
	struct bl_portrait_plot pp = {0};
	int rc = bl_portrait_plot(&pp, p, false, err);

	if (rc == 0) {
		fprintf(to, "%s\n", p->title);
		bl_portrait_times(to, p->report);
		fputs("\n\n", to);
		rc = bl_plot_text(to, &pp.plot, columns, unicode, colour, err);
	}
	bl_portrait_plot_free(&pp);
	if (rc != 0)
		return -1;
	if (p->report->plan->rows == 1)
		put_average(to, p, columns);
	else
		put_tables(to, p, unicode, colour);
	put_warnings(to, p, columns);
	return 0;
}
