/* progress.c - what is said on standard error while a run goes on, and when it is done. */
#include "progress.h"

#include "text.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define LINE 256
#define LISTED 8 /* outputs that the summary names */

/* Milliseconds from the start to the first line, and between lines. */
#define FIRST 300
#define AGAIN 100
#define AGAIN_PLAIN 5000

struct bl_progress_view {
	const struct bl_progress *progress;
	bool plain;
	double start; /* seconds of the monotonic clock */
	size_t drawn; /* columns that stand on the terminal */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the line ---- */

/* Appends a piece if the line then still fits into columns. All of it is ASCII. */
static void append(char *line, size_t columns, const char *piece)
{
	const size_t at = strlen(line), n = strlen(piece);

	if (at + n <= columns)
		memcpy(line + at, piece, n + 1);
}

/* A bar in what room is left of the line. */
static void append_bar(char *line, size_t columns, double share)
{
	const size_t at = strlen(line), room = columns > at + 4 ? columns - at - 4 : 0;
	const size_t width = room < 30 ? room : 30, full = (size_t)(share * (double)width);

	if (width < 5)
		return;
	memcpy(line + at, "  [", 3);
	memset(line + at + 3, '#', full);
	memset(line + at + 3 + full, '.', width - full);
	memcpy(line + at + 3 + width, "]", 2);
}

const char *bl_progress_line(
	uint64_t done, uint64_t total, double seconds, size_t columns, char *buf)
{
	double share = total ? (double)done / (double)total : 0;
	const double rate = seconds > 0 ? (double)done / seconds : 0;
	char a[BL_TEXT], b[BL_TEXT], piece[LINE];

	if (share > 1)
		share = 1;
	if (columns >= LINE)
		columns = LINE - 1;
	buf[0] = '\0';
	snprintf(piece, sizeof piece, "%3d%%", (int)(100 * share));
	append(buf, columns, piece);
	snprintf(piece, sizeof piece, "  %s of %s", bl_text_bytes((double)done, a, sizeof a),
		bl_text_bytes((double)total, b, sizeof b));
	append(buf, columns, piece);
	snprintf(piece, sizeof piece, "  %s/s", bl_text_bytes(rate, a, sizeof a));
	append(buf, columns, piece);
	if (rate > 0) {
		const double left = total > done ? (double)(total - done) / rate : 0;

		snprintf(piece, sizeof piece, "  %s left", bl_text_clock(left, a, sizeof a));
		append(buf, columns, piece);
	}
	append_bar(buf, columns, share);
	return buf;
}

/* ---- the thread ---- */

/* Writes all of it at one go, so that lines of others cannot get in between. */
static void say(const char *text, size_t n)
{
	while (n > 0) {
		const ssize_t done = write(STDERR_FILENO, text, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return; /* progress that cannot be shown harms nobody */
		text += done;
		n -= (size_t)done;
	}
}

/* Columns of the terminal, the last one left free: some wrap the line there. */
static size_t terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		return size.ws_col - 1U;
	return 79;
}

/* Draws over what stands there, or nothing for an empty line. */
static void draw(struct bl_progress_view *v, const char *line)
{
	const size_t n = strlen(line), blank = v->drawn > n ? v->drawn - n : 0;
	char text[2 * LINE + 4];
	const int length =
		snprintf(text, sizeof text, "\r%s%*s%s", line, (int)blank, "", n == 0 ? "\r" : "");

	say(text, (size_t)length);
	v->drawn = n;
}

static void show(struct bl_progress_view *v)
{
	const struct bl_progress *p = v->progress;
	const uint64_t done = atomic_load_explicit(&p->read_bytes, memory_order_relaxed) +
			      atomic_load_explicit(&p->written_bytes, memory_order_relaxed);
	char line[LINE];

	bl_progress_line(done, p->read_total + p->written_total, now() - v->start,
		v->plain ? 60 : terminal_columns(), line);
	if (!v->plain) {
		draw(v, line);
		return;
	}
	strcat(line, "\n");
	say(line, strlen(line));
}

/* Waits for so many milliseconds or the end, whichever comes first; the lock is held. */
static bool stopped(struct bl_progress_view *v, long milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += milliseconds % 1000 * 1000000;
	until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while (!v->stop && pthread_cond_timedwait(&v->wake, &v->lock, &until) == 0)
		;
	return v->stop;
}

static void *watch(void *arg)
{
	struct bl_progress_view *v = arg;

	pthread_mutex_lock(&v->lock);
	for (long wait = v->plain ? AGAIN_PLAIN : FIRST; !stopped(v, wait);
		wait = v->plain ? AGAIN_PLAIN : AGAIN)
		show(v);
	pthread_mutex_unlock(&v->lock);
	return NULL;
}

/* ---- start and stop ---- */

/* Is anything shown, and as lines of their own? */
static bool wanted(const struct bl_settings *s, bool *plain)
{
	const char *term = getenv("TERM");
	const bool dumb = !term || !*term || strcmp(term, "dumb") == 0;

	*plain = bl_settings_word_is(s, BL_OPT_PROGRESS, "plain");
	if (bl_settings_given(s, BL_OPT_QUIET) || bl_settings_word_is(s, BL_OPT_PROGRESS, "never"))
		return false;
	if (*plain || bl_settings_word_is(s, BL_OPT_PROGRESS, "always"))
		return true;
	*plain = dumb;
	return isatty(STDERR_FILENO);
}

/* A condition whose timeouts are of the monotonic clock. */
static int make_condition(pthread_cond_t *wake)
{
	pthread_condattr_t attributes;
	int rc = pthread_condattr_init(&attributes);

	if (rc != 0)
		return rc;
	rc = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(wake, &attributes);
	pthread_condattr_destroy(&attributes);
	return rc;
}

/* Signals are for the main thread. */
static int start_thread(struct bl_progress_view *v)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&v->thread, NULL, watch, v);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

