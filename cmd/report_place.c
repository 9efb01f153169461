/* report_place.c - where the report goes. */
#include "config.h"

#include "report_place.h"

#include "diff_report.h"
#include "outcome.h"
#include "writing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD 4096 /* bytes that tell whether a file is a report */
#define WAIT 100  /* milliseconds between looks for the reader of a named pipe */

/* ---- standard output is for one thing ---- */

static bool writes_average(const struct bl_recipe *recipe)
{
	for (size_t i = 0; recipe && i < recipe->runs; i++)
		if (bl_settings_given(&recipe->run[i], BL_OPT_OUTPUT) &&
			strcmp(recipe->run[i].given[BL_OPT_OUTPUT].value->text, "-") == 0)
			return true;
	return false;
}

static int refuse_company(const struct bl_call *call, struct bl_err *err)
{
	static const enum bl_option prints[] = {
		BL_OPT_PLAN, BL_OPT_DRY_RUN, BL_OPT_PRINT_RECIPE};
	const char *report = bl_settings_given(call->settings, BL_OPT_JSON) ? "--json" : "--report";

	if (writes_average(call->recipe)) {
		bl_fail(err, BL_USAGE, "%s and -o - both want standard output", report);
		return bl_hint(err, "--report FILE, or --report /dev/fd/3 3>FILE");
	}
	for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
		if (!bl_settings_given(call->settings, prints[i]))
			continue;
		bl_fail(err, BL_USAGE, "%s and --%s both want standard output", report,
			bl_option(prints[i])->key);
		return bl_hint(err, "--report FILE has it beside");
	}
	return 0;
}

/* ---- streams ---- */

/* The descriptor that a path stands for; -1: it is another kind of path. To open such a path could
 * be to open a file anew, and to replace what others still write to. */
static int descriptor(const char *path)
{
	static const char *const folder[] = {"/dev/fd/", "/proc/self/fd/"};

	if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof folder / sizeof folder[0]; i++) {
		const size_t n = strlen(folder[i]);
		char *end;
		long fd;

		if (strncmp(path, folder[i], n) != 0 || path[n] < '0' || path[n] > '9')
			continue;
		errno = 0;
		fd = strtol(path + n, &end, 10);
		if (errno == 0 && !*end && fd >= 0 && fd < 1 << 20)
			return (int)fd;
	}
	return -1;
}

static int take_descriptor(struct bl_events *e, const char *path, int fd, struct bl_err *err)
{
	const int how = fcntl(fd, F_GETFL);

	path = bl_output_title(path);
	if (how >= 0 && (how & O_ACCMODE) == O_RDONLY)
		return bl_fail(err, BL_OUTPUT, "%s: is not open for writing", path);
	e->fd = how < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return e->fd < 0 ? bl_fail_errno(err, BL_OUTPUT, errno, "%s", path) : 0;
}

/* Opens a named pipe or a device. A pipe waits for its reader. */
static int open_stream(struct bl_events *e, const char *path, struct bl_err *err)
{
	int fd;

	while ((fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) < 0) {
		if (errno != ENXIO && errno != EINTR)
			return bl_fail_errno(err, BL_OUTPUT, errno, "%s", path);
		if (bl_go_on(e->stop, err) != 0)
			return -1;
		(void)!poll(NULL, 0, WAIT);
	}
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) != 0) {
		close(fd);
		return bl_fail_errno(err, BL_OUTPUT, errno, "%s", path);
	}
	e->fd = fd;
	return 0;
}

/* ---- files ---- */

/* The first bytes of a file. */
static int read_head(const char *path, char *head, size_t *n, struct bl_err *err)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t got = 0;

	for (*n = 0; fd >= 0 && *n < HEAD; *n += (size_t)got) {
		got = read(fd, head + *n, HEAD - *n);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			break;
	}
	if (fd < 0 || got < 0)
		bl_fail_errno(err, BL_OUTPUT, errno, "%s: cannot be looked at", path);
	if (fd >= 0)
		close(fd);
	return fd < 0 || got < 0 ? -1 : 0;
}

/* Passes over what text begins with. */
static bool pass(const char **text, size_t *n, const char *head)
{
	const size_t length = strlen(head);

	if (*n < length || memcmp(*text, head, length) != 0)
		return false;
	*text += length;
	*n -= length;
	return true;
}

