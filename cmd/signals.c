/* signals.c - a first signal asks the run to stop and clean up; a second one kills. */
#include "signals.h"

#include <stddef.h>

/* The one variable at file scope: a handler can reach nothing else. */
static volatile sig_atomic_t came;

static void note(int number)
{
	__atomic_store_n(&came, number, __ATOMIC_RELAXED); /* other threads look at it */
}

const volatile sig_atomic_t *bl_signals_start(void)
{
	static const int asks[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU}, errors[] = {SIGPIPE, SIGXFSZ};
	struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND}, old;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) /* nohup and & stay in force */
		if (sigaction(asks[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(asks[i], &action, NULL);
	action.sa_handler = SIG_IGN;
	action.sa_flags = 0;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		sigaction(errors[i], &action, NULL);
	return &came;
}

int bl_signals_came(void)
{
	return __atomic_load_n(&came, __ATOMIC_RELAXED);
}

void bl_signals_finish(int number)
{
	if (!number)
		return;
	signal(number, SIG_DFL);
	raise(number);
}
