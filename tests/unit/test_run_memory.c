/*
 * test_run_memory.c - the bound on memory: what is promised, what is taken, what happens without.
 *
 * Linked with --wrap for malloc and its kin, so that every allocation of the engine is seen here.
 */
#include "arith.h"
#include "scene.h"
#include "suite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct scene sc;

/* What is allocated while armed. */
static struct {
	pthread_mutex_t lock;
	bool armed;
	unsigned calls, fail_at; /* call number that fails; 0: none */
	size_t live, peak, entries;
	struct {
		void *p;
		size_t size;
	} entry[4096];
} heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static bool refused(void)
{
	bool no;

	pthread_mutex_lock(&heap.lock);
	no = heap.armed && ++heap.calls == heap.fail_at;
	pthread_mutex_unlock(&heap.lock);
	return no;
}

static void *note(void *p, size_t size)
{
	pthread_mutex_lock(&heap.lock);
	if (heap.armed && p) {
		if (heap.entries == sizeof heap.entry / sizeof heap.entry[0])
			abort();
		heap.entry[heap.entries].p = p;
		heap.entry[heap.entries++].size = size;
		heap.live += size;
		heap.peak = heap.live > heap.peak ? heap.live : heap.peak;
	}
	pthread_mutex_unlock(&heap.lock);
	return p;
}

static void forget(void *p)
{
	pthread_mutex_lock(&heap.lock);
	for (size_t i = heap.entries; heap.armed && p && i-- > 0;) {
		if (heap.entry[i].p != p)
			continue;
		heap.live -= heap.entry[i].size;
		heap.entry[i] = heap.entry[--heap.entries];
		break;
	}
	pthread_mutex_unlock(&heap.lock);
}

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : note(__real_malloc(size), size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refused() ? NULL : note(__real_calloc(n, size), n * size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return refused() ? NULL : note(__real_aligned_alloc(alignment, size), size);
}

void *__wrap_realloc(void *p, size_t size)
{
	if (refused())
		return NULL;
	forget(p);
	return note(__real_realloc(p, size), size);
}

void __wrap_free(void *p)
{
	forget(p);
	__real_free(p);
}

/* Runs with the heap watched; everything must have been given back. */
static int watched_run(unsigned fail_at, struct bl_err *err)
{
	struct bl_tally tally;
	int rc;

	scene_clear(&sc);
	heap.calls = 0;
	heap.peak = heap.live = heap.entries = 0;
	heap.fail_at = fail_at;
	heap.armed = true;
	rc = bl_run(&sc.job, &tally, err);
	heap.armed = false;
	ck_assert_uint_eq(heap.live, 0);
	return rc;
}

/* The peak of the plan is the peak of the run, to the byte. */
static void check_peak(unsigned threads, bool tight, uint64_t overhead)
{
	struct bl_budget budget;
	struct bl_err err;

	sc.job.overhead = 0;
	sc.job.memory = tight ? threads * scene_least_memory(&sc) + overhead : UINT64_MAX / 4;
	sc.job.threads = threads;
	sc.job.overhead = overhead;
	ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
	ck_assert_uint_le(budget.peak, sc.job.memory);
	ck_assert_int_eq(watched_run(0, &err), 0);
	ck_assert_uint_eq(heap.peak + overhead, budget.peak);
}

START_TEST(peak_is_true)
{
	for (uint64_t seed = 0; seed < 40; seed++) {
		scene_random(&sc, seed, true);
		for (unsigned threads = 1; threads <= 3; threads++)
			check_peak(threads, seed % 2, 100 * seed);
		scene_free(&sc);
	}
}
END_TEST

START_TEST(peak_of_nothing)
{
	scene_init(&sc, 2, 3);
	scene_ready(&sc);
	for (size_t p = 0; p < 3; p++)
		sc.weight[p][0] = 1;
	check_peak(2, false, 0);
	scene_free(&sc);
}
END_TEST

/* The same where one checkpoint is only read. */
START_TEST(peak_of_reading)
{
	static const bool averaged[16];

	for (uint64_t seed = 0; seed < 20; seed++) {
		const size_t *const same_places = NULL;
		struct bl_job job;

		scene_random(&sc, seed, true);
		job = sc.job;
		sc.job.cat = &sc.source[0].cat;
		sc.job.sources = 1;
		sc.job.map = &same_places;
		sc.job.weights = NULL;
		sc.job.weights_of = NULL;
		sc.job.sinks = sc.job.n_weights = 0;
		sc.job.averaged = averaged;
		sc.job.from = NULL;
		check_peak(1 + (unsigned)(seed % 3), seed % 2, 0);
		sc.job = job;
		scene_free(&sc);
	}
}
END_TEST

/* The calls of the allocator when the first and the last span were read or written. */
static atomic_uint first_calls, last_calls;

static void look(void)
{
	unsigned none = 0;

	atomic_compare_exchange_strong(&first_calls, &none, heap.calls);
	atomic_store(&last_calls, heap.calls);
}

static int spying_read(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err)
{
	look();
	return memory_working.read(src, tensor, span, dst, work, err);
}

static int spying_write(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err)
{
	look();
	return memory_plain.write(snk, tensor, span, src, work, turn, err);
}

static const struct bl_format spying_source = {.read = spying_read};
static const struct bl_format spying_sink = {.write = spying_write};

START_TEST(tiles_allocate_nothing)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct bl_err err;

		scene_random(&sc, seed, false);
		for (size_t t = 0; t < sc.job.sources; t++)
			sc.source[t].format = &spying_source;
		for (size_t p = 0; p < sc.job.sinks; p++)
			sc.sink[p].format = &spying_sink;
		sc.job.threads = 3;
		sc.job.memory = 3 * scene_least_memory(&sc);
		sc.job.keep_nonfinite = true;
		first_calls = last_calls = 0;
		ck_assert_int_eq(watched_run(0, &err), 0);
		ck_assert_uint_eq(first_calls, last_calls);
		ck_assert_uint_gt(heap.calls, 0);
		scene_free(&sc);
	}
}
END_TEST

