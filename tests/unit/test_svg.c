/* test_svg.c - the elements of a picture, as XML. */
#include "svg.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	FILE *to;
	char *text;
	size_t size;
} it;

static FILE *begin(void)
{
	it.to = open_memstream(&it.text, &it.size);
	return it.to;
}

static void expect(const char *want)
{
	fclose(it.to);
	ck_assert_str_eq(it.text, want);
	free(it.text);
}

START_TEST(lengths)
{
	bl_svg_line(begin(), 0, 1, 2.5, -3.25, "");
	expect("<line x1=\"0\" y1=\"1\" x2=\"2.5\" y2=\"-3.25\"/>\n");
	bl_svg_line(begin(), 0.004, -0.004, 99.995, 1e6, "stroke=\"#000\"");
	expect("<line x1=\"0\" y1=\"0\" x2=\"100\" y2=\"1000000\" stroke=\"#000\"/>\n");
	bl_svg_line(begin(), 0.05, 0.5, 10.01, -0.1, "");
	expect("<line x1=\"0.05\" y1=\"0.5\" x2=\"10.01\" y2=\"-0.1\"/>\n");
}
END_TEST

/* Texts come from names of files and from settings: they may hold anything. */
START_TEST(texts)
{
	bl_svg_text(begin(), 1, 2, "start", "", "a<b>&\"c\"");
	expect("<text x=\"1\" y=\"2\">a&lt;b&gt;&amp;&quot;c&quot;</text>\n");
	bl_svg_text(begin(), 1, 2, "end", "fill=\"#111\"", "h\xc3\xa9");
	expect("<text x=\"1\" y=\"2\" text-anchor=\"end\" fill=\"#111\">h\xc3\xa9</text>\n");
	bl_svg_text(begin(), 1, 2, "start", "", "\x01\xff]]>\xef\xbf\xbf\xed\xa0\x80");
	expect("<text x=\"1\" y=\"2\">\xef\xbf\xbd\xef\xbf\xbd]]&gt;\xef\xbf\xbd"
	       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</text>\n");
	bl_svg_text_up(begin(), 20, 30, "", "up");
	expect("<text text-anchor=\"middle\" transform=\"translate(20 30) rotate(-90)\">up</text>"
	       "\n");
}
END_TEST

START_TEST(paths)
{
	bl_svg_path(begin(), "fill=\"none\"");
	bl_svg_path_point(it.to, true, 1, 2);
	bl_svg_path_point(it.to, false, 3, -4);
	bl_svg_path_end(it.to, false);
	expect("<path fill=\"none\" d=\"M1 2L3 -4\"/>\n");
	bl_svg_path(begin(), "");
	bl_svg_path_point(it.to, true, 1, 2);
	bl_svg_path_end(it.to, true);
	expect("<path d=\"M1 2Z\"/>\n");
}
END_TEST

START_TEST(marks)
{
	bl_svg_mark(begin(), BL_SVG_CIRCLE, 5, 6, 4, NULL);
	expect("<circle cx=\"5\" cy=\"6\" r=\"4\"/>\n");
	bl_svg_mark(begin(), BL_SVG_CIRCLE, 5, 6, 4, "25: <0.1>");
	expect("<circle cx=\"5\" cy=\"6\" r=\"4\"><title>25: &lt;0.1&gt;</title></circle>\n");
	bl_svg_mark(begin(), BL_SVG_DIAMOND, 10, 20, 4, NULL);
	expect("<polygon points=\"10,15 15,20 10,25 5,20\"/>\n");
	bl_svg_mark(begin(), BL_SVG_SQUARE, 0, 0, 100, "x");
	expect("<polygon points=\"-89,-89 89,-89 89,89 -89,89\"><title>x</title></polygon>\n");
	bl_svg_mark(begin(), BL_SVG_TRIANGLE, 0, 0, 100, NULL);
	expect("<polygon points=\"0,-135 117.45,67.5 -117.45,67.5\"/>\n");
}
END_TEST

START_TEST(whole_picture)
{
	bl_svg_begin(begin(), 100, 50.5, "a & b", "more");
	bl_svg_group(it.to, "fill=\"#fff\"");
	bl_svg_group_end(it.to);
	bl_svg_end(it.to);
	expect("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"100\" "
	       "height=\"50.5\" viewBox=\"0 0 100 50.5\">\n"
	       "<title>a &amp; b</title>\n<desc>more</desc>\n"
	       "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
	       "<g fill=\"#fff\">\n</g>\n</svg>\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("svg");
	TCase *tc = tcase_create("svg");

	tcase_add_test(tc, lengths);
	tcase_add_test(tc, texts);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, marks);
	tcase_add_test(tc, whole_picture);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
