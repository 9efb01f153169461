/*
 * plugin_xor.c - a filter for HDF5, as a plugin: every byte is changed by its first value.
 *
 * Stored bytes that are all zero are nothing that it has made. By its second value it misbehaves
 * when it decodes: 1 crashes, 2 never ends, 3 refuses to work where it can open a file that is none
 * of its business.
 */
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <unistd.h>

#include <H5PLextern.h>

static size_t misbehave(unsigned how, size_t bytes)
{
	volatile unsigned long spins = 0;
	int fd;

	switch (how) {
	case 1:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		return 0;
	case 2:
		for (;;)
			spins++;
	case 3:
		fd = open("/etc/passwd", O_RDONLY);
		if (fd < 0)
			return bytes;
		close(fd);
		return 0;
	default:
		return bytes;
	}
}

static size_t filter(unsigned flags, size_t n, const unsigned values[], size_t bytes, size_t *room,
	void **buf)
{
	unsigned char *at = *buf;

	unsigned char any = 0;

	(void)room;
	for (size_t i = 0; i < bytes; i++) {
		any |= at[i];
		at[i] ^= (unsigned char)(n > 0 ? values[0] : 0);
	}
	if (flags & H5Z_FLAG_REVERSE && !any)
		return 0;
	return flags & H5Z_FLAG_REVERSE ? misbehave(n > 1 ? values[1] : 0, bytes) : bytes;
}

static const H5Z_class2_t xor = {H5Z_CLASS_T_VERS, 305, 1, 1, "belay test", NULL, NULL, filter};

H5PL_type_t H5PLget_plugin_type(void)
{
	return H5PL_TYPE_FILTER;
}

const void *H5PLget_plugin_info(void)
{
	return &xor;
}
