/*
 * zip.h - zip files that hold a stored member which is read in place and may be written anew.
 *
 * The directory at the end of the file is what counts; every member's own header must agree with
 * it. Numbers in a directory are 32 or, in ZIP64, 64 bits wide and keep their width: a file that
 * has the same members needs no other layout, only other numbers.
 */
#ifndef BL_ZIP_H
#define BL_ZIP_H

#include "file.h"
#include "output.h"

/* A number of the directory, which may have to change. */
struct bl_zip_number {
	uint64_t value;
	size_t at;      /* in the tail */
	unsigned bytes; /* 4 or 8 */
};

/* A member. Places are in the file unless said otherwise. */
struct bl_zip_member {
	const unsigned char *name; /* not terminated; in the tail */
	size_t length;             /* of the name */
	size_t entry;              /* its row of the directory, in the tail */
	unsigned flags, method;
	uint32_t crc;
	struct bl_zip_number size, stored; /* bytes, without and with compression */
	struct bl_zip_number header;       /* where its own header is */
	uint64_t data;   /* where its bytes are */
	uint64_t behind; /* where they end; not changed by a resize */
	uint64_t next;   /* where the next member, or the directory, begins */

	/* A header that was written before its data leaves CRC and sizes to a descriptor behind
	 * them. What it does know changes with the data. */
	bool knows_crc, knows_sizes, knows_wide;
	uint64_t wide;       /* the ZIP64 sizes in the header; 0: there are none */
	unsigned descriptor; /* bytes of the descriptor, known of a stored member; 0: none */
};

/* A zip file that was read. */
struct bl_zip {
	uint64_t size;          /* of the file */
	uint64_t directory;     /* where the directory begins */
	size_t directory_size;
	unsigned char *tail;    /* all from there on; owned */
	size_t tail_size;
	bool wide;              /* the directory's end is told in ZIP64, too */
	size_t record, locator; /* then: where that is, in the tail */
	size_t last;            /* the last record, in the tail */
	struct bl_zip_member *member; /* in the order of the file; owned */
	size_t members;
};

/* Do these first n bytes of a file begin a zip file, up to the name of its first member? *name is
 * that one's, of *length bytes. */
bool bl_zip_begins(const unsigned char *head, size_t n, const unsigned char **name, size_t *length);

/*
 * Reads and checks the directory and every member's own header: names are unique, members lie
 * between the file's beginning and the directory, none over another, and no byte is behind the end
 * that the directory tells. Errors (BL_INPUT; BL_LIMIT) do not name the file. zip is freed by the
 * caller, also after an error.
 */
int bl_zip_open(struct bl_zip *zip, struct bl_file *file, struct bl_err *err) BL_MUST_USE;
void bl_zip_free(struct bl_zip *zip);

/* Finds the member of that name, which must be stored as it is, neither compressed nor encrypted.
 * Errors (BL_INPUT) name it. */
int bl_zip_stored(struct bl_zip *zip, struct bl_file *file, const char *name,
	struct bl_zip_member **member, struct bl_err *err) BL_MUST_USE;

/*
 * Gives a stored member another size: everything behind it moves. zip then describes the new
 * file, but for the member's CRC. Error (BL_LIMIT): a number does not fit its width.
 */
int bl_zip_resize(struct bl_zip *zip, struct bl_zip_member *m, uint64_t size, struct bl_err *err)
	BL_MUST_USE;

/*
 * Completes out, which has the new file up to the end of the resized member and is of the new size:
 * copies what stands between the member and the directory from the old file, writes the directory,
 * and sets the member's CRC, which it reads the member for, and sizes wherever they are told.
 * Errors of the old file: BL_INPUT.
 */
int bl_zip_complete(struct bl_zip *zip, struct bl_zip_member *m, struct bl_file *old,
	struct bl_output *out, struct bl_err *err) BL_MUST_USE;

/* Little-endian numbers of n bytes. */
uint64_t bl_zip_get(const unsigned char *p, unsigned n);
void bl_zip_put(unsigned char *p, unsigned n, uint64_t value);

#endif
