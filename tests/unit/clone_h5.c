/*
 * clone_h5.c - reads every span of every averaged tensor of a checkpoint and writes it back.
 *
 * clone_h5 [-2] [-c] [-t THREADS] [-p PROVENANCE] IN OUT
 *   -2  values are doubled        -c  chunk by chunk where a tensor has chunks
 */
#include "formats.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tile {
	size_t tensor;
	struct bl_span span;
};

/* One clone. */
struct job {
	struct bl_source src;
	struct bl_sink snk;
	struct bl_gate gate;
	struct tile *tile;
	size_t tiles, room, largest, most; /* bytes of a chunk and of a span */
	bool *averaged;
	bool doubled, by_chunk;
	atomic_size_t next;
	atomic_int failed;
	struct bl_err err; /* of the one thread that set failed first */
};

static void add_tile(struct job *j, size_t tensor, bool chunk, uint64_t first, uint64_t count)
{
	const size_t bytes = count * bl_dtype(j->src.cat.tensor[tensor].dtype)->bits / 8;

	if (j->tiles == j->room) {
		j->room = j->room ? 2 * j->room : 64;
		j->tile = realloc(j->tile, j->room * sizeof *j->tile);
	}
	j->tile[j->tiles++] = (struct tile){tensor, {chunk, first, count}};
	j->most = bytes > j->most ? bytes : j->most;
}

/* Two rows of chunks at a time, or half a MiB of elements. */
static void add_tensor(struct job *j, size_t i)
{
	const struct bl_tensor *t = &j->src.cat.tensor[i];
	const uint64_t step = t->chunk ? 2 * bl_row_of_chunks(t) : 100003;
	const size_t chunk = t->chunk_count * bl_dtype(t->dtype)->bits / 8;

	j->averaged[i] = bl_dtype_averages(t->dtype) && strncmp(t->name, "optimizer", 9) != 0;
	if (!j->averaged[i])
		return;
	j->largest = chunk > j->largest ? chunk : j->largest;
	if (t->chunk && j->by_chunk)
		for (uint64_t k = 0; k < t->chunks; k++)
			add_tile(j, i, true, k, t->chunk_count);
	else
		for (uint64_t k = 0; k < t->count; k += step)
			add_tile(j, i, false, k, k + step < t->count ? step : t->count - k);
}

static void twice(unsigned char *v, enum bl_scalar scalar, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t h;
		float f;
		double d;

		switch ((int)scalar) {
		case BL_SCALAR_F16:
		case BL_SCALAR_BF16: /* one more in the exponent; small ones stay */
			memcpy(&h, v + 2 * i, 2);
			if (scalar == BL_SCALAR_F16 && (h >> 10 & 31) && (h >> 10 & 31) < 30)
				h += 1 << 10;
			else if (scalar == BL_SCALAR_BF16 && (h >> 7 & 255) && (h >> 7 & 255) < 254)
				h += 1 << 7;
			memcpy(v + 2 * i, &h, 2);
			break;
		case BL_SCALAR_F32:
			memcpy(&f, v + 4 * i, 4);
			f *= 2;
			memcpy(v + 4 * i, &f, 4);
			break;
		case BL_SCALAR_F64:
			memcpy(&d, v + 8 * i, 8);
			d *= 2;
			memcpy(v + 8 * i, &d, 8);
			break;
		default:
			return;
		}
	}
}

static int do_tile(struct job *j, size_t number, unsigned char *values, void *work,
	struct bl_err *err)
{
	const struct tile *tile = &j->tile[number];
	const struct bl_dtype_info *type = bl_dtype(j->src.cat.tensor[tile->tensor].dtype);
	const struct bl_format *f = j->src.format;
	struct bl_turn turn = {&j->gate, number, false};

	if (f->read(&j->src, tile->tensor, tile->span, values, work, err) != 0)
		return -1;
	if (j->doubled)
		twice(values, type->scalar, tile->span.count * type->lanes);
	if (f->write(&j->snk, tile->tensor, tile->span, values, work, &turn, err) != 0)
		return -1;
	if (!turn.taken && j->snk.ordered) {
		if (bl_turn_wait(&turn) != 0)
			return -1;
		bl_turn_done(&turn);
	}
	return 0;
}

static void *worker(void *data)
{
	struct job *j = data;
	unsigned char *values = malloc(j->most + 1);
	void *work = j->src.format->work_new(j->largest);
	struct bl_err err = {0};
	size_t number;

	while (!j->failed && (number = j->next++) < j->tiles) {
		if (do_tile(j, number, values, work, &err) == 0)
			continue;
		if (!atomic_exchange(&j->failed, 1))
			j->err = err;
		bl_gate_close(&j->gate);
	}
	j->src.format->work_free(work);
	free(values);
	return NULL;
}

static int run(struct job *j, unsigned threads, struct bl_err *err)
{
	pthread_t id[16];

	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&id[i], NULL, worker, j) != 0)
			return bl_fail(err, BL_LIMIT, "no thread");
	for (unsigned i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	if (!j->failed)
		return j->src.format->finish(&j->snk, err);
	*err = j->err;
	return -1;
}

static int clone(struct job *j, struct bl_output *out, const char *provenance, unsigned threads,
	struct bl_err *err)
{
	const struct bl_sink_plan plan = {
		.template = &j->src, .averaged = j->averaged, .provenance = provenance};
	int rc;

	j->averaged = calloc(j->src.cat.tensors + 1, sizeof *j->averaged);
	for (size_t i = 0; i < j->src.cat.tensors; i++)
		add_tensor(j, i);
	rc = bl_gate_init(&j->gate, err);
	if (rc != 0)
		return rc;
	j->snk = (struct bl_sink){.format = j->src.format, .plan = plan, .out = out};
	j->snk.plan.averaged = j->averaged;
	rc = j->src.format->create(&j->snk, err);
	if (rc == 0)
		rc = run(j, threads, err);
	j->src.format->abandon(&j->snk);
	bl_gate_free(&j->gate);
	return rc;
}

int main(int argc, char **argv)
{
	struct bl_files *pool = NULL;
	struct bl_output *out = NULL;
	struct bl_err err = {0};
	struct job j = {.tiles = 0};
	const char *provenance = NULL;
	unsigned threads = 1;
	int option, rc = -1;

	while ((option = getopt(argc, argv, "2ct:p:")) != -1) {
		j.doubled |= option == '2';
		j.by_chunk |= option == 'c';
		if (option == 't')
			threads = (unsigned)atoi(optarg);
		else if (option == 'p')
			provenance = optarg;
	}
	if (argc - optind != 2 || threads < 1 || threads > 16)
		return 2;
	if (bl_files_new(&pool, 0, &err) == 0 &&
		bl_source_open(&j.src, pool, argv[optind], &err) == 0 &&
		bl_output_open(argv[optind + 1], BL_REPLACE | BL_NO_SYNC, NULL, &out, &err) == 0 &&
		clone(&j, out, provenance, threads, &err) == 0)
		rc = bl_output_publish(out, &err);
	if (rc != 0)
		fprintf(stderr, "%s\n", err.text);
	bl_output_close(out);
	bl_source_close(&j.src);
	bl_files_free(pool);
	free(j.averaged);
	free(j.tile);
	return rc == 0 ? 0 : 1;
}
