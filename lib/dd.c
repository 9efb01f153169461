/* dd.c */
#include "err.h"
