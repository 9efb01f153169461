/* args.c */
#include "err.h"
