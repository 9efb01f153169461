/* events.c - what a program tells other programs: --report and --json. */
#include "config.h"

#include "events.h"

#include "memory_stream.h"
#include "progress.h"
#include "report_place.h"
#include "writing.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 2000 /* milliseconds that a reader has where a signal ends the run */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double bl_events_seconds(const struct bl_events *e)
{
	return now() - e->begun;
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

bool bl_events_begin_line(struct bl_events *e, struct bl_event_line *l)
{
	*l = (struct bl_event_line){NULL, 0, {.to = NULL}};
	if (!e->path || e->failed)
		return false;
	l->j.to = bl_memory_stream(&l->text, &l->size);
	if (l->j.to)
		return true;
	e->failed = true;
	bl_fail_memory(&e->err, 1, "the report");
	return false;
}

void bl_events_end_line(struct bl_events *e, struct bl_event_line *l, bool last)
{
	if (bl_memory_close(l->j.to, &l->text) != 0) {
		e->failed = true;
		bl_fail_memory(&e->err, l->size, "the report");
	} else {
		put(e, l->text, l->size, last);
	}
	free(l->text);
}

bool bl_events_begin(struct bl_events *e, struct bl_event_line *l)
{
	return !e->table && bl_events_begin_line(e, l);
}

/* ---- what every program tells ---- */

static void tell_start(struct bl_events *e, const struct bl_call *call)
{
	struct bl_event_line l;

	if (!bl_events_begin(e, &l))
		return;
	bl_event_start(&l.j, e->program, PACKAGE_VERSION, call->argc, call->argv);
	bl_events_end_line(e, &l, false);
}

int bl_events_open(struct bl_events *e, const struct bl_call *call, struct bl_err *err)
{
	int rc;

	e->fd = -1;
	e->stop = call->stop;
	e->begun = now();
	rc = bl_report_place(e, call, err);
	if (e->path && e->fd < 0) {
		e->to = bl_memory_stream(&e->text, &e->size);
		if (!e->to) {
			e->path = NULL;
			return bl_fail_memory(err, 1, "the report");
		}
	}
	tell_start(e, call);
	return rc;
}

void bl_events_remark(struct bl_events *e, bool warning, const char *path, const char *message)
{
	struct bl_event_line l;

	if (!bl_events_begin(e, &l))
		return;
	bl_event_remark(&l.j, e->program, warning, path, message);
	bl_events_end_line(e, &l, false);
}

/* ---- the end ---- */

/* A file gets its name. Whatever the reason of the end, it is not to be stopped any more. */
static void complete(struct bl_events *e)
{
	int rc;

	if (!e->to || e->failed)
		return;
	rc = bl_memory_close(e->to, &e->text);
	e->to = NULL;
	if (rc != 0)
		bl_fail_memory(&e->err, e->size, "the report");
	else
		rc = bl_write(e->path, e->flags, NULL, e->text, e->size, &e->err);
	e->failed = rc != 0;
}

void bl_events_result(struct bl_events *e, const struct bl_suspects *suspects,
	struct bl_result *result, const struct bl_err *err)
{
	struct bl_culprit culprit;
	struct bl_event_line l;

	if (!bl_events_begin(e, &l))
		return;
	bl_culprit_tell(&culprit, suspects, err, result);
	result->code = err->code;
	result->seconds = bl_events_seconds(e);
	result->peak_memory = bl_peak_memory();
	bl_event_result(&l.j, e->program, result);
	bl_events_end_line(e, &l, result->signal != 0);
}

/* The report has failed: that is how the run ends, if nothing else was wrong. */
static int fail(const struct bl_events *e, int rc, struct bl_err *err)
{
	if (!e->err.text[0]) /* a signal came while a reader was waited for */
		return rc == 0 ? bl_fail_silently(err, BL_OK) : rc;
	if (rc != 0)
		return err->text[0] ? bl_line(err, "the report: %s", e->err.text) : rc;
	*err = e->err;
	return bl_line(err, "only the report has failed");
}

int bl_events_complete(struct bl_events *e, int rc, struct bl_err *err)
{
	if (!e->path)
		return rc;
	complete(e);
	return e->failed ? fail(e, rc, err) : rc;
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
