/* dynamics.c */
#include "err.h"
