/* safetensors.c */
#include "err.h"
