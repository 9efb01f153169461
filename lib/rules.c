/* rules.c - what was said of tensors, as rules in the order in which it was said. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

/* One thing that was said. */
struct item {
	enum bl_option option;
	const char *text;
};

static enum bl_fate fate_of(enum bl_option o)
{
	if (o == BL_OPT_COPY || o == BL_OPT_COPY_FROM)
		return BL_FATE_COPY;
	return o == BL_OPT_SKIP ? BL_FATE_SKIP : BL_FATE_AVERAGE;
}

/* Every value of an option that repeats knows its place among all of them. */
static void list_items(const struct bl_settings *s, struct item *item)
{
	static const enum bl_option option[] = {
		BL_OPT_AVERAGE, BL_OPT_COPY, BL_OPT_SKIP, BL_OPT_TENSOR_OPTION};

	for (size_t k = 0; k < sizeof option / sizeof option[0]; k++) {
		const struct bl_given *g = &s->given[option[k]];

		for (size_t i = 0; i < g->n; i++)
			item[(size_t)g->value[i].number] =
				(struct item){option[k], g->value[i].text};
	}
}

/* Is said on top of what the last rule says? */
static bool continues(const struct bl_rules *rules, const char *text, const struct bl_said *said)
{
	const struct bl_rule *last = rules->n ? &rules->rule[rules->n - 1] : NULL;

	return last && last->option == BL_OPT_TENSOR_OPTION && strlen(last->glob) == said->glob &&
	       memcmp(last->glob, text, said->glob) == 0;
}

/* One thing more of the last rule. */
static int add_said(struct bl_rules *rules, const char *text, const struct bl_said *said,
	struct bl_err *err)
{
	struct bl_rule *rule = &rules->rule[rules->n - 1];
	struct bl_overlay *overlay = &rules->overlay[rules->n - 1];

	if (rule->fate != fate_of(said->option))
		return bl_fail(err, BL_USAGE, "--tensor-option %s: excludes what was said of that "
			"pattern before", text);
	if (bl_option(said->option)->flags & BL_METHOD) {
		overlay->glob = rule->glob;
		overlay->value[said->option] = said->value;
		rule->overlay = overlay;
	}
	if (said->option == BL_OPT_COPY_FROM)
		rule->from = said->value.text;
	return 0;
}

static int add_item(
	struct bl_rules *rules, const struct item *item, char **globs, struct bl_err *err)
{
	struct bl_said said;

	if (item->option != BL_OPT_TENSOR_OPTION) {
		rules->rule[rules->n++] = (struct bl_rule){.fate = fate_of(item->option),
			.glob = item->text, .option = item->option};
		return 0;
	}
	if (bl_said_parse(item->text, &said, err) != 0)
		return -1;
	if (!continues(rules, item->text, &said)) {
		memcpy(*globs, item->text, said.glob);
		rules->rule[rules->n++] = (struct bl_rule){.fate = fate_of(said.option),
			.glob = *globs, .option = BL_OPT_TENSOR_OPTION};
		*globs += said.glob + 1;
	}
	return add_said(rules, item->text, &said, err);
}

int bl_rules_make(const struct bl_settings *s, struct bl_rules *rules, struct bl_err *err)
{
	struct item *item = calloc(s->repeats + 1, sizeof *item);
	size_t bytes = 1;
	char *globs;
	int rc = 0;

	*rules = (struct bl_rules){NULL, 0, NULL, NULL};
	if (!item)
		return bl_fail_memory(err, s->repeats * sizeof *item, "the patterns");
	list_items(s, item);
	for (size_t i = 0; i < s->repeats; i++)
		bytes += strlen(item[i].text) + 1;
	rules->rule = calloc(s->repeats + 1, sizeof *rules->rule);
	rules->overlay = calloc(s->given[BL_OPT_TENSOR_OPTION].n ? s->repeats : 1,
		sizeof *rules->overlay);
	rules->globs = globs = calloc(bytes, 1);
	if (!rules->rule || !rules->overlay || !globs)
		rc = bl_fail_memory(err, s->repeats * sizeof *rules->overlay, "the patterns");
	for (size_t i = 0; i < s->repeats && rc == 0; i++)
		rc = add_item(rules, &item[i], &globs, err);
	free(item);
	return rc;
}

void bl_rules_free(struct bl_rules *rules)
{
	free(rules->rule);
	free(rules->overlay);
	free(rules->globs);
	*rules = (struct bl_rules){NULL, 0, NULL, NULL};
}
