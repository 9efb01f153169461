/* kernels.c */
#include "err.h"
