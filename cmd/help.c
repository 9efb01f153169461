/* help.c */
#include "err.h"
