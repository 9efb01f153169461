/*
 * diff_page.h - what sets checkpoints apart, for pages of continuous integration: JUnit XML and
 * Markdown.
 *
 * A page has a body, to which pairs are added, and is put together when it is known how many there
 * are. Names may hold anything; neither XML nor Markdown is made of them.
 */
#ifndef BL_DIFF_PAGE_H
#define BL_DIFF_PAGE_H

#include "diff.h"

struct bl_diff_page {
	FILE *to;  /* the body */
	bool sets; /* of pairs a line, not all that is in them */
	size_t cases, failures, skipped; /* so far */
};

/* One kind of page. */
struct bl_diff_page_kind {
	/* Adds a pair, of sets with its time. Error: BL_LIMIT, no memory. */
	int (*pair)(struct bl_diff_page *p, const struct bl_diff_view *v, const int64_t *time,
		struct bl_err *err);
	/* Adds a checkpoint of sets whose time the other set lacks. */
	void (*alone)(struct bl_diff_page *p, int64_t time, enum bl_diff_fate fate,
		const char *path);
	/* Adds a checkpoint that was held against a list, by its name, escaped. said: what there is
	 * to say of it, which may be changed; the first line is the most of it. */
	void (*listed)(struct bl_diff_page *p, const char *name, bool differ, char *said);
	/* The page. verdict: a line of text, with or without its end. */
	void (*page)(FILE *to, const struct bl_diff_page *p, const char *verdict,
		const char *body);
	/* What every page begins with. */
	const char *head;
};

extern const struct bl_diff_page_kind bl_diff_junit, bl_diff_markdown;

#endif
