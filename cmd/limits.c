/* limits.c - what a run may use of the machine. */
#include "config.h"

#include "limits.h"

#include <sched.h>
#include <stdlib.h>

/* The processors that this process may use. */
static unsigned processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	return 1;
}

int bl_limits_set(struct bl_job *job, const struct bl_settings *s, struct bl_err *err)
{
	job->kernels = bl_kernels(getenv("BELAY_CPU"));
	if (!job->kernels)
		return bl_fail(err, BL_USAGE, "BELAY_CPU=%s: base, avx2 or avx512 was expected",
			getenv("BELAY_CPU"));
	job->memory = (uint64_t)bl_settings_number(s, BL_OPT_MEMORY);
	job->threads = bl_settings_given(s, BL_OPT_THREADS)
			       ? (unsigned)bl_settings_number(s, BL_OPT_THREADS)
			       : processors();
	return 0;
}
