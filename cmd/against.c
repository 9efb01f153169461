/* against.c - checkpoints against a list of digests that was kept. */
#include "against.h"

#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int read_list(struct bl_against *a, const char *path, struct bl_err *err)
{
	const bool piped = strcmp(path, "-") == 0;
	const char *name = piped ? "standard input" : path;
	FILE *from = piped ? stdin : fopen(path, "re");
	int rc;

	if (!from) {
		bl_fail_errno(err, BL_INPUT, errno, "cannot be opened");
		return bl_prefix(err, "%s", name);
	}
	rc = bl_goldens_read(&a->list, from, err);
	if (!piped)
		fclose(from);
	return rc == 0 ? 0 : bl_prefix(err, "%s", name);
}

/* ---- pairs ---- */

/* Have all of them times? */
static bool is_timed(const struct bl_against *a)
{
	for (size_t k = 0; k < a->list.n; k++)
		if (!a->list.of[k].timed)
			return false;
	return a->in.time != NULL;
}

/* The input for part k of the list; taken: those that have one already. */
static size_t find_input(const struct bl_against *a, size_t k, bool timed, const bool *taken)
{
	for (size_t t = 0; timed && t < a->in.n; t++)
		if (!taken[t] && a->in.time[t] == a->list.of[k].time)
			return t;
	return !timed && k < a->in.n ? k : BL_NOWHERE;
}

static void count(const struct bl_against *a, struct bl_against_pair *pair)
{
	struct bl_golden_walk w = {&a->list.of[pair->was], &a->now[pair->is], 0, 0};
	enum bl_golden_change change;
	const char *name;

	while ((change = bl_golden_next(&w, &name)) != BL_GOLDEN_NONE) {
		pair->other += change == BL_GOLDEN_OTHER;
		pair->missing += change == BL_GOLDEN_MISSING;
		pair->more += change == BL_GOLDEN_NEW;
	}
}

static void add_pair(struct bl_against *a, size_t was, size_t is)
{
	struct bl_against_pair *pair = &a->pair[a->pairs++];

	*pair = (struct bl_against_pair){.was = was, .is = is};
	if (was != BL_NOWHERE && is != BL_NOWHERE)
		count(a, pair);
	a->differ += bl_against_differs(pair);
}

static int make_pairs(struct bl_against *a, struct bl_err *err)
{
	const bool one = a->list.n == 1 && a->in.n == 1, timed = !one && is_timed(a);
	bool *taken = calloc(a->in.n, sizeof *taken);

	a->pair = calloc(a->list.n + a->in.n, sizeof *a->pair);
	if (!taken || !a->pair) {
		free(taken);
		return bl_fail_memory(err, a->in.n * sizeof *a->pair, "the pairs");
	}
	for (size_t k = 0; k < a->list.n; k++) {
		const size_t t = find_input(a, k, timed, taken);

		if (t != BL_NOWHERE)
			taken[t] = true;
		add_pair(a, k, t);
	}
	for (size_t t = 0; t < a->in.n; t++)
		if (!taken[t])
			add_pair(a, BL_NOWHERE, t);
	free(taken);
	return 0;
}

bool bl_against_differs(const struct bl_against_pair *pair)
{
	return pair->was == BL_NOWHERE || pair->is == BL_NOWHERE ||
	       pair->other + pair->missing + pair->more > 0;
}

int bl_against_open(struct bl_against *a, const char *list, const char *const *path, size_t n,
	const struct bl_settings *s, const volatile sig_atomic_t *stop, struct bl_err *err)
{
	a->in.stop = stop;
	a->in.look = true;
	if (read_list(a, list, err) != 0)
		return -1;
	return bl_inputs_open(&a->in, path, n, s, err);
}

int bl_against_make(struct bl_against *a, const struct bl_settings *s,
	struct bl_progress *progress, struct bl_err *err)
{
	a->now = calloc(a->in.n, sizeof *a->now);
	if (!a->now)
		return bl_fail_memory(err, a->in.n * sizeof *a->now, "the digests");
	if (bl_digests_of_inputs(&a->in, s, progress, a->now, err) != 0)
		return -1;
	return make_pairs(a, err);
}

void bl_against_free(struct bl_against *a)
{
	for (size_t t = 0; a->now && t < a->in.n; t++)
		bl_golden_free(&a->now[t]);
	free(a->now);
	free(a->pair);
	bl_goldens_free(&a->list);
	bl_inputs_free(&a->in);
	memset(a, 0, sizeof *a);
}

/* ---- words ---- */

static void put_changes(FILE *to, const struct bl_against *a, const struct bl_against_pair *pair,
	size_t top)
{
	struct bl_golden_walk w = {&a->list.of[pair->was], &a->now[pair->is], 0, 0};
	const size_t all = pair->other + pair->missing + pair->more;
	const char *name;

	for (size_t n = 0; n < all && n < top; n++) {
		const enum bl_golden_change change = bl_golden_next(&w, &name);

		fprintf(to, "  %-8s ", bl_golden_word(change));
		bl_text_put(to, name);
		putc('\n', to);
	}
	if (all > top)
		fprintf(to, "  and %zu more\n", all - top);
}

void bl_against_name(FILE *to, const struct bl_against *a, const struct bl_against_pair *pair)
{
	const struct bl_golden *g = pair->is == BL_NOWHERE ? &a->list.of[pair->was]
	                                                   : &a->now[pair->is];

	bl_text_put(to, g->path);
	if (pair->is == BL_NOWHERE && g->timed)
		fprintf(to, " (time %" PRId64 ")", g->time);
}

void bl_against_say(FILE *to, const struct bl_against *a, const struct bl_against_pair *pair,
	size_t top)
{
	size_t lines;

	if (pair->is == BL_NOWHERE) {
		fputs("is in the list, and not among the checkpoints\n", to);
		return;
	}
	if (pair->was == BL_NOWHERE) {
		fputs("is not in the list\n", to);
		return;
	}
	lines = a->list.of[pair->was].lines;
	if (!bl_against_differs(pair)) {
		fprintf(to, "as in the list, %zu tensor%s\n", lines, bl_text_s(lines));
		return;
	}
	fprintf(to, "%zu of %zu tensor%s in the list differ%s, %zu missing, %zu new\n",
		pair->other, lines, bl_text_s(lines), pair->other == 1 ? "s" : "",
		pair->missing, pair->more);
	put_changes(to, a, pair, top);
}

void bl_against_verdict(FILE *to, const struct bl_against *a)
{
	if (a->differ == 0)
		fputs("No difference from the list.\n", to);
	else
		fprintf(to, "%zu of %zu checkpoint%s differ%s from the list.\n", a->differ,
			a->pairs, bl_text_s(a->pairs), a->differ == 1 ? "s" : "");
}

void bl_against_text(FILE *to, const struct bl_against *a, size_t top)
{
	for (size_t i = 0; i < a->pairs; i++) {
		bl_against_name(to, a, &a->pair[i]);
		fputs(": ", to);
		bl_against_say(to, a, &a->pair[i], top);
	}
	bl_against_verdict(to, a);
}
