/* outputs.c - the averages of a run: examined early, made together, published last. */
#include "outputs.h"

#include "deflate.h"
#include "hf_folder.h"
#include "writing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>

static int make_room(struct bl_outputs *o, size_t n, struct bl_err *err)
{
	o->sink = calloc(n, sizeof *o->sink);
	o->file = calloc(n, sizeof *o->file);
	o->provenance = calloc(n, sizeof *o->provenance);
	o->exists = calloc(n, sizeof *o->exists);
	o->own = calloc(n, sizeof *o->own);
	o->published = calloc(n, sizeof *o->published);
	o->size = calloc(n, sizeof *o->size);
	/* Last: whoever tells of the outputs looks there first. */
	if (o->sink && o->file && o->provenance && o->exists && o->own && o->published && o->size)
		o->which = calloc(n, sizeof *o->which);
	if (!o->which)
		return bl_fail_memory(err, n * sizeof *o->sink, "the outputs");
	o->n = n;
	for (size_t p = 0; p < n; p++)
		o->which[p] = p;
	return 0;
}

/* The message of a layer below, with the output's name; a reader that is gone needs none, and what
 * is wrong with an input has that one's. */
static int name_output(const struct bl_sink *snk, struct bl_err *err)
{
	if (!err->text[0] || err->code == BL_INPUT)
		return -1;
	return bl_prefix(err, "%s", bl_output_title(snk->path));
}

static bool ends_in_slash(const char *path)
{
	const size_t n = strlen(path);

	return n > 0 && path[n - 1] == '/';
}

/* Could an average go there as a folder? Only the checkpoints, or a later look, can tell. */
static bool may_be_folder(const char *path)
{
	size_t n = strlen(path);
	struct stat st;

	if (bl_format_of_suffix(path) || strcmp(path, "-") == 0)
		return false;
	if (!ends_in_slash(path) && !(stat(path, &st) == 0 ? S_ISDIR(st.st_mode) : errno == EIO))
		return false;
	while (n > 0 && path[n - 1] == '/')
		n--;
	return n > 0 && path[n - 1] != '.'; /* not the one we are in, nor one above it */
}

/* How outputs are looked at: with --skip-existing and --state those that are there come later. */
static unsigned look_flags(const struct bl_outputs *o)
{
	return o->flags | (o->keep_existing || o->growing ? BL_REPLACE : 0);
}

/* --compression: same, none, gzip:N. */
static int take_compression(struct bl_outputs *o, const char *text, struct bl_err *err)
{
	static const char gzip[] = "gzip:";
	const size_t n = sizeof gzip - 1;

	if (strcmp(text, "none") == 0) {
		o->compression = BL_COMPRESS_NONE;
	} else if (strncmp(text, gzip, n) == 0 && text[n] >= '0' && text[n] <= '9' &&
		text[n + 1] == '\0') {
		o->compression = BL_COMPRESS_GZIP;
		o->level = (unsigned)(text[n] - '0');
	} else if (strcmp(text, "same") != 0) {
		return bl_fail(err, BL_USAGE, "--compression %s: same, none or gzip:0 to gzip:9 "
			"was expected", text);
	}
	return 0;
}

/* --deflate: zlib, fast. */
static int take_deflate(struct bl_outputs *o, const struct bl_settings *s, struct bl_err *err)
{
	if (bl_settings_word_is(s, BL_OPT_DEFLATE, "fast"))
		o->deflate = BL_DEFLATE_FAST;
	if (bl_deflate_has(o->deflate))
		return 0;
	bl_fail(err, BL_USAGE, "--deflate fast: belay was built without libdeflate");
	return bl_hint(err, "zlib compresses to about the same size");
}

int bl_outputs_examine(struct bl_outputs *o, const struct bl_case *cases, size_t n,
	const struct bl_settings *s, struct bl_err *err)
{
	struct bl_value room;

	if (make_room(o, n, err) != 0 ||
		take_compression(
			o, bl_settings_get(s, BL_OPT_COMPRESSION, &room)->text, err) != 0 ||
		take_deflate(o, s, err) != 0)
		return -1;
	o->keep_existing = bl_settings_given(s, BL_OPT_SKIP_EXISTING);
	if (o->keep_existing && bl_settings_given(s, BL_OPT_NO_PROVENANCE))
		return bl_fail(err, BL_USAGE, "--skip-existing needs the provenance that "
			"--no-provenance leaves out");
	if (bl_settings_given(s, BL_OPT_PLAN) || bl_settings_given(s, BL_OPT_DRY_RUN))
		o->flags |= BL_LOOK;
	if (bl_settings_given(s, BL_OPT_FORCE))
		o->flags |= BL_REPLACE;
	if (bl_settings_word_is(s, BL_OPT_SYNC, "no"))
		o->flags |= BL_NO_SYNC;
	if (bl_settings_given(s, BL_OPT_SHARD_SIZE))
		o->shard_size = (uint64_t)bl_settings_number(s, BL_OPT_SHARD_SIZE);
	for (size_t p = 0; p < n; p++) {
		o->sink[p].path = cases[p].output;
		if (!may_be_folder(cases[p].output) && bl_output_examine(cases[p].output,
				look_flags(o), &o->exists[p], err) != 0)
			return name_output(&o->sink[p], err);
	}
	return 0;
}

