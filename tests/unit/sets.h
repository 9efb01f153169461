/* sets.h - the kernels of all instruction sets, for tests. */
#ifndef BL_SETS_H
#define BL_SETS_H

#include "kernels.h"

#define SETS 3

/* Those this machine has, the base first; NULL behind the last. */
void sets_here(const struct bl_kernels *set[SETS + 1]);

#endif
