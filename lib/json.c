/* json.c */
#include "err.h"
