/*
 * folder.h - a fresh folder for a test that works on files.
 */
#ifndef BL_FOLDER_H
#define BL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Makes a folder below $TMPDIR and changes into it. */
void folder_enter(void);

/* Changes back and removes it with all it holds. */
void folder_leave(void);

/* Writes a file of n bytes of text, replacing an old one in place. */
void folder_put(const char *name, const char *text, size_t n);

/* Is this a file, or a link to one, that holds exactly that? */
bool folder_holds(const char *name, const char *text);

/* Entries of the folder. */
size_t folder_count(void);

/* Runs work(arg) in a child, as an ordinary user where the caller is root. Returns what it
 * returned, or 128 + the signal that ended it. */
int folder_run(int (*work)(const void *arg), const void *arg);

/* The same without waiting, and without becoming another user: the child's id. */
pid_t folder_start(int (*work)(const void *arg), const void *arg);
int folder_wait(pid_t child);

/* Descriptors that this process has open. */
size_t folder_descriptors(void);

#endif
