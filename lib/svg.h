/*
 * svg.h - writes scalable vector graphics: SVG 1.1, one element a line.
 *
 * Lengths are pixels, right and down, rounded to hundredths. attributes is XML that stands in the
 * element ("stroke='#000'"), "" for none. Texts may hold anything: what XML cannot say becomes
 * U+FFFD. Write errors show in ferror(to).
 */
#ifndef BL_SVG_H
#define BL_SVG_H

#include <stdbool.h>
#include <stdio.h>

/* A picture on a white ground. The title is what a reader who cannot see it is told, the
 * description says more. */
void bl_svg_begin(
	FILE *to, double width, double height, const char *title, const char *description);
void bl_svg_end(FILE *to);

/* A group whose attributes hold for all that is in it. */
void bl_svg_group(FILE *to, const char *attributes);
void bl_svg_group_end(FILE *to);

void bl_svg_line(FILE *to, double x1, double y1, double x2, double y2, const char *attributes);

/* Text from x on ("start"), around it ("middle") or up to it ("end"), standing on y. */
void bl_svg_text(
	FILE *to, double x, double y, const char *anchor, const char *attributes, const char *text);

/* The same, turned by a quarter to read upwards. */
void bl_svg_text_up(FILE *to, double x, double y, const char *attributes, const char *text);

/* A line through points. close: back to the first, as an area has it. */
void bl_svg_path(FILE *to, const char *attributes);
void bl_svg_path_point(FILE *to, bool first, double x, double y);
void bl_svg_path_end(FILE *to, bool close);

/* The shapes of marks. */
enum bl_svg_mark { BL_SVG_CIRCLE, BL_SVG_SQUARE, BL_SVG_TRIANGLE, BL_SVG_DIAMOND, BL_SVG_MARKS };

/* A mark around a point, of about the radius. hint is shown where the pointer rests on it; NULL:
 * nothing is. */
void bl_svg_mark(
	FILE *to, enum bl_svg_mark mark, double x, double y, double radius, const char *hint);

#endif
