/*
 * xml.h - text in XML.
 */
#ifndef BL_XML_H
#define BL_XML_H

#include <stdio.h>

/* Writes a text that may hold anything, so that it can stand between tags, and in an attribute in
 * double quotes: what XML 1.0 cannot say, and bytes that are no UTF-8, become U+FFFD. */
void bl_xml_put(FILE *to, const char *text);

#endif
