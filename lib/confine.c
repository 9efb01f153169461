/* confine.c - a process gives up what it will not need. */
#include "config.h"

#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the kernel's interface, which headers of its age know. */
#define ASK_VERSION 1U
#define RULE_BENEATH 1
#define TCP 3	   /* bind, connect */
#define ABSTRACT 1 /* sockets without a file */
#define SIGNALS 2
#define VERSION_NET 4
#define VERSION_SCOPED 6
#define OF_FILES ((uint64_t)(BL_MAY_EXECUTE | BL_MAY_WRITE | BL_MAY_READ))

struct ruleset {
	uint64_t files, net, scoped;
};

struct beneath {
	uint64_t may;
	int32_t fd;
} __attribute__((packed));

#if defined(SYS_landlock_create_ruleset) && defined(SYS_landlock_restrict_self)
static long create(const struct ruleset *r, size_t size, unsigned flags)
{
	return syscall(SYS_landlock_create_ruleset, r, size, flags);
}

static long add(int rules, const struct beneath *b)
{
	return syscall(SYS_landlock_add_rule, rules, RULE_BENEATH, b, 0U);
}

static long restrict_self(int rules)
{
	return syscall(SYS_landlock_restrict_self, rules, 0U);
}
#else
static long create(const struct ruleset *r, size_t size, unsigned flags)
{
	(void)r;
	(void)size;
	(void)flags;
	errno = ENOSYS;
	return -1;
}

static long add(int rules, const struct beneath *b)
{
	(void)rules;
	(void)b;
	return 0;
}

static long restrict_self(int rules)
{
	(void)rules;
	return 0;
}
#endif

void bl_confine_begin(struct bl_confine *c, uint64_t everywhere, bool signals)
{
	/* How many rights there are to files, by the version of the interface. */
	static const unsigned char rights[] = {0, 13, 14, 15, 15, 16};
	const long newest = sizeof rights - 1, version = create(NULL, 0, ASK_VERSION);
	struct ruleset r = {0, TCP, signals ? ABSTRACT | SIGNALS : ABSTRACT};
	size_t size = sizeof r;

	*c = (struct bl_confine){.begun = true, .rules = -1};
	if (version < 1) {
		c->why = version < 0 ? errno : ENOSYS;
		return;
	}
	if (version < VERSION_SCOPED)
		size -= sizeof r.scoped;
	if (version < VERSION_NET)
		size -= sizeof r.net;
	c->rights = (UINT64_C(1) << rights[version < newest ? version : newest]) - 1;
	c->rights &= ~everywhere;
	r.files = c->rights;
	c->rules = (int)create(&r, size, 0);
	if (c->rules < 0)
		c->why = errno;
}

/* Is there anything to put together? */
static bool is_open(const struct bl_confine *c)
{
	return c->begun && c->rules >= 0;
}

void bl_confine_let(struct bl_confine *c, int fd, uint64_t may)
{
	struct beneath b = {may & c->rights, fd};
	struct stat st;

	if (!is_open(c))
		return;
	if (b.may & ~OF_FILES && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		b.may &= OF_FILES;
	/* EBADFD: no path leads there, and so nothing is given up, either. */
	if (b.may && add(c->rules, &b) != 0 && errno != EBADFD && !c->why)
		c->why = errno;
}

void bl_confine_let_path(struct bl_confine *c, const char *path, uint64_t may)
{
	const int fd = is_open(c) ? open(path, O_PATH | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	bl_confine_let(c, fd, may);
	close(fd);
}

void bl_confine_let_made_up(struct bl_confine *c, const char *path, uint64_t may)
{
	const int fd = is_open(c) ? open(path, O_PATH | O_CLOEXEC) : -1;

	if (fd >= 0)
		bl_confine_let(c, fd, may);
}

void bl_confine_drop(struct bl_confine *c)
{
	if (is_open(c))
		close(c->rules);
	c->begun = false;
}

int bl_confine_end(struct bl_confine *c)
{
	if (!c->begun)
		return 0;
	if (!c->why &&
		(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || restrict_self(c->rules) != 0))
		c->why = errno;
	bl_confine_drop(c);
	return c->why ? -1 : 0;
}
