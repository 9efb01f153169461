/* culprit.c - the file and the tensor that a message is about. */
#include "culprit.h"

#include <string.h>

/* Bytes of text that name is, as messages spell it; 0: it begins with something else. */
static size_t spelled(const char *text, const char *name)
{
	char escaped[sizeof ((struct bl_err *)NULL)->text];
	const size_t n = bl_escape(escaped, sizeof escaped, name, strlen(name));

	return strncmp(text, escaped, n) == 0 ? n : 0;
}

static bool ends_name(const char *rest)
{
	return strncmp(rest, ": ", 2) == 0;
}

/* ":12:7: ", as behind a recipe */
static bool ends_lines(const char *rest)
{
	return rest[0] == ':' && rest[1] >= '0' && rest[1] <= '9';
}

/* ---- files ---- */

struct search {
	const char *text;
	struct bl_culprit *found;
	size_t used; /* bytes of text that are the file found */
};

/* Takes the file name, if the message begins with it. The longest counts. */
static void try_file(struct search *s, const char *name)
{
	const size_t n = *name ? spelled(s->text, name) : 0;

	if (n <= s->used || strlen(name) >= sizeof s->found->file ||
		(!ends_name(s->text + n) && !ends_lines(s->text + n)))
		return;
	s->used = n;
	strcpy(s->found->file, name);
}

static bool names_file(enum bl_option o)
{
	const struct bl_option_info *info = bl_option(o);

	return info->flags & (BL_PATH | BL_FILE) ||
	       (info->argument && strcmp(info->argument, "FILE") == 0);
}

static void try_settings(struct search *s, const struct bl_settings *settings)
{
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_settings_given(settings, o) && names_file(o))
			try_file(s, settings->given[o].value->text);
}

/* ---- tensors ---- */

/* The tensor of a source that text begins with. */
static const char *tensor_of(const struct bl_source *src, const char *text)
{
	for (size_t i = 0; i < src->cat.tensors; i++) {
		const char *name = src->cat.tensor[i].name;
		const size_t n = spelled(text, name);

		if (n > 0 && ends_name(text + n))
			return name;
	}
	return NULL;
}

void bl_culprit_find(struct bl_culprit *c, const struct bl_suspects *s, const char *text)
{
	struct search search = {text, c, 0};
	const char *tensor = NULL;

	c->file[0] = c->tensor[0] = '\0';
	if (s->settings)
		try_settings(&search, s->settings);
	for (int i = 1; i < s->argc; i++) /* a recipe is none of the operands any more */
		if (s->argv[i][0] != '-')
			try_file(&search, s->argv[i]);
	for (size_t i = 0; s->args && i < s->args->operands; i++)
		try_file(&search, s->args->operand[i]);
	for (size_t p = 0; p < s->n_cases; p++)
		try_file(&search, s->cases[p].output);
	if (search.used > 0)
		text += search.used + 2;
	for (size_t t = s->in ? s->in->n : 0; t > 0 && !tensor; t--)
		tensor = tensor_of(&s->in->source[t - 1], text);
	if (tensor && strlen(tensor) < sizeof c->tensor)
		strcpy(c->tensor, tensor);
}

static const char *some(const char *text)
{
	return text[0] ? text : NULL;
}

void bl_culprit_tell(struct bl_culprit *c, const struct bl_suspects *s, const struct bl_err *err,
	struct bl_result *result)
{
	bl_culprit_find(c, s, err->text);
	result->message = some(err->text);
	result->hint = some(err->hint);
	result->file = some(c->file);
	result->tensor = some(c->tensor);
}
