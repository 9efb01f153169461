/* length.c */
#include "err.h"
