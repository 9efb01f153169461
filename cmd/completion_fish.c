/* completion_fish.c - completions for fish. */
#include "completion.h"

/* Text between single quotes. */
static void put_text(FILE *to, const char *text)
{
	putc('\'', to);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putc('\\', to);
		putc(*text, to);
	}
	putc('\'', to);
}

/* What is typed of an argument; words with commas in between, each behind what is typed before the
 * last comma. */
static const char functions[] =
	"function __belay_typed\n"
	"\tcommandline -ct | string replace -r '^-[^=]*=' \"\"\n"
	"end\n\n"
	"function __belay_list\n"
	"\tset -l typed (__belay_typed)\n"
	"\tset -l kept (string replace -r '[^,]*$' \"\" -- \"$typed\")\n"
	"\tprintf '%s\\n' \"$kept\"$argv\n"
	"end\n\n";

/* -x: an argument and no files; -r: an argument; -f: no files. */
static void put_argument(FILE *to, const struct bl_option_info *info)
{
	const bool optional = info->flags & BL_OPTIONAL;

	if (!info->argument)
		return;
	switch (bl_completed_of(info)) {
	case BL_COMPLETED_NOTHING:
		fputs(optional ? " -f" : " -x", to);
		break;
	case BL_COMPLETED_WORDS:
		fprintf(to, " %s -a '%s'", optional ? "-f" : "-x", info->choices);
		break;
	case BL_COMPLETED_LIST:
		fprintf(to, " -x -a '(__belay_list %s)'", info->choices);
		break;
	case BL_COMPLETED_FILES:
		fputs(optional ? " -F" : " -r -F", to);
		break;
	case BL_COMPLETED_FOLDERS:
		fprintf(to, " %s -a '(__fish_complete_directories (__belay_typed))'",
			optional ? "-f" : "-x");
		break;
	}
}

void bl_completion_fish(FILE *to, const char *name, enum bl_program program)
{
	fprintf(to, "# Completions of %s for fish, made from its options.\n\n", name);
	fputs(functions, to);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const struct bl_option_info *info = bl_option(o);

		if (!bl_option_is_of(o, program))
			continue;
		fprintf(to, "complete -c %s", name);
		if (info->letter)
			fprintf(to, " -s %c", info->letter);
		fprintf(to, " -l %s", info->key);
		put_argument(to, info);
		fputs(" -d ", to);
		put_text(to, info->help);
		putc('\n', to);
	}
}
