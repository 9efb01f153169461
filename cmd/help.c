/* help.c - what the option table tells a reader. */
#include "config.h"

#include "help.h"

#include "screen.h"

#include <string.h>

#define INDENT 28 /* column of the help texts */
#define WIDTH 80  /* columns where nobody says how many there are */
#define WIDTH_MIN 60
#define WIDTH_MAX 100 /* longer lines are hard to read */

static size_t width(FILE *to)
{
	const size_t n = bl_screen_columns(to);

	if (n == 0)
		return WIDTH;
	if (n < WIDTH_MIN)
		return WIDTH_MIN;
	return n > WIDTH_MAX ? WIDTH_MAX : n;
}

/* Writes text from column indent on, where the line stands already, broken before column wide. */
static void put_words(FILE *to, const char *text, size_t indent, size_t wide)
{
	size_t at = indent;

	while (*text) {
		const size_t len = strcspn(text, " ");

		if (at > indent && at + 1 + len > wide) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', to);
			at++;
		}
		fprintf(to, "%.*s", (int)len, text);
		at += len;
		text += len + (text[len] == ' ');
	}
	fputc('\n', to);
}

/* The help line, with the words where there is a choice, and the default. */
static void compose(const struct bl_option_info *info, char *buf, size_t cap)
{
	const char *choice = info->choices && strchr(info->choices, ' ') ? info->choices : "";
	size_t at = (size_t)snprintf(buf, cap, "%s%s", info->help, *choice ? ": " : "");

	for (; *choice && at + 3 < cap; choice++) {
		if (*choice == ' ')
			buf[at++] = ',';
		buf[at++] = *choice;
	}
	buf[at] = '\0';
	if (info->fallback)
		snprintf(buf + at, cap - at, " [%s]", info->fallback);
}

static void put_option(FILE *to, const struct bl_option_info *info, size_t wide)
{
	char letter[8] = "    ", text[512];
	int at;

	if (info->letter)
		snprintf(letter, sizeof letter, "-%c, ", info->letter);
	at = fprintf(to, "  %s--%s", letter, info->key);
	if (info->argument)
		at += fprintf(to, info->flags & BL_OPTIONAL ? "[=%s]" : "=%s", info->argument);
	if (at + 2 > INDENT)
		at = fprintf(to, "\n") - 1;
	fprintf(to, "%*s", INDENT - at, "");
	compose(info, text, sizeof text);
	put_words(to, text, INDENT, wide);
}

/* Has a row before o the same group? */
static bool group_seen(enum bl_option o, enum bl_program program)
{
	for (enum bl_option before = 0; before < o; before++)
		if (bl_option_is_of(before, program) &&
			strcmp(bl_option(before)->group, bl_option(o)->group) == 0)
			return true;
	return false;
}

static void put_group(FILE *to, const char *group, enum bl_program program, size_t wide)
{
	fprintf(to, "\n%s:\n", group);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_option_is_of(o, program) && strcmp(bl_option(o)->group, group) == 0)
			put_option(to, bl_option(o), wide);
}

#define LENGTHS \
	"Defaults stand in [brackets]. A LENGTH is a number of what the times count (500), a " \
	"share of the time that the checkpoints cover (10%), or a number of checkpoints (4ckpt)."
#define SWEEPS \
	"--method and every number of a method take a list a,b,c, and numbers a range too: " \
	"A:B:N is evenly spaced, A:B:logN geometrically. Several lists make all their " \
	"combinations."
#define STATUS \
	"Exit codes: 0 done, 2 usage, 3 input, 4 output, 5 memory, 6 bug, 128+n signal n."

/* What the help of a program says beside its options. */
struct words {
	const char *name, *operands, *intro;
	const char *example[6]; /* NULL behind the last */
	const char *closing[6]; /* likewise */
};

static const struct words avg = {
	"belay-avg",
	"[OPTION]... CHECKPOINT... -o OUTPUT\n       belay-avg [OPTION]... RECIPE.yaml",
	"Average the weights of saved checkpoints (HDF5, .keras, safetensors) as if the average "
	"had been kept during training. The inputs are read once, however many averages are "
	"made.",
	{
		"belay-avg --plan ckpt_*.h5 -o avg.h5",
		"belay-avg ckpt_*.h5 -o avg.h5",
		"belay-avg --method belay --half-life 2000 ckpt_*.h5 -o belay.h5",
		"belay-avg --half-life 500,1000,2000 ckpt_*.h5 -o 'avg_{half-life}.h5'",
		"belay-avg sweep.yaml",
	},
	{
		LENGTHS, SWEEPS, STATUS,
		"The manual has all of this at length: man belay-avg",
	},
};

static const struct words show = {
	"belay-show", "[OPTION]... CHECKPOINT...",
	"Look at saved checkpoints (HDF5, .keras, safetensors): what is in them, what weights an "
	"average gives them over time, and how far the model moved.",
	{
		"belay-show ckpt_1000.h5",
		"belay-show --kernel --method belay --half-life 200 ckpt_*.h5",
		"belay-show --kernel --method spring --damping 0.2,1,5 --svg spring.svg ckpt_*.h5",
		"belay-show --drift ckpt_*.h5",
	},
	{
		LENGTHS, SWEEPS, STATUS,
		"The manual has all of this at length: man belay-show",
	},
};

static const struct words diff = {
	"belay-diff", "[OPTION]... A B",
	"Compare two saved checkpoints (HDF5, .keras, safetensors; files, folders, shards), tensor "
	"by tensor: names, shapes, types, then values, bit for bit or within a tolerance.",
	{
		"belay-diff old.safetensors new.safetensors",
		"belay-diff --rel 1e-5 --abs 1e-8 model.h5 model.safetensors",
		"belay-diff --ulp 4 --tensor-option '*.bias:abs=1e-6' old/ new/",
		"belay-diff -q --exclude 'optimizer*' a.h5 b.h5 || echo changed",
	},
	{
		"Exit codes: 0 the same, 1 they differ, 2 usage, 3 input, 4 output, 5 memory, "
		"6 bug, 128+n signal n.",
		"The manual has all of this at length: man belay-diff",
	},
};

static const struct words *words_of(enum bl_program program)
{
	if (program == BL_DIFF)
		return &diff;
	return program == BL_SHOW ? &show : &avg;
}

void bl_help(FILE *to, enum bl_program program)
{
	const struct words *w = words_of(program);
	const size_t wide = width(to);

	fprintf(to, "Usage: %s %s\n", w->name, w->operands);
	put_words(to, w->intro, 0, wide);
	fputc('\n', to);
	for (size_t i = 0; w->example[i]; i++)
		fprintf(to, "  %s\n", w->example[i]);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_option_is_of(o, program) && !group_seen(o, program))
			put_group(to, bl_option(o)->group, program, wide);
	fputc('\n', to);
	for (size_t i = 0; w->closing[i]; i++)
		put_words(to, w->closing[i], 0, wide);
}

void bl_version(FILE *to, enum bl_program program)
{
	fprintf(to, "%s (belay) " PACKAGE_VERSION "\n"
		"Apache License 2.0. There is no warranty.\n", words_of(program)->name);
}
