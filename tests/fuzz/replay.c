/*
 * replay.c - runs a fuzz target on what is in files and folders, without a fuzzer.
 *
 * target_NAME: is a test: runs corpus/NAME.txt and all files of tests/data/cases.
 * target_NAME PATH...: runs them and says how many they were; with -v each is named first. A file
 *   NAME.txt has one escaped input in each line, but for those that begin with #; any other file is
 *   an input.
 * target_NAME -x FOLDER FILE.txt: writes its inputs to files of a folder.
 * target_NAME -t PATH...: writes inputs as such lines.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is done with each input. */
struct replay {
	bool verbose, escape;
	const char *folder; /* NULL: they are run */
	size_t inputs;
};

static int fail(const char *path)
{
	perror(path);
	return -1;
}

static void put_escaped(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const int c = data[i];

		if (c == '\n' || c == '\\')
			printf("\\%c", c == '\n' ? 'n' : c);
		else if (c < 0x20 || c > 0x7e || (i == 0 && c == '#'))
			printf("\\x%02x", (unsigned)c);
		else
			putchar(c);
	}
	putchar('\n');
}

static int to_file(const char *folder, size_t number, const uint8_t *data, size_t size)
{
	char path[4096];
	FILE *to;
	int rc = 0;

	snprintf(path, sizeof path, "%s/seed%05zu", folder, number);
	to = fopen(path, "wb");
	if (!to)
		return fail(path);
	if (fwrite(data, 1, size, to) != size)
		rc = fail(path);
	if (fclose(to) != 0)
		rc = fail(path);
	return rc;
}

/* data: malloc'd, of size bytes and not one more, so that a sanitizer sees what is behind them. */
static int take(struct replay *r, const char *path, size_t line, uint8_t *data, size_t size)
{
	r->inputs++;
	if (r->verbose) {
		fprintf(stderr, "%s:%zu\n", path, line);
		fflush(stderr);
	}
	if (r->folder)
		return to_file(r->folder, r->inputs, data, size);
	if (r->escape)
		put_escaped(data, size);
	else
		LLVMFuzzerTestOneInput(data, size);
	return 0;
}

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* Undoes put_escaped in place; returns the length. */
static size_t unescape(char *line)
{
	const char *from = line;
	char *to = line;

	while (*from && *from != '\n') {
		if (from[0] == '\\' && from[1] == 'x' && from[2] && from[3]) {
			*to++ = (char)(digit(from[2]) << 4 | digit(from[3]));
			from += 4;
		} else if (from[0] == '\\' && from[1]) {
			*to++ = from[1] == 'n' ? '\n' : from[1];
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	return (size_t)(to - line);
}

static int take_copy(struct replay *r, const char *path, size_t line, const void *bytes, size_t n)
{
	uint8_t *data = malloc(n ? n : 1);
	int rc;

	if (!data)
		return fail(path);
	memcpy(data, bytes, n);
	rc = take(r, path, line, data, n);
	free(data);
	return rc;
}

static int take_lines(struct replay *r, const char *path, FILE *from)
{
	char *line = NULL;
	size_t room = 0, number = 0;
	int rc = 0;

	while (rc == 0 && getline(&line, &room, from) >= 0) {
		number++;
		if (line[0] != '#')
			rc = take_copy(r, path, number, line, unescape(line));
	}
	free(line);
	return rc;
}

static int take_bytes(struct replay *r, const char *path, FILE *from, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);
	int rc = -1;

	if (data && fread(data, 1, size, from) == size)
		rc = take(r, path, 0, data, size);
	else
		fail(path);
	free(data);
	return rc;
}

static int take_file(struct replay *r, const char *path, size_t size)
{
	const size_t n = strlen(path);
	FILE *from = fopen(path, "rb");
	int rc;

	if (!from)
		return fail(path);
	rc = n > 4 && strcmp(path + n - 4, ".txt") == 0 ? take_lines(r, path, from)
	                                                : take_bytes(r, path, from, size);
	fclose(from);
	return rc;
}

static int take_path(struct replay *r, const char *path);

static int take_folder(struct replay *r, const char *path)
{
	struct dirent **entry;
	int n = scandir(path, &entry, NULL, alphasort), rc = 0;

	if (n < 0)
		return fail(path);
	for (int i = 0; i < n; i++) {
		char joined[4096];

		snprintf(joined, sizeof joined, "%s/%s", path, entry[i]->d_name);
		if (rc == 0 && entry[i]->d_name[0] != '.')
			rc = take_path(r, joined);
		free(entry[i]);
	}
	free(entry);
	return rc;
}

static int take_path(struct replay *r, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return fail(path);
	return S_ISDIR(st.st_mode) ? take_folder(r, path)
	                           : take_file(r, path, (size_t)st.st_size);
}

/* As a test. The name of the target is behind the last bar of the program's. */
static int test(const char *program)
{
	const char *top = getenv("top_srcdir"), *bar = strrchr(program, '_');
	const char *under = top ? top : "..";
	char path[2][4096];
	int bad = 0;

	snprintf(path[0], sizeof path[0], "%s/tests/fuzz/corpus/%s.txt", under,
		bar ? bar + 1 : program);
	snprintf(path[1], sizeof path[1], "%s/tests/data/cases", under);
	for (int i = 0; i < 2; i++) {
		struct replay r = {.inputs = 0};
		const bool good = take_path(&r, path[i]) == 0 && r.inputs > 0;

		bad += !good;
		printf("%sok %d - %s: %zu inputs\n", good ? "" : "not ", i + 1,
			path[i] + strlen(under) + 1, r.inputs);
	}
	printf("1..2\n");
	return bad;
}

int main(int argc, char **argv)
{
	struct replay r = {.inputs = 0};
	int first = 1;

	if (argc == 1)
		return test(argv[0]);
	for (; first < argc && argv[first][0] == '-'; first++) {
		if (strcmp(argv[first], "-v") == 0)
			r.verbose = true;
		else if (strcmp(argv[first], "-t") == 0)
			r.escape = true;
		else if (strcmp(argv[first], "-x") == 0 && first + 1 < argc)
			r.folder = argv[++first];
	}
	for (int i = first; i < argc; i++)
		if (take_path(&r, argv[i]) != 0)
			return 1;
	if (!r.escape)
		printf("%zu inputs\n", r.inputs);
	return r.inputs ? 0 : 1;
}
