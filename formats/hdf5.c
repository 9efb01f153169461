/* hdf5.c */
#include "err.h"
