/*
 * hdf5_driver.c - the only way libhdf5 gets at a file: a descriptor, a base, a size.
 *
 * The library asks for no path, takes no lock, and is told of no feature, so that every request for
 * raw data arrives here one by one (no accumulator, no sieve).
 */
#include "hdf5_driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#include <H5Ldevelop.h>
#endif

#define CACHE ((size_t)1 << 20) /* bytes of metadata */

/* What the library holds of an open file. */
struct driver_file {
	H5FD_t pub; /* the library's part comes first */
	struct bl_h5_window *window;
	haddr_t eoa; /* end of the addresses the library has given out */
};

static const struct driver_file *cself(const H5FD_t *f)
{
	return (const struct driver_file *)(const void *)f;
}

static struct driver_file *self(H5FD_t *f)
{
	return (struct driver_file *)(void *)f;
}

/* The driver's information in an access list: where the window is. */
struct driver_info {
	struct bl_h5_window *window;
};

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t fapl, haddr_t maxaddr)
{
	const struct driver_info *info = H5Pget_driver_info(fapl);
	struct driver_file *f;

	(void)name;
	(void)flags;
	(void)maxaddr;
	if (!info || !(f = calloc(1, sizeof *f)))
		return NULL;
	f->window = info->window;
	return &f->pub;
}

static herr_t driver_close(H5FD_t *file)
{
	self(file)->window->end = self(file)->eoa;
	free(self(file));
	return 0;
}

static herr_t driver_query(const H5FD_t *file, unsigned long *flags)
{
	(void)file;
	*flags = 0;
	return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *file, H5FD_mem_t type)
{
	(void)type;
	return cself(file)->eoa;
}

static herr_t driver_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t eoa)
{
	(void)type;
	self(file)->eoa = eoa;
	return 0;
}

static haddr_t driver_get_eof(const H5FD_t *file, H5FD_mem_t type)
{
	(void)type;
	return cself(file)->window->size;
}

/* Notes a request for raw data while record is set. */
static bool noted(struct bl_h5_window *w, H5FD_mem_t type, haddr_t address, size_t length)
{
	if (!w->record || type != H5FD_MEM_DRAW)
		return false;
	w->address = address;
	w->length = length;
	w->noted++;
	return true;
}

/* Tells the library why it failed. */
static herr_t push(int errnum)
{
	H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_IO, H5E_READERROR,
		"%s", strerror(errnum));
	return -1;
}

/* The place of n bytes at address in the file; false where there is no such place. */
static bool place(const struct bl_h5_window *w, haddr_t address, size_t n, off_t *at)
{
	uint64_t first, end;

	if (__builtin_add_overflow(w->base, (uint64_t)address, &first) ||
		__builtin_add_overflow(first, (uint64_t)n, &end) || end > INT64_MAX)
		return false;
	*at = (off_t)first;
	return true;
}

static herr_t driver_read(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t address, size_t size,
	void *buf)
{
	struct bl_h5_window *w = self(file)->window;
	unsigned char *to = buf;
	size_t have = size;
	off_t at;

	(void)dxpl;
	if (noted(w, type, address, size))
		return 0;
	if (!place(w, address, size, &at))
		return push(EOVERFLOW);
	if (address >= w->size)
		have = 0;
	else if (have > w->size - address)
		have = (size_t)(w->size - address);
	memset(to + have, 0, size - have); /* allocated, not written yet */
	for (size_t got = 0; got < have;) {
		ssize_t k = pread(w->fd, to + got, have - got, at + (off_t)got);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) { /* 0: the file was cut short meanwhile */
			w->unread = k < 0 ? errno : EIO;
			return push(w->unread);
		}
		got += (size_t)k;
	}
	return 0;
}

static herr_t driver_write(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t address, size_t size,
	const void *buf)
{
	struct bl_h5_window *w = self(file)->window;
	const unsigned char *from = buf;
	off_t at;

	(void)dxpl;
	if (w->failed || noted(w, type, address, size))
		return 0;
	if (!place(w, address, size, &at)) {
		w->failed = EFBIG;
		return 0;
	}
	for (size_t put = 0; put < size && !w->failed;) {
		ssize_t k = pwrite(w->fd, from + put, size - put, at + (off_t)put);

		if (k < 0 && errno != EINTR)
			w->failed = errno;
		put += k > 0 ? (size_t)k : 0;
	}
	if (address + size > w->size)
		w->size = address + size;
	return 0;
}

/* The caller cuts the file at window->end. */
static herr_t driver_truncate(H5FD_t *file, hid_t dxpl, hbool_t closing)
{
	(void)file;
	(void)dxpl;
	(void)closing;
	return 0;
}

