/* output.c */
#include "err.h"
