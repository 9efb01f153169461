/*
 * test_profile.c - profiles that averages record: what is one, and that nothing else is taken for
 * one, however its text was cut, changed or made up.
 */
#include "profile.h"

#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUTANTS 20000

#define INPUTS \
	"\"inputs\":[{\"path\":\"a_1.h5\",\"time\":10,\"size\":64}," \
	"{\"path\":\"a_2.h5\",\"time\":20,\"size\":64}]"
#define WEIGHTS "\"weights\":[\"0x1p-2\",\"0x1.8p-1\"]"
#define POWER \
	"{\"belay\":\"0.1.0\",\"method\":\"power\",\"settings\":{\"rel-std\":\"0.05\"}," \
	"\"resolved\":{\"half-life\":{\"value\":1.5,\"hex\":\"0x1.8p+0\"}," \
	"\"exponent\":{\"value\":7.5,\"hex\":\"0x1.ep+2\"}}," INPUTS "," WEIGHTS "}"
/* An EMA with these settings and this pull. */
#define EMA(settings, kappa) \
	"{\"method\":\"ema\",\"settings\":{" settings "},\"resolved\":{\"kappa\":" kappa "}," \
	INPUTS "," WEIGHTS "}"
#define HALF "{\"hex\":\"0x1p-1\"}"

static struct bl_profile profile;
static struct bl_profile_when when;
static struct bl_err err;

/* From a copy that ends where the text does. */
static int read_it(const char *text, size_t length)
{
	char *copy = malloc(length + 1);
	int rc;

	memcpy(copy, text, length);
	copy[length] = '\0';
	memset(&err, 0, sizeof err);
	rc = bl_profile_recorded(copy, &profile, &when, &err);
	free(copy);
	return rc;
}

START_TEST(read)
{
	static const char *const ema[] = {
		EMA("\"half-life\":\"1\",\"update-every\":\"1\",\"warmup\":\"none\"", HALF),
		EMA("\"decay\":\"0.5\"",
			"{\"value\":0.5,\"\\u0068ex\":\"0x1p-1\",\"more\":[[{}]]}"),
		EMA("\"mean-age\":\"1\"", HALF),
	};

	ck_assert_msg(read_it(POWER, strlen(POWER)) == 0, "%s", err.text);
	ck_assert(profile.power && profile.number == 7.5 && profile.first == 0.25);
	ck_assert_int_eq(when.time, 20);
	ck_assert(when.unit == 1);
	for (size_t i = 0; i < sizeof ema / sizeof ema[0]; i++) {
		ck_assert_msg(read_it(ema[i], strlen(ema[i])) == 0, "%s", err.text);
		ck_assert(!profile.power && profile.number == 0.5 && profile.first == 0.25);
	}
	ck_assert(read_it(EMA("\"time-unit\":\"0.25\"", HALF),
			sizeof EMA("\"time-unit\":\"0.25\"", HALF) - 1) == 0);
	ck_assert(when.unit == 0.25);
}
END_TEST

/* No average with a plain profile, which --profiles can mend. */
START_TEST(no_plain_profile)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"{}", "a method that keeps no profile"},
		{"{\"method\":\"uniform\"," INPUTS "}", "a method that keeps no profile"},
		{"{\"method\":\"Power\"," INPUTS "}", "a method that keeps no profile"},
		{EMA("\"warmup\":\"tf\"", HALF), "it has a warm-up"},
		{EMA("\"update-every\":\"10\"", HALF), "it is not updated at every step"},
		{EMA("\"half-life\":\"2ckpt\"", HALF), "it counts checkpoints"},
		{"{\"method\":\"ema\",\"tensor_options\":[]}", "it has settings of its own"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_int_eq(read_it(bad[i].text, strlen(bad[i].text)), -1);
		ck_assert_int_eq(err.code, BL_USAGE);
		ck_assert_msg(strstr(err.text, bad[i].why) != NULL, "\"%s\" lacks \"%s\"", err.text,
			bad[i].why);
	}
}
END_TEST

