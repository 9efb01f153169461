/* dyn_ema.c */
#include "err.h"
