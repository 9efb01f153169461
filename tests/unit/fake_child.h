/*
 * fake_child.h - what fakes of scouts and scribes have in common: they hear a question.
 */
#ifndef BL_FAKE_CHILD_H
#define BL_FAKE_CHILD_H

#include "hdf5_child.h"
#include "sample.h"
#include "suite.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE 300 /* milliseconds that a fake may take */
#define CRASH "crashed on it"

/* In the child: hears one question and its payload; ends where there is none. */
static void hear(int wire)
{
	struct bl_h5_message m;
	char skipped[4096];
	int fd;

	if (!bl_h5_child_hear(wire, &m, &fd))
		_exit(0);
	for (size_t n; m.bytes; m.bytes -= n) {
		n = m.bytes < sizeof skipped ? (size_t)m.bytes : sizeof skipped;
		if (!bl_h5_child_hear_bytes(wire, skipped, n))
			_exit(0);
	}
}

/* In the parent: opens an HDF5 file of some tensors. */
static int open_sample(uint64_t *size)
{
	const int fd = open(sample_path("tests/data/cases/hdf5/valid/torch_flat.h5"), O_RDONLY);
	struct stat st;

	ck_assert(fd >= 0 && fstat(fd, &st) == 0);
	*size = (uint64_t)st.st_size;
	return fd;
}

#endif