static hid_t driver_register(void)
{
	static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
		.version = H5FD_CLASS_VERSION,
		.value = 300,
#endif
		.name = "belay",
		.maxaddr = INT64_MAX,
		.fc_degree = H5F_CLOSE_STRONG,
		.fapl_size = sizeof(struct driver_info),
		.open = driver_open,
		.close = driver_close,
		.query = driver_query,
		.get_eoa = driver_get_eoa,
		.set_eoa = driver_set_eoa,
		.get_eof = driver_get_eof,
		.read = driver_read,
		.write = driver_write,
		.truncate = driver_truncate,
		.fl_map = H5FD_FLMAP_DICHOTOMY,
	};

	return H5FDregister(&driver);
}

void bl_h5_tame(bool plugins)
{
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
	H5PLset_loading_state(plugins ? H5PL_FILTER_PLUGIN : 0);
	if (H5Lis_registered(H5L_TYPE_EXTERNAL) > 0)
		H5Lunregister(H5L_TYPE_EXTERNAL);
}

/* A small cache of metadata for one that reads, or makes, every object once: the library's own
 * grows to thousands of bytes per object, and is no faster. */
static herr_t cache_little(hid_t fapl)
{
	H5AC_cache_config_t cache = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};

	if (H5Pget_mdc_config(fapl, &cache) < 0)
		return -1;
	cache.set_initial_size = true;
	cache.initial_size = cache.min_size = cache.max_size = CACHE;
	cache.incr_mode = H5C_incr__off;
	cache.flash_incr_mode = H5C_flash_incr__off;
	cache.decr_mode = H5C_decr__off;
	return H5Pset_mdc_config(fapl, &cache);
}

/* An access list with the driver on w; once: every object is looked at once. What is written needs
 * a library of the version low at least. Negative on failure. */
static hid_t access_list(struct bl_h5_window *w, bool once, H5F_libver_t low, enum bl_exit code,
	struct bl_err *err)
{
	struct driver_info info = {w};
	hid_t driver = driver_register(), fapl = H5Pcreate(H5P_FILE_ACCESS);
	int rc = 0;

	if (driver < 0 || fapl < 0 || H5Pset_driver(fapl, driver, &info) < 0)
		rc = bl_h5_fail(err, code, "the HDF5 library refuses its driver");
	else if (w->plugins && H5Pset_cache(fapl, 0, 521, 0, 0) < 0)
		rc = bl_h5_fail(err, code, "the HDF5 library wants to keep chunks");
	else if (once && cache_little(fapl) < 0)
		rc = bl_h5_fail(err, code, "the HDF5 library refuses a small cache");
	else if (H5Pset_libver_bounds(fapl, low, H5F_LIBVER_V110) < 0)
		rc = bl_h5_fail(err, code, "the HDF5 library refuses its version bounds");
	bl_h5_drop(driver);
	if (rc == 0)
		return fapl;
	bl_h5_drop(fapl);
	return -1;
}

hid_t bl_h5_attach(struct bl_h5_window *w, bool writable, enum bl_exit code, struct bl_err *err)
{
	/* Nothing that is written shall need a newer library than the file itself. */
	hid_t fapl = access_list(w, !writable, H5F_LIBVER_EARLIEST, code, err), file = -1;

	if (fapl >= 0 &&
		(file = H5Fopen("/", writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, fapl)) < 0)
		bl_h5_fail(err, code, "the HDF5 library cannot open it");
	bl_h5_drop(fapl);
	return file;
}

hid_t bl_h5_begin(struct bl_h5_window *w, hid_t properties, unsigned superblock,
	struct bl_err *err)
{
	/* Nothing needs more than 1.8, whose format has large attributes. */
	const H5F_libver_t low = superblock < 2 ? H5F_LIBVER_EARLIEST : H5F_LIBVER_V18;
	hid_t fapl = access_list(w, true, low, BL_OUTPUT, err), file = -1;

	if (fapl >= 0 && (file = H5Fcreate("/", H5F_ACC_TRUNC, properties, fapl)) < 0)
		bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot begin a file");
	bl_h5_drop(fapl);
	return file;
}

void bl_h5_drop(hid_t id)
{
	if (id > 0)
		H5Idec_ref(id);
}

/* Keeps the innermost reason; the outer ones only say that something failed. */
static herr_t innermost(unsigned n, const H5E_error2_t *error, void *text)
{
	(void)n;
	if (error->desc)
		snprintf(text, 256, "%s", error->desc);
	return 1;
}

int bl_h5_fail(struct bl_err *err, enum bl_exit code, const char *what)
{
	char why[256] = "";

	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, why);
	if (why[0] == '\0')
		return bl_fail(err, code, "%s", what);
	return bl_fail(err, code, "%s (%s)", what, why);
}
