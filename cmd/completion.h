/*
 * completion.h - what a shell needs to complete the command lines of the programs.
 */
#ifndef BL_COMPLETION_H
#define BL_COMPLETION_H

#include "settings.h"

#include <stdio.h>

/* What can be typed as the argument of an option. */
enum bl_completed {
	BL_COMPLETED_NOTHING, /* a number, a pattern, a name: nobody can tell */
	BL_COMPLETED_WORDS,   /* one of its choices */
	BL_COMPLETED_LIST,    /* several of them, with commas in between */
	BL_COMPLETED_FILES,
	BL_COMPLETED_FOLDERS
};

enum bl_completed bl_completed_of(const struct bl_option_info *info);

/* The script for one shell. name: of the program. */
typedef void bl_completion(FILE *to, const char *name, enum bl_program program);

bl_completion bl_completion_bash, bl_completion_zsh, bl_completion_fish;

#endif
