/* events.c - what belay-avg tells other programs: --report and --json. */
#include "config.h"

#include "events.h"

#include "culprit.h"
#include "event.h"
#include "progress.h"
#include "report_place.h"
#include "writing.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "belay-avg"
#define PATIENCE 2000 /* milliseconds that a reader has where a signal ends the run */
#define PER_OUTPUT 4096 /* bytes that an output takes in a report, nearly always less */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- lines ---- */

/* Goes to a reader at once. last: also when a signal has come. */
static int stream(const struct bl_events *e, const char *text, size_t size, bool last,
	struct bl_err *err)
{
	struct pollfd room = {e->fd, POLLOUT, 0};
	struct bl_output *out = NULL;
	int rc;

	if (last && poll(&room, 1, PATIENCE) <= 0)
		return bl_fail_silently(err, BL_OK);
	rc = bl_output_open_descriptor(e->fd, last ? NULL : e->stop, &out, err);
	if (rc == 0)
		rc = bl_output_write(out, 0, text, size, err);
	if (rc == 0)
		rc = bl_output_publish(out, err);
	bl_output_close(out);
	return rc;
}

/* A line of text. The first thing that goes wrong is kept, and ends the report. */
static void put(struct bl_events *e, const char *text, size_t size, bool last)
{
	int rc = 0;

	if (e->fd >= 0)
		rc = stream(e, text, size, last, &e->err);
	else if (fwrite(text, 1, size, e->to) != size)
		rc = bl_fail_memory(&e->err, size, "the report");
	e->failed = rc != 0;
	if (rc != 0 && e->err.code == BL_OUTPUT && !e->err.text[0])
		bl_fail(&e->err, BL_OUTPUT, "nobody reads it any longer");
	if (rc != 0 && e->err.text[0])
		bl_prefix(&e->err, "%s", bl_output_title(e->path));
}

/* A line under way. */
struct line {
	char *text;
	size_t size;
	struct bl_json_printer j;
};

static bool begin(struct bl_events *e, struct line *l)
{
	*l = (struct line){NULL, 0, {.to = NULL}};
	if (!e->path || e->failed)
		return false;
	l->j.to = open_memstream(&l->text, &l->size);
	if (l->j.to)
		return true;
	e->failed = true;
	bl_fail_memory(&e->err, 1, "the report");
	return false;
}

static void end(struct bl_events *e, struct line *l, bool last)
{
	const bool failed = ferror(l->j.to) != 0;

	if (fclose(l->j.to) != 0 || failed) {
		e->failed = true;
		bl_fail_memory(&e->err, l->size, "the report");
	} else {
		put(e, l->text, l->size, last);
	}
	free(l->text);
}

/* A table has lines for outputs only. */
static bool begin_event(struct bl_events *e, struct line *l)
{
	return !e->table && begin(e, l);
}

/* ---- what is told on the way ---- */

static void tell_start(struct bl_events *e, const struct bl_call *call)
{
	struct line l;

	if (!begin_event(e, &l))
		return;
	bl_event_start(&l.j, PROGRAM, PACKAGE_VERSION, call->argc, call->argv);
	end(e, &l, false);
}

int bl_events_open(struct bl_events *e, const struct bl_call *call, struct bl_err *err)
{
	int rc;

	e->fd = -1;
	e->stop = call->stop;
	e->begun = now();
	rc = bl_report_place(e, call, err);
	if (e->path && e->fd < 0) {
		e->to = open_memstream(&e->text, &e->size);
		if (!e->to) {
			e->path = NULL;
			return bl_fail_memory(err, 1, "the report");
		}
	}
	tell_start(e, call);
	return rc;
}

int bl_events_apart(struct bl_events *e, const struct bl_case *cases, size_t n,
	const struct bl_settings *s, struct bl_err *err)
{
	const char *path = e->path, *what = NULL;

	if (!path || e->fd >= 0)
		return 0;
	for (size_t p = 0; p < n && !what; p++)
		if (bl_output_meets(path, cases[p].output))
			what = "an output";
	if (bl_settings_given(s, BL_OPT_STATE) &&
		bl_output_meets(path, s->given[BL_OPT_STATE].value->text))
		what = "the state";
	if (!what)
		return 0;
	e->path = NULL; /* nothing of it may stand under that name */
	return bl_fail(err, BL_USAGE, "%s: is the report and %s", path, what);
}

uint64_t bl_events_bytes(const struct bl_events *e, size_t n)
{
	return e->path && e->fd < 0 ? n * (uint64_t)PER_OUTPUT : 0;
}

void bl_events_plan(struct bl_events *e, const struct bl_report *r)
{
	struct line l;

	if (!begin_event(e, &l))
		return;
	bl_outcome_plan_event(&l.j, PROGRAM, r);
	end(e, &l, false);
}

