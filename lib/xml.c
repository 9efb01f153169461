/* xml.c - text in XML. */
#include "xml.h"

#include "utf8.h"

#include <stdbool.h>
#include <string.h>

/* Of the characters that UTF-8 can write, XML has none of these. */
static bool is_no_character(const char *text, size_t n)
{
	const unsigned char c = (unsigned char)text[0];

	if (n == 1)
		return c < 0x20 && c != '\t' && c != '\n';
	return n == 3 &&
	       (memcmp(text, "\xef\xbf\xbe", 3) == 0 || memcmp(text, "\xef\xbf\xbf", 3) == 0);
}

static void put_character(FILE *to, const char *text, size_t n)
{
	if (n == 0 || is_no_character(text, n))
		fputs("\xef\xbf\xbd", to);
	else if (*text == '&')
		fputs("&amp;", to);
	else if (*text == '<')
		fputs("&lt;", to);
	else if (*text == '>')
		fputs("&gt;", to);
	else if (*text == '"')
		fputs("&quot;", to);
	else
		fwrite(text, 1, n, to);
}

void bl_xml_put(FILE *to, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		const size_t n = bl_utf8(text, left), step = n ? n : 1;

		put_character(to, text, n);
		text += step;
		left -= step;
	}
}
