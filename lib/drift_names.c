/* drift_names.c - the names of tensors in a table or a picture. */
#include "drift.h"

#include "text.h"

#include <string.h>

#define MOST 40 /* columns of a name */

/* Bytes with which n names begin alike, whole parts of them. */
static size_t common(const struct bl_drift *d, const size_t *order, size_t n)
{
	const char *first = d->of[order[0]].tensor->name;
	size_t same = strlen(first);

	for (size_t i = 1; i < n; i++) {
		const char *name = d->of[order[i]].tensor->name;
		size_t k = 0;

		while (k < same && name[k] == first[k])
			k++;
		same = k;
	}
	while (same > 0 && first[same - 1] != '.' && first[same - 1] != '/')
		same--;
	return same;
}

/* The widest of n names without their first bytes. */
static size_t widest(const struct bl_drift *d, const size_t *order, size_t n, size_t prefix)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		const size_t wide = bl_text_put(NULL, d->of[order[i]].tensor->name + prefix);

		most = wide > most ? wide : most;
	}
	return most;
}

struct bl_drift_names bl_drift_names(
	const struct bl_drift *d, const size_t *order, size_t n, size_t most)
{
	struct bl_drift_names names = {.head = "tensor"};
	size_t columns = widest(d, order, n, 0), head = strlen(names.head);
	char head_text[MOST + 2];

	if (n > 1 && columns > most)
		names.prefix = common(d, order, n);
	if (names.prefix > 0) {
		const char *name = d->of[order[0]].tensor->name;
		const size_t from = names.prefix < MOST ? 0 : names.prefix - MOST;

		columns = widest(d, order, n, names.prefix);
		snprintf(head_text, sizeof head_text, "%.*s*", (int)(names.prefix - from),
			name + from);
		bl_text_fit(head_text, most, names.head, sizeof names.head);
		head = bl_text_columns(names.head);
	}
	columns = columns > head ? columns : head;
	names.columns = columns < most ? columns : most;
	return names;
}

const char *bl_drift_name(
	const struct bl_drift_names *names, const struct bl_drift_of *of, char *buf)
{
	return bl_text_fit(
		of->tensor->name + names->prefix, names->columns, buf, BL_TEXT_FIT(MOST));
}
