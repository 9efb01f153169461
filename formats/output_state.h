/*
 * output_state.h - what output.c and output_folder.c share.
 */
#ifndef BL_OUTPUT_STATE_H
#define BL_OUTPUT_STATE_H

#include "output.h"

#include <pthread.h>

enum bl_output_kind { BL_OUT_FILE, BL_OUT_PIPE, BL_OUT_FOLDER, BL_OUT_MEMBER };

struct bl_output {
	enum bl_output_kind kind;
	int dir;      /* of the final file; -1 for a pipe; a member's is its folder's fd */
	int fd;       /* -1 once closed; a folder's own, which holds its lock */
	char *name;   /* final, within dir */
	char *temp;   /* temporary, within dir; NULL for a member */
	bool replaces; /* something had the final name when it was opened */
	mode_t mode;   /* of that */
	unsigned flags;
	bool published;
	uint64_t position; /* of a pipe */
	size_t most;       /* to be written to it at one go */
	const volatile sig_atomic_t *stop;

	/* Of a folder. */
	struct bl_output *first; /* its members */
	pthread_mutex_t lock;    /* over what follows, of the folder and its members */
	size_t open;             /* members that have a descriptor */
	uint64_t clock;

	/* Of a member. */
	struct bl_output *folder, *next;
	unsigned users; /* of its descriptor */
	uint64_t last;  /* the folder's clock when it was last given back */
};

/* Splits path into a folder and a name, both malloc'd; links in path are resolved first, so that a
 * link's target is replaced and the link kept. The name is empty where path ends in a slash. */
int bl_output_split(const char *path, char **folder, char **name, struct bl_err *err) BL_MUST_USE;

/* Can something be made in path's folder? */
int bl_output_examine_place(const char *path, struct bl_err *err) BL_MUST_USE;

/* Is the temporary's name still this open file or folder? */
bool bl_output_still_named(const struct bl_output *o, int fd);

/* Takes the temporary's name, which a dead run may have left, and locks it. make creates it and
 * returns its descriptor, or -1 and errno: EAGAIN to be called again. */
int bl_output_take(struct bl_output *o, int (*make)(struct bl_output *o), struct bl_err *err)
	BL_MUST_USE;

/* Opens path's folder and fills dir, name, temp, replaces and mode. */
int bl_output_place(struct bl_output *o, const char *path, struct bl_err *err) BL_MUST_USE;

/* Renames without replacing what may have appeared meanwhile; -1 and errno. */
int bl_output_rename_new(const struct bl_output *o);

/* Removes all files of an open folder and, if it has that name in dir still, the folder itself.
 * -1 and errno where something else is in it. */
int bl_output_clear(int dir, const char *name, int fd);

/* The descriptor of a file, a pipe or a member, open until it is given back. Thread-safe. */
int bl_output_hold(struct bl_output *o, struct bl_err *err) BL_MUST_USE;

void bl_output_release(struct bl_output *o);

/* What of output.h is another for folders and their members. */
int bl_member_hold(struct bl_output *o, struct bl_err *err) BL_MUST_USE;
void bl_member_release(struct bl_output *o);
int bl_folder_size(const struct bl_output *o, uint64_t *size, struct bl_err *err) BL_MUST_USE;
int bl_folder_sync(struct bl_output *o, struct bl_err *err) BL_MUST_USE;
int bl_folder_publish(struct bl_output *o, struct bl_err *err) BL_MUST_USE;
void bl_folder_close(struct bl_output *o);

#endif
