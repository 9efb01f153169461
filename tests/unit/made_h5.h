/*
 * made_h5.h - HDF5 files made by libhdf5 itself, and what it reads from them. A helper that fails
 * ends the test.
 */
#ifndef BL_MADE_H5_H
#define BL_MADE_H5_H

#define H5_USE_110_API
#include <hdf5.h>

#include "tensor.h"

enum made_flag {
	MADE_SHUFFLE = 1,
	MADE_DEFLATE = 2,
	MADE_FLETCHER = 4,
	MADE_COMPACT = 8,
	MADE_RAW_EDGES = 16, /* chunks over the edge are not filtered; needs newer files */
	MADE_EARLY = 32,     /* all space is allocated when the dataset is made */
	MADE_UNWRITTEN = 64,
	MADE_PARTLY = 128, /* only the first element is written */
	MADE_TIMES = 256,
	MADE_ZEROS = 512 /* all values are 0 */
};

/* A dataset to be made. */
struct made {
	const char *name;
	const char *type; /* "f4", ">f8", "c8", "bf16", "i4", ... */
	unsigned rank;
	hsize_t dim[4];
	hsize_t chunk[4]; /* [0] is 0: not chunked */
	unsigned flags;   /* enum made_flag */
	unsigned unlimited; /* bit per axis */
	double fill;        /* 0: none */
};

/* The list of datasets that every layout and type is in, with an empty name behind the last. */
extern const struct made made_all[];

/* How a file is made. */
struct made_file {
	const char *name;
	bool newest;        /* format of 1.10: other chunk indexes, superblock 3 */
	hsize_t user_block;
	bool paged;
	bool keep_free;     /* free space is kept in the file */
	bool times;
};

/* Makes a file of the datasets (up to an empty name). Returns it open. */
hid_t made_open(const char *path, const struct made_file *how);
void made_dataset(hid_t file, const struct made *m);
void made_close(hid_t file);
void made_write(const char *path, const struct made_file *how, const struct made *list);

/* The type "f4" and the like; closed by the caller. Little-endian where little is set. */
hid_t made_type(const char *name, bool little);

/* What libhdf5 reads from a dataset, as little-endian elements; malloc'd. */
unsigned char *made_values(const char *path, const char *name, size_t *bytes);

/* A scalar string attribute of the root, malloc'd; NULL: there is none. */
char *made_attribute(const char *path, const char *name);

#endif
