/* hdf5_index.c */
#include "err.h"
