/*
 * hdf5_plugins.h - the folders in which libhdf5 may find filters that belay does not undo itself.
 */
#ifndef BL_HDF5_PLUGINS_H
#define BL_HDF5_PLUGINS_H

#include "err.h"

/* Zero-initialised and with no folder: those that libhdf5 was built with. */
struct bl_h5_plugins {
	char **folder; /* absolute, links resolved; owned */
	size_t n;
};

/*
 * The folders of a list with colons between them; "$HDF5_PLUGIN_PATH": those of that variable, and
 * none where it is not set. A folder of the list that is not there is BL_USAGE; one of the variable
 * is passed over, unless none is there.
 */
int bl_h5_plugins_find(struct bl_h5_plugins *p, const char *list, struct bl_err *err) BL_MUST_USE;

/*
 * In a child: lets the library look for plugins there and nowhere else. They are loaded at once,
 * since what they need themselves may be anywhere; later the folders alone can be read. found
 * tells them, and is freed by the caller, also after a failure.
 */
int bl_h5_plugins_load(const struct bl_h5_plugins *asked, struct bl_h5_plugins *found) BL_MUST_USE;

void bl_h5_plugins_free(struct bl_h5_plugins *p);

#endif
