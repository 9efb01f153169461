/* choose.c - which of the checkpoints that are given are taken. */
#include "choose.h"

#include <math.h>
#include <stdlib.h>

enum bl_option bl_choice_option(enum bl_choice c)
{
	static const enum bl_option asks[BL_CHOICES] = {
		[BL_TAKEN] = BL_OPTIONS,
		[BL_BY_FIRST_TIME] = BL_OPT_FIRST_TIME,
		[BL_BY_LAST_TIME] = BL_OPT_LAST_TIME,
		[BL_BY_INTERVAL] = BL_OPT_MIN_INTERVAL,
		[BL_BY_EVERY] = BL_OPT_EVERY,
		[BL_BY_LAST] = BL_OPT_LAST,
		[BL_BY_BEST] = BL_OPT_BEST,
	};

	return asks[c];
}

/* Where the walk back from the last checkpoint stands. */
struct walk {
	bool any;        /* some are taken, or would be but for every N and last N */
	int64_t next;    /* the earliest time of those */
	uint64_t points; /* times so far that no bound and no interval took out */
	uint64_t taken;  /* of these, those that every N left, and last N as far as it goes */
};

/* What becomes of the checkpoints of one time. */
static enum bl_choice judge(const struct bl_choice_rule *rule, struct walk *w, int64_t time)
{
	if (time < rule->first)
		return BL_BY_FIRST_TIME;
	if (time > rule->last)
		return BL_BY_LAST_TIME;
	if (w->any && w->next - time < rule->interval)
		return BL_BY_INTERVAL;
	w->any = true;
	w->next = time;
	if (rule->every && w->points++ % rule->every != 0)
		return BL_BY_EVERY;
	if (rule->newest && w->taken == rule->newest)
		return BL_BY_LAST;
	w->taken++;
	return BL_TAKEN;
}

size_t bl_choose_by_time(const struct bl_choice_rule *rule, const int64_t *time, size_t n,
	enum bl_choice *choice)
{
	struct walk w = {0};
	size_t taken = 0;

	for (size_t i = n; i-- > 0;) {
		choice[i] = i + 1 < n && time[i] == time[i + 1] ? choice[i + 1]
		                                                : judge(rule, &w, time[i]);
		taken += choice[i] == BL_TAKEN;
	}
	return taken;
}

/* A checkpoint and its metric, of which less is better. */
struct mark {
	double metric;
	size_t at;
};

/* The better one first, of equal ones the later. */
static int compare(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->metric < y->metric)
		return -1;
	if (x->metric > y->metric)
		return 1;
	return x->at > y->at ? -1 : x->at < y->at;
}

size_t bl_choose_by_metric(const struct bl_choice_rule *rule, const double *metric, size_t n,
	enum bl_choice *choice, struct bl_err *err)
{
	struct mark *mark = calloc(n, sizeof *mark);
	size_t marks = 0;

	if (!mark) {
		bl_fail_memory(err, n * sizeof *mark, "the metrics");
		return SIZE_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		if (choice[i] != BL_TAKEN)
			continue;
		choice[i] = BL_BY_BEST;
		if (!isnan(metric[i]))
			mark[marks++] = (struct mark){rule->most ? -metric[i] : metric[i], i};
	}
	qsort(mark, marks, sizeof *mark, compare);
	if (marks > rule->best)
		marks = rule->best;
	for (size_t i = 0; i < marks; i++)
		choice[mark[i].at] = BL_TAKEN;
	free(mark);
	return marks;
}

void bl_choice_count(const enum bl_choice *choice, size_t n, struct bl_chosen *chosen)
{
	chosen->given = n;
	for (size_t i = 0; i < n; i++)
		chosen->n[choice[i]]++;
}
