/* fuzz.c - what the fuzz targets share. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

void fuzz_must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f)
			return false;
	return true;
}

void fuzz_must_say(const struct bl_err *err)
{
	if (err->code != BL_USAGE && err->code != BL_INPUT && err->code != BL_LIMIT)
		fprintf(stderr, "code %d: %s\n", (int)err->code, err->text);
	fuzz_must(err->code == BL_USAGE || err->code == BL_INPUT || err->code == BL_LIMIT,
		"a failure is an input's or the user's");
	fuzz_must(err->text[0] != '\0', "a failure has words");
	fuzz_must(is_printable(err->text) && is_printable(err->hint), "messages are printable");
}

size_t fuzz_mutate(uint8_t *data, size_t size, size_t max)
{
	return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, max) : size;
}

/* xorshift: the same numbers from the same state. */
size_t fuzz_draw(uint32_t *state, size_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return below ? *state % below : 0;
}