/* Would a loader take a file of this name for something else than it is? */
static bool is_foreign(const char *path)
{
	static const char *const suffix[] = {
		".pt", ".pth", ".ckpt", ".bin", ".npz", ".npy", ".pkl", ".onnx", ".gguf", ".tflite",
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof suffix / sizeof suffix[0]; i++)
		if (strcasecmp(dot, suffix[i]) == 0)
			return true;
	return false;
}

/* The format of an output: what --format says and its suffix, which must not contradict each other,
 * else that of the last checkpoint. NULL on error. */
static const struct bl_format *choose_format(const char *path, const char *asked,
	const struct bl_source *last, struct bl_err *err)
{
	const struct bl_format *named = bl_format_of_suffix(path), *format = named;
	const char *word = asked;

	if (asked && strcmp(asked, "same") == 0)
		word = last->format->name;
	for (size_t i = 0; word && bl_formats[i]; i++)
		if (strcmp(word, bl_formats[i]->name) == 0)
			format = bl_formats[i];
	if (!format)
		format = last->format;
	if (named && named != format) {
		bl_fail(err, BL_USAGE, "%s: is a name for %s, but --format %s%s%s", path,
			named->name, asked, word == asked ? "" : " is ",
			word == asked ? " was given" : word);
		return NULL;
	}
	if (format != last->format && format->wraps) {
		bl_fail(err, BL_USAGE, "%s: .%s files are only made from .%s files",
			bl_output_title(path), format->name, format->name);
		bl_hint(err, "the last checkpoint has only weights, %s has more", format->name);
		return NULL;
	}
	return format;
}

/* Refuses a name that does not suit the format. */
static int suit_name(const struct bl_outputs *o, const char *path, struct bl_err *err)
{
	if (is_foreign(path)) {
		bl_fail(err, BL_USAGE, "%s: is a name for files that belay does not write", path);
		return bl_hint(err, "give it the suffix of the checkpoints");
	}
	if (bl_hf_is_index(path)) {
		bl_fail(err, BL_USAGE, "%s: is a name for an index of shards", path);
		return bl_hint(err, "name the folder that they shall stand in");
	}
	if (o->compression != BL_COMPRESS_SAME && !o->format->compresses)
		return bl_fail(err, BL_USAGE, "--compression: the outputs are %s, which is never "
			"compressed", o->format->name);
	if (o->deflate != BL_DEFLATE_ZLIB && !o->format->compresses)
		return bl_fail(err, BL_USAGE, "--deflate: the outputs are %s, which is never "
			"compressed", o->format->name);
	if (strcmp(path, "-") == 0 && !o->format->streams) {
		bl_fail(err, BL_USAGE, "-o -: %s cannot be written to a pipe", o->format->name);
		return bl_hint(err, "name a file, or say --format safetensors");
	}
	return 0;
}

static int refuse_shards(const struct bl_outputs *o, const char *path, struct bl_err *err)
{
	if (!o->format->folders) {
		bl_fail(err, BL_USAGE, "--shard-size: the output is %s, which has no shards",
			o->format->name);
		return bl_hint(err, "--format safetensors has them");
	}
	bl_fail(err, BL_USAGE, "--shard-size: %s is one file", bl_output_title(path));
	return bl_hint(err, "name a folder, such as avg/");
}

/* Decides whether output p is a folder: where nothing in its name says otherwise and there is
 * more than one file to put there. */
static int suit_kind(struct bl_outputs *o, size_t p, const struct bl_source *last,
	struct bl_err *err)
{
	const char *path = o->sink[p].path;

	o->folders = o->format->folders && (last->folder || o->shard_size) &&
		!bl_format_of_suffix(path) && strcmp(path, "-") != 0;
	if (o->shard_size && !o->folders)
		return refuse_shards(o, path, err);
	if (o->folders && bl_output_examine_folder(path, look_flags(o), &o->exists[p], err) != 0)
		return name_output(&o->sink[p], err);
	if (o->folders || !may_be_folder(path))
		return 0;
	if (bl_output_examine(path, look_flags(o), &o->exists[p], err) == 0)
		return 0;
	name_output(&o->sink[p], err);
	return o->format->folders ? bl_hint(err, "to make a folder, name that of the last "
		"checkpoint instead of its file, or give --shard-size") : -1;
}

