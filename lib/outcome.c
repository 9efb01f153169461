/* outcome.c - what has become of each output of belay-avg, for other programs. */
#include "outcome.h"

#include "event.h"
#include "text.h"

#include <string.h>

static const char *word(enum bl_output_fate fate)
{
	static const char *const of[] = {
		[BL_OUTPUT_WRITTEN] = "written",
		[BL_OUTPUT_SKIPPED] = "skipped",
		[BL_OUTPUT_PLANNED] = "planned",
		[BL_OUTPUT_KEPT] = "kept",
		[BL_OUTPUT_FAILED] = "failed",
	};

	return of[fate];
}

static const struct bl_row *row_of(const struct bl_outcome *o)
{
	return o->report ? bl_plan_row(o->report->plan, o->p, 0) : NULL;
}

/* ---- events ---- */

void bl_outcome_plan_event(
	struct bl_json_printer *j, const char *program, const struct bl_report *r)
{
	bl_event_begin(j, program, "plan");
	bl_report_put_inputs(j, r);
	bl_report_put_run(j, r);
	bl_event_end(j);
}

static void put_digest(struct bl_json_printer *j, const struct bl_golden *golden)
{
	char hex[BL_DIGEST_HEX];

	bl_json_key(j, "digest");
	if (golden)
		bl_json_put_text(j, bl_digest_hex(&golden->digest, hex));
	else
		bl_json_put_null(j);
}

void bl_outcome_event(struct bl_json_printer *j, const char *program, const struct bl_outcome *o)
{
	bl_event_begin(j, program, "output");
	bl_json_member_count(j, "index", o->p);
	bl_json_put_name(j, "path", o->settings->output);
	bl_json_member_text(j, "status", word(o->fate));
	bl_json_key(j, "bytes");
	if (o->bytes)
		bl_json_put_unsigned(j, o->bytes);
	else
		bl_json_put_null(j);
	if (o->digests)
		put_digest(j, o->golden);
	if (o->report) {
		bl_report_put_row(j, o->report, row_of(o));
		bl_report_put_overlaid(j, o->report, o->p, false);
	} else {
		bl_report_put_settings(j, o->settings);
	}
	bl_event_end(j);
}

void bl_outcome_digest_event(struct bl_json_printer *j, const char *program, bool input,
	const struct bl_golden *golden)
{
	bl_event_begin(j, program, "digest");
	bl_json_key(j, "of");
	bl_json_put_text(j, input ? "input" : "output");
	bl_json_put_name(j, "path", golden->path);
	bl_json_key(j, "time");
	if (golden->timed)
		bl_json_put_signed(j, golden->time);
	else
		bl_json_put_null(j);
	bl_golden_members(j, golden);
	bl_event_end(j);
}

/* ---- the table ---- */

#define NONE BL_TEXT_NONE
#define FIRST "output\tstatus\tbytes\tmethod\tname\thalf_life_asked\tkappa\tgamma\tsum\tsum_abs\t" \
	"effective_number\tmean_age\thalf_life\trel_std\tfirst_share\twarnings"

static void put_number(FILE *to, bool known, double number)
{
	struct bl_json_printer j = {.to = to};

	putc('\t', to);
	if (known)
		bl_json_put_double(&j, number);
	else
		fputs(NONE, to);
}

/* The value of an option of a case, as typed. */
static const char *typed(const struct bl_case *c, enum bl_option o)
{
	return bl_case_value(c, o) ? bl_report_typed(o, bl_case_value(c, o)->text) : NULL;
}

/* Is an option in the settings of some case, and in none of the first columns? */
static bool has_column(const struct bl_case *cases, size_t n, enum bl_option o)
{
	if (!(bl_option(o)->flags & (BL_METHOD | BL_RECORDED)) || o == BL_OPT_METHOD ||
		o == BL_OPT_NAME || o == BL_OPT_KAPPA || o == BL_OPT_GAMMA)
		return false;
	for (size_t p = 0; p < n; p++)
		if (bl_case_value(&cases[p], o))
			return true;
	return false;
}

void bl_outcome_head(FILE *to, const struct bl_case *cases, size_t n, bool digests)
{
	fputs(FIRST, to);
	if (digests)
		fputs("\tdigest", to);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (has_column(cases, n, o))
			fprintf(to, "\t%s", bl_option(o)->key);
	putc('\n', to);
}

/* A number that follows from the settings. */
static void put_resolved(
	FILE *to, const struct bl_resolved *resolved, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(resolved[i].name, name) != 0)
		i++;
	put_number(to, i < n, i < n ? resolved[i].value : 0);
}

/* The columns of numbers; row NULL: they are not known. */
static void put_row(FILE *to, const struct bl_report *r, const struct bl_row *row)
{
	static const struct bl_row none = {.half_life = -1, .rel_std = -1};
	const struct bl_row *x = row ? row : &none;
	struct bl_resolved resolved[BL_RESOLVED] = {{0}};
	const size_t n = row ? bl_report_resolved(r, row, resolved) : 0;
	size_t warnings = 0;
	char text[512];

	put_resolved(to, resolved, n, "half-life");
	put_resolved(to, resolved, n, "kappa");
	put_resolved(to, resolved, n, "gamma");
	put_number(to, row, x->sum);
	put_number(to, row, x->sum_abs);
	put_number(to, row, x->effective_number);
	put_number(to, row, x->mean_age);
	put_number(to, x->half_life >= 0, x->half_life);
	put_number(to, x->rel_std >= 0, x->rel_std);
	put_number(to, row, x->first_share);
	while (row && bl_plan_warning(row, warnings, text, sizeof text))
		warnings++;
	put_number(to, row, (double)warnings);
}

void bl_outcome_line(FILE *to, const struct bl_case *cases, size_t n, const struct bl_outcome *o)
{
	char hex[BL_DIGEST_HEX];

	bl_text_cell(to, o->settings->output);
	fprintf(to, "\t%s", word(o->fate));
	if (o->bytes)
		fprintf(to, "\t%llu", (unsigned long long)o->bytes);
	else
		fputs("\t" NONE, to);
	fprintf(to, "\t%s\t", bl_case_word(o->settings, BL_OPT_METHOD));
	bl_text_cell(to, typed(o->settings, BL_OPT_NAME));
	put_row(to, o->report, row_of(o));
	if (o->digests)
		fprintf(to, "\t%s", o->golden ? bl_digest_hex(&o->golden->digest, hex) : NONE);
	for (enum bl_option k = 0; k < BL_OPTIONS; k++) {
		if (!has_column(cases, n, k))
			continue;
		putc('\t', to);
		bl_text_cell(to, typed(o->settings, k));
	}
	putc('\n', to);
}

bool bl_outcome_is_table(const char *text, size_t length)
{
	const size_t n = strlen(FIRST);

	return length > n && memcmp(text, FIRST, n) == 0 && (text[n] == '\t' || text[n] == '\n');
}
