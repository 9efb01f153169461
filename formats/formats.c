/* formats.c */
#include "err.h"
