/* diff_report.c - what sets two checkpoints apart, for other programs. */
#include "diff_report.h"

#include "report.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool is_complex(const struct bl_diff_of *of)
{
	return of->compared && bl_dtype(of->tensor[1]->dtype)->lanes == 2;
}

static uint64_t scalars_of(const struct bl_diff_of *of)
{
	return of->values * bl_dtype(of->tensor[1]->dtype)->lanes;
}

/* ---- events ---- */

static void put_count(struct bl_json_printer *j, const char *key, bool known, uint64_t n)
{
	bl_json_key(j, key);
	if (known)
		bl_json_put_unsigned(j, n);
	else
		bl_json_put_null(j);
}

static void put_number(struct bl_json_printer *j, const char *key, bool known, double x)
{
	bl_json_key(j, key);
	if (known)
		bl_json_put_double(j, x);
	else
		bl_json_put_null(j);
}

static void put_sides(struct bl_json_printer *j, const struct bl_source *source)
{
	static const char *const key[] = {"a", "b"};

	for (size_t t = 0; t < 2; t++) {
		bl_json_key(j, key[t]);
		bl_json_begin_object(j);
		bl_json_put_name(j, "path", source[t].path);
		bl_json_member_text(j, "format", source[t].format->name);
		bl_json_member_count(j, "tensors", source[t].cat.tensors);
		bl_json_end_object(j);
	}
}

static void put_time(struct bl_json_printer *j, int64_t time)
{
	bl_json_key(j, "time");
	bl_json_put_signed(j, time);
}

void bl_diff_pair_event(struct bl_json_printer *j, const char *program,
	const struct bl_source *source, const int64_t *time)
{
	bl_event_begin(j, program, "pair");
	put_sides(j, source);
	if (time)
		put_time(j, *time);
	bl_event_end(j);
}

void bl_diff_alone_event(struct bl_json_printer *j, const char *program, int64_t time,
	enum bl_diff_fate fate, const char *path)
{
	bl_event_begin(j, program, "alone");
	put_time(j, time);
	bl_json_member_text(j, "status", bl_diff_word(fate));
	bl_json_put_name(j, "path", path);
	bl_event_end(j);
}

static void put_types(struct bl_json_printer *j, const struct bl_diff_of *of)
{
	bl_json_key(j, "dtype");
	bl_json_begin_array(j);
	for (size_t t = 0; t < 2; t++) {
		if (of->tensor[t])
			bl_json_put_text(j, bl_dtype(of->tensor[t]->dtype)->name);
		else
			bl_json_put_null(j);
	}
	bl_json_end_array(j);
	bl_json_key(j, "shape");
	bl_json_begin_array(j);
	for (size_t t = 0; t < 2; t++) {
		if (!of->tensor[t]) {
			bl_json_put_null(j);
			continue;
		}
		bl_json_begin_array(j);
		for (unsigned i = 0; i < of->tensor[t]->rank; i++)
			bl_json_put_unsigned(j, of->tensor[t]->dim[i]);
		bl_json_end_array(j);
	}
	bl_json_end_array(j);
}

static void put_tolerance(struct bl_json_printer *j, const struct bl_tolerance *t)
{
	bl_json_key(j, "tolerance");
	if (!t->given) {
		bl_json_put_null(j);
		return;
	}
	bl_json_begin_object(j);
	bl_json_member_double(j, "abs", t->abs);
	bl_json_member_double(j, "rel", t->rel);
	bl_json_member_count(j, "ulp", t->ulp);
	bl_json_end_object(j);
}

/* A number, which reads back as the same double, or where it is not finite a word. */
static void put_code(struct bl_json_printer *j, enum bl_dtype dtype, uint64_t code)
{
	const double x = bl_code_value(dtype, code);
	char text[BL_CODE_TEXT];

	bl_code_text(dtype, code, text);
	if (!isfinite(x))
		bl_json_put_text(j, text);
	else if (bl_dtype_is_whole(dtype))
		bl_json_put_raw(j, text, strlen(text));
	else
		bl_json_put_double(j, x);
}

/* Begins an extreme; false: there is none, and null stands for it. */
static bool begin_spot(
	struct bl_json_printer *j, const char *key, const struct bl_diff_of *of, enum bl_extreme k)
{
	bl_json_key(j, key);
	if (of->found.spot[k].there)
		bl_json_begin_object(j);
	else
		bl_json_put_null(j);
	return of->found.spot[k].there;
}

