/* print_recipe.c - the recipe of a provenance, from standard input to standard output. */
#include "recipe_write.h"

#include <stdlib.h>

int main(void)
{
	static char json[1 << 24];
	const size_t len = fread(json, 1, sizeof json, stdin);
	struct bl_err err = {0};

	if (bl_recipe_of_provenance(stdout, json, len, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return (int)err.code;
}