static int refuse_inputs(const struct bl_outputs *o, size_t p, const struct bl_inputs *in,
	struct bl_err *err)
{
	const struct bl_file *file;

	for (size_t t = 0; t < in->n; t++)
		for (size_t i = 0; (file = bl_source_file(&in->source[t], i)); i++)
			if ((o->folders ? bl_output_holds : bl_output_is)(
				o->sink[p].path, file))
				return bl_fail(err, BL_USAGE, "%s: %s an input", o->sink[p].path,
					o->folders ? "holds" : "is");
	return 0;
}

int bl_outputs_suit(struct bl_outputs *o, const struct bl_inputs *in, const struct bl_settings *s,
	struct bl_err *err)
{
	const struct bl_source *last = &in->source[in->n - 1];
	struct bl_value room;
	const struct bl_value *asked = bl_settings_get(s, BL_OPT_FORMAT, &room);

	for (size_t p = 0; p < o->n; p++) {
		const char *path = o->sink[p].path;

		o->format = choose_format(path, asked ? asked->text : NULL, last, err);
		if (!o->format || suit_name(o, path, err) != 0 ||
			suit_kind(o, p, last, err) != 0 || refuse_inputs(o, p, in, err) != 0)
			return -1;
	}
	return 0;
}

/* What the existing output p records: anything (*any), the run that would make it (*same). What is
 * no checkpoint does not; nor, where it may be replaced, what cannot be read. */
static int look_inside(const struct bl_outputs *o, size_t p, struct bl_files *pool, bool *any,
	bool *same, struct bl_err *err)
{
	struct bl_source old = {0};
	const char *recorded;

	*any = *same = false;
	if (!o->exists[p])
		return 0;
	if (bl_source_open(&old, pool, o->sink[p].path, err) != 0)
		return err->code == BL_INPUT && (o->flags & BL_REPLACE || !err->errnum ||
			err->errnum == ENOENT) ? 0 : -1;
	recorded = bl_catalog_meta(&old.cat, "belay");
	*any = recorded != NULL;
	*same = recorded && o->provenance[p] && strcmp(recorded, o->provenance[p]) == 0;
	bl_source_close(&old);
	return 0;
}

/* Keeps output p as number kept of those that will be made. */
static void keep(struct bl_outputs *o, size_t p, size_t kept)
{
	if (kept == p)
		return;
	o->which[kept] = o->which[p];
	o->sink[kept] = o->sink[p];
	o->own[kept] = o->own[p];
	free(o->provenance[kept]);
	o->provenance[kept] = o->provenance[p];
	o->provenance[p] = NULL;
}

/* Those from kept on will not be made. */
static void drop(struct bl_outputs *o, size_t kept)
{
	for (size_t p = kept; p < o->n; p++)
		free(o->provenance[p]);
	o->n = kept;
}

int bl_outputs_skip(
	struct bl_outputs *o, struct bl_files *pool, size_t *skipped, struct bl_err *err)
{
	const size_t all = o->n;
	size_t kept = 0;

	*skipped = 0;
	if (!o->keep_existing)
		return 0;
	for (size_t p = 0; p < all; p++) {
		bool any, done;

		if (look_inside(o, p, pool, &any, &done, err) != 0)
			return -1;
		if (o->exists[p] && !done && !(o->flags & BL_REPLACE)) {
			bl_fail(err, BL_USAGE, "%s: exists already, and does not hold this average",
				o->sink[p].path);
			return bl_hint(err, "-f replaces it");
		}
		if (!done)
			keep(o, p, kept++);
	}
	*skipped = all - kept;
	drop(o, kept);
	return 0;
}

/* Is output p one that a state names, if belay made it? Without provenance nobody can tell. */
static bool is_named(const struct bl_outputs *o, size_t p, const struct bl_state *state, bool ours)
{
	for (size_t i = 0; state && i < state->outputs; i++)
		if (strcmp(state->output[i].path, o->sink[p].path) == 0)
			return ours || !o->provenance[p];
	return false;
}

int bl_outputs_claim(struct bl_outputs *o, const struct bl_state *state, struct bl_files *pool,
	bool still, size_t *skipped, struct bl_err *err)
{
	const bool force = o->flags & BL_REPLACE;
	const size_t all = o->n;
	size_t kept = 0;

	for (size_t p = 0; p < all; p++) {
		bool ours, same;

		if (look_inside(o, p, pool, &ours, &same, err) != 0)
			return -1;
		o->own[p] = o->exists[p] && (same || is_named(o, p, state, ours));
		if (o->exists[p] && !o->own[p] && !force) {
			bl_fail(err, BL_USAGE, "%s: exists already, and is none of this state",
				o->sink[p].path);
			return bl_hint(err, "-f replaces it");
		}
		if (!still || !o->exists[p] || force)
			keep(o, p, kept++);
	}
	*skipped = all - kept;
	drop(o, kept);
	return 0;
}

