/* options.c */
#include "err.h"
