/* hdf5_driver.c */
#include "err.h"
