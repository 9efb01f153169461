/* diff_markdown.c - what sets checkpoints apart, as Markdown: the verdict, and a table. */
#include "diff_page.h"

#include "memory_stream.h"
#include "text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "<!-- belay-diff -->\n"

/* ---- texts ---- */

/* What neither Markdown nor HTML makes anything of, in the middle of a line. Control characters are
 * none of it: they have been escaped. */
static bool is_plain(unsigned char c)
{
	return isalnum(c) || c >= 0x80 || strchr(" ,.;/%+=-", c);
}

/* A text without line breaks that has been escaped, as itself: marks become references. */
static void put_plain(FILE *to, const char *text)
{
	for (; *text && *text != '\n'; text++) {
		if (is_plain((unsigned char)*text))
			putc(*text, to);
		else
			fprintf(to, "&#%u;", (unsigned)(unsigned char)*text);
	}
}

/* The end of a name, as code. */
static void put_name(FILE *to, const char *name)
{
	char fit[BL_TEXT_FIT(100)];

	bl_text_fit(name, 100, fit, sizeof fit);
	fputs("<code>", to);
	put_plain(to, fit);
	fputs("</code>", to);
}

/* What a function says, as a plain text. */
static int put_said(FILE *to, const struct bl_diff_view *v, const struct bl_diff_of *of,
	struct bl_err *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *said = bl_memory_stream(&text, &size);

	if (said && of)
		bl_diff_say(said, v->diff, of);
	else if (said)
		bl_diff_verdict_text(said, v);
	if (bl_memory_close(said, &text) != 0)
		return bl_fail_memory(err, size, "a page");
	put_plain(to, text);
	free(text);
	return 0;
}

/* ---- tables ---- */

static void put_size(FILE *to, const struct bl_diff_of *of, enum bl_extreme k)
{
	const struct bl_spot *s = &of->found.spot[k];
	char number[BL_TEXT];

	fputs(" | ", to);
	if (s->there && k == BL_MOST_STEPS)
		fprintf(to, "%" PRIu64, s->steps);
	else if (s->there)
		fputs(bl_text_number(s->size, 6, number, sizeof number), to);
}

static int put_tensor(FILE *to, const struct bl_diff_view *v, const struct bl_diff_of *of,
	struct bl_err *err)
{
	fputs("| ", to);
	put_name(to, of->tensor[of->tensor[1] ? 1 : 0]->name);
	fputs(" | ", to);
	if (put_said(to, v, of, err) != 0)
		return -1;
	put_size(to, of, BL_MOST_ABS);
	put_size(to, of, BL_MOST_REL);
	put_size(to, of, BL_MOST_STEPS);
	fputs(" |\n", to);
	return 0;
}

/* The worst first. */
static int put_tensors(FILE *to, const struct bl_diff_view *v, struct bl_err *err)
{
	const struct bl_diff *d = v->diff;
	size_t *order, shown = 0, more = 0;
	int rc = 0;

	if (bl_diff_order(d, &order, err) != 0)
		return -1;
	for (size_t i = 0; i < d->tensors && rc == 0; i++) {
		const struct bl_diff_of *of = &d->of[order[i]];

		if (!bl_diff_tells(of->fate))
			continue;
		if (shown == v->top) {
			more++;
			continue;
		}
		if (shown++ == 0)
			fputs("\n| Tensor | What | Max abs | Max rel | Max ULP |\n"
				"| --- | --- | ---: | ---: | ---: |\n", to);
		rc = put_tensor(to, v, of, err);
	}
	if (more > 0)
		fprintf(to, "\n... and %zu more\n", more);
	free(order);
	return rc;
}

static void begin_row(struct bl_diff_page *p, int64_t time)
{
	if (p->cases++ == 0)
		fputs("\n| Time | What |\n| ---: | --- |\n", p->to);
	fprintf(p->to, "| %" PRId64 " | ", time);
}

static int pair(struct bl_diff_page *p, const struct bl_diff_view *v, const int64_t *time,
	struct bl_err *err)
{
	const bool differ = bl_diff_differ(v);

	p->failures += differ;
	if (!time)
		return put_tensors(p->to, v, err);
	begin_row(p, *time);
	fputs(differ ? "**" : "", p->to);
	if (put_said(p->to, v, NULL, err) != 0)
		return -1;
	fputs(differ ? "** |\n" : " |\n", p->to);
	return 0;
}

static void alone(struct bl_diff_page *p, int64_t time, enum bl_diff_fate fate, const char *path)
{
	p->failures++;
	begin_row(p, time);
	put_name(p->to, path);
	fprintf(p->to, ": **no checkpoint of %s has this time** |\n",
		fate == BL_DIFF_ONLY_A ? "B" : "A");
}

static void listed(struct bl_diff_page *p, const char *name, bool differ, char *said)
{
	p->failures += differ;
	if (p->cases++ == 0)
		fputs("\n| Checkpoint | What |\n| --- | --- |\n", p->to);
	fputs("| <code>", p->to);
	put_plain(p->to, name);
	fputs(differ ? "</code> | **" : "</code> | ", p->to);
	put_plain(p->to, said);
	fputs(differ ? "**" : "", p->to);
	while ((said = strchr(said, '\n')) && *++said) {
		fputs("<br>", p->to);
		put_plain(p->to, said);
	}
	fputs(" |\n", p->to);
}

/* ---- the page ---- */

static void page(FILE *to, const struct bl_diff_page *p, const char *verdict, const char *body)
{
	fprintf(to, HEAD "### belay-diff: %s\n\n", p->failures ? "they differ" : "the same");
	put_plain(to, verdict);
	fprintf(to, "\n%s", body);
}

const struct bl_diff_page_kind bl_diff_markdown = {pair, alone, listed, page, HEAD};
