/* growing.c - runs that grow: --state. */
#include "growing.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The message of a layer below, with the name of the state. */
static int name_state(const struct bl_growing *g, struct bl_err *err)
{
	return err->text[0] ? bl_prefix(err, "%s", g->path) : -1;
}

/* ---- reading ---- */

/* Options that ask for what only all checkpoints together can give. */
static int refuse_options(const struct bl_settings *s, struct bl_err *err)
{
	if (bl_settings_given(s, BL_OPT_TIMES))
		return bl_fail(err, BL_USAGE, "--state does not go with --times=index, which "
			"numbers the checkpoints of one run");
	if (bl_settings_given(s, BL_OPT_SKIP_EXISTING))
		return bl_fail(err, BL_USAGE, "--state does not go with --skip-existing: it "
			"leaves alone what is up to date by itself");
	if (!bl_settings_word_is(s, BL_OPT_MISSING, "refuse"))
		return bl_fail(err, BL_USAGE, "--state does not go with --missing: all "
			"checkpoints must have the same tensors");
	if (bl_settings_given(s, BL_OPT_TENSOR_OPTION))
		return bl_fail(err, BL_USAGE, "--state does not go with --tensor-option: the state "
			"is of one average for all tensors");
	if (strcmp(bl_settings_text(s, BL_OPT_COPY_FROM), "last") != 0)
		return bl_fail(err, BL_USAGE, "--state does not go with --copy-from: copies are "
			"from the last checkpoint");
	return 0;
}

static int refuse_name(const struct bl_growing *g, const struct bl_case *cases, size_t n,
	struct bl_err *err)
{
	if (strcmp(g->path, "-") == 0)
		return bl_fail(err, BL_USAGE, "--state -: a state is a file, which is read and "
			"replaced");
	for (size_t p = 0; p < n; p++)
		if (strcmp(cases[p].output, g->path) == 0 ||
			(g->source.file && bl_output_is(cases[p].output, g->source.file)))
			return bl_fail(err, BL_USAGE, "%s: is the state and an output", g->path);
	return 0;
}

/* Reads the state that is there. */
static int read_state(struct bl_growing *g, struct bl_err *err)
{
	const struct bl_meta *meta = NULL;

	if (bl_files_new(&g->pool, 1, err) != 0 ||
		bl_source_open(&g->source, g->pool, g->path, err) != 0)
		return -1;
	for (size_t i = 0; i < g->source.cat.metas; i++)
		if (strcmp(g->source.cat.meta[i].key, BL_STATE_KEY) == 0)
			meta = &g->source.cat.meta[i];
	if (!meta || g->source.format != &bl_format_safetensors || g->source.parts) {
		bl_fail(err, BL_INPUT, "%s: is no state", g->path);
		return bl_hint(err, "--state names a file that belay makes and replaces");
	}
	if (meta->more)
		return bl_fail(err, BL_INPUT, "%s: its " BL_STATE_KEY " has a NUL in it", g->path);
	if (bl_state_read(&g->old, meta->value, err) == 0)
		return 0;
	if (err->code == BL_INPUT)
		bl_prefix(err, BL_STATE_KEY);
	return name_state(g, err);
}

/* How the settings say that times are found. */
static struct bl_state_times times_of(const struct bl_settings *s)
{
	struct bl_value room;
	const struct bl_value *unit = bl_settings_get(s, BL_OPT_TIME_UNIT, &room);

	return (struct bl_state_times){.key = bl_settings_text(s, BL_OPT_TIME_KEY),
		.pattern = bl_settings_text(s, BL_OPT_TIME_PATTERN),
		.unit = unit ? unit->number : 0};
}

