/*
 * rules.h - what was said of tensors, as rules in the order in which it was said.
 */
#ifndef BL_RULES_H
#define BL_RULES_H

#include "select.h"

/* Zero-initialised is empty; freed with bl_rules_free also after a failure. */
struct bl_rules {
	struct bl_rule *rule;       /* n of them; they point to the rest, and into the settings */
	size_t n;
	struct bl_overlay *overlay;
	char *globs;
};

/*
 * Makes the rules of --average, --copy, --skip and --tensor-option; such of the last as follow each
 * other with the same pattern are one rule. The settings must stay. Errors: BL_USAGE for a pattern
 * that both averages and copies, ...; BL_LIMIT.
 */
int bl_rules_make(const struct bl_settings *s, struct bl_rules *rules, struct bl_err *err)
	BL_MUST_USE;
void bl_rules_free(struct bl_rules *rules);

#endif
