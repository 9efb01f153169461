/* report_json.c - the plan and the provenance as JSON. */
#include "memory_stream.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* A member that holds a count, or null where that is not known. */
static void put_known(struct bl_json_printer *j, const char *key, uint64_t n)
{
	bl_json_key(j, key);
	if (n > 0)
		bl_json_put_unsigned(j, n);
	else
		bl_json_put_null(j);
}

/* Members of times that say where they came from. */
void bl_report_put_origin(struct bl_json_printer *j, const struct bl_report *r)
{
	static const char *const word[] = {
		[BL_TIME_KEY] = "key",
		[BL_TIME_PATTERN] = "pattern",
		[BL_TIME_NAME] = "name",
		[BL_TIME_INDEX] = "index",
		[BL_TIME_PROVENANCE] = "provenance",
	};

	bl_json_member_text(j, "from", word[r->origin]);
	bl_json_member_text(j, "key", r->origin == BL_TIME_KEY ? r->time_key : NULL);
}

const char *bl_report_typed(enum bl_option o, const char *text)
{
	const char *slash = bl_option(o)->flags & BL_FILE ? strrchr(text, '/') : NULL;

	return slash ? slash + 1 : text;
}

/* Members method and settings of a case. */
void bl_report_put_settings(struct bl_json_printer *j, const struct bl_case *c)
{
	bl_json_member_text(j, "method", bl_case_word(c, BL_OPT_METHOD));
	bl_json_key(j, "settings");
	bl_json_begin_object(j);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const struct bl_value *v = bl_case_value(c, o);

		if (v && o != BL_OPT_METHOD && bl_option(o)->flags & (BL_METHOD | BL_RECORDED))
			bl_json_member_text(j, bl_option(o)->key, bl_report_typed(o, v->text));
	}
	bl_json_end_object(j);
}

/* Members method, settings and resolved of a row. */
void bl_report_put_method(struct bl_json_printer *j, const struct bl_report *r,
	const struct bl_row *row)
{
	struct bl_resolved resolved[BL_RESOLVED];
	const size_t n = bl_report_resolved(r, row, resolved);

	bl_report_put_settings(j, row->settings);
	bl_json_key(j, "resolved");
	bl_json_begin_object(j);
	for (size_t i = 0; i < n; i++) {
		bl_json_key(j, resolved[i].name);
		bl_json_begin_object(j);
		bl_json_member_double(j, "value", resolved[i].value);
		bl_json_key(j, "hex");
		bl_json_put_hex(j, resolved[i].value);
		bl_json_end_object(j);
	}
	bl_json_end_object(j);
}

/* The weights of a row as an array, decimal or hexadecimal. */
static void put_weights(struct bl_json_printer *j, const struct bl_row *row, bool hex)
{
	bl_json_begin_array(j);
	for (size_t t = 0; t < row->time.count; t++) {
		if (hex)
			bl_json_put_hex(j, row->weight[t]);
		else
			bl_json_put_double(j, row->weight[t]);
	}
	bl_json_end_array(j);
}

/* ---- the provenance ---- */

/* What a pattern is for. */
static void put_rule(struct bl_json_printer *j, const struct bl_rule *rule)
{
	static const char *const word[] = {
		[BL_FATE_COPY] = "copy", [BL_FATE_AVERAGE] = "average", [BL_FATE_SKIP] = "skip"};

	bl_json_begin_object(j);
	bl_json_member_text(j, "match", rule->glob);
	if (!rule->overlay) {
		bl_json_key(j, word[rule->fate]);
		bl_json_put_bool(j, true);
	}
	for (enum bl_option o = 0; rule->overlay && o < BL_OPTIONS; o++)
		if (bl_overlay_value(rule->overlay, o))
			bl_json_member_text(j, bl_option(o)->key,
				bl_overlay_value(rule->overlay, o)->text);
	if (rule->from)
		bl_json_member_text(j, "copy-from", rule->from);
	bl_json_end_object(j);
}

/* The patterns for tensors, in their order. */
static void put_rules(struct bl_json_printer *j, const struct bl_report *r)
{
	if (r->rules == 0)
		return;
	bl_json_key(j, "tensors");
	bl_json_begin_array(j);
	for (size_t i = 0; i < r->rules; i++)
		put_rule(j, &r->rule[i]);
	bl_json_end_array(j);
}

