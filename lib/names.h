/*
 * names.h - the names of tensors, from the spelling of one format to that of another.
 *
 * A name has parts. HDF5 writes paths, with a slash between the parts, safetensors dotted names.
 * The rule from one spelling to the other swaps the two, and changes what the other cannot have: in
 * paths an empty part becomes "_"; in dotted names a byte that is no UTF-8 becomes "%ff" (its two
 * hexadecimal digits), and "__metadata__" gets one "_" more.
 *
 * Where the rule does not lead back to the name that it came from, a record is kept beside the
 * tensors: the metadata key BL_NAMES, one line of JSON, an object. Its keys are names of tensors as
 * the file has them, the values the same names in the other spelling: a string, or where
 * that is no UTF-8 an object {"hex": "ff"}, with two digits for each byte.
 */
#ifndef BL_NAMES_H
#define BL_NAMES_H

#include "tensor.h"

#define BL_NAMES "belay.names"

/* Can a file have a tensor of that name, a dotted one or a path? */
bool bl_names_allowed(const char *name, bool dotted);

/*
 * Spells the names of n tensors anew, as dotted names or as paths; they are in the other spelling.
 * record: the value of BL_NAMES beside them; NULL: none. What it says and the spelling allows comes
 * before the rule. name[i] belongs to memory. Errors: BL_INPUT for a record that is no such JSON or
 * over 8 MiB long, and for a name of over 1 MiB; BL_LIMIT.
 */
int bl_names_spell(const struct bl_tensor *tensor, size_t n, const char *record, bool dotted,
	const char **name, struct bl_catalog *memory, struct bl_err *err) BL_MUST_USE;

/*
 * The record for n names, dotted ones or paths, that were there[i] in the other spelling; name[i]
 * NULL: left out. *record belongs to memory; NULL: none is needed. Errors: BL_INPUT for one that
 * nobody would read; BL_LIMIT.
 */
int bl_names_record(const char *const *name, const char *const *there, size_t n, bool dotted,
	const char **record, struct bl_catalog *memory, struct bl_err *err) BL_MUST_USE;

/* Two names that one file cannot hold. */
struct bl_clash {
	bool found;
	bool group;         /* second is in a group that has the name of first */
	size_t first, second;
	size_t groups;           /* where none is found: groups that these paths lead through */
};

/* Looks for one among n names, dotted ones or paths; name[i] NULL: left out. Error: BL_LIMIT. */
int bl_names_clash(const char *const *name, size_t n, bool dotted, struct bl_clash *clash,
	struct bl_err *err) BL_MUST_USE;

/* Spells the names in a catalogue anew, by its own record. Errors: those of bl_names_spell, and
 * BL_INPUT for two tensors that get one name. */
int bl_names_adopt(struct bl_catalog *cat, bool dotted, struct bl_err *err) BL_MUST_USE;

#endif
