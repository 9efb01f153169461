/* avg_events.c - what belay-avg tells other programs. */
#include "config.h"

#include "avg_events.h"

#include <string.h>
#include <sys/stat.h>

#define PER_OUTPUT 4096 /* bytes that an output takes in a report, nearly always less */

/* ---- what is told on the way ---- */

int bl_avg_events_apart(struct bl_events *e, const struct bl_case *cases, size_t n,
	const struct bl_settings *s, struct bl_err *err)
{
	const char *path = e->path, *state = bl_settings_text(s, BL_OPT_STATE), *what = "an output";
	bool meets = false;
	int rc = 0;

	if (!path || e->fd >= 0)
		return 0;
	for (size_t p = 0; p < n && rc == 0 && !meets; p++)
		rc = bl_output_meets(path, cases[p].output, &meets, err);
	if (rc == 0 && !meets && state) {
		what = "the state";
		rc = bl_output_meets(path, state, &meets, err);
	}
	if (rc == 0 && !meets)
		return 0;
	e->path = NULL; /* nothing of it may stand under that name */
	return rc != 0 ? -1 : bl_fail(err, BL_USAGE, "%s: is the report and %s", path, what);
}

uint64_t bl_avg_events_bytes(const struct bl_events *e, size_t n)
{
	return e->path && e->fd < 0 ? n * (uint64_t)PER_OUTPUT : 0;
}

void bl_avg_events_plan(struct bl_events *e, const struct bl_report *r)
{
	struct bl_event_line l;

	if (!bl_events_begin(e, &l))
		return;
	bl_outcome_plan_event(&l.j, e->program, r);
	bl_events_end_line(e, &l, false);
}

/* ---- the end ---- */

/* Bytes of a file that was there already; 0: not known. */
static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

/* Is there an output of that name? */
static bool is_there(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 &&
	       (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static bool asks_digests(const struct bl_ending *end)
{
	return bl_settings_given(end->call->settings, BL_OPT_DIGEST);
}

static struct bl_outcome outcome(const struct bl_ending *end, size_t p, int rc)
{
	const struct bl_outputs *out = end->out;
	struct bl_outcome o = {.settings = &end->cases[p], .report = end->report, .p = p,
		.fate = BL_OUTPUT_FAILED, .digests = asks_digests(end)};
	size_t k = p < out->n ? p + 1 : out->n; /* those left out come before it, mostly none */

	while (k > 0 && out->which[k - 1] != p)
		k--;
	if (out->which && (k == 0 || (rc == 0 && !end->report))) {
		o.fate = BL_OUTPUT_SKIPPED;
		o.bytes = size_of(end->cases[p].output);
	} else if (k > 0 && out->published[k - 1]) {
		o.fate = BL_OUTPUT_WRITTEN;
		o.bytes = out->size[k - 1];
		o.golden = bl_hashes_output(end->hashes, k - 1);
	} else if (rc == 0 && end->planned) {
		o.fate = BL_OUTPUT_PLANNED;
		o.bytes = end->report->output[p].size;
	} else if (is_there(end->cases[p].output)) {
		o.fate = BL_OUTPUT_KEPT;
		o.bytes = size_of(end->cases[p].output);
	}
	return o;
}

/* Tells of the inputs, and of the outputs that were made. */
static void tell_digests(struct bl_events *e, const struct bl_ending *ended)
{
	const struct bl_hashes *h = ended->hashes;
	struct bl_event_line l;

	for (size_t k = 0; h->golden && k < h->inputs + h->outputs; k++) {
		if (k >= h->inputs && !ended->out->published[k - h->inputs])
			continue;
		if (!bl_events_begin(e, &l))
			return;
		bl_outcome_digest_event(&l.j, e->program, k < h->inputs, &h->golden[k]);
		bl_events_end_line(e, &l, ended->signal != 0);
	}
}

/* Tells of all outputs. n[fate] counts them. */
static void tell_outputs(struct bl_events *e, const struct bl_ending *ended, int rc, size_t *n)
{
	const bool late = ended->signal != 0;
	struct bl_event_line l;

	if (e->table && bl_events_begin_line(e, &l)) {
		bl_outcome_head(
			l.j.to, ended->cases, ended->n_cases, asks_digests(ended));
		bl_events_end_line(e, &l, late);
	}
	for (size_t p = 0; p < ended->n_cases; p++) {
		const struct bl_outcome o = outcome(ended, p, rc);

		n[o.fate]++;
		if (!bl_events_begin_line(e, &l))
			continue;
		if (e->table)
			bl_outcome_line(l.j.to, ended->cases, ended->n_cases, &o);
		else
			bl_outcome_event(&l.j, e->program, &o);
		bl_events_end_line(e, &l, late);
	}
}

static void tell_result(struct bl_events *e, const struct bl_ending *ended, const size_t *fates,
	const struct bl_err *err)
{
	const struct bl_report *r = ended->report;
	const struct bl_count count[] = {
		{"checkpoints", ended->in->past + ended->in->n},
		{"tensors", r ? r->tensors : 0},
		{"outputs", ended->n_cases},
		{"written", fates[BL_OUTPUT_WRITTEN]},
		{"skipped", fates[BL_OUTPUT_SKIPPED]},
		{"kept", fates[BL_OUTPUT_KEPT]},
		{"failed", fates[BL_OUTPUT_FAILED]},
	};
	const struct bl_suspects suspects = {ended->call->argc, ended->call->argv,
		ended->call->settings, ended->call->args, ended->in, ended->cases, ended->n_cases};
	struct bl_result result = {
		.signal = ended->signal,
		.count = count,
		.counts = sizeof count / sizeof count[0],
		.read_bytes = ended->progress->read_bytes,
		.written_bytes = ended->progress->written_bytes,
	};

	bl_events_result(e, &suspects, &result, err);
}

int bl_avg_events_end(struct bl_events *e, const struct bl_ending *end, int rc, struct bl_err *err)
{
	static const struct bl_err none;
	size_t fates[BL_OUTPUT_FAILED + 1] = {0};
	const size_t *written = &fates[BL_OUTPUT_WRITTEN];

	if (!e->path)
		return rc;
	tell_digests(e, end);
	tell_outputs(e, end, rc, fates);
	/* After a signal standard error has nothing, either. */
	tell_result(e, end, fates, rc == 0 || end->signal ? &none : err);
	if (bl_events_complete(e, rc, err) == 0)
		return 0;
	if (rc == 0 && err->text[0] && *written > 0)
		bl_line(err, *written == 1 ? "%zu output stands" : "%zu outputs stand", *written);
	return -1;
}
