/* sample.c - what the tests of the formats share. */
#include "config.h"

#include "sample.h"

#include <check.h>
#include <dirent.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH 1024

const char *sample_path(const char *fmt, ...)
{
	static char path[2][PATH];
	static int turn;
	const char *top = getenv("top_srcdir");
	char tail[PATH / 2];
	va_list args;

	turn = !turn;
	va_start(args, fmt);
	vsnprintf(tail, sizeof tail, fmt, args);
	va_end(args);
	snprintf(path[turn], PATH, "%.500s/%s", top ? top : ".", tail);
	return path[turn];
}

static const char *scratch(void)
{
	static char folder[PATH / 2];

	if (!folder[0]) {
		const char *tmp = getenv("TMPDIR");

		snprintf(folder, sizeof folder, "%.400s/belay-test-XXXXXX", tmp ? tmp : "/tmp");
		ck_assert_ptr_nonnull(mkdtemp(folder));
	}
	return folder;
}

const char *scratch_path(const char *name)
{
	static char path[4][PATH];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], PATH, "%s/%.400s", scratch(), name);
	return path[turn];
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

void scratch_remove(void)
{
	nftw(scratch(), remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of what in a folder is of the kind (a mode), sorted. */
static size_t list(const char *folder, mode_t kind, char ***name)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t n = 0;

	*name = NULL;
	while (dir && (entry = readdir(dir))) {
		char path[2 * PATH];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || stat(path, &st) != 0 ||
			(st.st_mode & S_IFMT) != kind)
			continue;
		*name = realloc(*name, (n + 1) * sizeof **name);
		(*name)[n++] = strdup(entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (n)
		qsort(*name, n, sizeof **name, by_name);
	return n;
}

size_t sample_list(const char *folder, char ***name)
{
	return list(folder, S_IFREG, name);
}

size_t sample_folders(const char *folder, char ***name)
{
	return list(folder, S_IFDIR, name);
}

void sample_list_free(char **name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(name[i]);
	free(name);
}

unsigned char *sample_read(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	unsigned char *bytes;
	long size;

	ck_assert_msg(f, "%s cannot be opened", path);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	bytes = malloc((size_t)size + 1);
	*n = fread(bytes, 1, (size_t)size, f);
	ck_assert_int_eq((long)*n, size);
	fclose(f);
	return bytes;
}

void sample_write(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	ck_assert_msg(f, "%s cannot be opened", path);
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

void sample_open(struct bl_source *src, struct bl_files *pool, const char *path)
{
	struct bl_err err = {0};

	ck_assert_msg(bl_source_open(src, pool, path, &err) == 0, "%s", err.text);
}

static size_t largest_chunk(const struct bl_catalog *cat)
{
	size_t most = 0;

	for (size_t i = 0; i < cat->tensors; i++) {
		const size_t n = cat->tensor[i].chunk_count *
			bl_dtype(cat->tensor[i].dtype)->bits / 8;

		most = n > most ? n : most;
	}
	return most;
}

static void *work_new(const struct bl_format *f, const struct bl_catalog *cat)
{
	return f->work_new ? f->work_new(largest_chunk(cat)) : NULL;
}

static void work_free(const struct bl_format *f, void *work)
{
	if (f->work_free)
		f->work_free(work);
}

unsigned char *sample_values(const struct bl_source *src, size_t tensor)
{
	const struct bl_tensor *t = &src->cat.tensor[tensor];
	const struct bl_span span = {false, 0, t->count};
	unsigned char *values = malloc(t->bytes + 1);
	void *work = work_new(src->format, &src->cat);
	struct bl_err err = {0};

	ck_assert_msg(src->format->read(src, tensor, span, values, work, &err) == 0, "%s: %s: %s",
		src->path, t->name, err.text);
	work_free(src->format, work);
	return values;
}

int sample_read_all(const struct bl_source *src, struct bl_err *err)
{
	void *work = work_new(src->format, &src->cat);
	int rc = 0;

	for (size_t i = 0; i < src->cat.tensors && rc == 0; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];
		const struct bl_span span = {false, 0, t->count};
		void *values = malloc(t->bytes + 1);

		if (t->dtype != BL_OTHER &&
			src->format->read(src, i, span, values, work, err) != 0)
			rc = bl_prefix(err, "%s", t->name);
		free(values);
	}
	work_free(src->format, work);
	return rc;
}

/* A copy under way. */
struct copy {
	const struct bl_source *src;
	struct bl_sink snk;
	struct bl_gate gate;
	uint64_t tile;
	enum sample_walk walk;
	void *work;
};

/* Writes one piece of a tensor whose values are given. */
static int put(struct copy *c, size_t tensor, const unsigned char *values, uint64_t first,
	uint64_t count, struct bl_err *err)
{
	const unsigned bits = bl_dtype(c->src->cat.tensor[tensor].dtype)->bits;
	const struct bl_span span = {false, first, count};
	struct bl_turn turn = {&c->gate, c->tile++, false};
	int rc = c->snk.format->write(&c->snk, tensor, span, values + first * bits / 8, c->work,
		&turn, err);

	if (rc == 0 && c->snk.ordered && c->snk.format == &bl_format_safetensors)
		ck_assert(turn.taken);
	if (rc == 0 && !turn.taken && bl_turn_wait(&turn) == 0)
		bl_turn_done(&turn);
	return rc;
}

static int put_tensor(struct copy *c, size_t tensor, struct bl_err *err)
{
	const struct bl_tensor *t = &c->src->cat.tensor[tensor];
	unsigned char *values = sample_values(c->src, tensor);
	/* 8 elements of any type end at a whole byte. */
	const uint64_t step = c->walk == SAMPLE_WHOLE ? t->count + 1 : 8 * bl_row_of_chunks(t);
	const uint64_t pieces = t->count / step + (t->count % step != 0);
	const bool back = c->walk == SAMPLE_BACKWARDS && !c->snk.ordered;
	int rc = 0;

	for (uint64_t i = 0; i < pieces && rc == 0; i++) {
		const uint64_t first = (back ? pieces - 1 - i : i) * step;

		rc = put(c, tensor, values, first,
			first + step < t->count ? step : t->count - first, err);
	}
	free(values);
	return rc;
}

/* Tensors i to end - 1 can be read and written as one range. */
static size_t end_of_run(const struct copy *c, const bool *needed, size_t i)
{
	const struct bl_tensor *t = c->src->cat.tensor;
	size_t end = i;

	while (end < c->src->cat.tensors && t[end].dtype == t[i].dtype &&
		bl_dtype(t[i].dtype)->bits >= 8 && needed[end])
		end++;
	return end;
}

/* Reads and writes tensors i to end - 1, at least one, as one range. */
static int put_run(struct copy *c, size_t i, size_t end, struct bl_err *err)
{
	const struct bl_tensor *t = c->src->cat.tensor;
	const unsigned bits = bl_dtype(t[i].dtype)->bits;
	struct bl_span span = {false, t[i].count / 2, 0}; /* it may begin anywhere */
	unsigned char *values;
	int rc;

	for (size_t k = i; k < end; k++)
		span.count += t[k].count;
	values = malloc(span.count * bits / 8);
	rc = c->src->format->read(c->src, i, (struct bl_span){false, 0, span.count}, values, NULL,
		err);
	span.count -= span.first;
	if (rc == 0 && span.first > 0)
		rc = put(c, i, values, 0, span.first, err);
	if (rc == 0)
		rc = put(c, i, values, span.first, span.count, err);
	free(values);
	return rc;
}

static int put_runs(struct copy *c, const bool *needed, struct bl_err *err)
{
	int rc = 0;

	for (size_t i = 0, end; rc == 0 && i < c->src->cat.tensors; i = end) {
		end = end_of_run(c, needed, i);
		if (end > i)
			rc = put_run(c, i, end, err);
		else if (needed[end++])
			rc = put_tensor(c, i, err);
	}
	return rc;
}

static int put_all(struct copy *c, struct bl_err *err)
{
	const size_t n = c->src->cat.tensors;
	const bool back = c->walk == SAMPLE_BACKWARDS && !c->snk.ordered;
	const bool runs = c->walk == SAMPLE_RUNS && c->src->format->runs && c->snk.format->runs;
	bool *needed = calloc(n + 1, sizeof *needed);
	int rc = 0;

	c->snk.format->needs(&c->snk.plan, needed);
	if (runs)
		rc = put_runs(c, needed, err);
	for (size_t i = 0; rc == 0 && !runs && i < n; i++) {
		const size_t tensor = back ? n - 1 - i : i;

		if (needed[tensor])
			rc = put_tensor(c, tensor, err);
	}
	free(needed);
	return rc == 0 ? c->snk.format->finish(&c->snk, err) : -1;
}

static int copy_to(const struct bl_source *src, const struct bl_format *format, const char *path,
	const char *provenance, uint64_t shard_size, enum sample_walk walk, struct bl_err *err)
{
	const bool folder = path[strlen(path) - 1] == '/';
	bool *averaged = calloc(src->cat.tensors + 1, sizeof *averaged);
	const struct bl_sink_plan plan = {.template = src, .averaged = averaged,
		.provenance = provenance, .shard_size = shard_size};
	struct copy c = {.src = src, .walk = walk};
	struct bl_output *out = NULL;
	int rc;

	for (size_t i = 0; i < src->cat.tensors; i++)
		averaged[i] = bl_dtype_averages(src->cat.tensor[i].dtype) &&
			!src->cat.tensor[i].keep;
	rc = bl_gate_init(&c.gate, err);
	ck_assert_int_eq(rc, 0);
	rc = (folder ? bl_output_open_folder : bl_output_open)(
		path, BL_REPLACE | BL_NO_SYNC, NULL, &out, err);
	if (rc == 0) {
		c.work = work_new(format, &src->cat);
		rc = bl_sink_create(&c.snk, format, path, out, &plan, err);
		if (rc == 0)
			rc = put_all(&c, err);
		format->abandon(&c.snk);
		work_free(format, c.work);
	}
	if (rc == 0)
		rc = bl_output_sync(out, err);
	if (rc == 0)
		rc = bl_output_publish(out, err);
	bl_output_close(out);
	bl_gate_free(&c.gate);
	free(averaged);
	return rc;
}

int sample_copy(const struct bl_source *src, const struct bl_format *format, const char *path,
	const char *provenance, enum sample_walk walk, struct bl_err *err)
{
	return copy_to(src, format, path, provenance, 0, walk, err);
}

int sample_shard(const struct bl_source *src, const struct bl_format *format, const char *path,
	const char *provenance, uint64_t shard_size, struct bl_err *err)
{
	return copy_to(src, format, path, provenance, shard_size, SAMPLE_BACKWARDS, err);
}

static void compare_tensors(const struct bl_source *a, const struct bl_source *b, size_t i)
{
	const struct bl_tensor *x = &a->cat.tensor[i], *y = &b->cat.tensor[i];

	ck_assert_str_eq(x->name, y->name);
	ck_assert_int_eq(x->dtype, y->dtype);
	ck_assert_uint_eq(x->rank, y->rank);
	for (unsigned d = 0; d < x->rank; d++)
		ck_assert_uint_eq(x->dim[d], y->dim[d]);
	ck_assert(!x->chunk == !y->chunk);
	for (unsigned d = 0; x->chunk && d < x->rank; d++)
		ck_assert_uint_eq(x->chunk[d], y->chunk[d]);
	if (x->dtype != BL_OTHER) {
		unsigned char *v = sample_values(a, i), *w = sample_values(b, i);

		ck_assert_msg(memcmp(v, w, x->bytes) == 0, "%s: %s: other values", b->path,
			x->name);
		free(v);
		free(w);
	}
}

/* The metas but belay's, in order. */
static const struct bl_meta *next_meta(const struct bl_catalog *cat, size_t *i)
{
	while (*i < cat->metas && strcmp(cat->meta[*i].key, "belay") == 0)
		++*i;
	return *i < cat->metas ? &cat->meta[(*i)++] : NULL;
}

void sample_compare(const struct bl_source *a, const struct bl_source *b)
{
	const struct bl_meta *m, *n;

	ck_assert_uint_eq(a->cat.tensors, b->cat.tensors);
	for (size_t i = 0; i < a->cat.tensors; i++)
		compare_tensors(a, b, i);
	for (size_t i = 0, k = 0;;) {
		m = next_meta(&a->cat, &i);
		n = next_meta(&b->cat, &k);
		ck_assert_msg(!m == !n, "%s: other metadata", b->path);
		if (!m)
			break;
		ck_assert_str_eq(m->key, n->key);
		ck_assert_str_eq(m->value, n->value);
	}
}
