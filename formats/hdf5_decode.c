/* hdf5_decode.c */
#include "err.h"
