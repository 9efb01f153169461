/* streams.c - the standard streams of a program, and how it ends. */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* A descriptor that is closed would be given to the first file that is opened: an input could
 * become standard output. What stands in fails when it is used the wrong way round. */
void bl_streams_hold(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* What was printed must have arrived: a full disk behind standard output is an error. To close it
 * is done even where that was interrupted. Reports may be written yet, and must not get its
 * descriptor: standard input, which is there, stands in. */
int bl_streams_close(struct bl_err *err)
{
	bool failed = ferror(stdout);
	int errnum;

	errno = 0;
	failed = fflush(stdout) != 0 || failed;
	errnum = errno;
	if (fclose(stdout) != 0 && errno != EINTR && !failed) {
		failed = true;
		errnum = errno;
	}
	(void)dup2(STDIN_FILENO, STDOUT_FILENO);
	if (!failed)
		return 0;
	if (errnum == EPIPE)
		return bl_fail_silently(err, BL_OUTPUT);
	return bl_fail_errno(err, BL_OUTPUT, errnum ? errnum : EIO, "standard output");
}

int bl_streams_end(const char *program, int rc, const struct bl_err *err)
{
	if (rc == 0)
		return BL_OK;
	if (err->text[0])
		fprintf(stderr, "%s: %s\n", program, err->text);
	if (err->text[0] && err->hint[0])
		fprintf(stderr, "hint: %s\n", err->hint);
	return (int)err->code;
}
