/*
 * fuzz_files.h - formats/file.h in memory: the files of an input, opened without a system call.
 */
#ifndef BL_FUZZ_FILES_H
#define BL_FUZZ_FILES_H

#include "file.h"

struct fuzz_file {
	const char *name;
	const unsigned char *bytes;
	size_t size;
};

/* These files exist from here on, and no others. Borrowed. */
void fuzz_files_are(const struct fuzz_file *file, size_t files);

/* What the next HDF5 file is answered by the scout (hdf5_scout.h): these words, copied. NULL: it
 * has died. Borrowed. */
void fuzz_scout_says(const uint64_t *word, size_t words);

#endif