/* Does it begin as what belay-show reports, a document or a table? */
static bool is_view(const char *text, size_t n)
{
	const char *line;

	if (pass(&text, &n, "time\tcheckpoint\t") ||
		pass(&text, &n, "scope\ttensor\ttime\tcheckpoint\t"))
		return true;
	if (!pass(&text, &n, "{\n  \"schema\": 1,\n  \"belay\": "))
		return false;
	line = memchr(text, '\n', n);
	n -= line ? (size_t)(line - text) : n;
	return line && pass(&line, &n, "\n  \"times\": ");
}

/* One of those that the program writes? */
static bool is_report(unsigned program, const char *text, size_t n)
{
	if (program == BL_SHOW)
		return is_view(text, n);
	return bl_event_is(text, n) || bl_outcome_is_table(text, n) || bl_diff_is_table(text, n);
}

/* A report is replaced without having been asked; nothing else is, whatever was asked: a name left
 * out before a pattern must not cost a checkpoint. */
static int refuse_others(
	const char *path, const char *head, unsigned program, struct bl_err *err)
{
	char text[HEAD];
	const char *from = text;
	size_t n;

	if (read_head(path, text, &n, err) != 0)
		return -1;
	if (n == 0 || (head ? pass(&from, &n, head) : is_report(program, text, n)))
		return 0;
	if (head)
		return bl_fail(err, BL_USAGE, "%s: exists already, and is no such page", path);
	bl_fail(err, BL_USAGE, "%s: exists already, and is no report", path);
	return bl_hint(err, "only reports are replaced by a report, even with -f");
}

/* A stream that goes into this file would go on in one that has lost its name. */
static int refuse_streams(const char *path, const struct stat *st, struct bl_err *err)
{
	static const char *const name[] = {
		[STDOUT_FILENO] = "standard output", [STDERR_FILENO] = "standard error"};
	struct stat other;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &other) != 0 || other.st_dev != st->st_dev ||
			other.st_ino != st->st_ino)
			continue;
		bl_fail(err, BL_USAGE, "%s: is the file that %s goes to", path, name[fd]);
		return bl_hint(err, "--report /dev/%s writes into it",
			fd == STDOUT_FILENO ? "stdout" : "stderr");
	}
	return 0;
}

static int refuse_inputs(const char *path, const struct stat *st, const struct bl_args *args,
	struct bl_err *err)
{
	struct stat other;

	for (size_t i = 0; i < args->operands; i++)
		if (stat(args->operand[i], &other) == 0 && other.st_dev == st->st_dev &&
			other.st_ino == st->st_ino)
			return bl_fail(err, BL_USAGE, "%s: is an input", path);
	return 0;
}

int bl_report_file(const char *path, const char *head, const struct bl_call *call, unsigned *flags,
	struct bl_err *err)
{
	struct stat st;

	if (bl_settings_word_is(call->settings, BL_OPT_SYNC, "no"))
		*flags |= BL_NO_SYNC;
	if (bl_may_write(path, BL_REPLACE, NULL, err) != 0)
		return -1;
	if (stat(path, &st) != 0)
		return 0;
	*flags |= BL_REPLACE;
	if (refuse_streams(path, &st, err) != 0 ||
		refuse_inputs(path, &st, call->args, err) != 0)
		return -1;
	return refuse_others(path, head, call->settings->program, err);
}

/* ---- the place ---- */

static int take(struct bl_events *e, const char *path, const struct bl_call *call,
	struct bl_err *err)
{
	const int fd = descriptor(path);
	struct stat st;

	if (fd >= 0)
		return take_descriptor(e, path, fd, err);
	if (stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return open_stream(e, path, err);
	return bl_report_file(path, NULL, call, &e->flags, err);
}

int bl_report_place(struct bl_events *e, const struct bl_call *call, struct bl_err *err)
{
	const struct bl_settings *s = call->settings;
	const bool json = bl_settings_given(s, BL_OPT_JSON);
	const bool report = bl_settings_given(s, BL_OPT_REPORT);
	const char *path = report ? s->given[BL_OPT_REPORT].value->text : "-";

	if (!json && !report)
		return 0;
	e->table = bl_output_is_table(path);
	if (take(e, path, call, err) != 0)
		return -1;
	e->path = path;
	if (json && report)
		return bl_fail(err, BL_USAGE, "--report and --json exclude each other: "
			"--json is --report=-");
	e->on_stdout = descriptor(path) == STDOUT_FILENO;
	return e->on_stdout ? refuse_company(call, err) : 0;
}