void bl_events_remark(struct bl_events *e, bool warning, const char *path, const char *message)
{
	struct line l;

	if (!begin_event(e, &l))
		return;
	bl_event_remark(&l.j, PROGRAM, warning, path, message);
	end(e, &l, false);
}

/* ---- the end ---- */

/* Bytes of a file that was there already; 0: not known. */
static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
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
	}
	return o;
}

/* Tells of the inputs, and of the outputs that were made. */
static void tell_digests(struct bl_events *e, const struct bl_ending *ended)
{
	const struct bl_hashes *h = ended->hashes;
	struct line l;

	for (size_t k = 0; h->golden && k < h->inputs + h->outputs; k++) {
		if (k >= h->inputs && !ended->out->published[k - h->inputs])
			continue;
		if (!begin_event(e, &l))
			return;
		bl_outcome_digest_event(&l.j, PROGRAM, k < h->inputs, &h->golden[k]);
		end(e, &l, ended->signal != 0);
	}
}

/* Tells of all outputs. n[fate] counts them. */
static void tell_outputs(struct bl_events *e, const struct bl_ending *ended, int rc, size_t *n)
{
	const bool late = ended->signal != 0;
	struct line l;

	if (e->table && begin(e, &l)) {
		bl_outcome_head(
			l.j.to, ended->cases, ended->n_cases, asks_digests(ended));
		end(e, &l, late);
	}
	for (size_t p = 0; p < ended->n_cases; p++) {
		const struct bl_outcome o = outcome(ended, p, rc);

		n[o.fate]++;
		if (!begin(e, &l))
			continue;
		if (e->table)
			bl_outcome_line(l.j.to, ended->cases, ended->n_cases, &o);
		else
			bl_outcome_event(&l.j, PROGRAM, &o);
		end(e, &l, late);
	}
}

static const char *some(const char *text)
{
	return text[0] ? text : NULL;
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
		{"failed", fates[BL_OUTPUT_FAILED]},
	};
	const struct bl_suspects suspects = {ended->call->argc, ended->call->argv,
		ended->call->settings, ended->call->args, ended->in, ended->cases, ended->n_cases};
	struct bl_culprit culprit;
	struct line l;
	struct bl_result result = {
		.code = err->code,
		.signal = ended->signal,
		.message = some(err->text),
		.hint = some(err->hint),
		.count = count,
		.counts = sizeof count / sizeof count[0],
		.read_bytes = ended->progress->read_bytes,
		.written_bytes = ended->progress->written_bytes,
		.seconds = now() - e->begun,
		.peak_memory = bl_peak_memory(),
	};

	if (!begin_event(e, &l))
		return;
	bl_culprit_find(&culprit, &suspects, err->text);
	result.file = some(culprit.file);
	result.tensor = some(culprit.tensor);
	bl_event_result(&l.j, PROGRAM, &result);
	end(e, &l, ended->signal != 0);
}

/* A file gets its name. Whatever the reason of the end, it is not to be stopped any more. */
static void complete(struct bl_events *e)
{
	int failed;

	if (!e->to || e->failed)
		return;
	failed = ferror(e->to);
	failed |= fclose(e->to) != 0;
	e->to = NULL;
	if (failed)
		bl_fail_memory(&e->err, e->size, "the report");
	else
		failed = bl_write(e->path, e->flags, NULL, e->text, e->size, &e->err);
	e->failed = failed != 0;
}

/* The report has failed: that is how the run ends, if nothing else was wrong. */
static int fail(const struct bl_events *e, size_t written, int rc, struct bl_err *err)
{
	if (!e->err.text[0]) /* a signal came while a reader was waited for */
		return rc == 0 ? bl_fail_silently(err, BL_OK) : rc;
	if (rc != 0)
		return err->text[0] ? bl_line(err, "the report: %s", e->err.text) : rc;
	*err = e->err;
	bl_line(err, "only the report has failed");
	if (written > 0)
		bl_line(err, written == 1 ? "%zu output stands" : "%zu outputs stand", written);
	return -1;
}

int bl_events_end(struct bl_events *e, const struct bl_ending *end, int rc, struct bl_err *err)
{
	static const struct bl_err none;
	size_t fates[BL_OUTPUT_FAILED + 1] = {0};

	if (!e->path)
		return rc;
	tell_digests(e, end);
	tell_outputs(e, end, rc, fates);
	tell_result(e, end, fates, rc == 0 ? &none : err);
	complete(e);
	return e->failed ? fail(e, fates[BL_OUTPUT_WRITTEN], rc, err) : rc;
}

void bl_events_free(struct bl_events *e)
{
	if (e->to)
		fclose(e->to);
	free(e->text);
	if (e->fd > 0)
		close(e->fd);
	memset(e, 0, sizeof *e);
}
