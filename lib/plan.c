/* plan.c */
#include "err.h"
