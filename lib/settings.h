/*
 * settings.h - the option table, and the values that were given.
 *
 * One row per option; parsing, bounds, help, manual, completions and recipe keys all come from the
 * rows. argv and YAML are two front ends of bl_settings_set().
 */
#ifndef BL_SETTINGS_H
#define BL_SETTINGS_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

enum bl_option {
	BL_OPT_TREE,
	BL_OPT_KERNEL,
	BL_OPT_DRIFT,
	BL_OPT_SHOW_DIGEST,
	BL_OPT_SHOW_RECIPE,
	BL_OPT_SHOW_SKIP,
	BL_OPT_SHOW_JSON,
	BL_OPT_TSV,
	BL_OPT_SVG,
	BL_OPT_SHOW_REPORT,
	BL_OPT_ABS, /* from here on of belay-diff alone: options_diff.c */
	BL_OPT_REL,
	BL_OPT_ULP,
	BL_OPT_DIFF_TENSOR_OPTION,
	BL_OPT_ANY_TYPE,
	BL_OPT_INCLUDE,
	BL_OPT_EXCLUDE,
	BL_OPT_METADATA,
	BL_OPT_SETS,
	BL_OPT_AGAINST,
	BL_OPT_TOP,
	BL_OPT_JUNIT,
	BL_OPT_MARKDOWN,
	BL_OPT_DIFF_VERBOSE, /* up to here */
	BL_OPT_METHOD,
	BL_OPT_HALF_LIFE,
	BL_OPT_MEAN_AGE,
	BL_OPT_DECAY,
	BL_OPT_REL_STD,
	BL_OPT_DAMPING,
	BL_OPT_MASS_RATIO,
	BL_OPT_RESTORE,
	BL_OPT_GAIN,
	BL_OPT_PARTICLE,
	BL_OPT_KAPPA,
	BL_OPT_GAMMA,
	BL_OPT_WINDOW,
	BL_OPT_WEIGHTS,
	BL_OPT_PROFILES,
	BL_OPT_NORMALIZE,
	BL_OPT_BEMA_LAG,
	BL_OPT_BEMA_MULTIPLIER,
	BL_OPT_BEMA_EMA_POWER,
	BL_OPT_BEMA_BIAS_POWER,
	BL_OPT_BEMA_MIN,
	BL_OPT_HOLD,
	BL_OPT_START,
	BL_OPT_WARMUP,
	BL_OPT_UPDATE_EVERY,
	BL_OPT_RECIPE,
	BL_OPT_TIMES,
	BL_OPT_TIME_KEY,
	BL_OPT_TIME_PATTERN,
	BL_OPT_TIME_UNIT,
	BL_OPT_TIME_LIST,
	BL_OPT_ALLOW_AVERAGES,
	BL_OPT_NONFINITE,
	BL_OPT_HDF5_PLUGINS,
	BL_OPT_FILES_FROM,
	BL_OPT_FILES0_FROM,
	BL_OPT_FIRST_TIME,
	BL_OPT_LAST_TIME,
	BL_OPT_MIN_INTERVAL,
	BL_OPT_EVERY,
	BL_OPT_LAST,
	BL_OPT_METRICS,
	BL_OPT_BEST,
	BL_OPT_AVERAGE,
	BL_OPT_COPY,
	BL_OPT_SKIP,
	BL_OPT_TENSOR_OPTION,
	BL_OPT_COPY_FROM,
	BL_OPT_MISSING,
	BL_OPT_F8,
	BL_OPT_DTYPE,
	BL_OPT_OPAQUE2,
	BL_OPT_OUTPUT,
	BL_OPT_NAME,
	BL_OPT_FORMAT,
	BL_OPT_SHARD_SIZE,
	BL_OPT_COMPRESSION,
	BL_OPT_DEFLATE,
	BL_OPT_FORCE,
	BL_OPT_SKIP_EXISTING,
	BL_OPT_STATE,
	BL_OPT_NO_PROVENANCE,
	BL_OPT_SYNC,
	BL_OPT_PLAN,
	BL_OPT_DRY_RUN,
	BL_OPT_PRINT_RECIPE,
	BL_OPT_CHECK,
	BL_OPT_DIGEST,
	BL_OPT_REPORT,
	BL_OPT_JSON,
	BL_OPT_PROGRESS,
	BL_OPT_VERBOSE,
	BL_OPT_QUIET,
	BL_OPT_MEMORY,
	BL_OPT_THREADS,
	BL_OPT_SANDBOX,
	BL_OPT_HELP,
	BL_OPT_VERSION,
	BL_OPTIONS
};

