/* portrait.c - what the averages of a plan are called, together and each. */
#include "portrait.h"

#include "memory_stream.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *bl_damping_word(enum bl_damping d)
{
	static const char *const word[] = {
		[BL_DAMPING_NONE] = "",
		[BL_DAMPING_FIRST] = "first-order",
		[BL_DAMPING_UNDER] = "under-damped",
		[BL_DAMPING_CRITICAL] = "critical",
		[BL_DAMPING_OVER] = "over-damped",
	};

	return word[d];
}

static const char *text_of(const struct bl_row *row, enum bl_option o)
{
	const struct bl_value *v = bl_case_value(row->settings, o);

	return v ? v->text : "";
}

/* Do the rows of a plan differ in an option? */
static bool differs(const struct bl_plan *plan, enum bl_option o)
{
	for (size_t p = 1; p < plan->rows; p++)
		if (strcmp(text_of(&plan->row[0], o), text_of(&plan->row[p], o)) != 0)
			return true;
	return false;
}

static bool methods_differ(const struct bl_plan *plan)
{
	for (size_t p = 1; p < plan->rows; p++)
		if (plan->row[p].dynamics != plan->row[0].dynamics)
			return true;
	return false;
}

/* ", half-life 100" for the options of a row in which the rows differ, or do not. */
static void put_options(FILE *to, const struct bl_plan *plan, size_t p, bool differing, bool begun)
{
	const struct bl_row *row = &plan->row[p];

	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const struct bl_value *v = bl_case_value(row->settings, o);

		if (!(bl_option(o)->flags & BL_METHOD) || o == BL_OPT_METHOD || !v ||
			differs(plan, o) != differing)
			continue;
		fputs(begun ? ", " : "", to);
		bl_report_setting(to, o, v);
		begun = true;
	}
}

/* The word for a method as a title has it: "EMA", "Spring". */
static void put_method(FILE *to, const char *name)
{
	static const char *const letters[] = {"ema", "belay", "bema"}; /* that stand for words */
	size_t capitals = 1;

	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
		if (strcmp(name, letters[i]) == 0)
			capitals = strlen(name);
	for (size_t i = 0; name[i]; i++)
		putc(i < capitals ? toupper((unsigned char)name[i]) : name[i], to);
}

static void put_title(FILE *to, const struct bl_report *r)
{
	const struct bl_plan *plan = r->plan;

	if (plan->rows == 1) {
		put_method(to, plan->row[0].dynamics->name);
		bl_report_settings(to, r, &r->plan->row[0]);
		return;
	}
	if (methods_differ(plan))
		fprintf(to, "Weights of %zu averages", plan->rows);
	else
		put_method(to, plan->row[0].dynamics->name);
	put_options(to, plan, 0, false, true);
}

static void put_name(FILE *to, const struct bl_report *r, size_t p)
{
	const bool method = methods_differ(r->plan) || r->plan->rows == 1;

	if (method)
		put_method(to, r->plan->row[p].dynamics->name);
	put_options(to, r->plan, p, true, method);
}

/* What is printed, malloc'd; row: its name, or plan->rows: the title. */
static char *words(const struct bl_report *r, size_t row, struct bl_err *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = bl_memory_stream(&text, &size);

	if (to && row < r->plan->rows)
		put_name(to, r, row);
	else if (to)
		put_title(to, r);
	if (bl_memory_close(to, &text) != 0)
		bl_fail_memory(err, size, "the names");
	return text;
}

int bl_portrait_make(struct bl_portrait *p, const struct bl_report *r, struct bl_err *err)
{
	const size_t rows = r->plan->rows;

	p->report = r;
	p->response = calloc(rows + 1, sizeof *p->response);
	p->name = calloc(rows + 1, sizeof *p->name);
	if (!p->response || !p->name)
		return bl_fail_memory(err, rows * sizeof *p->response, "the averages");
	for (size_t i = 0; i < rows; i++) {
		bl_response_of(&r->plan->row[i], &p->response[i]);
		p->name[i] = words(r, i, err);
		if (!p->name[i])
			return -1;
	}
	p->title = words(r, rows, err);
	return p->title ? 0 : -1;
}

void bl_portrait_free(struct bl_portrait *p)
{
	for (size_t i = 0; p->name && i < p->report->plan->rows; i++)
		free(p->name[i]);
	free(p->name);
	free(p->response);
	free(p->title);
	memset(p, 0, sizeof *p);
}
