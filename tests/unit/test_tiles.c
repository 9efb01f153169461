/* test_tiles.c - how a run is cut: what every side can read and write at one go. */
#include "scene.h"
#include "suite.h"
#include "tiles.h"

#include <string.h>


static struct scene sc;

/* Two sources with one tensor of the given chunks (chunk[0] 0: none). */
static void make(enum bl_dtype dtype, unsigned rank, const uint64_t *dim, const uint64_t *first,
	const uint64_t *last)
{
	scene_init(&sc, 2, 1);
	scene_tensor(&sc, 0, "w", dtype, rank, dim, first[0] ? first : NULL);
	scene_tensor(&sc, 1, "w", dtype, rank, dim, last[0] ? last : NULL);
	sc.averaged[0] = sc.needed[0] = true;
}

/* Elements [first, first + count) or chunk first follow on what came before in the tensor. */
static void check_tile(const struct bl_tiling *g, const struct bl_tile *tile, size_t *tensor,
	uint64_t *next)
{
	const struct bl_tensor *t = &sc.source[1].cat.tensor[tile->tensor];

	if (tile->tensor != *tensor) {
		ck_assert_uint_gt(tile->tensor, *tensor);
		*tensor = tile->tensor;
		*next = 0;
	}
	ck_assert_uint_eq(tile->span.first, *next);
	ck_assert_int_eq(tile->span.chunk, g->chunk[tile->tensor]);
	*next += tile->span.chunk ? 1 : tile->span.count;
	ck_assert_uint_le(*next, tile->span.chunk ? t->chunks : t->count);
	ck_assert_uint_le(tile->span.count * bl_dtype(t->dtype)->bits / 8, g->largest);
	ck_assert_uint_le(tile->span.count * bl_dtype(t->dtype)->lanes, g->largest_scalars);
}

