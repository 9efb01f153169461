/*
 * print_manual.c - the parts of the manuals that the tables make, as mdoc: what is asked for,
 * "methods", or "options" with the name of a program, whose they are; without one they are of
 * belay-avg. tests/lint/man_drift.sh compares them with the manuals.
 */
#include "dynamics.h"
#include "value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 78

/* One word of running text for roff, where a hyphen that is typed is a minus. */
static size_t make_word(const char *word, size_t len, char *buf)
{
	size_t at = 0;

	if (word[0] == '.' || word[0] == '\'')
		at += (size_t)sprintf(buf + at, "\\&");
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\' || (word[i] == '-' && word[0] == '-'))
			buf[at++] = '\\';
		buf[at++] = word[i] == '\\' ? 'e' : word[i];
	}
	return at;
}

/* Running text: a sentence begins a line, as mdoc wants it. */
static void put_text(const char *text)
{
	size_t at = 0;

	while (*text) {
		char word[128];
		const size_t len = strcspn(text, " "), made = make_word(text, len, word);
		const bool ends = len > 0 && text[len - 1] == '.' && text[len];

		if (at > 0 && at + 1 + made > WIDTH) {
			putchar('\n');
			at = 0;
		} else if (at > 0) {
			putchar(' ');
			at++;
		}
		at += fwrite(word, 1, made, stdout);
		text += len + (text[len] == ' ');
		if (ends) {
			putchar('\n');
			at = 0;
		}
	}
	putchar('\n');
}

/* Lines as they are. */
static void put_literal(const char *text)
{
	puts(".Bd -literal -offset 2n");
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
	puts("\n.Ed\n.Pp");
}

/* ---- options ---- */

static void put_choices(const struct bl_option_info *info, char *buf, size_t cap)
{
	size_t at = (size_t)snprintf(buf, cap, "One of ");

	for (const char *c = info->choices; *c && at + 3 < cap; c++) {
		if (*c == ' ')
			buf[at++] = ',';
		buf[at++] = *c;
	}
	buf[at] = '\0';
}

/* The range, the words and the default, in one sentence; nothing where there is nothing to say. */
static void put_facts(const struct bl_option_info *info)
{
	const bool low_open = info->flags & BL_LOW_OPEN, high_open = info->flags & BL_HIGH_OPEN;
	char bound[BL_NUMBER_TEXT], text[512] = "";
	size_t at;

	if (info->kind == BL_KIND_WORD && strchr(info->choices, ' '))
		put_choices(info, text, sizeof text);
	if (info->low < info->high)
		snprintf(text, sizeof text, "%s %s", low_open ? "Above" : "At least",
			bl_bound_text(info, info->low, bound, sizeof bound));
	at = strlen(text);
	if (info->low < info->high && !isinf(info->high))
		snprintf(text + at, sizeof text - at, ", %s %s", high_open ? "below" : "at most",
			bl_bound_text(info, info->high, bound, sizeof bound));
	at = strlen(text);
	if (info->fallback)
		snprintf(text + at, sizeof text - at, "%s%s %s", at ? "; " : "",
			info->flags & BL_OPTIONAL ? "without a word" : "by default",
			info->fallback);
	text[0] = (char)toupper((unsigned char)text[0]);
	if (*text) {
		strcat(text, ".");
		put_text(text);
	}
}

static void put_option(const struct bl_option_info *info)
{
	fputs(".It ", stdout);
	if (info->letter) {
		printf("Fl %c", info->letter);
		printf(info->argument ? " Ar %s , " : " , ", info->argument);
	}
	printf("Fl -%s", info->key);
	if (info->argument)
		printf(info->flags & BL_OPTIONAL ? " Ns Op = Ns Ar %s" : " Ns = Ns Ar %s",
			info->argument);
	putchar('\n');
	put_text(info->paragraph);
	put_facts(info);
}

static bool in_group(enum bl_option o, const char *group, enum bl_program program)
{
	return bl_option_is_of(o, program) && strcmp(bl_option(o)->group, group) == 0;
}

static void put_options(enum bl_program program)
{
	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const char *group = bl_option(o)->group;
		enum bl_option first = 0;

		while (!in_group(first, group, program) && first < o)
			first++;
		if (first < o || !bl_option_is_of(o, program))
			continue;
		printf(".Ss %s\n.Bl -tag -width indent\n", group);
		for (enum bl_option i = o; i < BL_OPTIONS; i++)
			if (in_group(i, group, program))
				put_option(bl_option(i));
		puts(".El");
	}
}

/* ---- methods ---- */

static void put_method(const struct bl_dynamics *d)
{
	char text[1024];
	size_t at = 0;

	printf(".Ss %s\n", d->name);
	snprintf(text, sizeof text, "%s.", d->summary);
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	put_text(text);
	put_literal(d->equation);
	for (const enum bl_option *o = d->options; *o != BL_OPTIONS; o++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s--%s",
			at ? ", " : "Options: ", bl_option(*o)->key);
	snprintf(text + at, sizeof text - at, at ? "." : "It has no options.");
	put_text(text);
}

static enum bl_program program_of(const char *name)
{
	if (strcmp(name, "belay-diff") == 0)
		return BL_DIFF;
	return strcmp(name, "belay-show") == 0 ? BL_SHOW : BL_AVG;
}

int main(int argc, char **argv)
{
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "options") == 0) {
		put_options(program_of(argc == 3 ? argv[2] : ""));
	} else if (argc == 2 && strcmp(argv[1], "methods") == 0) {
		for (size_t i = 0; bl_dynamics[i]; i++)
			put_method(bl_dynamics[i]);
	} else {
		fputs("usage: print_manual methods | options [PROGRAM]\n", stderr);
		return 2;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
