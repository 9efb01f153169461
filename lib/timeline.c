/* timeline.c */
#include "err.h"