/* No provenance of belay: wrong types, numbers that are none or out of range, things missing. */
START_TEST(no_provenance)
{
	static const char *const bad[] = {
		"", " ", "null", "1", "\"power\"", "[]", "[" POWER "]", POWER "{}", POWER ",",
		"{\"", "\xff", "{\"method\":\"\xff\"}", "{\"method\":power}",
		"{\"method\":[\"power\"]}",
		"{\"method\":null}", "{\"settings\":[]}",
		"{\"settings\":{\"rel-std\":0.05}}",
		"{\"settings\":{\"warmup\":{}}}",
		"{\"resolved\":1}", "{\"resolved\":{\"kappa\":1}}",
		"{\"inputs\":{}}", "{\"inputs\":[[]]}", "{\"inputs\":[1]}",
		"{\"inputs\":[{\"time\":\"20\"}]}", "{\"inputs\":[{\"time\":20.5}]}",
		"{\"inputs\":[{\"time\":1e3}]}", "{\"inputs\":[{\"time\":9007199254740992}]}",
		"{\"inputs\":[{\"time\":-99999999999999999999}]}", "{\"weights\":[]}",
		"{\"weights\":{}}", "{\"weights\":[0.5]}", "{\"weights\":[\"0x1p-1\",0.5]}",
		"{\"weights\":[\"nan\"]}", "{\"weights\":[\"\"]}",
		"{\"method\":\"ema\",\"resolved\":{\"kappa\":" HALF "}," WEIGHTS "}",
		"{\"method\":\"power\"," INPUTS "}", "{\"method\":\"ema\"," INPUTS "}",
		EMA("", "{\"value\":0.5}"), EMA("", "{\"hex\":0.5}"), EMA("", "{\"hex\":\"\"}"),
		EMA("", "{\"hex\":\"half\"}"), EMA("", "{\"hex\":\"0x1p-1 \"}"),
		EMA("", "{\"hex\":\"nan\"}"), EMA("", "{\"hex\":\"inf\"}"),
		EMA("", "{\"hex\":\"0x1p+2000\"}"), EMA("", "{\"hex\":\"0x0p+0\"}"),
		EMA("", "{\"hex\":\"-0x1p-1\"}"), EMA("", "{\"hex\":\"0x1.0000001p+0\"}"),
		EMA("", "{\"hex\":\"0x1p-1100\"}"), /* below the least double */
		EMA("", "{\"hex\":\"0x0000000000000000000000000000000000000000000000000000000000"
			"00001p-1\"}"),
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_msg(read_it(bad[i], strlen(bad[i])) == -1, "%s", bad[i]);
		ck_assert_msg(err.code == BL_INPUT && strstr(err.text, "provenance"),
			"%s: %d \"%s\"", bad[i], err.code, err.text);
	}
}
END_TEST

/* As much as ends anywhere. */
START_TEST(cut)
{
	for (size_t length = 0; length < strlen(POWER); length++) {
		ck_assert_msg(read_it(POWER, length) == -1, "%.*s", (int)length, POWER);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert(err.text[0]);
	}
}
END_TEST

/* Levels that no stack could hold if each took some of it. */
START_TEST(deep)
{
	static const char *const head[] = {"", "{\"method\":", "{\"settings\":", "{\"other\":",
		"{\"resolved\":{\"other\":", "{\"inputs\":[{\"other\":"};
	const size_t levels = 1000000;
	char *text = malloc(levels + 64);

	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
		const size_t n = strlen(head[i]);

		memcpy(text, head[i], n);
		memset(text + n, '[', levels);
		ck_assert_int_eq(read_it(text, n + levels), -1);
		ck_assert_int_eq(err.code, BL_INPUT);
	}
	free(text);
}
END_TEST

/* Below n; the same numbers in every run. */
static size_t any(size_t n)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(state >> 33) % n;
}

/* Changes bytes, puts in pieces, leaves out a run. Returns the new length; room for 512. */
static size_t mutate(const char *seed, char *text)
{
	static const char *const piece[] = {"{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\",
		"null", "-", "1e999", "0x1p+1023", "nan", "\"hex\":", "\"time\":", "\xc3", "\xff"};
	size_t length = strlen(seed);

	memcpy(text, seed, length);
	for (size_t changes = 1 + any(4); changes > 0; changes--) {
		const size_t at = any(length), n = any(length - at) % 20;
		const char *put = piece[any(sizeof piece / sizeof piece[0])];

		if (any(3) == 0) {
			text[at] = (char)(1 + any(255));
		} else if (any(2) == 0) {
			memmove(text + at, text + at + n, length - at - n);
			length -= n;
		} else {
			memmove(text + at + strlen(put), text + at, length - at);
			memcpy(text + at, put, strlen(put));
			length += strlen(put);
		}
	}
	return length;
}

START_TEST(mutants)
{
	static const char *const seed[] = {POWER, EMA("\"decay\":\"0.5\"", HALF)};
	size_t taken = 0;
	char text[1024];

	for (size_t i = 0; i < MUTANTS; i++) {
		const size_t length = mutate(seed[i % 2], text);

		if (read_it(text, length) != 0) {
			ck_assert(err.code == BL_INPUT || err.code == BL_USAGE);
			ck_assert(err.text[0]);
			continue;
		}
		taken++;
		ck_assert(profile.number > 0 && isfinite(profile.number));
		ck_assert(profile.power || profile.number <= 1);
		ck_assert(profile.first >= 0 && isfinite(profile.first));
		ck_assert(when.time > -((int64_t)1 << 53));
		ck_assert(when.time < (int64_t)1 << 53);
	}
	ck_assert_uint_gt(taken, MUTANTS / 100); /* else they are nothing but noise */
	ck_assert_uint_lt(taken, MUTANTS / 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("profile");
	TCase *c = tcase_create("recorded");

	tcase_add_test(c, read);
	tcase_add_test(c, no_plain_profile);
	tcase_add_test(c, no_provenance);
	tcase_add_test(c, cut);
	tcase_add_test(c, deep);
	tcase_add_test(c, mutants);
	suite_add_tcase(s, c);
	return suite_run(s);
}
