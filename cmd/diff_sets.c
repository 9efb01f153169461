/* diff_sets.c - two sets of checkpoints, those of one time beside each other, and one verdict. */
#include "diff_run.h"

#include "memory_stream.h"
#include "sandbox.h"
#include "text.h"

static int check(const struct bl_diff_run *r, struct bl_err *err)
{
	if (r->args.operands != 2) {
		bl_fail(err, BL_USAGE, "--sets takes two patterns or folders, not %zu operand%s",
			r->args.operands, bl_text_s(r->args.operands));
		return bl_hint(err, "patterns need quotes: belay-diff --sets 'old/ckpt_*' "
			"'new/ckpt_*'");
	}
	if (!r->events.table)
		return 0;
	bl_fail(err, BL_USAGE, "--sets: a table is of one pair");
	return bl_hint(err, "a report whose name does not end in .tsv has all pairs");
}

/* Walks both sets by time; compare: pairs, else what is in none. */
static int walk(struct bl_diff_run *r, bool compare, struct bl_err *err)
{
	const size_t a_end = r->sets.n[0], b_end = a_end + r->sets.n[1];
	const char **path = r->sets.path;
	const int64_t *time = r->sets.time;
	size_t a = 0, b = a_end;

	while (a < a_end || b < b_end) {
		const bool has_a = a < a_end && (b == b_end || time[a] <= time[b]);
		const bool has_b = b < b_end && (a == a_end || time[b] <= time[a]);
		const size_t i = has_a ? a : b;

		if (has_a && has_b && compare) {
			r->time = &time[a];
			if (bl_diff_pair(r, path[a], path[b], err) != 0)
				return -1;
		} else if (has_a != has_b && !compare) {
			r->alone++;
			bl_diff_tell_alone(
				r, time[i], has_a ? BL_DIFF_ONLY_A : BL_DIFF_ONLY_B, path[i]);
		}
		a += has_a;
		b += has_b;
	}
	return 0;
}

static int sum_up(struct bl_diff_run *r, struct bl_err *err)
{
	size_t size = 0;
	FILE *to = bl_memory_stream(&r->verdict, &size);

	if (!to)
		return bl_fail_memory(err, 1, "the verdict");
	if (r->differing > 0)
		fprintf(to, "%zu of %zu pair%s differ", r->differing, r->pairs,
			bl_text_s(r->pairs));
	else
		fprintf(to, "%zu pair%s, and none differs", r->pairs, bl_text_s(r->pairs));
	if (r->alone > 0)
		fprintf(to, "; %zu checkpoint%s of no pair", r->alone, bl_text_s(r->alone));
	if (bl_memory_close(to, &r->verdict) != 0)
		return bl_fail_memory(err, size, "the verdict");
	if (bl_diff_speaks(r))
		puts(r->verdict);
	return 0;
}

/* Finds both sets, and keeps to them. */
static int find(struct bl_diff_run *r, struct bl_err *err)
{
	struct bl_confine c;

	bl_sandbox_begin(&c, &r->settings, &r->events);
	bl_sandbox_processes(&c);
	if (bl_sets_find(&r->sets, r->args.operand, &r->in, r->stop, &r->settings, &c, err) == 0)
		return bl_sandbox_end(&c, &r->settings, err);
	bl_confine_drop(&c);
	return -1;
}

int bl_diff_sets(struct bl_diff_run *r, struct bl_err *err)
{
	if (check(r, err) != 0 || find(r, err) != 0 || walk(r, false, err) != 0)
		return -1;
	r->differ = r->alone > 0;
	if (walk(r, true, err) != 0)
		return -1;
	return sum_up(r, err);
}
