/*
 * diff_pages.h - the pages that belay-diff writes for continuous integration: --junit, --markdown.
 *
 * They appear when all is compared, each whole or not at all; where the run fails there are none.
 */
#ifndef BL_DIFF_PAGES_H
#define BL_DIFF_PAGES_H

#include "diff_page.h"
#include "events.h"

#define BL_DIFF_PAGES 2

/* Zero-initialised are none; freed with bl_diff_pages_free. */
struct bl_diff_pages {
	bool any;       /* is asked for */
	bool on_stdout; /* one is to go there */
	struct bl_diff_page_file {
		const char *path; /* NULL: it is not */
		unsigned flags;   /* enum bl_output_flag */
		struct bl_diff_page page;
		char *body;
		size_t size;
	} file[BL_DIFF_PAGES];
};

/* Begins those that are asked for. Errors: BL_USAGE for a file that is none of these pages, an
 * input, one that several options name; those of bl_output_examine; BL_LIMIT. */
int bl_diff_pages_open(
	struct bl_diff_pages *p, const struct bl_call *call, struct bl_err *err) BL_MUST_USE;

/* Adds to all; as of struct bl_diff_page_kind. */
int bl_diff_pages_pair(struct bl_diff_pages *p, const struct bl_diff_view *v, const int64_t *time,
	struct bl_err *err) BL_MUST_USE;
void bl_diff_pages_alone(
	struct bl_diff_pages *p, int64_t time, enum bl_diff_fate fate, const char *path);

/* Adds a checkpoint that was held against a list, and what there is to say of it. Errors:
 * BL_LIMIT. */
int bl_diff_pages_listed(struct bl_diff_pages *p, const char *name, bool differ, const char *said,
	struct bl_err *err) BL_MUST_USE;

/* Writes them. Errors: BL_OUTPUT, BL_LIMIT. */
int bl_diff_pages_write(struct bl_diff_pages *p, const char *verdict,
	const volatile sig_atomic_t *stop, struct bl_err *err) BL_MUST_USE;

void bl_diff_pages_free(struct bl_diff_pages *p);

#endif
