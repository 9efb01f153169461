/*
 * made_safetensors.h - small safetensors files whose headers are given as text.
 */
#ifndef BL_MADE_SAFETENSORS_H
#define BL_MADE_SAFETENSORS_H

#include "sample.h"

#include <string.h>
#include <unistd.h>

/* Two tensors, of nine bytes together, and what metadata begin with. */
#define A "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
#define B "\"b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]}"
#define META "\"__metadata__\":"

/* Writes a file with a header of n bytes and values bytes of data, which count from first on. */
static inline void made_safetensors(const char *path, const char *header, size_t n, size_t values,
	unsigned char first)
{
	unsigned char file[2048] = {(unsigned char)n, (unsigned char)(n >> 8)};

	memcpy(file + 8, header, n);
	for (size_t i = 0; i < values; i++)
		file[8 + n + i] = (unsigned char)(first + i);
	unlink(path); /* some file systems write at once what is written over a file */
	sample_write(path, file, 8 + n + values);
}

#endif
