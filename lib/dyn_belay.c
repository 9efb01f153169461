/* dyn_belay.c */
#include "err.h"
