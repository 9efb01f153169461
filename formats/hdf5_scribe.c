/* hdf5_scribe.c */
#include "err.h"
