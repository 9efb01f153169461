/*
 * signals.h - a first INT, TERM, HUP or XCPU asks the run to stop and clean up; a second one kills.
 */
#ifndef BL_SIGNALS_H
#define BL_SIGNALS_H

#include <signal.h>

/* Installs the handlers; ignores PIPE and XFSZ, which then are errors of write. Returns where the
 * number of the signal appears, 0 until then. */
const volatile sig_atomic_t *bl_signals_start(void);

/* The signal that has come, 0: none. */
int bl_signals_came(void);

/* Ends the process by a signal that came; returns where number is 0. */
void bl_signals_finish(int number);

#endif
