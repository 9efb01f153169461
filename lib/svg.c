/* svg.c - writes scalable vector graphics. */
#include "svg.h"

#include "xml.h"

#include <math.h>
#include <string.h>

/* A length in hundredths, without closing zeros. */
static void put_length(FILE *to, double length)
{
	const long long n = llround(length * 100), size = n < 0 ? -n : n;

	fprintf(to, "%s%lld", n < 0 ? "-" : "", size / 100);
	if (size % 100)
		fprintf(to, size % 10 ? ".%02lld" : ".%01lld",
			size % 10 ? size % 100 : size % 100 / 10);
}

static void put_attribute(FILE *to, const char *name, double length)
{
	fprintf(to, " %s=\"", name);
	put_length(to, length);
	putc('"', to);
}

static void put_attributes(FILE *to, const char *attributes)
{
	if (*attributes)
		fprintf(to, " %s", attributes);
}

static void put_element(FILE *to, const char *name, const char *text)
{
	fprintf(to, "<%s>", name);
	bl_xml_put(to, text);
	fprintf(to, "</%s>", name);
}

void bl_svg_begin(FILE *to, double width, double height, const char *title, const char *description)
{
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"", to);
	put_attribute(to, "width", width);
	put_attribute(to, "height", height);
	fputs(" viewBox=\"0 0 ", to);
	put_length(to, width);
	putc(' ', to);
	put_length(to, height);
	fputs("\">\n", to);
	put_element(to, "title", title);
	putc('\n', to);
	put_element(to, "desc", description);
	fputs("\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", to);
}

void bl_svg_end(FILE *to)
{
	fputs("</svg>\n", to);
}

void bl_svg_group(FILE *to, const char *attributes)
{
	fputs("<g", to);
	put_attributes(to, attributes);
	fputs(">\n", to);
}

void bl_svg_group_end(FILE *to)
{
	fputs("</g>\n", to);
}

void bl_svg_line(FILE *to, double x1, double y1, double x2, double y2, const char *attributes)
{
	fputs("<line", to);
	put_attribute(to, "x1", x1);
	put_attribute(to, "y1", y1);
	put_attribute(to, "x2", x2);
	put_attribute(to, "y2", y2);
	put_attributes(to, attributes);
	fputs("/>\n", to);
}

void bl_svg_text(
	FILE *to, double x, double y, const char *anchor, const char *attributes, const char *text)
{
	fputs("<text", to);
	put_attribute(to, "x", x);
	put_attribute(to, "y", y);
	if (strcmp(anchor, "start") != 0)
		fprintf(to, " text-anchor=\"%s\"", anchor);
	put_attributes(to, attributes);
	putc('>', to);
	bl_xml_put(to, text);
	fputs("</text>\n", to);
}

void bl_svg_text_up(FILE *to, double x, double y, const char *attributes, const char *text)
{
	fputs("<text text-anchor=\"middle\" transform=\"translate(", to);
	put_length(to, x);
	putc(' ', to);
	put_length(to, y);
	fputs(") rotate(-90)\"", to);
	put_attributes(to, attributes);
	putc('>', to);
	bl_xml_put(to, text);
	fputs("</text>\n", to);
}

void bl_svg_path(FILE *to, const char *attributes)
{
	fputs("<path", to);
	put_attributes(to, attributes);
	fputs(" d=\"", to);
}

void bl_svg_path_point(FILE *to, bool first, double x, double y)
{
	putc(first ? 'M' : 'L', to);
	put_length(to, x);
	putc(' ', to);
	put_length(to, y);
}

void bl_svg_path_end(FILE *to, bool close)
{
	fputs(close ? "Z\"/>\n" : "\"/>\n", to);
}

static void put_points(FILE *to, double x, double y, const double (*point)[2], size_t n)
{
	fputs("<polygon points=\"", to);
	for (size_t i = 0; i < n; i++) {
		put_length(to, x + point[i][0]);
		putc(',', to);
		put_length(to, y + point[i][1]);
		putc(i + 1 < n ? ' ' : '"', to);
	}
}

void bl_svg_mark(FILE *to, enum bl_svg_mark mark, double x, double y, double r, const char *hint)
{
	/* Of about the same area as the circle. */
	const double s = 0.89 * r, d = 1.25 * r, t = 1.35 * r;
	const double square[][2] = {{-s, -s}, {s, -s}, {s, s}, {-s, s}};
	const double triangle[][2] = {{0, -t}, {0.87 * t, 0.5 * t}, {-0.87 * t, 0.5 * t}};
	const double diamond[][2] = {{0, -d}, {d, 0}, {0, d}, {-d, 0}};
	const char *name = mark == BL_SVG_CIRCLE ? "circle" : "polygon";

	if (mark == BL_SVG_CIRCLE) {
		fputs("<circle", to);
		put_attribute(to, "cx", x);
		put_attribute(to, "cy", y);
		put_attribute(to, "r", r);
	} else if (mark == BL_SVG_TRIANGLE) {
		put_points(to, x, y, triangle, 3);
	} else {
		put_points(to, x, y, mark == BL_SVG_SQUARE ? square : diamond, 4);
	}
	if (!hint) {
		fputs("/>\n", to);
		return;
	}
	putc('>', to);
	put_element(to, "title", hint);
	fprintf(to, "</%s>\n", name);
}