START_TEST(cuts)
{
	static const struct {
		enum bl_dtype dtype;
		unsigned rank;
		uint64_t dim[3], first[3], last[3]; /* of the two checkpoints; [0] 0: no chunks */
		bool keep;
		uint64_t target, unit, tiles, largest, largest_chunk;
		bool chunk;
	} cases[] = {
		/* In C order: as large as the target. */
		{BL_F32, 1, {100000}, {0}, {0}, true, 4096, 1024, 98, 4096, 0, false},
		{BL_F16, 1, {4096}, {0}, {0}, true, 4096, 2048, 2, 4096, 0, false},
		{BL_C128, 2, {3, 5}, {0}, {0}, true, 4096, 15, 1, 256, 0, false},
		{BL_F32, 0, {0}, {0}, {0}, true, 4096, 1, 1, 64, 0, false},
		{BL_F32, 1, {100}, {0}, {0}, true, 100, 24, 5, 128, 0, false},
		/* The same chunks everywhere: a tile is a chunk, whatever the target. */
		{BL_F32, 2, {30, 7}, {4, 3}, {4, 3}, true, 4096, 12, 24, 64, 48, true},
		{BL_F32, 1, {10}, {5000}, {5000}, true, 4096, 5000, 1, 20032, 20000, true},
		/* Rows of chunks of one side or of both. */
		{BL_F32, 2, {30, 7}, {4, 3}, {4, 3}, false, 64, 28, 8, 128, 48, false},
		{BL_F32, 2, {30, 7}, {4, 3}, {4, 3}, false, 250, 56, 4, 256, 48, false},
		{BL_F32, 2, {30, 7}, {4, 3}, {0}, true, 64, 28, 8, 128, 48, false},
		{BL_F32, 2, {30, 7}, {0}, {4, 3}, true, 64, 28, 8, 128, 48, false},
		{BL_F32, 2, {30, 7}, {4, 3}, {6, 7}, true, 64, 84, 3, 384, 168, false},
		{BL_F32, 2, {30, 7}, {4, 3}, {4, 2}, true, 64, 28, 8, 128, 48, false},
		{BL_F32, 2, {30, 7}, {7, 1}, {8, 1}, true, 64, 210, 1, 896, 32, false},
		{BL_F32, 2, {30, 7}, {99, 1}, {1, 7}, true, 64, 210, 1, 896, 396, false},
		{BL_F64, 3, {9, 2, 2}, {2, 2, 1}, {3, 1, 1}, true, 8, 24, 2, 192, 32, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bl_tiling g;
		struct bl_err err;
		size_t tensor = 0;
		uint64_t next = 0;

		make(cases[i].dtype, cases[i].rank, cases[i].dim, cases[i].first, cases[i].last);
		if (!cases[i].keep)
			scene_flatten(&sc);
		ck_assert_int_eq(bl_tiling_make(&sc.job, cases[i].target, &g, &err), 0);
		ck_assert_uint_eq(g.unit[0], cases[i].unit);
		ck_assert_uint_eq(g.first[1], cases[i].tiles);
		ck_assert_uint_eq(g.largest, cases[i].largest);
		ck_assert_uint_eq(g.largest_chunk, cases[i].largest_chunk);
		ck_assert_int_eq(g.chunk[0], cases[i].chunk);
		for (uint64_t n = 0; n < g.first[1]; n++) {
			const struct bl_tile tile = bl_tiling_get(&sc.job, &g, n);

			check_tile(&g, &tile, &tensor, &next);
		}
		ck_assert_uint_eq(next, g.chunk[0] ? sc.source[1].cat.tensor[0].chunks
		                                   : sc.source[1].cat.tensor[0].count);
		bl_tiling_free(&g);
		scene_free(&sc);
	}
}
END_TEST

/* Several tensors, some without tiles, first and last among them: tiles run through them in order.
 */
START_TEST(numbers_tiles)
{
	const uint64_t none[] = {0}, many[] = {5000}, four[] = {10000};
	struct bl_tiling g;
	struct bl_err err;
	size_t tensor = 0;
	uint64_t next = 0;

	scene_init(&sc, 2, 1);
	scene_tensors(&sc, "a", BL_F32, 1, none, NULL);
	scene_tensors(&sc, "b", BL_F32, 1, many, NULL);
	scene_tensors(&sc, "c", BL_OTHER, 1, many, NULL);
	scene_tensors(&sc, "d", BL_I64, 1, many, NULL);
	scene_tensors(&sc, "e", BL_F4, 1, four, NULL);
	scene_tensors(&sc, "f", BL_F64, 0, NULL, NULL);
	scene_tensors(&sc, "g", BL_F16, 1, many, NULL);
	for (size_t i = 0; i < 6; i++)
		sc.needed[i] = sc.averaged[i] = i != 3;
	ck_assert_int_eq(bl_tiling_make(&sc.job, 4096, &g, &err), 0);
	ck_assert(g.first[1] == 0 && g.first[2] == 5 && g.first[3] == 5 && g.first[4] == 5);
	ck_assert(g.first[5] == 7 && g.first[6] == 8 && g.first[7] == 8);
	for (uint64_t n = 0; n < 8; n++) {
		const struct bl_tile tile = bl_tiling_get(&sc.job, &g, n);

		check_tile(&g, &tile, &tensor, &next);
	}
	ck_assert_uint_eq(tensor, 5);
	bl_tiling_free(&g);
	scene_free(&sc);
}
END_TEST

/* What is copied comes from the last checkpoint: the chunks of the others do not matter. */
START_TEST(copies_look_at_the_last)
{
	const uint64_t dim[] = {1000}, chunk[] = {1000}, other[] = {10};
	struct bl_tiling g;
	struct bl_err err;

	make(BL_F32, 1, dim, chunk, other);
	sc.averaged[0] = false;
	ck_assert_int_eq(bl_tiling_make(&sc.job, 40, &g, &err), 0);
	ck_assert_uint_eq(g.first[1], 100);
	ck_assert_uint_eq(g.largest_chunk, 40);
	bl_tiling_free(&g);
	scene_free(&sc);
}
END_TEST

/* Eight small tensors that share a tile where nothing speaks against it. */
static void make_small(void)
{
	const uint64_t dim[] = {2, 5};

	scene_init(&sc, 2, 1);
	for (char name[] = "a"; name[0] < 'i'; name[0]++)
		scene_tensors(&sc, name, BL_F32, 2, dim, NULL);
	scene_ready(&sc);
	sc.job.runs = true;
}

/* Cuts; the tiles must be those of the tensors named, each with those that follow. */
static void cut_small(uint64_t target, const char *heads)
{
	struct bl_tiling g;
	struct bl_err err;
	uint64_t next = 0;

	ck_assert_int_eq(bl_tiling_make(&sc.job, target, &g, &err), 0);
	ck_assert_msg(g.first[8] == strlen(heads), "%s: %d tiles", heads, (int)g.first[8]);
	for (uint64_t n = 0; n < g.first[8]; n++) {
		const struct bl_tile tile = bl_tiling_get(&sc.job, &g, n);
		const struct bl_tile_element last =
			bl_tile_element(&sc.job, &tile, tile.span.count - 1);

		ck_assert_int_eq(sc.cat.tensor[tile.tensor].name[0], heads[n]);
		ck_assert_uint_eq(tile.span.first, 0);
		ck_assert_uint_eq(tile.tensor, next);
		next = last.tensor + 1;
		ck_assert_uint_eq(last.element, sc.cat.tensor[last.tensor].count - 1);
		ck_assert_uint_eq(tile.span.count, 10 * (next - tile.tensor));
		ck_assert_uint_le(tile.span.count * 4, g.largest);
		ck_assert_uint_le(tile.span.count, g.largest_scalars);
	}
	ck_assert_uint_eq(next, 8);
	bl_tiling_free(&g);
	scene_free(&sc);
}

/* A scene, changed by what stands between. */
#define SMALL(target, heads, ...)                                                                  \
	do {                                                                                       \
		make_small();                                                                      \
		__VA_ARGS__;                                                                       \
		cut_small(target, heads);                                                          \
	} while (0)

START_TEST(small_ones_share_a_tile)
{
	static const struct bl_format alone = {.name = "alone"};
	const struct bl_catalog *own[] = {&sc.cat};

	SMALL(320, "a", (void)0);
	SMALL(319, "ah", (void)0);
	SMALL(64, "abcdefgh", (void)0);
	SMALL(120, "adg", (void)0);
	SMALL(320, "abcdefgh", sc.job.runs = false);
	SMALL(320, "abcdefgh", sc.source[0].format = &alone);
	SMALL(320, "abcdefgh", sc.job.own = own);
	SMALL(320, "ac", sc.averaged[0] = sc.averaged[1] = false);
	SMALL(320, "ade", sc.weights_of[3] = 1);
	SMALL(320, "ade", scene_retype(&sc, 3, BL_BF16));
	SMALL(320, "acde", sc.averaged[2] = sc.averaged[3] = false; sc.from[3] = 0);
}
END_TEST

/* Tensors that stand in another order in one checkpoint, or that it lacks. */
START_TEST(what_differs_has_its_own_tile)
{
	const uint64_t dim[] = {2, 5};

	for (unsigned kind = 0; kind < 2; kind++) {
		scene_init(&sc, 2, 1);
		for (char name[] = "a"; name[0] < 'i'; name[0]++)
			scene_tensor(&sc, 1, name, BL_F32, 2, dim, NULL);
		for (const char *c = kind ? "defghabc" : "abcefgh"; *c; c++) {
			const char name[] = {*c, '\0'};

			scene_tensor(&sc, 0, name, BL_F32, 2, dim, NULL);
		}
		scene_ready(&sc);
		sc.job.runs = true;
		cut_small(1000, kind ? "ad" : "ade");
	}
}
END_TEST

static uint64_t place_of(const struct bl_sink *snk, size_t tensor)
{
	(void)tensor;
	return *(const uint64_t *)snk->state;
}

#define NOWHERE UINT64_MAX

/* Tiles but the first are pieces of most outputs that begin with a multiple of their size, where
 * elements can. */
START_TEST(tiles_are_pieces)
{
	static const struct bl_format placed = {.name = "placed", .place = place_of};
	static const struct {
		uint64_t place[4]; /* of the outputs; NOWHERE: it does not say */
		uint64_t usual, first;
	} cases[] = {
		{{0, 0, 0, 0}, 0, 2048},
		{{8192, 0, 16384, 0}, 0, 2048},
		{{8, 8, 8, 8}, 8, 2046},
		{{4096, 4096, 4096, 4096}, 4096, 1024},
		{{4092, 4092, 4092, 4092}, 4092, 1025},
		{{4099, 4099, 4099, 4099}, 4099, 2048},
		{{0, 8, 8, 8}, 8, 2046},
		{{0, 8, 16, 8200}, 8, 2046},
		{{0, 8, 16, 24}, 0, 2048},
		{{16, 0, 8, 0}, 0, 2048},
		{{NOWHERE, 8, NOWHERE, NOWHERE}, 8, 2046},
		{{0, NOWHERE, 8, 8}, 8, 2046},
		{{NOWHERE, NOWHERE, NOWHERE, NOWHERE}, 0, 2048},
	};
	const uint64_t dim[] = {10000};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const uint64_t usual = cases[i].usual;
		uint64_t place[4], next = 0;
		struct bl_tiling g;
		struct bl_err err;
		size_t tensor = 0;

		scene_init(&sc, 2, 4);
		scene_tensors(&sc, "w", BL_F32, 1, dim, NULL);
		sc.averaged[0] = sc.needed[0] = true;
		for (size_t p = 0; p < 4; p++) {
			place[p] = cases[i].place[p];
			sc.sink[p].format = &placed;
			sc.sink[p].state = place[p] == NOWHERE ? NULL : &place[p];
		}
		ck_assert_int_eq(bl_tiling_make(&sc.job, 8192, &g, &err), 0);
		for (uint64_t n = 0; n < g.first[1]; n++) {
			const struct bl_tile tile = bl_tiling_get(&sc.job, &g, n);

			check_tile(&g, &tile, &tensor, &next);
			ck_assert_uint_eq(tile.span.count, n == 0 ? cases[i].first :
				n + 1 < g.first[1] ? 2048 : 10000 - tile.span.first);
			if (n > 0 && usual % 4 == 0)
				ck_assert_uint_eq((usual + tile.span.first * 4) % 8192, 0);
		}
		ck_assert_uint_eq(next, 10000);
		bl_tiling_free(&g);
		for (size_t p = 0; p < 4; p++)
			sc.sink[p].state = NULL;
		scene_free(&sc);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tiles");
	TCase *t = tcase_create("tiles");

	tcase_add_test(t, cuts);
	tcase_add_test(t, numbers_tiles);
	tcase_add_test(t, copies_look_at_the_last);
	tcase_add_test(t, small_ones_share_a_tile);
	tcase_add_test(t, what_differs_has_its_own_tile);
	tcase_add_test(t, tiles_are_pieces);
	suite_add_tcase(s, t);
	return suite_run(s);
}
