/*
 * deflate.h - compresses a chunk of numbers to a zlib stream (RFC 1950).
 *
 * Weights are noise but for their first bits. A search for strings that occurred before, which
 * deflate takes its time for, finds nothing in noise; and what it finds by chance in the bytes that
 * hold the exponents takes more room than codes for single bytes do. So a chunk is cut into pieces,
 * and only those are searched in which something really repeats. Counts decide, in integers: the
 * same bytes on every machine that has the same version of the library.
 */
#ifndef BL_DEFLATE_H
#define BL_DEFLATE_H

#include "io.h"

/* One thread's. */
struct bl_deflater;

/* For chunks of up to room bytes. NULL: no memory. */
struct bl_deflater *bl_deflater_new(size_t room);
void bl_deflater_free(struct bl_deflater *d);

/* Memory that one takes; and what the first use of a library adds to it. */
size_t bl_deflater_size(size_t room);
size_t bl_deflate_size(enum bl_deflate how);

/* Is that library built in? */
bool bl_deflate_has(enum bl_deflate how);

/*
 * Compresses n > 0 bytes at src to dst, and returns how many they are there: at most n + n / 256 +
 * 200, where dst has that much room. level: from 0, nothing is compressed, to 9. plane: after how
 * many bytes bytes of another kind come, as a shuffle leaves them; n: all are alike. Errors
 * (BL_BUG; BL_LIMIT: no memory): 0.
 */
size_t bl_deflate(struct bl_deflater *d, enum bl_deflate how, unsigned level,
	const unsigned char *src, size_t n, size_t plane, unsigned char *dst, size_t room,
	struct bl_err *err) BL_MUST_USE;

#endif
