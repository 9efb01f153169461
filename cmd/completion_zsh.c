/* completion_zsh.c - completions for zsh. */
#include "completion.h"

/* Text in a specification of _arguments, between single quotes: brackets and colons end its parts,
 * a backslash keeps them from that. */
static void put_text(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", to);
		else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
			putc('\\', to);
		putc(*text, to);
	}
}

/* What stands for the argument: its name, and what completes it. */
static void put_argument(FILE *to, const struct bl_option_info *info)
{
	if (!info->argument)
		return;
	fputs(info->flags & BL_OPTIONAL ? "::" : ":", to);
	put_text(to, info->argument);
	switch (bl_completed_of(info)) {
	case BL_COMPLETED_NOTHING:
		fputs(": ", to);
		break;
	case BL_COMPLETED_WORDS:
		fprintf(to, ":(%s)", info->choices);
		break;
	case BL_COMPLETED_LIST:
		fprintf(to, ":_sequence compadd - %s", info->choices);
		break;
	case BL_COMPLETED_FILES:
		fputs(":_files", to);
		break;
	case BL_COMPLETED_FOLDERS:
		fputs(":_files -/", to);
		break;
	}
}

/* Options that may be given again are offered again; behind --help and its like nothing is. */
static void put_names(FILE *to, const struct bl_option_info *info)
{
	const bool last = info->flags & BL_NO_RECIPE && !info->argument;
	const char *equals = info->flags & BL_OPTIONAL ? "=-" : info->argument ? "=" : "";

	if (info->flags & BL_REPEATS)
		fputs("'*'", to);
	else if (last)
		fputs("'(- *)'", to);
	else if (info->letter)
		fprintf(to, "'(-%c --%s)'", info->letter, info->key);
	if (info->letter)
		fprintf(to, "{-%c%s,--%s%s}", info->letter, info->argument ? "+" : "", info->key,
			equals);
	else
		fprintf(to, "--%s%s", info->key, equals);
}

void bl_completion_zsh(FILE *to, const char *name, enum bl_program program)
{
	fprintf(to, "#compdef %s\n# Completions of %s for zsh, made from its options.\n\n", name,
		name);
	fputs("_arguments -s -S \\\n", to);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const struct bl_option_info *info = bl_option(o);

		if (!bl_option_is_of(o, program))
			continue;
		putc('\t', to);
		put_names(to, info);
		fputs("'[", to);
		put_text(to, info->help);
		putc(']', to);
		put_argument(to, info);
		fputs("' \\\n", to);
	}
	fputs("\t'*:checkpoint:_files'\n", to);
}
