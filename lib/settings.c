/* settings.c */
#include "err.h"
