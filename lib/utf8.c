/* utf8.c - what is well-formed UTF-8. */
#include "utf8.h"

#include <string.h>

size_t bl_utf8(const char *text, size_t left)
{
	/* The well-formed sequences of the Unicode standard, table 3-7. */
	static const struct {
		unsigned char lead_min, lead_max, second_min, second_max, length;
	} form[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	const unsigned char *s = (const unsigned char *)text;
	size_t f = 0;

	while (f < sizeof form / sizeof form[0] && s[0] > form[f].lead_max)
		f++;
	if (f == sizeof form / sizeof form[0] || s[0] < form[f].lead_min || left < form[f].length)
		return 0;
	if (form[f].length > 1 && (s[1] < form[f].second_min || s[1] > form[f].second_max))
		return 0;
	for (size_t i = 2; i < form[f].length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return form[f].length;
}

bool bl_is_utf8(const char *text)
{
	for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
		n = bl_utf8(text, left);
		if (n == 0)
			return false;
	}
	return true;
}
