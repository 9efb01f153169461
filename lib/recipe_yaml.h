/*
 * recipe_yaml.h - a YAML document as a tree, within bounds.
 *
 * One document of UTF-8, without tags. An alias is what its anchor stands for, and shares its
 * children, so that the tree takes no more memory than the text deserves, however often aliases
 * are nested; who walks it must count what he sees. Merge keys are keys like others.
 */
#ifndef BL_RECIPE_YAML_H
#define BL_RECIPE_YAML_H

#include "err.h"

#include <stdbool.h>

#define BL_YAML_BYTES (8 << 20) /* of text at most */
#define BL_YAML_NODES 200000    /* at most, as written */
#define BL_YAML_DEPTH 16        /* lists and mappings in each other at most, as written */

enum bl_yaml_kind { BL_YAML_SCALAR, BL_YAML_LIST, BL_YAML_MAP };

struct bl_yaml {
	enum bl_yaml_kind kind;
	size_t line, column; /* where it begins, in characters, from 1 */
	const char *text;    /* of a scalar */
	bool plain;          /* a scalar without quotes */
	const struct bl_yaml *first; /* of a list or mapping: key, value, key, value, ... */
	const struct bl_yaml *next;  /* in the list or mapping that it is in */
};

/* Zero-initialised is empty. */
struct bl_yaml_tree {
	const struct bl_yaml *root;
	struct bl_yaml_made *made; /* all of it */
};

/*
 * Reads a document. title begins messages, which go on with line and column. Errors: BL_USAGE for
 * what is no YAML or out of bounds, an alias without an anchor before it, an empty text, a second
 * document; BL_LIMIT, out of memory. Freed with bl_yaml_free also after a failure.
 */
int bl_yaml_read(struct bl_yaml_tree *tree, const char *text, size_t len, const char *title,
	struct bl_err *err) BL_MUST_USE;
void bl_yaml_free(struct bl_yaml_tree *tree);

/* The kind of a node, in words: "a list". */
const char *bl_yaml_word(const struct bl_yaml *node);

#endif
