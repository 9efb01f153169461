/* screen.c - what a stream that a person looks at can show. */
#include "config.h"

#include "screen.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS 80 /* where nobody says how many there are */
#define COLUMNS_MIN 40
#define COLUMNS_MAX 400

size_t bl_screen_columns(FILE *to)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {0};

	if (columns)
		return strtoul(columns, NULL, 10);
	if (isatty(fileno(to)) && ioctl(fileno(to), TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* The program stays in the C locale, so that numbers have points; the variables tell what locale
 * the terminal is in. */
static bool is_utf8(void)
{
	const char *variable = is_set("LC_ALL")	    ? "LC_ALL"
			       : is_set("LC_CTYPE") ? "LC_CTYPE"
						    : "LANG";
	const char *locale = getenv(variable), *charset = locale ? strchr(locale, '.') : NULL;

	return charset && (strncasecmp(charset + 1, "UTF-8", 5) == 0 ||
				  strncasecmp(charset + 1, "UTF8", 4) == 0);
}

struct bl_screen bl_screen_of(FILE *to)
{
	const char *term = getenv("TERM");
	const bool terminal = isatty(fileno(to));
	size_t columns = bl_screen_columns(to);

	if (columns == 0)
		columns = COLUMNS;
	if (columns < COLUMNS_MIN)
		columns = COLUMNS_MIN;
	return (struct bl_screen){
		.columns = columns > COLUMNS_MAX ? COLUMNS_MAX : columns,
		.terminal = terminal,
		.unicode = terminal && is_utf8(),
		.colour = terminal && !is_set("NO_COLOR") && !(term && strcmp(term, "dumb") == 0),
	};
}
