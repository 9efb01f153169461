/*
 * help.h - what the option table tells a reader.
 */
#ifndef BL_HELP_H
#define BL_HELP_H

#include "settings.h"

#include <stdio.h>

/* The usage and all options of a program, group by group: 80 columns wide, or as COLUMNS or the
 * terminal has it, from 60 to 100. */
void bl_help(FILE *to, enum bl_program program);

/* Name, version, licence. */
void bl_version(FILE *to, enum bl_program program);

#endif