int bl_growing_open(struct bl_growing *g, const struct bl_settings *s, const struct bl_case *cases,
	size_t n, struct bl_err *err)
{
	g->path = bl_settings_text(s, BL_OPT_STATE);
	if (!g->path)
		return 0;
	if (refuse_options(s, err) != 0 || refuse_name(g, cases, n, err) != 0)
		return -1;
	if (bl_settings_word_is(s, BL_OPT_SYNC, "no"))
		g->flags |= BL_NO_SYNC;
	if (bl_output_examine(g->path, BL_REPLACE, &g->exists, err) != 0) {
		err->hint[0] = '\0'; /* it speaks of streams */
		return name_state(g, err);
	}
	if (!g->exists)
		return 0;
	g->flags |= BL_REPLACE;
	if (read_state(g, err) != 0 || refuse_name(g, cases, n, err) != 0)
		return -1;
	return bl_state_same_times(&g->old, times_of(s), err) == 0 ? 0 : name_state(g, err);
}

const struct bl_state *bl_growing_past(const struct bl_growing *g)
{
	return g->exists ? &g->old : NULL;
}

/* ---- what is the same, and what is new ---- */

/* Lists the checkpoints of the next state. */
static int list_past(struct bl_growing *g, const struct bl_inputs *in, struct bl_err *err)
{
	for (size_t t = 0; t < in->past; t++)
		if (bl_state_add(&g->now, &g->old.past[t], err) != 0)
			return -1;
	for (size_t t = 0; t < in->n; t++) {
		const struct bl_past past = {in->source[t].path, in->time[t],
			bl_source_size(&in->source[t])};

		if (bl_state_add(&g->now, &past, err) != 0)
			return -1;
	}
	return 0;
}

/* Without the last checkpoint no output can be made: all must be there. */
static int check_outputs(const struct bl_growing *g, const struct bl_plan *plan, struct bl_err *err)
{
	for (size_t p = 0; p < plan->rows; p++) {
		const char *path = plan->row[p].settings->output;

		if (access(path, F_OK) == 0)
			continue;
		bl_fail(err, BL_USAGE, "%s: is not there, and nothing is new", path);
		return bl_hint(err, "with the last checkpoint, %s, it can be made again",
			g->old.past[g->old.checkpoints - 1].path);
	}
	return 0;
}

int bl_growing_compare(struct bl_growing *g, const struct bl_inputs *in,
	const struct bl_plan *plan, const struct bl_settings *s, struct bl_err *err)
{
	struct bl_state_times times = times_of(s);

	if (!g->path)
		return 0;
	times.origin = in->origin;
	times.key = in->time_key;
	for (size_t p = 0; p < plan->rows; p++)
		if (bl_state_lengths(&plan->row[p], err) != 0)
			return plan->rows > 1 ? bl_prefix(err, "%s", plan->row[p].settings->output)
			                      : -1;
	if (bl_state_describe(&g->now, plan, &times, err) != 0)
		return -1;
	if (g->exists && bl_state_same(&g->old, &g->now, err) != 0)
		return name_state(g, err);
	if (in->n == 0)
		return check_outputs(g, plan, err);
	return list_past(g, in, err);
}

/* ---- the pass ---- */

int bl_growing_job(struct bl_growing *g, const struct bl_inputs *in,
	const struct bl_selection *selection, const struct bl_plan *plan,
	const struct bl_outputs *out, struct bl_job *job, struct bl_err *err)
{
	if (!g->path)
		return 0;
	g->grow = (struct bl_grow){
		.selection = selection,
		.plan = plan,
		.state = bl_growing_past(g),
		.source = &g->source,
		.past = in->past,
		.still = in->still,
	};
	if (bl_grow_make(&g->grow, out->which, out->n, err) != 0)
		return err->code == BL_INPUT ? name_state(g, err) : -1;
	for (size_t p = 0; p < plan->rows; p++) {
		g->now.output[p].vectors = g->grow.resume[p].vectors;
		g->now.output[p].mass = g->grow.resume[p].mass;
	}
	bl_grow_job(&g->grow, job);
	if (g->exists)
		job->overhead += bl_source_bytes(&g->source) + bl_files_bytes(g->pool);
	return 0;
}

