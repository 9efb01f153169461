/* options_diff.c - the option table: what belay-diff alone has. */
#include "settings.h"

#define TOLERANCE "What counts as the same"
#define TENSORS "Tensors"
#define INPUT "Inputs"
#define SEEING "Seeing what happens"

#define FIRST BL_OPT_ABS
#define ROWS (BL_OPT_DIFF_VERBOSE - FIRST + 1)

static const struct bl_option_info option[ROWS] = {
	[BL_OPT_ABS - FIRST] = {"abs", 0, "X", BL_KIND_NUMBER, 0, 1e300, NULL, NULL, BL_DIFF,
		TOLERANCE, "values may differ by so much",
		"Two values are the same where |a - b| is at most this, or with --rel at most X + "
		"Y |b|: B is the reference. Without --abs, --rel and --ulp values are compared bit "
		"for bit; with any of them, even of 0, they are compared as numbers: -0 is 0, and "
		"NaN is NaN. See WHAT IS THE SAME."},
	[BL_OPT_REL - FIRST] = {"rel", 0, "Y", BL_KIND_NUMBER, 0, 1e300, NULL, NULL, BL_DIFF,
		TOLERANCE, "or by this share of what B has",
		"Two values are the same where |a - b| is at most Y |b|, or with --abs at most X + "
		"Y |b|."},
	[BL_OPT_ULP - FIRST] = {"ulp", 0, "N", BL_KIND_WHOLE, 0, 9007199254740991.0, NULL, NULL,
		BL_DIFF, TOLERANCE, "or by so many steps of their type",
		"Two values are the same, too, where at most N steps lead from one to the other: "
		"steps from a value to the next one that their type has (units in the last place), "
		"across zero as well. Of whole numbers they are the difference. Values of two "
		"types have none."},
	[BL_OPT_DIFF_TENSOR_OPTION - FIRST] = {"tensor-option", 0, "RULE", BL_KIND_TEXT, 0, 0, NULL,
		NULL, BL_REPEATS | BL_DIFF, TOLERANCE, "GLOB:KEY=VALUE, for some tensors",
		"A rule GLOB:KEY=VALUE: of the tensors whose name the pattern matches KEY, which "
		"is abs, rel or ulp, is VALUE; what the rule does not say is as for all others. "
		"GLOB:exact=true compares them bit for bit. The pattern ends at the last colon "
		"before the first equals sign. Of all rules the first that matches a name holds; "
		"rules that follow each other with the same pattern hold together."},
	[BL_OPT_ANY_TYPE - FIRST] = {"any-type", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_DIFF,
		TOLERANCE, "types may differ, if values agree",
		"A tensor that has another type in A than in B is no difference, if its values "
		"agree. They are compared as doubles, and without a tolerance they agree where "
		"they are the same number. Without this option another type is a difference, "
		"whatever the values, as it is in frameworks that load them."},
	[BL_OPT_INCLUDE - FIRST] = {"include", 0, "GLOB", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_REPEATS | BL_DIFF, TENSORS, "only tensors with such names",
		"Compare only tensors whose name the pattern matches, as B spells it. * matches "
		"anything, a dot and a slash too; ? matches one byte, [a-z] one of a set. It may "
		"be given any number of times."},
	[BL_OPT_EXCLUDE - FIRST] = {"exclude", 0, "GLOB", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_REPEATS | BL_DIFF, TENSORS, "no tensors with such names",
		"Leave out tensors whose name the pattern matches, also of those that --include "
		"names. It may be given any number of times."},
	[BL_OPT_METADATA - FIRST] = {"metadata", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_DIFF,
		TENSORS, "metadata must be the same, too",
		"Compare metadata (the attributes of the root group in HDF5), too, as text: what "
		"differs there is a difference. Without this option it is told with --verbose "
		"only."},
	[BL_OPT_SETS - FIRST] = {"sets", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_DIFF, INPUT,
		"A and B are many, paired by time",
		"A and B are sets of checkpoints: each a pattern in quotes, or a folder that holds "
		"them. Those of one time are compared; a time that only one of the sets has is a "
		"difference. A line tells of each pair, with --verbose all that sets it apart, and "
		"a last line of all. See SETS."},
	[BL_OPT_AGAINST - FIRST] = {"against", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_DIFF,
		INPUT, "checkpoints with a list of digests",
		"Compare any number of checkpoints with a list that belay-show --digest has made, "
		"instead of two with each other: are they still what they were? - is standard "
		"input. See AGAINST A LIST."},
	[BL_OPT_TOP - FIRST] = {"top", 0, "N", BL_KIND_WHOLE, 0, 1e9, NULL, "10", BL_DIFF, SEEING,
		"how many tensors are printed",
		"How many of the tensors that differ are printed, the largest differences first. "
		"Reports have all."},
	[BL_OPT_JUNIT - FIRST] = {"junit", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_PATH | BL_DIFF, SEEING, "what differs, as JUnit XML for a CI server",
		"Write what was found as JUnit XML, which servers of continuous integration show: "
		"a test case for each tensor, with --sets for each pair, with --against for each "
		"checkpoint, that fails where they differ. The file appears when all is compared, "
		"also when nothing differs; an older one is replaced, any other file is not. - is "
		"standard output, where nothing else is printed then."},
	[BL_OPT_MARKDOWN - FIRST] = {"markdown", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_PATH | BL_DIFF, SEEING, "the verdict and a table, as Markdown",
		"Write the verdict, and a table of the tensors that differ, --top of them, or of "
		"the pairs with --sets, of the checkpoints with --against, as Markdown, for the "
		"page of a job or a comment. The file appears as that of --junit does."},
	[BL_OPT_DIFF_VERBOSE - FIRST] = {"verbose", 'v', NULL, BL_KIND_FLAG, 0, 0, NULL, NULL,
		BL_DIFF, SEEING, "tell of what is the same, too",
		"Tell of all tensors, not only of those that differ, and how metadata differ."},
};

const struct bl_option_info *bl_option_of_diff(enum bl_option o)
{
	return o >= FIRST && o < FIRST + ROWS ? &option[o - FIRST] : NULL;
}