int bl_progress_start(struct bl_progress_view **view, const struct bl_progress *progress,
	const struct bl_settings *settings, struct bl_err *err)
{
	struct bl_progress_view *v;
	bool plain;
	int rc;

	*view = NULL;
	if (!wanted(settings, &plain))
		return 0;
	v = calloc(1, sizeof *v);
	if (!v)
		return bl_fail_memory(err, sizeof *v, "the progress");
	v->progress = progress;
	v->plain = plain;
	v->start = now();
	rc = make_condition(&v->wake);
	if (rc != 0) {
		free(v);
		return bl_fail_errno(err, BL_LIMIT, rc, "the progress");
	}
	pthread_mutex_init(&v->lock, NULL);
	rc = start_thread(v);
	if (rc != 0) {
		pthread_cond_destroy(&v->wake);
		pthread_mutex_destroy(&v->lock);
		free(v);
		return bl_fail_errno(err, BL_LIMIT, rc, "a thread for the progress");
	}
	*view = v;
	return 0;
}

void bl_progress_stop(struct bl_progress_view *v)
{
	if (!v)
		return;
	pthread_mutex_lock(&v->lock);
	v->stop = true;
	pthread_cond_signal(&v->wake);
	pthread_mutex_unlock(&v->lock);
	pthread_join(v->thread, NULL);
	if (v->drawn > 0)
		draw(v, "");
	pthread_cond_destroy(&v->wake);
	pthread_mutex_destroy(&v->lock);
	free(v);
}

/* ---- the summary ---- */

/* What getrusage tells begins with the peak of the process that has started this one. */
uint64_t bl_peak_memory(void)
{
	FILE *from = fopen("/proc/self/status", "re");
	unsigned long long kib = 0;
	char line[256];

	while (from && kib == 0 && fgets(line, sizeof line, from))
		if (sscanf(line, "VmHWM: %llu kB", &kib) != 1)
			kib = 0;
	if (from)
		fclose(from);
	return 1024 * kib;
}

static void put_name(FILE *to, const char *path)
{
	char name[BL_TEXT_FIT(200)];

	if (strcmp(path, "-") == 0)
		path = "standard output";
	fputs(bl_text_fit(path, 200, name, sizeof name), to);
}

/* "41 checkpoints, 12 tensors averaged, 1 copied; 1.6 MB read, ..." */
static void put_work(FILE *to, const struct bl_report *r, double seconds)
{
	const double read = (double)r->budget.read_bytes, written = (double)r->budget.written_bytes;
	const uint64_t peak = bl_peak_memory();
	char text[BL_TEXT];

	fprintf(to, "%zu checkpoint%s, %zu tensor%s averaged", r->plan->checkpoints,
		bl_text_s(r->plan->checkpoints), r->averaged, bl_text_s(r->averaged));
	if (r->plan->overlays > 0)
		fprintf(to, " (%zu as --tensor-option says)", bl_report_overlaid(r));
	fprintf(to, ", %zu copied", r->copied);
	if (r->skipped > 0)
		fprintf(to, ", %zu left out", r->skipped);
	fprintf(to, "; %s read, ", bl_text_bytes(read, text, sizeof text));
	fprintf(to, "%s written ", bl_text_bytes(written, text, sizeof text));
	fprintf(to, "in %s", bl_text_seconds(seconds, text, sizeof text));
	if (seconds > 0)
		fprintf(to, " (%s/s)",
			bl_text_bytes((read + written) / seconds, text, sizeof text));
	if (peak > 0)
		fprintf(to, ", peak %s", bl_text_memory((double)peak, text, sizeof text));
	putc('\n', to);
}

static void put_tally(FILE *to, const struct bl_tally *tally)
{
	if (tally->kept_nonfinite > 0)
		fprintf(to, "%llu value%s not finite, kept\n",
			(unsigned long long)tally->kept_nonfinite,
			bl_text_s(tally->kept_nonfinite));
	if (tally->overflowed > 0)
		fprintf(to, "%llu result%s too large for %s type, infinite now\n",
			(unsigned long long)tally->overflowed, bl_text_s(tally->overflowed),
			tally->overflowed == 1 ? "its" : "their");
	if (tally->saturated > 0)
		fprintf(to, "%llu result%s too large for %s 8-bit type, the largest value now\n",
			(unsigned long long)tally->saturated, bl_text_s(tally->saturated),
			tally->saturated == 1 ? "its" : "their");
}

void bl_summary(FILE *to, const struct bl_report *r, const size_t *which, size_t n, size_t skipped,
	const struct bl_tally *tally, double seconds)
{
	for (size_t p = 0; p < n && p < LISTED; p++) {
		put_name(to, r->output[which[p]].path);
		fputs(": ", to);
		bl_report_method(to, r, which[p]);
		fputs(n == 1 ? ": " : "\n", to);
	}
	if (n > LISTED)
		fprintf(to, "... and %zu more\n", n - LISTED);
	if (n > 1)
		fprintf(to, "%zu outputs: ", n);
	if (n > 0)
		put_work(to, r, seconds);
	put_tally(to, tally);
	if (skipped > 0)
		fprintf(to, "%zu output%s left alone: there already, of the same plan\n", skipped,
			bl_text_s(skipped));
}
