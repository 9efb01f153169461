/* replay.c */
#include "err.h"
