/*
 * suite.h - what every test program does with its tests.
 */
#ifndef BL_SUITE_H
#define BL_SUITE_H

#include <check.h>

/* Runs a suite and frees it: TAP on standard output, every test in this process. Returns what main
 * returns. */
static inline int suite_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

#endif