/* Every allocation fails once. */
START_TEST(no_memory)
{
	const uint64_t dim[] = {30, 7}, chunk[] = {4, 3};
	struct bl_err err;
	unsigned k = 0;
	int rc;

	scene_init(&sc, 5, 3);
	scene_tensors(&sc, "w", BL_F32, 2, dim, chunk);
	scene_tensors(&sc, "v", BL_BF16, 2, dim, NULL);
	scene_ready(&sc);
	for (size_t p = 0; p < 3; p++)
		sc.weight[p][p] = sc.weight[p][4 - p] = sc.sink[p].ordered = true;
	sc.job.threads = 3;
	do {
		err.code = BL_OK;
		rc = watched_run(++k, &err);
		if (k > heap.calls) /* there was none of that number */
			break;
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.code, BL_LIMIT);
		ck_assert_int_eq(strncmp(err.text, "out of memory (", 15), 0);
	} while (k < 500);
	ck_assert_uint_gt(k, 20);
	ck_assert_int_eq(rc, 0);
	scene_free(&sc);
}
END_TEST

/* What is said to be needed is enough, and a byte less is not. */
START_TEST(needed_is_enough)
{
	for (uint64_t seed = 0; seed < 40; seed++) {
		unsigned long long mib = 0;
		struct bl_tally tally;
		struct bl_budget budget;
		struct bl_err err;
		uint64_t least;

		scene_random(&sc, seed, true);
		least = scene_least_memory(&sc);
		sc.job.threads = 4;
		sc.job.memory = least - 1;
		ck_assert_int_eq(bl_run(&sc.job, &tally, &err), -1);
		ck_assert_int_eq(err.code, BL_LIMIT);
		ck_assert_int_eq(sscanf(err.hint, "--memory %lluMiB would do", &mib), 1);
		sc.job.memory = mib << 20;
		ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
		sc.job.memory = least;
		ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
		ck_assert_uint_eq(budget.threads, 1);
		ck_assert_uint_eq(budget.peak, least);
		scene_free(&sc);
	}
}
END_TEST

/* With less and less memory: smaller tiles first, then fewer inputs, then fewer threads. */
START_TEST(gives_way_in_order)
{
	const uint64_t dim[] = {1 << 20};
	struct bl_budget budget = {0}, before;
	struct bl_err err;
	uint64_t memory;

	scene_init(&sc, 10, 1);
	scene_tensors(&sc, "w", BL_F32, 1, dim, NULL);
	sc.averaged[0] = sc.needed[0] = true;
	for (size_t t = 0; t < 10; t++)
		sc.weight[0][t] = 0.1;
	sc.job.threads = 8;
	ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
	ck_assert(budget.tile == 256 << 10 && budget.inputs == 10);
	ck_assert_uint_eq(budget.threads, 8);
	for (memory = budget.peak; memory > 60000; memory -= memory / 30) {
		before = budget;
		sc.job.memory = memory;
		ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
		ck_assert_uint_le(budget.peak, memory);
		ck_assert_uint_le(budget.threads, before.threads);
		if (budget.threads < before.threads)
			continue;
		ck_assert_uint_le(budget.inputs, before.inputs);
		if (budget.inputs == before.inputs)
			ck_assert_uint_le(budget.tile, before.tile);
	}
	ck_assert_uint_eq(budget.threads, 1);
	ck_assert_uint_le(budget.tile, 16 << 10);
	scene_free(&sc);
}
END_TEST

