/* report.c */
#include "err.h"
