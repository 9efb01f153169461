/*
 * probe_file.c - opens files as belay does, for tests that are no C.
 *
 * probe_file FILE...: a line per file, "accept" or "reject: " and the message.
 * probe_file -c IN OUT: writes IN once more through the sink of its format, all tensors through
 * write; with a third word, that as provenance. OUT may be "-".
 */
#include "formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int report(struct bl_files *pool, const char *path)
{
	struct bl_source src;
	struct bl_err err = {0};
	const int rc = bl_source_open(&src, pool, path, &err);

	if (rc == 0)
		printf("accept\n");
	else
		printf("reject: %s%s%s\n", err.text, err.hint[0] ? "; " : "", err.hint);
	bl_source_close(&src);
	return err.code == BL_OK || err.code == BL_INPUT ? 0 : -1;
}

/* Copies one tensor, whole, as tile number tile. */
static int copy_tensor(struct bl_sink *snk, const struct bl_source *src, size_t tensor,
	struct bl_turn *turn, struct bl_err *err)
{
	const struct bl_tensor *t = &src->cat.tensor[tensor];
	const struct bl_format *f = src->format;
	const struct bl_span span = {false, 0, t->count};
	void *values = malloc(t->bytes ? t->bytes : 1);
	void *work = f->work_new ? f->work_new(t->bytes) : NULL;
	int rc = -1;

	if (values && f->read(src, tensor, span, values, work, err) == 0)
		rc = f->write(snk, tensor, span, values, work, turn, err);
	if (rc == 0 && !turn->taken)
		bl_turn_done(turn);
	if (f->work_free)
		f->work_free(work);
	free(values);
	return rc;
}

static int copy_all(struct bl_source *src, struct bl_output *out, const char *provenance,
	struct bl_err *err)
{
	bool *averaged = malloc(src->cat.tensors + 1), *needed = calloc(src->cat.tensors + 1, 1);
	const struct bl_sink_plan plan = {
		.template = src, .averaged = averaged, .provenance = provenance};
	struct bl_gate gate;
	struct bl_sink snk = {.format = NULL};
	int rc = bl_gate_init(&gate, err);

	memset(averaged, 1, src->cat.tensors + 1);
	if (rc == 0)
		rc = bl_sink_create(&snk, src->format, "OUT", out, &plan, err);
	if (rc == 0)
		src->format->needs(&snk.plan, needed);
	for (size_t i = 0, tile = 0; rc == 0 && i < src->cat.tensors; i++) {
		struct bl_turn turn = {&gate, tile, false};

		if (!needed[i])
			continue;
		rc = copy_tensor(&snk, src, i, &turn, err);
		tile++;
	}
	if (rc == 0)
		rc = src->format->finish(&snk, err);
	if (snk.format)
		src->format->abandon(&snk);
	bl_gate_free(&gate);
	free(averaged);
	free(needed);
	return rc;
}

static int copy(struct bl_files *pool, const char *from, const char *to, const char *provenance)
{
	struct bl_err err = {0};
	struct bl_output *out = NULL;
	struct bl_source src;
	int rc = bl_source_open(&src, pool, from, &err);

	if (rc == 0)
		rc = bl_output_open(to, BL_REPLACE | BL_NO_SYNC, NULL, &out, &err);
	if (rc == 0)
		rc = copy_all(&src, out, provenance, &err);
	if (rc == 0)
		rc = bl_output_publish(out, &err);
	bl_output_close(out);
	bl_source_close(&src);
	if (rc != 0)
		fprintf(stderr, "%s\n", err.text);
	return rc;
}

int main(int argc, char **argv)
{
	struct bl_files *pool;
	struct bl_err err = {0};
	int rc = bl_files_new(&pool, 0, &err);

	if (rc == 0 && argc >= 4 && strcmp(argv[1], "-c") == 0)
		rc = copy(pool, argv[2], argv[3], argc > 4 ? argv[4] : NULL);
	else
		for (int i = 1; rc == 0 && i < argc; i++)
			rc = report(pool, argv[i]);
	bl_files_free(pool);
	return rc == 0 ? 0 : 1;
}
