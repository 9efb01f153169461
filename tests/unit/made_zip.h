/*
 * made_zip.h - makes zip files, byte by byte, of three members around given weights.
 */
#ifndef BL_MADE_ZIP_H
#define BL_MADE_ZIP_H

#include "zip.h"

#include <stddef.h>

/* How the weights are told. */
enum made_zip {
	ZIP_WIDE = 1,         /* sizes and place in ZIP64, all ones in 32 bits */
	ZIP_WIDE_HEADER = 2,  /* ZIP64 sizes in the header, beside true ones */
	ZIP_LATE = 4,         /* CRC and sizes in a descriptor behind the data */
	ZIP_LATE_WIDE = 8,    /* that one in 64 bits */
	ZIP_LATE_BARE = 16,   /* that one without its signature */
	ZIP_LATE_KNOWN = 32,  /* and the header knows it all the same */
	ZIP_WIDE_END = 64,    /* the directory's end in ZIP64, all ones in the last record */
	ZIP_WIDE_EXTRA = 128, /* that one, but true numbers in the last record */
	ZIP_EXTRAS = 256,     /* more extra fields, and comments */
	ZIP_GAPS = 512,       /* bytes between the members */
	ZIP_BEHIND = 1024,    /* the third member is behind the weights, with ZIP_WIDE in ZIP64 */
	ZIP_NARROW_HEADER = 2048 /* with ZIP_WIDE: but the header has 32 bits only */
};

/* Where things are. */
struct made_zip_places {
	size_t header, data, descriptor, directory, row, record, locator, last, end;
};

/* The file's bytes, malloc'd; places->end of them. */
unsigned char *made_zip(
	unsigned how, const void *weights, size_t n, struct made_zip_places *places);

/* Combinations that are no two alike to a reader. */
extern const unsigned made_zip_kind[];
#define MADE_ZIP_KINDS 16

/* n bytes, malloc'd. */
unsigned char *made_weights(size_t n, unsigned seed);

/* A zip file open for a test. */
struct opened {
	char *path;
	struct bl_files *pool;
	struct bl_file *file;
	struct bl_zip zip;
	struct bl_zip_member *m;
	int rc;
	struct bl_err err;
};

/* Writes a file and reads its directory and the weights' row. */
struct opened *open_zip(const void *bytes, size_t n);
void close_zip(struct opened *o);

#endif