/* Makes the file and its head. */
static int make_file(struct bl_growing *g, struct bl_err *err)
{
	struct bl_catalog *cat = &g->grow.file;
	const struct bl_sink_plan plan = {.template = &g->none, .cat = cat};

	g->text = bl_state_text(&g->now, err);
	if (!g->text)
		return -1;
	cat->meta[0] = (struct bl_meta){.key = BL_STATE_KEY, .value = g->text};
	cat->metas = 1;
	return bl_sink_create(&g->sink, &bl_format_safetensors, g->path, g->file, &plan, err);
}

/* The lock is ours: is the state still the one that was read? */
static int check_unchanged(const struct bl_growing *g, struct bl_err *err)
{
	bool exists;

	if (g->exists && bl_source_unchanged(&g->source, err) != 0)
		return bl_hint(err, "another run has gone on from it: run this one again");
	if (g->exists)
		return 0;
	if (bl_output_examine(g->path, BL_REPLACE, &exists, err) != 0)
		return name_state(g, err);
	return exists ? bl_fail(err, BL_OUTPUT, "%s: appeared while this run was at work", g->path)
	              : 0;
}

int bl_growing_unchanged(const struct bl_growing *g, int rc, struct bl_err *err)
{
	if (!g->path || (rc != 0 && (err->code != BL_INPUT || !g->source.file)))
		return rc;
	return check_unchanged(g, err) == 0 ? rc : -1;
}

int bl_growing_create(
	struct bl_growing *g, const volatile sig_atomic_t *stop, struct bl_err *err)
{
	if (!g->path || g->grow.still)
		return 0;
	if (bl_output_open(g->path, g->flags, stop, &g->file, err) != 0)
		return name_state(g, err);
	if (check_unchanged(g, err) != 0)
		return -1;
	return make_file(g, err) == 0 ? 0 : name_state(g, err);
}

void bl_growing_join(struct bl_growing *g, const struct bl_outputs *out)
{
	if (g->path)
		bl_grow_sinks(&g->grow, out->sink, out->n, &g->sink);
}

void bl_growing_confine(const struct bl_growing *g, struct bl_confine *c)
{
	if (g->pool)
		bl_files_confine(g->pool, c);
	if (g->file)
		bl_output_confine(g->file, c);
}

int bl_growing_complete(struct bl_growing *g, struct bl_err *err)
{
	if (!g->file)
		return 0;
	if (g->sink.format->finish(&g->sink, err) != 0 || bl_output_sync(g->file, err) != 0)
		return name_state(g, err);
	return 0;
}

int bl_growing_publish(struct bl_growing *g, struct bl_err *err)
{
	if (g->file && bl_output_publish(g->file, err) != 0)
		return name_state(g, err);
	return 0;
}

void bl_growing_tell(const struct bl_growing *g, const struct bl_inputs *in,
	const struct bl_voice *voice)
{
	const size_t n = in->past + in->n;

	if (!g->path)
		return;
	if (in->still)
		bl_say(voice, g->path, BL_PLAIN,
			"nothing is new: it is of %zu checkpoint%s already",
			g->old.checkpoints, bl_text_s(g->old.checkpoints));
	else
		bl_say(voice, g->path, BL_PLAIN, "%zu checkpoint%s, %zu of them new", n,
			bl_text_s(n), in->n);
}

void bl_growing_abandon(struct bl_growing *g)
{
	if (g->sink.format)
		g->sink.format->abandon(&g->sink);
	g->sink.format = NULL;
	bl_output_close(g->file);
	g->file = NULL;
}

void bl_growing_free(struct bl_growing *g)
{
	bl_growing_abandon(g);
	if (g->exists)
		bl_source_close(&g->source);
	bl_files_free(g->pool);
	bl_state_free(&g->old);
	bl_state_free(&g->now);
	if (g->grow.plan)
		bl_grow_free(&g->grow);
	free(g->text);
	memset(g, 0, sizeof *g);
}
