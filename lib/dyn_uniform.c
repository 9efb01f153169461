/* dyn_uniform.c */
#include "err.h"
