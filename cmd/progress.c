/* progress.c */
#include "err.h"
