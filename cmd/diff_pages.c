/* diff_pages.c - the pages that belay-diff writes for continuous integration. */
#include "diff_pages.h"

#include "memory_stream.h"
#include "report_place.h"
#include "writing.h"

#include <stdlib.h>
#include <string.h>

static const struct kind {
	enum bl_option option;
	const struct bl_diff_page_kind *of;
} kind[BL_DIFF_PAGES] = {
	{BL_OPT_JUNIT, &bl_diff_junit},
	{BL_OPT_MARKDOWN, &bl_diff_markdown},
};

/* ---- the beginning ---- */

/* No two options may name one file. */
static int refuse_twice(const struct bl_settings *s, enum bl_option o, struct bl_err *err)
{
	static const enum bl_option other[] = {BL_OPT_REPORT, BL_OPT_JUNIT};
	const char *path = bl_settings_text(s, o);

	for (size_t i = 0; i < sizeof other / sizeof other[0] && other[i] != o; i++) {
		const char *that = bl_settings_text(s, other[i]);

		if (that && strcmp(path, that) == 0)
			return bl_fail(err, BL_USAGE, "%s: --%s and --%s both name it", path,
				bl_option(other[i])->key, bl_option(o)->key);
	}
	return 0;
}

static int open_page(struct bl_diff_page_file *f, const struct kind *k, const struct bl_call *call,
	struct bl_err *err)
{
	const char *path = bl_settings_text(call->settings, k->option);

	if (!path)
		return 0;
	if (refuse_twice(call->settings, k->option, err) != 0 ||
		bl_report_file(path, k->of->head, call, &f->flags, err) != 0)
		return -1;
	f->page.sets = bl_settings_given(call->settings, BL_OPT_SETS);
	f->page.to = bl_memory_stream(&f->body, &f->size);
	if (!f->page.to)
		return bl_fail_memory(err, 1, "a page");
	f->path = path;
	return 0;
}

int bl_diff_pages_open(
	struct bl_diff_pages *p, const struct bl_call *call, struct bl_err *err)
{
	for (size_t i = 0; i < BL_DIFF_PAGES; i++) {
		if (open_page(&p->file[i], &kind[i], call, err) != 0)
			return -1;
		if (!p->file[i].path)
			continue;
		p->any = true;
		p->on_stdout = p->on_stdout || strcmp(p->file[i].path, "-") == 0;
	}
	return 0;
}

/* ---- what is added ---- */

int bl_diff_pages_pair(struct bl_diff_pages *p, const struct bl_diff_view *v, const int64_t *time,
	struct bl_err *err)
{
	for (size_t i = 0; i < BL_DIFF_PAGES; i++)
		if (p->file[i].path && kind[i].of->pair(&p->file[i].page, v, time, err) != 0)
			return -1;
	return 0;
}

void bl_diff_pages_alone(
	struct bl_diff_pages *p, int64_t time, enum bl_diff_fate fate, const char *path)
{
	for (size_t i = 0; i < BL_DIFF_PAGES; i++)
		if (p->file[i].path)
			kind[i].of->alone(&p->file[i].page, time, fate, path);
}

int bl_diff_pages_listed(struct bl_diff_pages *p, const char *name, bool differ, const char *said,
	struct bl_err *err)
{
	for (size_t i = 0; i < BL_DIFF_PAGES; i++) {
		char *own;

		if (!p->file[i].path)
			continue;
		own = strdup(said);
		if (!own)
			return bl_fail_memory(err, strlen(said) + 1, "a page");
		kind[i].of->listed(&p->file[i].page, name, differ, own);
		free(own);
	}
	return 0;
}

/* ---- the end ---- */

static int write_page(struct bl_diff_page_file *f, const struct bl_diff_page_kind *k,
	const char *verdict, const volatile sig_atomic_t *stop, struct bl_err *err)
{
	const bool failed = bl_memory_close(f->page.to, &f->body) != 0;
	char *text = NULL;
	size_t size = 0;
	FILE *to;
	int rc;

	f->page.to = NULL;
	to = failed ? NULL : bl_memory_stream(&text, &size);
	if (!to)
		return bl_fail_memory(err, f->size, "a page");
	k->page(to, &f->page, verdict, f->body);
	if (bl_memory_close(to, &text) != 0)
		rc = bl_fail_memory(err, size, "a page");
	else
		rc = bl_write(f->path, f->flags, stop, text, size, err);
	free(text);
	return rc;
}

int bl_diff_pages_write(struct bl_diff_pages *p, const char *verdict,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	for (size_t i = 0; i < BL_DIFF_PAGES; i++)
		if (p->file[i].path && write_page(&p->file[i], kind[i].of, verdict, stop, err) != 0)
			return -1;
	return 0;
}

void bl_diff_pages_free(struct bl_diff_pages *p)
{
	for (size_t i = 0; i < BL_DIFF_PAGES; i++) {
		if (p->file[i].page.to)
			fclose(p->file[i].page.to);
		free(p->file[i].body);
	}
	memset(p, 0, sizeof *p);
}
