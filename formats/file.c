/* file.c */
#include "err.h"
