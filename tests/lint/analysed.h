/*
 * analysed.h - what compilers that analyse are told of the program (-include).
 *
 * They look at one file at a time, and would otherwise follow every failure on to where all went
 * well. Those of err.h that report one always return -1.
 */
#ifndef BL_ANALYSED_H
#define BL_ANALYSED_H

#include <config.h>

#include "err.h"

#define bl_fail(...) (bl_fail(__VA_ARGS__), -1)
#define bl_fail_errno(...) (bl_fail_errno(__VA_ARGS__), -1)
#define bl_fail_memory(...) (bl_fail_memory(__VA_ARGS__), -1)
#define bl_fail_silently(...) (bl_fail_silently(__VA_ARGS__), -1)
#define bl_hint(...) (bl_hint(__VA_ARGS__), -1)
#define bl_line(...) (bl_line(__VA_ARGS__), -1)
#define bl_prefix(...) (bl_prefix(__VA_ARGS__), -1)

#endif