static void end_spot(struct bl_json_printer *j, const struct bl_diff_of *of, enum bl_extreme k)
{
	const struct bl_spot *s = &of->found.spot[k];
	uint64_t coordinate[BL_DIFF_RANK];
	const unsigned part = bl_diff_place(of->tensor[1], s->at, coordinate);

	bl_json_key(j, "at");
	bl_json_begin_array(j);
	for (unsigned i = 0; i < of->tensor[1]->rank; i++)
		bl_json_put_unsigned(j, coordinate[i]);
	bl_json_end_array(j);
	bl_json_member_text(j, "part", !is_complex(of) ? NULL : part ? "imag" : "real");
	bl_json_key(j, "a");
	put_code(j, of->tensor[0]->dtype, s->code[0]);
	bl_json_key(j, "b");
	put_code(j, of->tensor[1]->dtype, s->code[1]);
	bl_json_end_object(j);
}

static void put_spots(struct bl_json_printer *j, const struct bl_diff_of *of)
{
	const struct bl_spot *spot = of->found.spot;

	if (begin_spot(j, "first", of, BL_FIRST))
		end_spot(j, of, BL_FIRST);
	if (begin_spot(j, "max_abs", of, BL_MOST_ABS)) {
		bl_json_member_double(j, "size", spot[BL_MOST_ABS].size);
		end_spot(j, of, BL_MOST_ABS);
	}
	if (begin_spot(j, "max_rel", of, BL_MOST_REL)) {
		bl_json_member_double(j, "size", spot[BL_MOST_REL].size);
		end_spot(j, of, BL_MOST_REL);
	}
	if (begin_spot(j, "max_ulp", of, BL_MOST_STEPS)) {
		bl_json_member_count(j, "size", spot[BL_MOST_STEPS].steps);
		end_spot(j, of, BL_MOST_STEPS);
	}
}

void bl_diff_tensor_event(
	struct bl_json_printer *j, const char *program, const struct bl_diff_of *of)
{
	const struct bl_difference *found = &of->found;

	bl_event_begin(j, program, "tensor");
	bl_json_put_name(j, "name", of->tensor[of->tensor[1] ? 1 : 0]->name);
	bl_json_member_text(j, "status", bl_diff_word(of->fate));
	put_types(j, of);
	put_tolerance(j, &of->tolerance);
	put_count(j, "values", of->compared, of->compared ? scalars_of(of) : 0);
	put_count(j, "differing", of->compared, found->differing);
	put_count(j, "beyond", of->compared, found->beyond);
	put_count(j, "nonfinite", of->compared, found->nonfinite);
	bl_json_key(j, "nan");
	if (of->looked) {
		bl_json_begin_array(j);
		bl_json_put_unsigned(j, found->nan[0]);
		bl_json_put_unsigned(j, found->nan[1]);
		bl_json_end_array(j);
	} else {
		bl_json_put_null(j);
	}
	put_spots(j, of);
	put_number(j, "rms", of->looked, found->rms);
	put_number(j, "cosine", of->looked, found->cosine);
	bl_event_end(j);
}

void bl_diff_meta_event(
	struct bl_json_printer *j, const char *program, const struct bl_diff_meta *meta)
{
	bl_event_begin(j, program, "metadata");
	bl_json_put_name(j, "key", meta->key);
	bl_json_member_text(j, "a", meta->value[0]);
	bl_json_member_text(j, "b", meta->value[1]);
	bl_event_end(j);
}

void bl_diff_count(struct bl_count *count, const struct bl_diff_view *v)
{
	const struct bl_diff *d = v->diff;
	size_t n = 0;

	count[n].name = "tensors";
	count[n++].n += d->tensors;
	for (enum bl_diff_fate f = 0; f < BL_DIFF_FATES; f++) {
		count[n].name = bl_diff_word(f);
		count[n++].n += d->count[f];
	}
	count[n].name = "excluded";
	count[n++].n += d->excluded;
	count[n].name = "metadata";
	count[n++].n += v->metas;
}

void bl_diff_verdict_event(
	struct bl_json_printer *j, const char *program, const struct bl_diff_view *v)
{
	struct bl_count count[BL_DIFF_COUNTS] = {{NULL, 0}};

	bl_diff_count(count, v);
	bl_event_begin(j, program, "verdict");
	put_sides(j, v->diff->source);
	bl_json_key(j, "differ");
	bl_json_put_bool(j, bl_diff_differ(v));
	bl_json_key(j, "counts");
	bl_json_begin_object(j);
	for (size_t i = 0; i < BL_DIFF_COUNTS; i++)
		bl_json_member_count(j, count[i].name, count[i].n);
	bl_json_end_object(j);
	bl_event_end(j);
}

