/*
 * test_confine.c - what a process can still do once it is confined, each kind of access in and
 * outside of what was let; in processes of their own, for it is for ever.
 */
#include "config.h"

#include "confine.h"
#include "folder.h"
#include "output.h"
#include "suite.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_TOO (BL_MAY_READ | BL_MAY_LIST)

/* The version of the kernel's interface, as little as possible of it taken from the code that is
 * tested: the number of the call is the same everywhere. */
static long version(void)
{
	return syscall(444, NULL, (size_t)0, 1U);
}

/* errno of a call that returned rc; a descriptor is closed. */
static int tried(int rc)
{
	const int why = rc < 0 ? errno : 0;

	if (rc > STDERR_FILENO)
		close(rc);
	return why;
}

static int listed(const char *path)
{
	DIR *dir = opendir(path);
	const int why = dir ? 0 : errno;

	if (dir)
		closedir(dir);
	return why;
}

static int made(const char *path)
{
	return tried(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
}

static int read_from(const char *path)
{
	return tried(open(path, O_RDONLY | O_CLOEXEC));
}

static int written(const char *path)
{
	return tried(open(path, O_WRONLY | O_CLOEXEC));
}

/* Of an ioctl. */
static int asked(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct winsize size;
	const int why = fd < 0 || ioctl(fd, TIOCGWINSZ, &size) != 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return why;
}

static int started(const char *path)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		execl(path, path, (char *)NULL);
		_exit(100 + errno);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int connected(void)
{
	const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int rc, why;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	rc = connect(s, (struct sockaddr *)&to, sizeof to);
	why = rc < 0 ? errno : 0;
	close(s);
	return why;
}

/* One access: the name of the check that fails becomes the exit code. */
#define MUST(call, why)                                                                            \
	do {                                                                                       \
		const int got = (call);                                                            \
		if (got != (why)) {                                                                \
			fprintf(stderr, "# %s: %s, not %s\n", #call, strerror(got),                \
				strerror(why));                                                    \
			return 1;                                                                  \
		}                                                                                  \
	} while (0)

static int confined(struct bl_confine *c)
{
	if (bl_confine_end(c) == 0)
		return 0;
	fprintf(stderr, "# not confined: %s\n", strerror(c->why));
	return -1;
}

/* All that can be done with files, and nothing was let. */
static int nothing(const void *arg)
{
	const int before = open("in/file", O_RDONLY | O_CLOEXEC);
	struct bl_confine c;
	struct stat st;
	char byte;

	(void)arg;
	bl_confine_begin(&c, 0, true);
	if (confined(&c) != 0)
		return 1;
	MUST(read_from("/etc/passwd"), EACCES);
	MUST(read_from("in/file"), EACCES);
	MUST(written("in/file"), EACCES);
	MUST(made("in/new"), EACCES);
	MUST(listed("in"), EACCES);
	MUST(listed("/"), EACCES);
	MUST(tried(mkdir("in/folder", 0777)), EACCES);
	MUST(tried(symlink("file", "in/link")), EACCES);
	MUST(tried(mkfifo("in/pipe", 0666)), EACCES);
	MUST(tried(unlink("in/file")), EACCES);
	MUST(tried(rmdir("in/empty")), EACCES);
	MUST(tried(rename("in/file", "in/other")), EACCES);
	MUST(tried(link("in/file", "in/other")), EACCES);
	MUST(started("/bin/true"), 100 + EACCES);
	MUST(tried(truncate("in/file", 1)), version() >= 3 ? EACCES : 0);
	MUST(tried(stat("in/file", &st)), 0);
	MUST(read(before, &byte, 1) == 1 ? 0 : errno, 0);
	return 0;
}

/* What is let, and nothing beside it: it may be a file or a folder. */
static int some(const void *arg)
{
	struct bl_confine c;

	(void)arg;
	bl_confine_begin(&c, 0, false);
	bl_confine_let_path(&c, "in/file", BL_MAY_READ | BL_MAY_LIST);
	bl_confine_let_path(&c, "out", BL_MAY_MAKE_FILE | BL_MAY_REMOVE_FILE);
	bl_confine_let_path(&c, "all",
		READ_TOO | BL_MAY_WRITE | BL_MAY_MAKE_FILE | BL_MAY_MAKE_FOLDER |
			BL_MAY_REMOVE_FOLDER);
	bl_confine_let_path(&c, "nowhere", READ_TOO);
	bl_confine_let_path(&c, "/dev/null", BL_MAY_READ);
	if (confined(&c) != 0)
		return 1;
	MUST(asked("/dev/null"), version() >= 5 ? EACCES : ENOTTY);
	MUST(read_from("in/file"), 0);
	MUST(read_from("in/beside"), EACCES);
	MUST(written("in/file"), EACCES);
	MUST(tried(rename("out/file", "out/other")), 0);
	MUST(read_from("out/other"), EACCES);
	MUST(written("out/other"), EACCES);
	MUST(tried(rename("in/file", "out/file")), version() > 1 ? EACCES : EXDEV);
	MUST(tried(rename("out/other", "in/other")), version() > 1 ? EACCES : EXDEV);
	MUST(tried(unlink("out/other")), 0);
	MUST(tried(mkdir("out/folder", 0777)), EACCES);
	MUST(made("all/new"), 0);
	MUST(written("all/new"), 0);
	MUST(read_from("all/new"), 0);
	MUST(listed("all"), 0);
	MUST(tried(mkdir("all/folder", 0777)), 0);
	MUST(made("all/folder/new"), 0);
	MUST(tried(rmdir("all/empty")), 0);
	MUST(tried(unlink("all/new")), EACCES);
	MUST(tried(symlink("new", "all/link")), EACCES);
	return 0;
}

/* What is kept everywhere. */
static int everywhere(const void *arg)
{
	struct bl_confine c;

	(void)arg;
	bl_confine_begin(&c, READ_TOO, false);
	if (confined(&c) != 0)
		return 1;
	MUST(read_from("/etc/passwd"), 0);
	MUST(listed("in"), 0);
	MUST(written("in/file"), EACCES);
	MUST(started("/bin/true"), 100 + EACCES);
	return 0;
}

/* A file of the kernel's stays the same file, whatever becomes of its caches. */
static int made_up(const void *arg)
{
	struct bl_confine c;

	(void)arg;
	bl_confine_begin(&c, 0, false);
	bl_confine_let_made_up(&c, "/proc/self/status", BL_MAY_READ);
	if (confined(&c) != 0)
		return 1;
	MUST(read_from("/proc/self/status"), 0);
	MUST(read_from("/proc/self/maps"), EACCES);
	MUST(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	return 0;
}

/* The network, other processes. arg: one that was started before. */
static int others(const void *arg)
{
	const pid_t *sleeper = arg;
	struct bl_confine c;
	const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	snprintf(to.sun_path + 1, sizeof to.sun_path - 1, "belay-test-%d", (int)getpid());
	MUST(bind(listener, (struct sockaddr *)&to, sizeof to), 0);
	MUST(listen(listener, 1), 0);
	MUST(connected(), ECONNREFUSED);
	bl_confine_begin(&c, 0, false);
	if (confined(&c) != 0)
		return 1;
	if (version() >= 4)
		MUST(connected(), EACCES);
	MUST((int)ptrace(PTRACE_ATTACH, *sleeper, NULL, NULL) < 0 ? errno : 0, EPERM);
	MUST(tried(kill(*sleeper, 0)), 0);
	MUST(tried(connect(s, (struct sockaddr *)&to, sizeof to)), version() >= 6 ? EPERM : 0);
	bl_confine_begin(&c, 0, true);
	if (confined(&c) != 0)
		return 1;
	MUST(tried(kill(*sleeper, 0)), version() >= 6 ? EPERM : 0);
	MUST(tried(kill(getpid(), 0)), 0);
	return 0;
}

/* Nothing is begun, or it is dropped: all is as before, and no descriptor is left. */
static int not_at_all(const void *arg)
{
	const size_t open_before = folder_descriptors();
	struct bl_confine c = {.begun = false};

	(void)arg;
	bl_confine_let_path(&c, "in", READ_TOO);
	bl_confine_let_made_up(&c, "/proc/self/status", BL_MAY_READ);
	MUST(bl_confine_end(&c), 0);
	bl_confine_begin(&c, 0, true);
	bl_confine_let_path(&c, "in", READ_TOO);
	bl_confine_drop(&c);
	MUST(bl_confine_end(&c), 0);
	MUST(folder_descriptors() == open_before ? 0 : -1, 0);
	MUST(read_from("/etc/passwd"), 0);
	MUST(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	return 0;
}

/* What goes wrong is told, and then nothing is given up: 16 times are the most there can be. */
static int too_often(const void *arg)
{
	struct bl_confine c;

	(void)arg;
	for (int i = 0; i < 16; i++) {
		bl_confine_begin(&c, READ_TOO, false);
		if (confined(&c) != 0)
			return 1;
	}
	bl_confine_begin(&c, 0, false);
	MUST(bl_confine_end(&c), -1);
	MUST(c.why, E2BIG);
	MUST(read_from("/etc/passwd"), 0);
	return 0;
}

/* ---- files and outputs ---- */

static int reopened(const void *arg)
{
	struct bl_err err = {0};
	struct bl_files *pool;
	struct bl_file *file, *other;
	struct bl_confine c;
	char text[4];

	(void)arg;
	if (bl_files_new(&pool, 1, &err) != 0 || bl_file_open(pool, "in/file", &file, &err) != 0 ||
		bl_file_open(pool, "in/beside", &other, &err) != 0)
		return 1;
	bl_confine_begin(&c, 0, false);
	bl_files_confine(pool, &c);
	bl_confine_let_path(&c, "in", BL_MAY_MAKE_FILE | BL_MAY_REMOVE_FILE);
	if (confined(&c) != 0)
		return 1;
	for (int i = 0; i < 3; i++) /* one closes the other */
		if (bl_file_read(file, 0, text, 4, &err) != 0 ||
			bl_file_read(other, 0, text, 4, &err) != 0)
			return 2;
	MUST(memcmp(text, "text", 4), 0);
	MUST(read_from("in/third"), EACCES);
	/* The pool has the other one open. What takes this one's place cannot be opened. */
	MUST(tried(rename("in/third", "in/file")), 0);
	MUST(bl_file_read(file, 0, text, 4, &err), -1);
	MUST(strcmp(err.text, "changed while it was read"), 0);
	bl_file_close(file);
	bl_file_close(other);
	bl_files_free(pool);
	return 0;
}

/* A file that is begun before, and one that is made later; folder: into that place. */
static int published(const void *arg)
{
	const char *folder = arg;
	struct bl_err err = {0};
	struct bl_output *out, *member = NULL;
	struct bl_confine c;
	char path[100];

	if (folder) {
		if (bl_output_open_folder(folder, BL_REPLACE, NULL, &out, &err) != 0 ||
			bl_output_member(out, "file", &member, &err) != 0)
			return 1;
	} else if (bl_output_open("out/begun", 0, NULL, &out, &err) != 0) {
		return 1;
	}
	bl_confine_begin(&c, 0, false);
	bl_output_confine(out, &c);
	bl_output_confine_later("all/later", &c);
	if (confined(&c) != 0)
		return 2;
	if (member && bl_output_member(out, "more", &member, &err) != 0)
		return 3;
	if (bl_output_resize(member ? member : out, 4, &err) != 0 ||
		bl_output_write(member ? member : out, 0, "text", 4, &err) != 0 ||
		bl_output_sync(out, &err) != 0 || bl_output_publish(out, &err) != 0)
		return 4;
	bl_output_close(out);
	if (bl_output_open("all/later", 0, NULL, &out, &err) != 0 ||
		bl_output_write(out, 0, "later", 5, &err) != 0 || bl_output_publish(out, &err) != 0)
		return 5;
	bl_output_close(out);
	snprintf(path, sizeof path, "%s/beside", folder ? folder : "out");
	MUST(read_from(path), folder ? ENOENT : EACCES);
	MUST(made("in/new"), EACCES);
	MUST(read_from("in/file"), EACCES);
	return 0;
}

/* ---- the suite ---- */

static pid_t sleeper;

static void enter(void)
{
	folder_enter();
	for (const char *const *name = (const char *const[]){"in", "out", "all", "in/empty",
		     "all/empty", "out/old", NULL};
		*name; name++)
		ck_assert_int_eq(mkdir(*name, 0777), 0);
	for (const char *const *name = (const char *const[]){"in/file", "in/beside", "in/third",
		     "out/file", "out/beside", "out/old/file", NULL};
		*name; name++)
		folder_put(*name, "text", 4);
	sleeper = fork();
	if (sleeper == 0) {
		pause();
		_exit(0);
	}
}

static void leave(void)
{
	kill(sleeper, SIGKILL);
	waitpid(sleeper, NULL, 0);
	folder_leave();
}

/* Without becoming another user: root, too, is confined. */
static int in_process(int (*work)(const void *arg), const void *arg)
{
	return folder_wait(folder_start(work, arg));
}

#define HOLDS(name, work, arg)                                                                     \
	START_TEST(name)                                                                           \
	{                                                                                          \
		ck_assert_int_eq(in_process(work, arg), 0);                                        \
	}                                                                                          \
	END_TEST

HOLDS(nothing_is_let, nothing, NULL)
HOLDS(some_is_let, some, NULL)
HOLDS(some_is_kept, everywhere, NULL)
HOLDS(made_up_files, made_up, NULL)
HOLDS(network_and_processes, others, &sleeper)
HOLDS(nothing_is_begun, not_at_all, NULL)
HOLDS(failures_give_up_nothing, too_often, NULL)
HOLDS(files_are_reopened, reopened, NULL)

START_TEST(outputs_are_published)
{
	ck_assert_int_eq(in_process(published, NULL), 0);
	ck_assert(folder_holds("out/begun", "text"));
	ck_assert(folder_holds("all/later", "later"));
	ck_assert(folder_holds("out/beside", "text"));
}
END_TEST

START_TEST(folders_are_published)
{
	ck_assert_int_eq(in_process(published, "out/fresh"), 0);
	ck_assert(folder_holds("out/fresh/more", "text"));
}
END_TEST

START_TEST(folders_are_replaced)
{
	ck_assert_int_eq(in_process(published, "out/old"), 0);
	ck_assert(folder_holds("out/old/more", "text"));
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *all;

	if (version() < 1 || BL_SANITIZED) {
		puts("1..0 # SKIP no Landlock here, or sanitizers that read other files");
		return 0;
	}
	suite = suite_create("confine");
	all = tcase_create("confine");
	tcase_add_checked_fixture(all, enter, leave);
	tcase_add_test(all, nothing_is_let);
	tcase_add_test(all, some_is_let);
	tcase_add_test(all, some_is_kept);
	tcase_add_test(all, made_up_files);
	tcase_add_test(all, network_and_processes);
	tcase_add_test(all, nothing_is_begun);
	tcase_add_test(all, failures_give_up_nothing);
	tcase_add_test(all, files_are_reopened);
	tcase_add_test(all, outputs_are_published);
	tcase_add_test(all, folders_are_published);
	tcase_add_test(all, folders_are_replaced);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