enum bl_kind {
	BL_KIND_FLAG,   /* given or not */
	BL_KIND_NUMBER, /* a decimal number */
	BL_KIND_LENGTH, /* a number and a unit: time, %, ckpt */
	BL_KIND_WHOLE,  /* a whole number */
	BL_KIND_SIZE,   /* bytes: 64MiB, 5GB, 1000 */
	BL_KIND_WORD,   /* one of choices */
	BL_KIND_TEXT,   /* anything */
	BL_KIND_SAID    /* GLOB:key=value, see overlay.h */
};

enum bl_unit { BL_UNIT_TIME, BL_UNIT_PERCENT, BL_UNIT_CKPT };

enum bl_option_flag {
	BL_SWEEPS = 1,     /* takes a list a,b,c or a range A:B:N, A:B:logN */
	BL_OPTIONAL = 2,   /* its argument may be left out (--plan); then fallback holds */
	BL_PERCENT = 4,    /* a length may be a share of the covered time */
	BL_CKPT = 8,       /* a length may count checkpoints */
	BL_LOW_OPEN = 16,  /* the lower bound itself is not allowed */
	BL_HIGH_OPEN = 32, /* nor the upper */
	BL_METHOD = 64,    /* a method's: kept in the provenance, refused by methods without it */
	BL_NO_RECIPE = 128, /* makes no sense in a recipe (--help) */
	BL_REPEATS = 256,   /* a text, or said of tensors; may be given again, and then all count;
	                       never a sweep */
	BL_RECORDED = 512,  /* no method's, but it decides over the bytes of an output: kept in the
	                       provenance */
	BL_PATH = 1024,     /* a path; in a recipe it is seen from the folder of that */
	BL_FILE = 2048,     /* a text that names a file: no folder of it goes into a provenance, and
	                       one holds for all runs */
	BL_LENGTH = 4096    /* a length, of which settings have one */
};

/* The programs that take an option, among its flags. Those with BL_METHOD are of all that know
 * methods, those of which nothing is said of belay-avg alone. */
enum bl_program {
	BL_AVG = 1 << 16,
	BL_SHOW = 1 << 17,
	BL_DIFF = 1 << 18
};

/* Among the flags: it takes a list as what sweeps does, but all numbers of it together. */
#define BL_LIST (1 << 20)

/* One row. */
struct bl_option_info {
	const char *key;       /* long option and recipe key */
	int letter;            /* short option, 0 for none */
	const char *argument;  /* "TIME", as the help shows it; NULL for a flag */
	enum bl_kind kind;
	double low, high;      /* range of numbers, inclusive unless the flags say otherwise; where
	                          high is infinite, the word inf is a number too */
	const char *choices;   /* blank-separated words of BL_KIND_WORD */
	const char *fallback;  /* default as typed; NULL: none, or it depends (help says) */
	unsigned flags;
	const char *group;     /* heading in help and manual */
	const char *help;      /* one line for --help */
	const char *paragraph; /* for the manual: plain sentences */
};

const struct bl_option_info *bl_option(enum bl_option o);

/* The row of one of belay-diff's own; NULL: it is another. */
const struct bl_option_info *bl_option_of_diff(enum bl_option o);

/* Does a program (0: belay-avg) take an option? Its options have keys and letters of their own; two
 * programs may have options with one key. */
bool bl_option_is_of(enum bl_option o, enum bl_program program);

/* A value of one option. */
struct bl_value {
	const char *text;   /* as given; a range's point in its shortest form; a flag's "true" */
	double number;      /* numbers; for BL_KIND_SIZE bytes; a flag's 1; with BL_REPEATS the
	                       place among the values of all options that repeat, from 0 */
	enum bl_unit unit;  /* lengths */
};

