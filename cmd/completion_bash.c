/* completion_bash.c - completions for bash. */
#include "completion.h"

#include <ctype.h>

/* A dash is none of a function's name. */
static void put_function(FILE *to, const char *name)
{
	putc('_', to);
	for (; *name; name++)
		putc(isalnum((unsigned char)*name) ? *name : '_', to);
}

/*
 * Behind "option" stands "=" where the argument belongs to the same word: bash makes words of their
 * own of --option, = and the argument, unless COMP_WORDBREAKS is without the equals sign; then
 * "head" is what stands before the argument.
 */
static const char beginning[] =
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal head='' what='' kept='' i\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tif [[ ${COMP_WORDS[i]} == -- ]]; then\n"
	"\t\t\tcompopt -o default\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif [[ $cur == --*=* ]]; then\n"
	"\t\toption=${cur%%=*}=\n"
	"\t\thead=$option\n"
	"\t\tcur=${cur#*=}\n"
	"\telif [[ $cur == = ]]; then\n"
	"\t\toption+='='\n"
	"\t\tcur=''\n"
	"\telif [[ $option == = ]]; then\n"
	"\t\toption=${COMP_WORDS[COMP_CWORD - 2]}=\n"
	"\tfi\n"
	"\tcase $option in\n";

/* "default" is what readline does with names of files: quotes, tildes, folders. */
static const char ending[] =
	"\t*)\n"
	"\t\tif [[ $cur == -* ]]; then\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -W \"$long\" -- \"$cur\")\n"
	"\t\t\t[[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n"
	"\t\telse\n"
	"\t\t\tcompopt -o default\n"
	"\t\tfi\n"
	"\t\treturn\n"
	"\t\t;;\n"
	"\tesac\n"
	"\tcase $what in\n"
	"\tnothing) ;;\n"
	"\tfolders)\n"
	"\t\tcompopt -o filenames\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -d -P \"$head\" -- \"$cur\")\n"
	"\t\t;;\n"
	"\tfiles)\n"
	"\t\tif [[ $head ]]; then\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -f -P \"$head\" -- \"$cur\")\n"
	"\t\telse\n"
	"\t\t\tcompopt -o default\n"
	"\t\tfi\n"
	"\t\t;;\n"
	"\t*)\n"
	"\t\tif [[ $what == list* ]]; then\n"
	"\t\t\tkept=${cur%\"${cur##*,}\"}\n"
	"\t\tfi\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"${what#* }\" -P \"$head$kept\" -- "
	"\"${cur#\"$kept\"}\")\n"
	"\t\t;;\n"
	"\tesac\n"
	"}\n";

static void put_case(FILE *to, const struct bl_option_info *info)
{
	static const char *const what[] = {
		[BL_COMPLETED_NOTHING] = "nothing",
		[BL_COMPLETED_WORDS] = "words ",
		[BL_COMPLETED_LIST] = "list ",
		[BL_COMPLETED_FILES] = "files",
		[BL_COMPLETED_FOLDERS] = "folders",
	};

	putc('\t', to);
	if (!(info->flags & BL_OPTIONAL)) {
		if (info->letter)
			fprintf(to, "-%c | ", info->letter);
		fprintf(to, "--%s | ", info->key);
	}
	fprintf(to, "--%s=) what='%s%s' ;;\n", info->key, what[bl_completed_of(info)],
		info->choices ? info->choices : "");
}

void bl_completion_bash(FILE *to, const char *name, enum bl_program program)
{
	fprintf(to, "# Completions of %s for bash, made from its options.\n\n", name);
	put_function(to, name);
	fputs("() {\n\tlocal long='", to);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_option_is_of(o, program))
			fprintf(to, "\n\t\t--%s%s", bl_option(o)->key,
				bl_option(o)->argument && !(bl_option(o)->flags & BL_OPTIONAL)
					? "="
					: "");
	fputs("'\n", to);
	fputs(beginning, to);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_option_is_of(o, program) && bl_option(o)->argument)
			put_case(to, bl_option(o));
	fputs(ending, to);
	fputs("complete -F ", to);
	put_function(to, name);
	fprintf(to, " %s\n", name);
}
