/* options_choice.c - the rows of the option table about which checkpoints are taken. */
#include "options_choice.h"

#define INPUT "Inputs"
#define CHOICE "Which of the inputs"

#define BOTH (BL_AVG | BL_SHOW)
#define FURTHEST 9007199254740991.0 /* of times */

#define ROW(name) [BL_OPT_##name - BL_CHOICE_FIRST]

const struct bl_option_info bl_options_choice[BL_CHOICE_END - BL_CHOICE_FIRST] = {
	ROW(FILES_FROM) = {"files-from", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_PATH | BOTH,
		INPUT, "further inputs: a file of paths, one a line",
		"Take the checkpoints that a file names, a path on every line, behind those that "
		"are named as arguments; - is standard input. Empty lines are passed over. "
		"Nothing in a line has a meaning of its own: no pattern, no quote, no comment."},
	ROW(FILES0_FROM) = {"files0-from", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_PATH | BOTH, INPUT, "the same, with a NUL behind every path",
		"The same for a file in which a byte of zero stands behind every path, as find "
		"-print0 writes it; so a path may hold anything."},
	ROW(FIRST_TIME) = {"first-time", 0, "TIME", BL_KIND_NUMBER, -FURTHEST, FURTHEST, NULL, NULL,
		BOTH, CHOICE, "none before this time",
		"Leave out the checkpoints before this time. Times are here and below as the "
		"checkpoints carry them, whatever --time-unit is."},
	ROW(LAST_TIME) = {"last-time", 0, "TIME", BL_KIND_NUMBER, -FURTHEST, FURTHEST, NULL, NULL,
		BOTH, CHOICE, "none after it", "Leave out the checkpoints after this time."},
	ROW(MIN_INTERVAL) = {"min-interval", 0, "D", BL_KIND_NUMBER, 0, FURTHEST, NULL, NULL,
		BL_LOW_OPEN | BOTH, CHOICE, "from the last one back, none nearer than this",
		"From the last checkpoint back, leave out those that are nearer than this to the "
		"next one that stays. The last one stays."},
	ROW(EVERY) = {"every", 0, "N", BL_KIND_WHOLE, 1, FURTHEST, NULL, NULL, BOTH, CHOICE,
		"every Nth, counted back from the last",
		"Take every Nth checkpoint, counted back from the last one, which stays."},
	ROW(LAST) = {"last", 0, "N", BL_KIND_WHOLE, 1, FURTHEST, NULL, NULL, BOTH, CHOICE,
		"the N last", "Take the N last checkpoints, or all where there are fewer."},
	ROW(METRICS) = {"metrics", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_PATH | BOTH,
		CHOICE, "for --best: name or time, tab, number",
		"A file with lines of a name or a time, a tab, and the metric of the checkpoint, "
		"for --best, see WHICH OF THE INPUTS; - is standard input."},
	ROW(BEST) = {"best", 0, "HOW", BL_KIND_TEXT, 0, 0, NULL, NULL, BOTH, CHOICE,
		"the N best by --metrics: N:min or N:max",
		"Take the N checkpoints whose metric is best: N:min takes the smallest, as of a "
		"loss, N:max the largest, as of an accuracy. Which it is, is never guessed. Where "
		"the file has several metrics, N:min:COLUMN names one by the first line of the "
		"file."},
};