/* All that was given on the command line or in a recipe. Zero-initialised is empty. */
struct bl_settings {
	struct bl_given {
		struct bl_value *value; /* n of them: more than one is a sweep, or repeated */
		size_t n;
		char *where; /* "--decay", "sweep.yaml:12:7" */
		char *texts; /* what the values' texts point into */
	} given[BL_OPTIONS];
	size_t repeats; /* values of options that repeat */
	char *where;    /* "sweep.yaml:14:5", the run of a recipe that they are; NULL: none */
	enum bl_program program; /* whose options they are; 0: belay-avg */
};

/*
 * Sets an option by key. value is NULL for flags and for an argument left out. where starts every
 * message. Given twice from the same front end: the later wins, unless it repeats. Errors BL_USAGE:
 * unknown key (with "did you mean"), not a number, out of range (naming the range), unknown word
 * (naming the words), a list where none is allowed, a unit that is not allowed, mixed units in a
 * range.
 */
int bl_settings_set(struct bl_settings *s, const char *key, const char *value, const char *where,
	struct bl_err *err) BL_MUST_USE;
void bl_settings_free(struct bl_settings *s);
/* As if it had not been given. */
void bl_settings_drop(struct bl_settings *s, enum bl_option o);

/*
 * Lays settings over others: what is given in over takes the place of what is given in s. Two
 * things go together: a length (half-life, mean-age, decay, rel-std, or kappa with gamma) takes the
 * place of any other, and kappa, which is what a length and a damping ratio are turned into, that
 * of the damping too; under a method remains only what it, or one of several, takes. Of options
 * that repeat all values remain, those of over before those of s. Error: BL_LIMIT, out of memory; s
 * can only be freed then.
 */
int bl_settings_overlay(struct bl_settings *s, const struct bl_settings *over, struct bl_err *err)
	BL_MUST_USE;

/* Value of an option that does not sweep: the one given, else the fallback's, else NULL (as for a
 * BL_OPTIONAL one that is not given at all). The fallback's bl_value is written to *room. */
const struct bl_value *bl_settings_get(const struct bl_settings *s, enum bl_option o,
	struct bl_value *room);

/* The same of an option whose values are text. */
const char *bl_settings_text(const struct bl_settings *s, enum bl_option o);
bool bl_settings_given(const struct bl_settings *s, enum bl_option o);
/* How many values of an option make outputs of their own; 0: it is not given, or repeats. */
size_t bl_settings_sweep(const struct bl_settings *s, enum bl_option o);
/* Shorthands for options with a fallback; 0 and false where there is no value. */
double bl_settings_number(const struct bl_settings *s, enum bl_option o);
bool bl_settings_word_is(const struct bl_settings *s, enum bl_option o, const char *word);

/* One point of the sweep: one value per option, and the output it makes. */
struct bl_case {
	const struct bl_value *value[BL_OPTIONS]; /* NULL: not given */
	char *output;                             /* the template filled in */
	size_t index;                             /* 0-based place in the sweep */
	const struct bl_settings *settings;       /* that it is a point of; borrowed */
};

/*
 * The product of all lists, in the order of the option table, later options turning fastest.
 * Fills {option}, {method}, {name}, {index} of --output: what was given, else the fallback; {{ and
 * }} are plain braces. Without --output the cases' output is NULL. Errors BL_USAGE: an unknown
 * field, a field without a value, a sweep whose output has no field, two cases with one output
 * name. *cases is freed with bl_cases_free. The values stay the settings'.
 */
int bl_settings_expand(const struct bl_settings *s, struct bl_case **cases, size_t *count,
	struct bl_err *err) BL_MUST_USE;
/* The same for several runs of a recipe: the cases of all, one run after the other. */
int bl_runs_expand(const struct bl_settings *run, size_t runs, struct bl_case **cases,
	size_t *count, struct bl_err *err) BL_MUST_USE;
void bl_cases_free(struct bl_case *cases, size_t count);

/* The value given for o in a case, else NULL. */
const struct bl_value *bl_case_value(const struct bl_case *c, enum bl_option o);
/* Its number, else fallback. */
double bl_case_number(const struct bl_case *c, enum bl_option o, double fallback);
/* The word in force for an option of BL_KIND_WORD: given, or the table's fallback. */
const char *bl_case_word(const struct bl_case *c, enum bl_option o);

#endif
