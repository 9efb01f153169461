/* run.c */
#include "err.h"