/* How the tensors of output p are averaged that have settings of their own. */
static void put_record_of_overlaid(struct bl_json_printer *j, const struct bl_report *r, size_t p)
{
	if (r->plan->overlays == 0)
		return;
	bl_json_key(j, "tensor_options");
	bl_json_begin_array(j);
	for (size_t k = 0; k < r->plan->overlays; k++) {
		const struct bl_row *row = bl_plan_row(r->plan, p, k + 1);

		bl_json_begin_object(j);
		bl_json_member_text(j, "match", r->plan->overlay[k]->glob);
		bl_report_put_method(j, r, row);
		bl_json_key(j, "weights");
		put_weights(j, row, true);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
}

static void put_provenance(struct bl_json_printer *j, const struct bl_report *r, size_t p,
	const struct bl_paths *paths)
{
	bl_json_begin_object(j);
	bl_json_member_text(j, "belay", r->version);
	bl_report_put_method(j, r, &r->plan->row[p]);
	put_rules(j, r);
	bl_json_member_text(j, "format", r->format);
	bl_json_key(j, "times");
	bl_json_begin_object(j);
	bl_report_put_origin(j, r);
	bl_json_end_object(j);
	bl_json_key(j, "inputs");
	bl_json_begin_array(j);
	for (size_t t = 0; t < r->plan->checkpoints; t++) {
		bl_json_begin_object(j);
		bl_json_put_name(j, "path", paths->path[t]);
		bl_json_key(j, "time");
		bl_json_put_signed(j, r->input[t].time);
		bl_json_member_count(j, "size", r->input[t].size);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
	bl_json_key(j, "weights");
	put_weights(j, &r->plan->row[p], true);
	put_record_of_overlaid(j, r, p);
	bl_json_end_object(j);
}

char *bl_report_provenance(const struct bl_report *r, size_t p, struct bl_err *err)
{
	struct bl_paths paths;
	char *text = NULL;
	size_t size = 0;
	struct bl_json_printer j = {.to = NULL};

	if (bl_report_paths(r, &paths, err) != 0)
		return NULL;
	j.to = bl_memory_stream(&text, &size);
	if (j.to)
		put_provenance(&j, r, p, &paths);
	bl_paths_free(&paths);
	if (bl_memory_close(j.to, &text) != 0)
		bl_fail_memory(err, size, "the provenance");
	return text;
}

/* ---- the plan ---- */

static void put_checkpoints(
	struct bl_json_printer *j, const struct bl_report *r, const struct bl_paths *paths)
{
	bl_json_key(j, "checkpoints");
	bl_json_begin_array(j);
	for (size_t t = 0; t < r->plan->checkpoints; t++) {
		bl_json_begin_object(j);
		bl_json_put_name(j, "path", paths->path ? paths->path[t] : r->input[t].path);
		bl_json_key(j, "time");
		bl_json_put_signed(j, r->input[t].time);
		bl_json_member_count(j, "size", r->input[t].size);
		bl_json_key(j, "read");
		bl_json_put_bool(j, r->input[t].read);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
	bl_json_member_text(j, "folder", paths->path ? paths->folder : "");
}

void bl_report_put_warnings(struct bl_json_printer *j, const struct bl_row *row)
{
	char text[512];

	bl_json_key(j, "warnings");
	bl_json_begin_array(j);
	for (size_t n = 0; bl_plan_warning(row, n, text, sizeof text); n++)
		bl_json_put_text(j, text);
	bl_json_end_array(j);
}

/* A number, or null where there is none. */
static void put_some(struct bl_json_printer *j, const char *key, bool some, double value)
{
	bl_json_key(j, key);
	if (some)
		bl_json_put_double(j, value);
	else
		bl_json_put_null(j);
}

/* The length that was asked for. */
static void put_asked(struct bl_json_printer *j, const struct bl_row *row)
{
	bl_json_key(j, "asked");
	if (!row->length_option) {
		bl_json_put_null(j);
		return;
	}
	bl_json_begin_object(j);
	bl_json_member_double(j, "half_life", row->half_life_asked);
	bl_json_member_double(j, "mean_age", row->mean_age_asked);
	bl_json_member_double(j, "decay", row->decay_asked);
	bl_json_member_double(j, "rel_std", row->rel_std_asked);
	bl_json_end_object(j);
}

/* How some tensors are averaged. */
void bl_report_put_row(
	struct bl_json_printer *j, const struct bl_report *r, const struct bl_row *row)
{
	bl_report_put_method(j, r, row);
	bl_json_member_double(j, "sum", row->sum);
	bl_json_member_double(j, "sum_abs", row->sum_abs);
	bl_json_member_double(j, "mean_age", row->mean_age);
	put_some(j, "half_life", row->half_life >= 0, row->half_life);
	put_some(j, "rel_std", row->rel_std >= 0, row->rel_std);
	put_asked(j, row);
	bl_json_member_double(j, "effective_number", row->effective_number);
	bl_json_member_double(j, "first_share", row->first_share);
	bl_report_put_warnings(j, row);
}

void bl_report_put_overlaid(
	struct bl_json_printer *j, const struct bl_report *r, size_t p, bool weights)
{
	const struct bl_plan *plan = r->plan;

	bl_json_key(j, "tensor_options");
	bl_json_begin_array(j);
	for (size_t k = 0; k < plan->overlays; k++) {
		const struct bl_row *row = bl_plan_row(plan, p, k + 1);

		bl_json_begin_object(j);
		bl_json_member_text(j, "match", plan->overlay[k]->glob);
		bl_json_member_count(j, "tensors", r->overlay_tensors[k]);
		bl_report_put_row(j, r, row);
		if (weights) {
			bl_json_key(j, "weights");
			put_weights(j, row, false);
			bl_json_key(j, "weights_hex");
			put_weights(j, row, true);
		}
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
}

static void put_output(struct bl_json_printer *j, const struct bl_report *r, size_t p)
{
	bl_json_begin_object(j);
	bl_json_put_name(j, "path", r->output[p].path);
	put_known(j, "size", r->output[p].size);
	put_known(j, "disk_free", r->output[p].disk_free);
	bl_report_put_row(j, r, &r->plan->row[p]);
	bl_report_put_overlaid(j, r, p, true);
	bl_json_end_object(j);
}

static void put_tensors(struct bl_json_printer *j, const struct bl_report *r)
{
	bl_json_key(j, "tensors");
	bl_json_begin_object(j);
	bl_json_member_count(j, "count", r->tensors);
	bl_json_member_count(j, "averaged", r->averaged);
	bl_json_member_count(j, "copied", r->copied);
	bl_json_member_count(j, "aliases", r->aliases);
	bl_json_member_count(j, "skipped", r->skipped);
	bl_json_member_count(j, "partial", r->partial);
	bl_json_end_object(j);
}

void bl_report_put_run(struct bl_json_printer *j, const struct bl_report *r)
{
	const struct bl_budget *b = &r->budget;

	bl_json_key(j, "run");
	bl_json_begin_object(j);
	bl_json_member_count(j, "read_bytes", b->read_bytes);
	bl_json_member_count(j, "written_bytes", b->written_bytes);
	bl_json_member_count(j, "memory_bytes", b->peak);
	bl_json_member_count(j, "tile_bytes", b->tile);
	bl_json_member_count(j, "tile_inputs", b->inputs);
	bl_json_member_count(j, "threads", b->threads);
	put_known(j, "disk_bytes", bl_report_disk(r));
	bl_json_end_object(j);
}

static void put_matrix(
	struct bl_json_printer *j, const struct bl_report *r, const char *key, bool hex)
{
	bl_json_key(j, key);
	bl_json_begin_array(j);
	for (size_t p = 0; p < r->plan->rows; p++)
		put_weights(j, &r->plan->row[p], hex);
	bl_json_end_array(j);
}

/* Which checkpoints were left out. */
static void put_chosen(struct bl_json_printer *j, const struct bl_chosen *chosen)
{
	bl_json_key(j, "chosen");
	bl_json_begin_object(j);
	bl_json_member_count(j, "given", chosen->given);
	bl_json_key(j, "left_out");
	bl_json_begin_object(j);
	for (enum bl_choice c = BL_TAKEN + 1; c < BL_CHOICES; c++)
		if (chosen->n[c] > 0)
			bl_json_member_count(
				j, bl_option(bl_choice_option(c))->key, chosen->n[c]);
	bl_json_end_object(j);
	bl_json_end_object(j);
}

void bl_report_put_inputs(struct bl_json_printer *j, const struct bl_report *r)
{
	struct bl_paths paths;
	struct bl_err none;

	/* Without memory for shorter paths the plan shows them as they were given. */
	if (bl_report_paths(r, &paths, &none) != 0)
		paths = (struct bl_paths){NULL, NULL, NULL};
	bl_json_key(j, "times");
	bl_json_begin_object(j);
	bl_report_put_origin(j, r);
	bl_json_key(j, "first");
	bl_json_put_signed(j, r->input[0].time);
	bl_json_key(j, "last");
	bl_json_put_signed(j, r->input[r->plan->checkpoints - 1].time);
	bl_json_end_object(j);
	put_checkpoints(j, r, &paths);
	if (r->chosen)
		put_chosen(j, r->chosen);
	bl_json_member_text(j, "format", r->format);
	put_tensors(j, r);
	bl_paths_free(&paths);
}

void bl_report_plan_json(FILE *to, const struct bl_report *r)
{
	struct bl_json_printer j = {.to = to, .pretty = true};

	bl_json_begin_object(&j);
	bl_json_member_count(&j, "schema", 1);
	bl_json_member_text(&j, "belay", r->version);
	bl_report_put_inputs(&j, r);
	bl_json_key(&j, "outputs");
	bl_json_begin_array(&j);
	for (size_t p = 0; p < r->plan->rows; p++)
		put_output(&j, r, p);
	bl_json_end_array(&j);
	bl_report_put_run(&j, r);
	put_matrix(&j, r, "weights", false);
	put_matrix(&j, r, "weights_hex", true);
	bl_json_end_object(&j);
	putc('\n', to);
}
