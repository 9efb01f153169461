/*
 * hdf5_super.c - the superblock, read without the library.
 *
 * The library looks for it at 0, 512, 1024, 2048, ...; what comes before is the user block.
 */
#include "hdf5_index.h"

#include <inttypes.h>
#include <string.h>

static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

static uint64_t little(const unsigned char *p, unsigned n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* Reads what there is of the n bytes at offset; the rest is zero. */
static int read_some(struct bl_file *file, uint64_t base, uint64_t offset, uint64_t size,
	unsigned char *buf, size_t n, struct bl_err *err)
{
	memset(buf, 0, n);
	if (offset >= size)
		return 0;
	if (n > size - offset)
		n = (size_t)(size - offset);
	return bl_file_read(file, base + offset, buf, n, err);
}

/* Sizes and flags by version: where they stand differs. */
struct form {
	unsigned sizes_at;  /* byte that tells the bytes of an address */
	unsigned base_at;   /* where the addresses begin */
	unsigned flags_at;  /* consistency flags; 0: none */
	unsigned constant, addresses; /* its length: constant bytes and so many addresses */
};

static int check(const unsigned char *block, struct bl_h5_super *s, struct bl_err *err)
{
	static const struct form form[] = {
		{13, 24, 0, 48, 6}, {13, 28, 0, 52, 6}, {9, 12, 11, 16, 4}, {9, 12, 11, 16, 4},
	};
	const unsigned version = block[8];
	const struct form *f;
	unsigned address;
	uint64_t eof, driver;

	if (version >= sizeof form / sizeof form[0])
		return bl_fail(err, BL_INPUT, "superblock version %u is not known", version);
	f = &form[version];
	address = block[f->sizes_at];
	if (address != 2 && address != 4 && address != 8)
		return bl_fail(err, BL_INPUT, "its superblock is damaged or cut short");
	s->end = s->start + f->constant + (uint64_t)f->addresses * address;
	if (s->end > s->size)
		return bl_fail(err, BL_INPUT, "its superblock is damaged or cut short");
	eof = little(block + f->base_at + 2 * address, address);
	if (s->size < eof)
		return bl_fail(err, BL_INPUT, "is cut short: it has %" PRIu64 " of %" PRIu64
			" bytes", s->size, eof);
	/* Of a driver that belay has not; a library that writes the file goes there. */
	driver = little(block + f->base_at + 3 * address, address);
	if (version < 2 && driver != UINT64_MAX >> (64 - 8 * address) && driver >= eof)
		return bl_fail(err, BL_INPUT, "its superblock is damaged or cut short");
	if (f->flags_at && (block[f->flags_at] & 5)) {
		bl_fail(err, BL_INPUT, "is marked as open for writing");
		return bl_hint(err, "its writer is still at work, or died; then h5clear -s removes "
			"the mark");
	}
	return 0;
}

int bl_h5_super_read(struct bl_file *file, uint64_t base, uint64_t size, struct bl_h5_super *super,
	struct bl_err *err)
{
	unsigned char block[96];

	super->size = size;
	super->made = false;
	for (super->start = 0; super->start < size;
		super->start = super->start ? 2 * super->start : 512) {
		if (read_some(file, base, super->start, size, block, sizeof block, err) != 0)
			return -1;
		if (memcmp(block, signature, sizeof signature) == 0)
			return check(block, super, err);
		if (super->start > INT64_MAX / 2)
			break;
	}
	return bl_fail(err, BL_INPUT, "is no HDF5 file");
}
