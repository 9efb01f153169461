/*
 * screen.h - what a stream that a person looks at can show.
 */
#ifndef BL_SCREEN_H
#define BL_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

struct bl_screen {
	size_t columns; /* to be used */
	bool terminal;
	bool unicode;   /* may be drawn on with more than ASCII */
	bool colour;
};

/* The columns that COLUMNS names or that the terminal has; 0: nobody says. */
size_t bl_screen_columns(FILE *to);

/* All else than a terminal is plain ASCII, 80 columns unless COLUMNS says otherwise. A terminal
 * has colours unless NO_COLOR is set or TERM is dumb, and Unicode where the locale is of UTF-8. */
struct bl_screen bl_screen_of(FILE *to);

#endif
