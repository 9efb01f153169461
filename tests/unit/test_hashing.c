/* test_hashing.c - digests made while a run goes on, of anything in anyhow many threads: those of
 * the values as they lie in memory. */
#include "arith.h"
#include "hashing.h"
#include "scene.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct scene sc;
static struct bl_err err;
static struct bl_hashed hashed[SCENE_SOURCES + SCENE_SINKS];
static struct bl_hashing hashing;

/* The digest of a tensor with these values. */
static struct bl_digest digest_of(const struct bl_tensor *t, const unsigned char *value)
{
	struct bl_digester d = {0};
	struct bl_digest digest;

	ck_assert_int_eq(bl_digester_make(&d, &err), 0);
	bl_digester_begin(&d, t);
	bl_digester_add(&d, value, t->bytes, NULL);
	bl_digester_end(&d, &digest);
	bl_digester_free(&d);
	return digest;
}

static void same(const struct bl_hashed *h, size_t place, const struct bl_tensor *t,
	const unsigned char *value)
{
	const struct bl_digest want = digest_of(t, value);

	ck_assert_mem_eq(&h->digest[place], &want, sizeof want);
}

/* Everything is digested. */
static void hash_all(void)
{
	ck_assert_int_eq(bl_hashing_make(&hashing, sc.job.sources + sc.job.sinks, &err), 0);
	for (size_t s = 0; s < hashing.streams; s++) {
		const bool source = s < sc.job.sources;

		ck_assert_int_eq(bl_hashed_make(&hashed[s],
			source ? &sc.source[s].cat : &sc.cat, &err), 0);
		hashing.of[s] = &hashed[s];
		if (!source) /* tiles are no chunks any more */
			sc.out[s - sc.job.sources].chunked = false;
	}
	sc.job.hashing = &hashing;
}

static void forget_all(void)
{
	for (size_t s = 0; s < hashing.streams; s++)
		bl_hashed_free(&hashed[s]);
	bl_hashing_free(&hashing);
	scene_free(&sc);
}

/* What was read of a source has its digest, and nothing else. Returns how many there are. */
static size_t check_source(size_t t)
{
	size_t n = 0;

	for (size_t i = 0; i < sc.source[t].cat.tensors; i++) {
		const struct bl_tensor *tensor = &sc.source[t].cat.tensor[i];
		unsigned least, most;

		memory_counts(&sc.in[t], i, &least, &most);
		ck_assert_int_eq(hashed[t].known[i], tensor->count == 0 ? tensor->dtype != BL_OTHER
									: least > 0);
		if (hashed[t].known[i])
			same(&hashed[t], i, tensor, sc.in[t].value[i]);
		n += hashed[t].known[i];
	}
	return n;
}

/* The same of the averages of an output. */
static size_t check_sink(size_t p)
{
	const struct bl_hashed *h = &hashed[sc.job.sources + p];
	size_t n = 0;

	for (size_t i = 0; i < sc.cat.tensors; i++) {
		if (!sc.averaged[i] || !sc.needed[i])
			continue;
		ck_assert(h->known[i]);
		same(h, i, &sc.cat.tensor[i], sc.out[p].value[i]);
		n++;
	}
	return n;
}

static void stage(uint64_t seed)
{
	scene_random(&sc, seed, true);
	for (size_t t = 0; t < sc.job.sources; t++)
		sc.in[t].seed = seed + t;
	hash_all();
	sc.job.threads = 1 + seed % 7;
	if (seed % 3 == 0)
		sc.job.memory = scene_least_memory(&sc) * sc.job.threads;
}

#define SCENES 300

START_TEST(anything)
{
	struct bl_tally tally;
	size_t read = 0, written = 0;

	for (uint64_t seed = 1; seed <= SCENES; seed++) {
		stage(seed);
		if (bl_run(&sc.job, &tally, &err) != 0)
			ck_abort_msg("scene %llu: %s", (unsigned long long)seed, err.text);
		for (size_t t = 0; t < sc.job.sources; t++)
			read += check_source(t);
		for (size_t p = 0; p < sc.job.sinks; p++)
			written += check_sink(p);
		forget_all();
	}
	ck_assert_uint_gt(read, 15 * SCENES);
	ck_assert_uint_gt(written, 5 * SCENES);
}
END_TEST

/* Without sinks and weights a run reads what is needed of one source, once. */
START_TEST(reading_only)
{
	static const struct bl_job none;
	static const bool averaged[16];
	const size_t *const same_places = NULL;
	size_t read = 0;

	for (uint64_t seed = 1; seed <= SCENES; seed++) {
		struct bl_job job = none;
		struct bl_tally tally;
		bool needed[16];

		stage(seed);
		for (size_t i = 0; i < 16; i++)
			needed[i] = (seed >> i & 1) == 0;
		job.source = sc.source;
		job.sources = 1;
		job.cat = &sc.source[0].cat;
		job.map = &same_places;
		job.averaged = averaged;
		job.needed = needed;
		job.runs = sc.job.runs;
		job.kernels = sc.job.kernels;
		job.memory = UINT64_MAX;
		job.threads = sc.job.threads;
		job.progress = &sc.progress;
		job.hashing = &hashing;
		hashing.streams = 1;
		if (bl_run(&job, &tally, &err) != 0)
			ck_abort_msg("scene %llu: %s", (unsigned long long)seed, err.text);
		read += check_source(0);
		for (size_t i = 0; i < job.cat->tensors; i++)
			ck_assert(job.cat->tensor[i].dtype == BL_OTHER ||
				job.cat->tensor[i].count == 0 ||
				hashed[0].known[i] == needed[i]);
		hashing.streams = sc.job.sources + sc.job.sinks;
		forget_all();
	}
	ck_assert_uint_gt(read, SCENES);
}
END_TEST

/* A run that fails ends, though threads wait for their turns. */
START_TEST(failing)
{
	size_t failed = 0;

	for (uint64_t seed = 1; seed <= SCENES; seed++) {
		struct bl_tally tally;
		uint64_t state = seed;
		size_t t, i;

		stage(seed);
		t = arith_below(&state, sc.job.sources);
		i = sc.source[t].cat.tensors;
		while (i > 0 && sc.source[t].cat.tensor[i - 1].count == 0)
			i--;
		if (i > 0)
			sc.in[t].fault = (struct memory_fault){.tensor = i - 1, .text = "broken",
				.element = arith_below(
					&state, sc.source[t].cat.tensor[i - 1].count)};
		else
			sc.in[t].fault.element = MEMORY_NOWHERE;
		if (bl_run(&sc.job, &tally, &err) != 0) {
			ck_assert_ptr_nonnull(strstr(err.text, "broken"));
			failed++;
		}
		forget_all();
	}
	ck_assert_uint_gt(failed, SCENES / 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hashing");
	TCase *tc = tcase_create("hashing");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, anything);
	tcase_add_test(tc, reading_only);
	tcase_add_test(tc, failing);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