static struct bl_sink_plan sink_plan(const struct bl_outputs *o, size_t p,
	const struct bl_selection *s)
{
	return (struct bl_sink_plan){
		.template = &s->all.source[s->all.sources - 1],
		.averaged = o->written,
		.provenance = o->provenance[p],
		.cat = &s->cat,
		.skipped = s->skipped,
		.retype = s->retype && s->averages > 0,
		.dtype = s->dtype,
		.shard_size = o->shard_size,
		.compression = o->compression,
		.level = o->level,
		.deflate = o->deflate,
	};
}

int bl_outputs_choose(struct bl_outputs *o, struct bl_selection *s, struct bl_err *err)
{
	const size_t n = s->cat.tensors, last = s->all.sources - 1;
	struct bl_sink_plan plan;

	o->needed = calloc(n + 1, sizeof *o->needed);
	o->written = calloc(n + 1, sizeof *o->written);
	if (!o->needed || !o->written)
		return bl_fail_memory(err, n, "the outputs");
	for (size_t i = 0; i < n; i++)
		o->written[i] = s->averaged[i] || (!s->skipped[i] && s->from[i] != last);
	plan = sink_plan(o, 0, s); /* all sinks are made alike */
	if (o->format->fit && o->format->fit(&plan, &s->cat, err) != 0)
		return -1;
	o->format->needs(&plan, o->needed);
	if (o->format->sink_bytes)
		o->bytes = o->n * o->format->sink_bytes(&plan);
	if (o->format->making_bytes)
		o->bytes += o->format->making_bytes(&plan);
	return 0;
}

static int create_one(struct bl_outputs *o, size_t p, const struct bl_selection *s,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	const struct bl_sink_plan plan = sink_plan(o, p, s);
	const char *path = o->sink[p].path;
	const unsigned flags = o->flags | (o->own[p] ? BL_REPLACE : 0);

	if ((o->folders ? bl_output_open_folder : bl_output_open)(
		path, flags, stop, &o->file[p], err) != 0)
		return -1;
	if (bl_sink_create(&o->sink[p], o->format, bl_output_title(path), o->file[p], &plan, err) !=
		0)
		return -1;
	return o->folders ? bl_output_seal(o->file[p], err) : 0;
}

/* All outputs are open at once, each with its folder: are so many files allowed? */
static int check_descriptors(const struct bl_outputs *o, struct bl_err *err)
{
	const size_t needed = o->n * (2 + o->format->descriptors);
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur > needed)
		return 0;
	bl_fail(err, BL_LIMIT, "%zu outputs need more than %zu open files, and %llu are allowed",
		o->n, needed, (unsigned long long)r.rlim_cur);
	return bl_hint(err, "make fewer in one run, or allow more by ulimit -n");
}

int bl_outputs_create(struct bl_outputs *o, const struct bl_selection *selection,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	if (check_descriptors(o, err) != 0)
		return -1;
	for (size_t p = 0; p < o->n; p++)
		if (create_one(o, p, selection, stop, err) != 0)
			return name_output(&o->sink[p], err);
	return 0;
}

int bl_outputs_complete(struct bl_outputs *o, struct bl_err *err)
{
	for (size_t p = 0; p < o->n; p++)
		if (o->format->finish(&o->sink[p], err) != 0 ||
			bl_output_sync(o->file[p], err) != 0)
			return name_output(&o->sink[p], err);
	return 0;
}

int bl_outputs_publish(struct bl_outputs *o, struct bl_err *err)
{
	for (size_t p = 0; p < o->n; p++) {
		if (bl_output_size(o->file[p], &o->size[p], err) != 0 ||
			bl_output_publish(o->file[p], err) != 0)
			return name_output(&o->sink[p], err);
		o->published[p] = true;
	}
	return 0;
}

void bl_outputs_abandon(struct bl_outputs *o)
{
	for (size_t p = 0; p < o->n; p++) {
		if (o->sink && o->sink[p].format)
			o->sink[p].format->abandon(&o->sink[p]);
		if (o->sink)
			o->sink[p].format = NULL;
		if (o->file)
			bl_output_close(o->file[p]);
		if (o->file)
			o->file[p] = NULL;
	}
}

void bl_outputs_free(struct bl_outputs *o)
{
	bl_outputs_abandon(o);
	for (size_t p = 0; o->provenance && p < o->n; p++)
		free(o->provenance[p]);
	free(o->which);
	free(o->sink);
	free(o->file);
	free(o->provenance);
	free(o->exists);
	free(o->own);
	free(o->published);
	free(o->size);
	free(o->needed);
	free(o->written);
	memset(o, 0, sizeof *o);
}
