/*
 * culprit.h - the file and the tensor that a message is about.
 */
#ifndef BL_CULPRIT_H
#define BL_CULPRIT_H

#include "args.h"
#include "event.h"
#include "inputs.h"

/* Where the names may be from. All borrowed; NULL and 0: there are none. */
struct bl_suspects {
	int argc;
	char *const *argv;
	const struct bl_settings *settings;
	const struct bl_args *args;
	const struct bl_inputs *in;
	const struct bl_case *cases;
	size_t n_cases;
};

struct bl_culprit {
	char file[4096], tensor[4096]; /* empty: none */
};

/*
 * Messages begin with the file that they are about, then with the tensor, each followed by a colon
 * and a blank (err.h), or a file by its lines. What of this the message text begins with: the names
 * as they are.
 */
void bl_culprit_find(struct bl_culprit *c, const struct bl_suspects *s, const char *text);

/* Fills in what err says: message, hint, and of what, from c, which the result then refers to. */
void bl_culprit_tell(struct bl_culprit *c, const struct bl_suspects *s, const struct bl_err *err,
	struct bl_result *result);

#endif
