/* adjoint.c */
#include "err.h"