/* Tiles of all checkpoints and results fit into a cache; no more are held than count. */
START_TEST(holds_what_is_used)
{
	static const struct {
		size_t sinks, used;
		uint64_t tile;
	} cases[] = {{1, 2, 256}, {1, 20, 256}, {8, 20, 256}, {9, 20, 128}, {11, 3, 128}};
	const uint64_t dim[] = {1 << 20};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bl_budget budget;
		struct bl_err err;

		scene_init(&sc, 20, cases[i].sinks);
		scene_tensors(&sc, "w", BL_F32, 1, dim, NULL);
		sc.averaged[0] = sc.needed[0] = true;
		for (size_t p = 0; p < cases[i].sinks; p++)
			for (size_t t = 0; t < cases[i].used; t++)
				sc.weight[p][19 - t] = 0.05;
		ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
		ck_assert_uint_eq(budget.tile, cases[i].tile << 10);
		ck_assert_uint_eq(budget.inputs, cases[i].used < 16 ? cases[i].used : 16);
		scene_free(&sc);
	}
}
END_TEST

/* A chunk of any size in a hostile file is a message with its tensor's name. */
START_TEST(names_the_chunk)
{
	/* Of the last, all that a thread needs would wrap around to a few bytes. */
	static const uint64_t chunks[] = {1 << 30, UINT64_C(1) << 40, UINT64_C(1) << 58,
		UINT64_MAX / 65 + 1};
	const uint64_t dim[] = {10};

	for (size_t i = 0; i < 8; i++) {
		const uint64_t chunk[] = {chunks[i % 4]};
		struct bl_budget budget;
		struct bl_err err;
		const char *end;

		scene_init(&sc, 3, SCENE_SINKS);
		scene_tensors(&sc, "small", BL_F32, 1, dim, NULL);
		scene_tensors(&sc, "embed/kernel", BL_F16, 1, dim, chunk);
		for (size_t p = 0; p < SCENE_SINKS; p++)
			sc.weight[p][2] = 1;
		sc.averaged[0] = sc.needed[0] = sc.averaged[1] = sc.needed[1] = true;
		if (i >= 4)
			scene_flatten(&sc); /* only its decoding needs the memory */
		sc.job.memory = 256 << 20;
		sc.job.threads = 16;
		ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), -1);
		ck_assert_int_eq(err.code, BL_LIMIT);
		end = strrchr(err.text, ',');
		ck_assert_str_eq(end ? end : "", ", most of it for embed/kernel");
		scene_free(&sc);
	}
}
END_TEST

/* A plan of many tensors and checkpoints that cannot be is refused at once. */
START_TEST(refuses_fast)
{
	enum { MANY = 20000 };
	static const uint64_t dim[] = {300, 300};
	static bool all[MANY];
	struct bl_catalog cat = {0};
	struct bl_budget budget;
	struct bl_err err;
	clock_t start;

	ck_assert_int_eq(bl_catalog_reserve(&cat, MANY, 0, &err), 0);
	for (size_t i = 0; i < MANY; i++) {
		cat.tensor[i] = (struct bl_tensor){
			.name = "w", .dtype = BL_F32, .rank = 2, .dim = dim};
		ck_assert_int_eq(bl_tensor_measure(&cat.tensor[i], &err), 0);
		all[i] = true;
	}
	cat.tensors = MANY;
	scene_init(&sc, SCENE_SOURCES, 1);
	for (size_t t = 0; t < SCENE_SOURCES; t++)
		sc.source[t].cat = cat;
	sc.weight[0][0] = 1;
	sc.job.averaged = sc.job.needed = all;
	sc.job.threads = 64;
	sc.job.memory = 1000;
	start = clock();
	ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), -1);
	ck_assert_msg(clock() - start < CLOCKS_PER_SEC, "the plan takes too long");
	bl_catalog_free(&cat);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("run_memory");
	TCase *t = tcase_create("run_memory");

	alarm(120); /* whoever waits for ever */
	tcase_add_test(t, peak_is_true);
	tcase_add_test(t, peak_of_nothing);
	tcase_add_test(t, peak_of_reading);
	tcase_add_test(t, tiles_allocate_nothing);
	tcase_add_test(t, no_memory);
	tcase_add_test(t, needed_is_enough);
	tcase_add_test(t, gives_way_in_order);
	tcase_add_test(t, holds_what_is_used);
	tcase_add_test(t, names_the_chunk);
	tcase_add_test(t, refuses_fast);
	suite_add_tcase(s, t);
	return suite_run(s);
}