/* ---- the table ---- */

#define SPOT(name) "\t" name "_at\t" name "_a\t" name "_b"
#define NAMES "tensor\tstatus\tdtype_a\tdtype_b\tshape_a\tshape_b\tvalues\tdiffering\tbeyond\t" \
	"nonfinite\tnan_a\tnan_b\tmax_abs" SPOT("max_abs") "\tmax_rel" SPOT("max_rel") \
	"\tmax_ulp" SPOT("max_ulp") "\trms\tcosine" SPOT("first")

void bl_diff_head(FILE *to)
{
	fputs(NAMES "\n", to);
}

static void tell_count(FILE *to, bool known, uint64_t n)
{
	if (known)
		fprintf(to, "\t%" PRIu64, n);
	else
		fputs("\t" BL_TEXT_NONE, to);
}

static void tell_number(FILE *to, bool known, double x)
{
	struct bl_json_printer j = {.to = to};

	putc('\t', to);
	if (known && isfinite(x))
		bl_json_put_double(&j, x);
	else
		fputs(known && isinf(x) ? "inf" : BL_TEXT_NONE, to);
}

/* The same as in events, but for the quotes. */
static void tell_code(FILE *to, enum bl_dtype dtype, uint64_t code)
{
	struct bl_json_printer j = {.to = to};
	char text[BL_CODE_TEXT];

	putc('\t', to);
	if (isfinite(bl_code_value(dtype, code)))
		put_code(&j, dtype, code);
	else
		fputs(bl_code_text(dtype, code, text), to);
}

static void tell_spot(FILE *to, const struct bl_diff_of *of, enum bl_extreme k)
{
	const struct bl_spot *s = &of->found.spot[k];
	uint64_t coordinate[BL_DIFF_RANK];
	unsigned part;

	if (!s->there) {
		fputs("\t" BL_TEXT_NONE "\t" BL_TEXT_NONE "\t" BL_TEXT_NONE, to);
		return;
	}
	part = bl_diff_place(of->tensor[1], s->at, coordinate);
	putc('\t', to);
	for (unsigned i = 0; i < of->tensor[1]->rank; i++)
		fprintf(to, "%s%" PRIu64, i ? "," : "", coordinate[i]);
	if (of->tensor[1]->rank == 0)
		fputs("scalar", to);
	if (is_complex(of))
		fputs(part ? ".imag" : ".real", to);
	for (size_t t = 0; t < 2; t++)
		tell_code(to, of->tensor[t]->dtype, s->code[t]);
}

void bl_diff_line(FILE *to, const struct bl_diff_of *of)
{
	const struct bl_difference *found = &of->found;
	const struct bl_spot *spot = found->spot;

	bl_text_cell(to, of->tensor[of->tensor[1] ? 1 : 0]->name);
	fprintf(to, "\t%s", bl_diff_word(of->fate));
	for (size_t t = 0; t < 2; t++)
		fprintf(to, "\t%s", of->tensor[t] ? bl_dtype(of->tensor[t]->dtype)->name
		                                  : BL_TEXT_NONE);
	for (size_t t = 0; t < 2; t++) {
		char shape[21 * BL_DIFF_RANK];

		fprintf(to, "\t%s", of->tensor[t]
			? bl_shape_text(of->tensor[t], shape, sizeof shape) : BL_TEXT_NONE);
	}
	tell_count(to, of->compared, of->compared ? scalars_of(of) : 0);
	tell_count(to, of->compared, found->differing);
	tell_count(to, of->compared, found->beyond);
	tell_count(to, of->compared, found->nonfinite);
	tell_count(to, of->looked, found->nan[0]);
	tell_count(to, of->looked, found->nan[1]);
	tell_number(to, spot[BL_MOST_ABS].there, spot[BL_MOST_ABS].size);
	tell_spot(to, of, BL_MOST_ABS);
	tell_number(to, spot[BL_MOST_REL].there, spot[BL_MOST_REL].size);
	tell_spot(to, of, BL_MOST_REL);
	tell_count(to, spot[BL_MOST_STEPS].there, spot[BL_MOST_STEPS].steps);
	tell_spot(to, of, BL_MOST_STEPS);
	tell_number(to, of->looked, found->rms);
	tell_number(to, of->looked, found->cosine);
	tell_spot(to, of, BL_FIRST);
	putc('\n', to);
}

bool bl_diff_is_table(const char *text, size_t length)
{
	return length >= strlen(NAMES "\n") && memcmp(text, NAMES "\n", strlen(NAMES "\n")) == 0;
}
