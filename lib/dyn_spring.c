/* dyn_spring.c */
#include "err.h"
