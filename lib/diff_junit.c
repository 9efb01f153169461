/*
 * diff_junit.c - what sets checkpoints apart, as JUnit XML: one suite, a case for each tensor, or
 * of sets for each pair.
 *
 * There is no clock in it: times, which readers ask for, are 0.
 */
#include "diff_page.h"

#include "memory_stream.h"
#include "text.h"
#include "xml.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- belay-diff -->\n"

static void attribute(FILE *to, const char *name, const char *text)
{
	fprintf(to, " %s=\"", name);
	bl_xml_put(to, text);
	putc('"', to);
}

/* Texts of what is going on, made as of a file. */
struct texts {
	FILE *to;
	char *text;
	size_t size;
};

static int begin(struct texts *t, struct bl_err *err)
{
	*t = (struct texts){NULL, NULL, 0};
	t->to = bl_memory_stream(&t->text, &t->size);
	return t->to ? 0 : bl_fail_memory(err, 1, "a page");
}

static int end(struct texts *t, struct bl_err *err)
{
	if (bl_memory_close(t->to, &t->text) == 0)
		return 0;
	return bl_fail_memory(err, t->size, "a page");
}

/* ---- cases ---- */

/* How a case has ended. */
enum outcome { PASSED, SKIPPED, FAILED };

/* text: its first line is the message, the rest is what a reader sees below it. */
static void put_case(struct bl_diff_page *p, const char *name, enum outcome outcome,
	const char *type, char *text)
{
	char *rest = strchr(text, '\n');

	p->cases++;
	p->skipped += outcome == SKIPPED;
	p->failures += outcome == FAILED;
	fputs("\t\t<testcase classname=\"belay-diff\"", p->to);
	attribute(p->to, "name", name);
	fputs(" time=\"0\"", p->to);
	if (outcome == PASSED) {
		fputs("/>\n", p->to);
		return;
	}
	if (rest)
		*rest++ = '\0';
	fprintf(p->to, ">\n\t\t\t<%s", outcome == FAILED ? "failure" : "skipped");
	if (outcome == FAILED)
		attribute(p->to, "type", type);
	attribute(p->to, "message", text);
	putc('>', p->to);
	if (rest)
		bl_xml_put(p->to, rest);
	fprintf(p->to, "</%s>\n\t\t</testcase>\n", outcome == FAILED ? "failure" : "skipped");
}

static int put_tensor(struct bl_diff_page *p, const struct bl_diff *d, const struct bl_diff_of *of,
	struct bl_err *err)
{
	const enum outcome outcome = bl_diff_tells(of->fate) ? FAILED :
		of->fate == BL_DIFF_LEFT_OUT ? SKIPPED : PASSED;
	char *name = NULL;
	struct texts said;
	int rc = -1;

	if (begin(&said, err) != 0)
		return -1;
	bl_text_put(said.to, of->tensor[of->tensor[1] ? 1 : 0]->name);
	if (end(&said, err) != 0)
		return -1;
	name = said.text;
	if (begin(&said, err) != 0)
		goto out;
	bl_diff_say(said.to, d, of);
	putc('\n', said.to);
	bl_diff_say_numbers(said.to, of);
	rc = end(&said, err);
	if (rc != 0)
		goto out;
	put_case(p, name, outcome, bl_diff_word(of->fate), said.text);
	free(said.text);
out:
	free(name);
	return rc;
}

static int put_metadata(struct bl_diff_page *p, const struct bl_diff_view *v, struct bl_err *err)
{
	struct texts said;

	if (begin(&said, err) != 0)
		return -1;
	bl_diff_say_metadata(said.to, v);
	if (end(&said, err) != 0)
		return -1;
	put_case(p, "metadata", v->metas ? FAILED : PASSED, "metadata", said.text);
	free(said.text);
	return 0;
}

/* A pair of sets is one case. */
static int put_whole(struct bl_diff_page *p, const struct bl_diff_view *v, int64_t time,
	struct bl_err *err)
{
	char name[BL_TEXT];
	struct texts said;
	int rc;

	if (begin(&said, err) != 0)
		return -1;
	bl_diff_verdict_text(said.to, v);
	rc = bl_diff_text(said.to, v, err);
	if (end(&said, err) != 0)
		return -1;
	snprintf(name, sizeof name, "time %" PRId64, time);
	if (rc == 0)
		put_case(p, name, bl_diff_differ(v) ? FAILED : PASSED, "differ", said.text);
	free(said.text);
	return rc;
}

static int pair(struct bl_diff_page *p, const struct bl_diff_view *v, const int64_t *time,
	struct bl_err *err)
{
	if (time)
		return put_whole(p, v, *time, err);
	for (size_t i = 0; i < v->diff->tensors; i++)
		if (put_tensor(p, v->diff, &v->diff->of[i], err) != 0)
			return -1;
	return v->meta_tells ? put_metadata(p, v, err) : 0;
}

static void alone(struct bl_diff_page *p, int64_t time, enum bl_diff_fate fate, const char *path)
{
	char name[BL_TEXT], text[4200];
	size_t n = bl_escape(text, 4096, path, strlen(path));

	snprintf(name, sizeof name, "time %" PRId64, time);
	snprintf(text + n, sizeof text - n, ": no checkpoint of %s has this time",
		fate == BL_DIFF_ONLY_A ? "B" : "A");
	put_case(p, name, FAILED, bl_diff_word(fate), text);
}

static void listed(struct bl_diff_page *p, const char *name, bool differ, char *said)
{
	put_case(p, name, differ ? FAILED : PASSED, "differ", said);
}

/* ---- the page ---- */

static void counts(FILE *to, const struct bl_diff_page *p)
{
	fprintf(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\"", p->cases, p->failures);
}

static void page(FILE *to, const struct bl_diff_page *p, const char *verdict, const char *body)
{
	fputs(HEAD "<testsuites name=\"belay-diff\"", to);
	counts(to, p);
	fputs(" time=\"0\">\n\t<testsuite", to);
	attribute(to, "name", verdict);
	counts(to, p);
	fprintf(to, " skipped=\"%zu\" time=\"0\">\n%s\t</testsuite>\n</testsuites>\n", p->skipped,
		body);
}

const struct bl_diff_page_kind bl_diff_junit = {pair, alone, listed, page, HEAD};
