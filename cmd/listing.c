/* listing.c - what the listings of checkpoints share. */
#include "listing.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

struct bl_totals bl_totals_of(const struct bl_catalog *cat)
{
	struct bl_totals sum = {0, 0};

	/* The files hold the bytes, so their sum fits; a tensor without values may have any shape.
	 */
	for (size_t i = 0; i < cat->tensors; i++) {
		if (cat->tensor[i].dtype != BL_OTHER)
			sum.values += cat->tensor[i].count;
		sum.bytes += cat->tensor[i].bytes;
	}
	return sum;
}

bool bl_listing_time(const struct bl_inputs *in, size_t t, int64_t *time)
{
	*time = in->time ? in->time[t] : 0;
	return in->time != NULL;
}

static bool same_tensors(const struct bl_catalog *a, const struct bl_catalog *b)
{
	if (a->tensors != b->tensors)
		return false;
	for (size_t i = 0; i < a->tensors; i++)
		if (strcmp(a->tensor[i].name, b->tensor[i].name) != 0 ||
			a->tensor[i].dtype != b->tensor[i].dtype ||
			!bl_same_shape(&a->tensor[i], &b->tensor[i]))
			return false;
	return true;
}

bool bl_listing_alike(const struct bl_inputs *in)
{
	for (size_t t = 1; t < in->n; t++)
		if (in->source[t].format != in->source[0].format ||
			!same_tensors(&in->source[0].cat, &in->source[t].cat))
			return false;
	return true;
}

/* "step", "time": what the times are called. */
static const char *time_word(const struct bl_inputs *in)
{
	return in->time && in->origin == BL_TIME_KEY ? in->time_key : "time";
}

void bl_listing_head(FILE *to, const struct bl_inputs *in, size_t t)
{
	const struct bl_source *src = &in->source[t];
	const struct bl_totals sum = bl_totals_of(&src->cat);
	char text[BL_TEXT], key[BL_TEXT_FIT(20)];
	int64_t time;

	bl_text_put(to, src->path);
	fprintf(to, "\n%s", src->format->name);
	if (src->parts > 0)
		fprintf(to, " in %zu files", src->parts);
	fprintf(to, ", %s", bl_text_bytes((double)bl_source_size(src), text, sizeof text));
	if (bl_listing_time(in, t, &time))
		fprintf(to, ", %s %" PRId64, bl_text_fit(time_word(in), 20, key, sizeof key), time);
	fprintf(to, "; %zu tensor%s, %" PRIu64 " value%s in %s\n", src->cat.tensors,
		bl_text_s(src->cat.tensors), sum.values, bl_text_s(sum.values),
		bl_text_bytes((double)sum.bytes, text, sizeof text));
}

void bl_listing_times(FILE *to, const struct bl_inputs *in)
{
	int64_t time;
	char text[BL_TEXT], when[BL_TEXT], key[BL_TEXT_FIT(12)];

	fprintf(to, "\n%12s  %8s  checkpoint\n", bl_text_fit(time_word(in), 12, key, sizeof key),
		"size");
	for (size_t t = 0; t < in->n; t++) {
		snprintf(when, sizeof when, "-");
		if (bl_listing_time(in, t, &time))
			snprintf(when, sizeof when, "%" PRId64, time);
		fprintf(to, "%12s  %8s  ", when,
			bl_text_bytes((double)bl_source_size(&in->source[t]), text, sizeof text));
		bl_text_put(to, in->source[t].path);
		putc('\n', to);
	}
}
