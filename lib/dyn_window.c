/* dyn_window.c */
#include "err.h"
