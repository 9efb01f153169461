/* options.c - the option table. */
#include "settings.h"

#include "options_choice.h"

#include <math.h>

#define WHAT "What is shown"
#define HOW "How it is shown"
#define METHOD "Method"
#define LENGTH "Length (one of these)"
#define SPRING "Spring and BELAY"
#define BEMA "BEMA"
#define REPLAY "Replay between checkpoints"
#define INPUT "Inputs"
#define TENSORS "Tensors"
#define OUTPUT "Output"
#define SEEING "Seeing what happens"
#define LIMITS "Limits"
#define ABOUT "About"

#define SWEPT (BL_METHOD | BL_SWEEPS)
#define BOTH (BL_AVG | BL_SHOW)
#define TOLD (BL_AVG | BL_DIFF)
#define ALL (BL_AVG | BL_SHOW | BL_DIFF)
#define LONGEST 1e15 /* of a length; times are below 2^53 */
#define MIB 1048576.0
#define PIB 1125899906842624.0

static const struct bl_option_info option[BL_OPTIONS] = {
	[BL_OPT_TREE] = {"tree", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_SHOW, WHAT,
		"the tensors as a tree of their names",
		"Show the tensors as a tree, by the parts of their names, with the parameters and "
		"bytes of every branch."},
	[BL_OPT_KERNEL] = {"kernel", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_SHOW, WHAT,
		"the weights that an average gives the checkpoints",
		"Show the weights that an average of these checkpoints gives each of them, and "
		"what they mean: how far back they reach, how many checkpoints they are worth, "
		"how the spring between model and average is damped, how near it is to flying "
		"apart, and how near a replay can come to an average that was kept at every "
		"step. The options of the methods say which average; lists and ranges lay "
		"several over each other. No values are read."},
	[BL_OPT_DRIFT] = {"drift", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_SHOW, WHAT,
		"how far the weights moved, and from what",
		"Show how far the weights moved from each checkpoint to the next, how far each "
		"checkpoint is from the last one and from an average of them, and whether "
		"successive moves point the same way: of the whole model, and of every tensor. "
		"The options of the methods say which average. All values are read, once."},
	[BL_OPT_SHOW_DIGEST] = {"digest", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_SHOW, WHAT,
		"digests of the tensors and of the checkpoints",
		"Print a digest of every tensor, made from its type, its extents and all its "
		"values, and one of every checkpoint, made from these and their names. They are "
		"the same for every format, layout and compression, so that a stored list tells "
		"later, or elsewhere, whether a checkpoint is still the same. See DIGESTS. All "
		"values are read, once."},
	[BL_OPT_SHOW_RECIPE] = {"recipe", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_SHOW, WHAT,
		"the recipe that made an average",
		"Print the recipe that makes an average again, from what belay-avg has recorded in "
		"it. Its inputs are named as seen from the folder that they had in common. With "
		"--json the record itself is printed."},
	[BL_OPT_SHOW_SKIP] = {"skip", 0, "GLOB", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_REPEATS | BL_SHOW, WHAT, "--drift without tensors of such names",
		"Leave tensors whose name the pattern matches out of --drift, also from what it "
		"says of the model. * matches anything, a dot and a slash too; ? matches one byte, "
		"[a-z] one of a set. It may be given any number of times."},
	[BL_OPT_SHOW_JSON] = {"json", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_SHOW, HOW,
		"as JSON", "Print JSON instead of text; see JSON AND TSV."},
	[BL_OPT_TSV] = {"tsv", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_SHOW, HOW,
		"as columns with tabs in between",
		"Print the numbers of --kernel or --drift as a table whose columns are separated "
		"by tabs, with a line for every checkpoint, for --drift of every tensor; see JSON "
		"AND TSV."},
	[BL_OPT_SVG] = {"svg", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_SHOW, HOW,
		"as a picture; - is standard output",
		"Draw what --kernel or --drift shows as a picture, in the SVG format, into a file; "
		"- is standard output. A file that exists is kept unless --force is given."},
	[BL_OPT_SHOW_REPORT] = {"report", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_SHOW, HOW,
		"the numbers in a file: .tsv, else JSON",
		"Write what --tsv prints into a file whose name ends in .tsv, or what --json "
		"prints into any other one. A report that exists is replaced; any other file is "
		"not."},
	[BL_OPT_METHOD] = {"method", 0, "WORD", BL_KIND_WORD, 0, 0,
		"ema spring belay uniform window trapezoid power bema minus-sqrt linear-decay "
		"posthoc weights",
		"ema", SWEPT, METHOD, "average",
		"Which average is made: the exponential moving average (ema), the average that "
		"follows the model on a damped spring (spring), the average and the model tied to "
		"each other (belay), the mean of all checkpoints (uniform), the mean of the newest "
		"(window), the mean over time (trapezoid), the power-function average of EDM2 "
		"(power), the EMA with its lag corrected (bema), the merges that stand in for a "
		"decay of the learning rate (minus-sqrt, linear-decay), another average out of "
		"averages that were kept (posthoc), or weights from a file (weights). METHODS "
		"gives the equations."},
	[BL_OPT_HALF_LIFE] = {"half-life", 0, "LENGTH", BL_KIND_LENGTH, 0, LONGEST, NULL, NULL,
		SWEPT | BL_LENGTH | BL_PERCENT | BL_CKPT, LENGTH,
		"half-life of the average [10%, at least one gap]",
		"The age at which a step weighs half as much in an EMA as the newest one. For "
		"spring and belay it names the EMA from which their pull is taken; the plan shows "
		"the mean age and the half-life that they have themselves. Without any length it "
		"is 10% of the covered time, but at least the median gap between checkpoints; for "
		"belay this is divided by 1 + 2 R, where R is the mass ratio, which brings its "
		"mean age to about that of ema."},
	[BL_OPT_MEAN_AGE] = {"mean-age", 0, "LENGTH", BL_KIND_LENGTH, 0, LONGEST, NULL, NULL,
		SWEPT | BL_LENGTH | BL_PERCENT | BL_CKPT, LENGTH,
		"mean age of the weights of that EMA",
		"The mean age A of the weights of an EMA that has run for long: its pull is 1 / (A "
		"+ 1) per step. It names an EMA, as --half-life does, for every method."},
	[BL_OPT_DECAY] = {"decay", 0, "B", BL_KIND_NUMBER, 0, 1, NULL, NULL,
		SWEPT | BL_LENGTH | BL_HIGH_OPEN, LENGTH,
		"decay of that EMA per step, such as 0.999",
		"The decay of the EMA per step, as training frameworks name it: the average keeps "
		"the share B of itself and takes 1 - B of the model. It belongs to one step of "
		"training, not to one checkpoint, however far apart the checkpoints are. With "
		"--update-every it belongs to one update."},
	[BL_OPT_REL_STD] = {"rel-std", 0, "S", BL_KIND_NUMBER, 0, 1000, NULL, NULL,
		SWEPT | BL_LENGTH, LENGTH,
		"standard deviation of its weights / covered time",
		"The standard deviation over time of the weights of an EMA that has run for long, "
		"as a share of the covered time. 0.1 is a tenth of the time from the first "
		"checkpoint to the last. For the method power it is EDM2's sigma_rel, the standard "
		"deviation of its own weights as a share of the time since step 0, below 0.288675, "
		"and 0.1 unless given."},
	[BL_OPT_DAMPING] = {"damping", 0, "Z", BL_KIND_NUMBER, 0, HUGE_VAL, NULL, NULL,
		SWEPT | BL_LOW_OPEN, SPRING, "damping ratio [spring 1; belay: no inertia]",
		"The damping ratio zeta, at most 1e8, or inf. Below 1 the average overshoots and "
		"some weights are negative; at 1 it settles as fast as it can without "
		"overshooting; the larger it is, the nearer the spring is to an EMA, which it is "
		"at inf: no inertia, gamma is 1. Without it spring takes 1 and belay inf."},
	[BL_OPT_MASS_RATIO] = {"mass-ratio", 0, "R", BL_KIND_NUMBER, 0, 1e6, NULL, "1", SWEPT,
		SPRING, "belay: pull on the model / pull on the average",
		"How strongly the average pulls the model of belay, compared with how strongly the "
		"model pulls the average, once both have settled: the mass of the average over the "
		"mass of the model. With 0 the model is not pulled, and belay is the EMA, or with "
		"--damping the spring."},
	[BL_OPT_RESTORE] = {"restore", 0, "L", BL_KIND_NUMBER, 0, 1, NULL, NULL, SWEPT, SPRING,
		"belay: return to the recorded model [half the pull]",
		"The share of its distance from the recorded model that the model of belay returns "
		"per step. It stands for what the gradients would have done to a model that was "
		"pulled away. Without it, it is half the pull on the average, kappa / (2 gamma). "
		"With 1 every step begins at the recorded model, and the average is that of ema or "
		"spring; with 0 the model drifts, and the first checkpoint keeps a share of the "
		"weight for ever."},
	[BL_OPT_GAIN] = {"gain", 0, "G", BL_KIND_NUMBER, 0, 1e8, NULL, "1", SWEPT, SPRING,
		"belay: share of each recorded step passed on",
		"The share of each recorded displacement that is passed on to the model of belay."},
	[BL_OPT_PARTICLE] = {"particle", 0, "WORD", BL_KIND_WORD, 0, 0, "average model", "average",
		BL_METHOD, SPRING, "belay: what is written",
		"Which of the two particles of belay is written: the average, or the model that "
		"the average has held back."},
	[BL_OPT_KAPPA] = {"kappa", 0, "K", BL_KIND_NUMBER, 0, 4, NULL, NULL,
		SWEPT | BL_LENGTH | BL_LOW_OPEN | BL_HIGH_OPEN, SPRING,
		"raw pull on the average per step",
		"The pull on the average per step, instead of a length and of --damping, which it "
		"excludes. For ema it is 1 - B, where B is the decay."},
	[BL_OPT_GAMMA] = {"gamma", 0, "C", BL_KIND_NUMBER, 0, 2, NULL, "1",
		SWEPT | BL_LOW_OPEN | BL_HIGH_OPEN, SPRING,
		"raw share of the velocity lost per step",
		"The share of its velocity that the average loses per step, to be given with "
		"--kappa. At 1 there is no inertia. A spring is stable where kappa is below 4 - 2 "
		"gamma; other bounds are checked and named."},
	[BL_OPT_WINDOW] = {"window", 0, "LENGTH", BL_KIND_LENGTH, 0, LONGEST, NULL, NULL,
		SWEPT | BL_PERCENT | BL_CKPT | BL_LOW_OPEN, METHOD,
		"how far back the method window looks",
		"The length of the window: the checkpoints whose time is above the last time minus "
		"this length weigh the same, all others nothing. With one checkpoint per unit of "
		"time 5 and 5ckpt both take the last five. The method window needs it."},
	[BL_OPT_WEIGHTS] = {"weights", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_METHOD | BL_FILE | BL_PATH, METHOD, "weight of each checkpoint, by name or time",
		"A file with a line for every checkpoint: its name or its time, a tab, its weight, "
		"decimal or as a hexadecimal float. A name may lack leading folders where it still "
		"is of one checkpoint only. Empty lines and lines that begin with # are passed "
		"over. - is standard input. A checkpoint that is missing, listed twice, or unknown "
		"is an error; one that has the weight 0 is not read. The method weights needs it."},
	[BL_OPT_PROFILES] = {"profiles", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_METHOD | BL_FILE | BL_PATH, METHOD,
		"posthoc: what each snapshot is an average of",
		"A file with a line for every snapshot: its name or its time, a tab, and rel-std=S "
		"for a power average or decay=B for an EMA, whose decay belongs to one step. "
		"Otherwise it is like that of --weights. Without it posthoc takes what belay has "
		"recorded in the snapshots."},
	[BL_OPT_NORMALIZE] = {"normalize", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_METHOD,
		METHOD, "divide the weights by their sum",
		"Divide the weights of --weights by their sum, which must be above 0. Without it "
		"their sum must be 1, to one part in a million. For posthoc it divides the weights "
		"that are nearest without a bound on their sum, as EDM2 does."},
	[BL_OPT_BEMA_LAG] = {"bema-lag", 0, "R", BL_KIND_NUMBER, 0, LONGEST, NULL, "10", SWEPT,
		BEMA, "time before step 0 (rho)",
		"The time that the model of bema is taken to have run before step 0 (lag in TRL's "
		"BEMACallback, rho in the equations)."},
	[BL_OPT_BEMA_MULTIPLIER] = {"bema-multiplier", 0, "G", BL_KIND_NUMBER, 0, LONGEST, NULL,
		"1", SWEPT, BEMA, "what a step adds to that time (g)",
		"What one step adds to that time (multiplier in TRL, g in the equations)."},
	[BL_OPT_BEMA_EMA_POWER] = {"bema-ema-power", 0, "K", BL_KIND_NUMBER, 0, 100, NULL, "0.5",
		SWEPT, BEMA, "how fast the pull falls (k)",
		"The power of that time by which the pull of the EMA falls (ema_power in TRL, k in "
		"the equations). With 0 the EMA is the last checkpoint."},
	[BL_OPT_BEMA_BIAS_POWER] = {"bema-bias-power", 0, "H", BL_KIND_NUMBER, 0, 100, NULL, "0.2",
		SWEPT, BEMA, "how fast the correction falls (h)",
		"The power of that time by which the correction falls, which is the way of the "
		"model since the first checkpoint (bias_power in TRL, h in the equations). With 8 "
		"there is next to no correction left, with 0 it never falls."},
	[BL_OPT_BEMA_MIN] = {"bema-min", 0, "B", BL_KIND_NUMBER, 0, 1, NULL, "0", SWEPT, BEMA,
		"smallest pull of the EMA",
		"The pull of the EMA never falls below this (min_ema_multiplier in TRL)."},
	[BL_OPT_HOLD] = {"hold", 0, "WORD", BL_KIND_WORD, 0, 0, "linear right left mid", "linear",
		BL_METHOD, REPLAY, "path in between",
		"Where the model is taken to have been at the steps between two checkpoints: on "
		"the straight line (linear), at the later one already (right), still at the "
		"earlier one (left), or at the mean of the two (mid). With one step between "
		"checkpoints linear and right are the ordinary recurrence. right, left and mid are "
		"there for comparison."},
	[BL_OPT_START] = {"start", 0, "WORD", BL_KIND_WORD, 0, 0, "first zero", "first", BL_METHOD,
		REPLAY, "ema: start of the average",
		"Where the average starts: at the first checkpoint (first), or at zero with the "
		"result divided by the sum of the weights (zero, also known as debiased), which "
		"only ema takes."},
	[BL_OPT_WARMUP] = {"warmup", 0, "HOW", BL_KIND_TEXT, 0, 0, NULL, "none", BL_METHOD, REPLAY,
		"ema: tf, diffusers0, diffusers:IG,P",
		"How an average that is young follows the model faster: the pull of update t, "
		"counted from the first checkpoint, is the one that the length names, or that of "
		"the schedule where this is larger. tf is a decay of (1 + t) / (10 + t). "
		"diffusers:INV_GAMMA,POWER[,AFTER[,MIN]] is a decay of 1 - (1 + s / "
		"INV_GAMMA)^-POWER, where s = t - AFTER - 1; while s is not above 0 the average "
		"is the model, and behind that the decay is at least MIN. AFTER and MIN are 0 "
		"unless given, and a number may be a fraction. diffusers0 copies the model once, "
		"then its decay is (1 + s) / (10 + s), where s = t - 1. That of ema-pytorch is "
		"diffusers:1,2/3,100 where it updates at every step; at every tenth, which is its "
		"default, diffusers:0.1,2/3,9 with --update-every 10, from its first update on. "
		"Commas stand in it, so it takes no list. At most 2^30 updates can belong to a "
		"schedule."},
	[BL_OPT_UPDATE_EVERY] = {"update-every", 0, "N", BL_KIND_WHOLE, 1, 9007199254740991.0, NULL,
		"1", SWEPT, REPLAY, "the average is updated every N steps",
		"The average takes one step for every N steps of training, counted from the first "
		"checkpoint, as in trainings that update their average now and then. The times "
		"from one checkpoint to the next must be multiples of N. Half-life and mean age "
		"still count time; decay, kappa, gamma and restore belong to one update. For ema, "
		"spring and belay."},
	[BL_OPT_RECIPE] = {"recipe", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_NO_RECIPE, INPUT,
		"read inputs and options from a recipe",
		"Read a recipe, a YAML file that holds options and names inputs, see RECIPES; - is "
		"standard input. An operand that ends in .yaml or .yml is one without this option. "
		"Options of the command line take precedence over those of the recipe, and "
		"operands over its inputs."},
	[BL_OPT_TIMES] = {"times", 0, "index", BL_KIND_WORD, 0, 0, "index", NULL,
		BL_RECORDED | ALL, INPUT, "number the inputs as given, ignoring their times",
		"With index the checkpoints have the times 0, 1, 2 and so on, in the order in "
		"which they are given, whatever times they carry."},
	[BL_OPT_TIME_KEY] = {"time-key", 0, "KEY", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_RECORDED | ALL, INPUT, "attribute or metadata key that holds the time",
		"The attribute of the root group (HDF5) or the metadata key (safetensors) that "
		"holds the time in every input. Without it, and without --time-pattern, the keys "
		"step, global_step, iteration and epoch are looked for, then the names."},
	[BL_OPT_TIME_PATTERN] = {"time-pattern", 0, "REGEX", BL_KIND_TEXT, 0, 0, NULL, NULL,
		BL_RECORDED | ALL, INPUT, "where the time stands in the path of an input",
		"A POSIX extended regular expression that finds the time in the path of every "
		"input: its first group, or its whole match where it has no group, is the number."},
	[BL_OPT_TIME_UNIT] = {"time-unit", 0, "U", BL_KIND_NUMBER, 0, LONGEST, NULL, NULL,
		BL_LOW_OPEN | BL_RECORDED | ALL, INPUT, "one step is this much time",
		"The time that one step takes: all times are divided by it and must then be whole "
		"numbers, to one part in a million of a step. Times that are not whole, such as "
		"epochs and a half, need it. Lengths still count the times that the inputs carry."},
	[BL_OPT_TIME_LIST] = {"time-list", 0, "TIMES", BL_KIND_WHOLE, -9007199254740991.0,
		9007199254740991.0, NULL, NULL, BL_LIST | BL_SHOW, INPUT,
		"--kernel for these times, without checkpoints",
		"Show the weights for checkpoints that need not be there, at these times: a list "
		"a,b,c of whole numbers, or a range A:B:N of N of them, in ascending order. It "
		"goes with --kernel."},
	[BL_OPT_ALLOW_AVERAGES] = {"allow-averages", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL,
		BL_RECORDED | BOTH, INPUT, "accept inputs that are averages",
		"Accept inputs that carry the provenance of belay. Without it they are refused, "
		"since an average of yesterday that a shell pattern has picked up is no "
		"checkpoint."},
	[BL_OPT_NONFINITE] = {"nonfinite", 0, "WORD", BL_KIND_WORD, 0, 0, "refuse keep", "refuse",
		BL_RECORDED, INPUT, "infinite values and NaN",
		"What to do with a value that is infinite or not a number: refuse ends the run "
		"with status 3 and says where it stands, keep averages on and counts them. The "
		"same holds for results too large for their type. A value that has the same bits "
		"in all checkpoints is kept in either case."},
	[BL_OPT_HDF5_PLUGINS] = {"hdf5-plugins", 0, "DIR", BL_KIND_TEXT, 0, 0, NULL,
		"$HDF5_PLUGIN_PATH", BL_OPTIONAL | ALL, INPUT, "HDF5 filters by plugins",
		"Read, and write, HDF5 data whose filters belay does not undo itself (it undoes "
		"gzip, shuffle and fletcher32), by the HDF5 library and the plugins in the folder, "
		"or in several with colons between them. Without one they are those of the "
		"environment variable HDF5_PLUGIN_PATH, or else the one that the library was built "
		"with. Plugins are programs, so name only folders that you trust; "
		"they run in processes apart, which are kept from all other files where the kernel "
		"can do so. Without this option such data are an error."},
	[BL_OPT_AVERAGE] = {"average", 0, "GLOB", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_REPEATS,
		TENSORS, "average tensors with such names",
		"Average the tensors whose name the pattern matches, also the optimizer state in "
		"Keras files, which is copied otherwise. Tensors whose type does not average, such "
		"as integers, are copied all the same. * matches anything, a dot and a slash too; "
		"? matches one byte, [a-z] one of a set. --average, --copy, --skip and "
		"--tensor-option may be given any number of times: of all patterns the first that "
		"matches a name holds."},
	[BL_OPT_COPY] = {"copy", 0, "GLOB", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_REPEATS, TENSORS,
		"copy tensors with such names",
		"Copy the tensors whose name the pattern matches from one checkpoint, in their own "
		"type."},
	[BL_OPT_SKIP] = {"skip", 0, "GLOB", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_REPEATS, TENSORS,
		"leave out tensors with such names",
		"Leave the tensors whose name the pattern matches out of the output. They need not "
		"agree in the checkpoints. Nothing can be left "
		"out of Keras files, whose tensors are counted when they are loaded."},
	[BL_OPT_TENSOR_OPTION] = {"tensor-option", 0, "RULE", BL_KIND_SAID, 0, 0, NULL, NULL,
		BL_REPEATS, TENSORS, "GLOB:KEY=VALUE, settings of some tensors",
		"A rule GLOB:KEY=VALUE: average the tensors whose name the pattern matches with "
		"another method, or another value of one of its options, than the rest, as in "
		"*.running_*:method=uniform or head.*:half-life=500. The key and the value, "
		"which stand behind the last colon before the first equals sign, are an option "
		"of the methods and one value, not a list; or average=true, copy=true, "
		"skip=true, or copy-from and a checkpoint. Rules that follow each other with the "
		"same pattern hold together. See TENSORS."},
	[BL_OPT_COPY_FROM] = {"copy-from", 0, "WHICH", BL_KIND_TEXT, 0, 0, NULL, "last",
		BL_RECORDED, TENSORS, "source of copies: first, last, a time",
		"The checkpoint that tensors are copied from, those whose type does not average "
		"among them: first, last, or its time. A tensor that this one lacks comes from the "
		"last that has it. What is no array of numbers, as strings in HDF5 files, can come "
		"from the last only."},
	[BL_OPT_MISSING] = {"missing", 0, "WORD", BL_KIND_WORD, 0, 0, "refuse copy skip union",
		"refuse", BL_RECORDED, TENSORS, "what some lack",
		"What becomes of tensors that not all checkpoints have: refuse ends the run with "
		"status 3 and lists them; copy copies them, as --copy-from says, where the last "
		"checkpoint has them and leaves the others out; skip leaves them out; union "
		"averages them over the checkpoints that have them, see TENSORS. Tensors of one "
		"name but different shapes or types are an error in any case."},
	[BL_OPT_F8] = {"f8", 0, "WORD", BL_KIND_WORD, 0, 0, "refuse copy average", "refuse",
		BL_RECORDED, TENSORS, "8-bit floats",
		"What becomes of tensors of 8-bit floats: FP8 weights usually have scales in "
		"tensors of their own, and an average of the weights that ignores these is wrong. "
		"refuse ends the run with status 3, copy copies them, average averages them as "
		"they are; results that are too large become the largest value of the type and are "
		"counted. Types of 4 and 6 bits, and F8_E8M0, which holds scales, are always "
		"copied."},
	[BL_OPT_DTYPE] = {"dtype", 0, "TYPE", BL_KIND_WORD, 0, 0, "same f64 f32 f16 bf16", "same",
		BL_RECORDED, TENSORS, "type of averages",
		"The type in which averages are stored. Whatever it is, results are rounded once, "
		"from double. Complex averages get the parts of that type if there is such a "
		"complex type in the output's format, else they keep their type, as copied tensors "
		"do. In a folder, config.json names the type. Bfloat16 is written as Keras 3 does "
		"in files of Keras 3, and as a float of 16 bits in other HDF5 files, which h5py "
		"reads as float32."},
	[BL_OPT_OPAQUE2] = {"opaque2", 0, "TYPE", BL_KIND_WORD, 0, 0, "copy bf16", "copy",
		BL_RECORDED | ALL, TENSORS, "opaque HDF5 data of 2 bytes",
		"What HDF5 data are whose elements are two opaque bytes without an attribute dtype "
		"that says more. Keras writes bfloat16 so in its older files. With copy they are "
		"copied, or in a comparison left out, and a note says so; with bf16 they are "
		"bfloat16, and averaged or compared."},
	[BL_OPT_OUTPUT] = {"output", 'o', "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_PATH, OUTPUT,
		"where the average goes; - is standard output",
		"Where the average goes: a file or, where the checkpoints are folders, a folder. "
		"Its suffix decides the format, see --format. - "
		"is standard output, in the safetensors format only. In a sweep it is a template: "
		"{half-life} or the name of another option of the methods stands for its value as "
		"it was typed, {method} for the method, {name} for what --name says, {index} for "
		"the number of the output, from 0. Two outputs with one name are an error. A brace "
		"that is none of a field is written twice."},
	[BL_OPT_NAME] = {"name", 0, "NAME", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_RECORDED, OUTPUT,
		"what {name} in it stands for",
		"What {name} in --output stands for. It is meant for the runs of a recipe, each of "
		"which has its own, and is recorded in the output."},
	[BL_OPT_FORMAT] = {"format", 0, "WORD", BL_KIND_WORD, 0, 0, "same hdf5 keras safetensors",
		NULL, 0, OUTPUT, "its format",
		"The format of the output; same is the format of the last checkpoint. Without this "
		"option the suffix of the output decides, and where it names no format, it is that "
		"of the last checkpoint. A suffix that contradicts this option is an error. What "
		"another format does not keep is said, see FORMATS. keras is possible for .keras "
		"files only."},
	[BL_OPT_SHARD_SIZE] = {"shard-size", 0, "SIZE", BL_KIND_SIZE, 1, PIB, NULL, NULL,
		BL_RECORDED, OUTPUT, "values in one file of a folder, such as 5GB",
		"Write a folder of safetensors files with at most this many bytes of values each, "
		"and an index of them: bytes, or a number with a unit as for --memory. A larger "
		"tensor gets a file of its own. Without it the files are those of the last "
		"checkpoint."},
	[BL_OPT_COMPRESSION] = {"compression", 0, "HOW", BL_KIND_TEXT, 0, 0, NULL, "same",
		BL_RECORDED, OUTPUT, "of HDF5: same, none, gzip:N",
		"How the values of an HDF5 file are stored: as in the last checkpoint (same), "
		"without compression (none), or compressed by gzip at a level from 0 to 9, with "
		"shuffle (gzip:N). Tensors keep the chunks that they have; others get chunks of "
		"some hundred KiB. What can be resized later stays chunked."},
	[BL_OPT_DEFLATE] = {"deflate", 0, "WORD", BL_KIND_WORD, 0, 0, "zlib fast", "zlib",
		BL_RECORDED, OUTPUT, "which library compresses it",
		"Which library compresses HDF5: zlib, or libdeflate (fast) where belay was built "
		"with it. The values are the same; the compressed bytes are, for the same version "
		"of the same library. Both search for strings that repeat, at the level of the "
		"dataset, only where there are any: weights are noise but for their first bits, "
		"and become no longer without."},
	[BL_OPT_FORCE] = {"force", 'f', NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BOTH, OUTPUT,
		"replace outputs that exist",
		"Replace outputs that exist. An output that is one of the inputs is refused all "
		"the same."},
	[BL_OPT_SKIP_EXISTING] = {"skip-existing", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, 0,
		OUTPUT, "leave alone outputs that hold this very average",
		"Leave alone the outputs that exist and whose provenance says that the same plan "
		"made them: the same settings, and inputs of the same names, times and sizes. The "
		"values in them are not read: where one was written anew, -f makes the output "
		"anew. An output that exists and came from another plan is an error."},
	[BL_OPT_STATE] = {"state", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_PATH, OUTPUT,
		"keep FILE, so that later checkpoints can be added",
		"Keep in this file what the average needs to go on, and go on from it where it is "
		"there: of the checkpoints given only those are read that it has not seen, which "
		"must be later ones. Outputs that belong to it are replaced without -f. See "
		"GROWING RUNS."},
	[BL_OPT_NO_PROVENANCE] = {"no-provenance", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, 0,
		OUTPUT, "do not record how the output was made",
		"Do not record in the output how it was made: method, settings, inputs, weights."},
	[BL_OPT_SYNC] = {"sync", 0, "WORD", BL_KIND_WORD, 0, 0, "yes no", "yes", 0, OUTPUT,
		"wait for the disk",
		"Wait until the output is safe on the disk before it gets its name. With no it "
		"still appears whole or not at all, unless the machine itself goes down."},
	[BL_OPT_PLAN] = {"plan", 0, "FORM", BL_KIND_WORD, 0, 0, "text json", "text", BL_OPTIONAL,
		SEEING, "show what would be done",
		"Show on standard output what would be done, and do nothing: the order and times "
		"of the checkpoints, their weights, the outputs, the bytes to read and write, the "
		"memory and disk space needed. The headers of the inputs are read, their data are "
		"not. Of an output that exists a note says that only -f replaces it. The form "
		"stands behind an equals sign; without one it is text."},
	[BL_OPT_DRY_RUN] = {"dry-run", 'n', NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, 0, SEEING,
		"the same as --plan=text", "The same as --plan=text."},
	[BL_OPT_PRINT_RECIPE] = {"print-recipe", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL,
		BL_NO_RECIPE, SEEING, "print all this as a recipe",
		"Print on standard output a recipe that stands for the whole command line, the "
		"recipe that it names included, and do nothing. Patterns, ranges, anchors are "
		"written out, and paths are seen from the folder that the program runs in."},
	[BL_OPT_CHECK] = {"check", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, 0, SEEING,
		"check the weights against a literal replay",
		"Compute the weights a second time by marching the equations through the steps one "
		"by one, and end with status 6 if the two differ by more than rounding explains."},
	[BL_OPT_DIGEST] = {"digest", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, 0, SEEING,
		"digests of inputs and outputs in the report",
		"Record in the report the digests that belay-show --digest prints: of all inputs "
		"and of the averages. They are made while the values pass; what of the inputs "
		"would not be read is then read, too."},
	[BL_OPT_REPORT] = {"report", 0, "FILE", BL_KIND_TEXT, 0, 0, NULL, NULL, BL_PATH | TOLD,
		SEEING, "what was done, for programs: .tsv, else JSON",
		"Tell other programs what was done, and how it ended, also where it fails: a table "
		"where the name ends in .tsv, else a line of JSON for every event, the last of "
		"which is always the result. - is standard output. A report that exists is "
		"replaced; any other file is not. See EVENTS AND TABLES."},
	[BL_OPT_JSON] = {"json", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, TOLD, SEEING,
		"the same as --report=-", "The same as --report=-."},
	[BL_OPT_PROGRESS] = {"progress", 0, "WHEN", BL_KIND_WORD, 0, 0, "auto always never plain",
		"auto", TOLD, SEEING, "show progress",
		"When to show progress on standard error: auto shows it on a terminal only, always "
		"everywhere, never nowhere, plain as lines of their own without moving the "
		"cursor."},
	[BL_OPT_VERBOSE] = {"verbose", 'v', NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, 0, SEEING,
		"print the plan before the run",
		"Print the plan, as --plan does, on standard error, and then run."},
	[BL_OPT_QUIET] = {"quiet", 'q', NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, TOLD, SEEING,
		"say nothing but errors", "Say nothing but errors."},
	[BL_OPT_MEMORY] = {"memory", 0, "SIZE", BL_KIND_SIZE, MIB, PIB, NULL, "256MiB", ALL,
		LIMITS, "memory to use at most, such as 1GB",
		"The most memory that is allocated, however large the checkpoints are: bytes, or a "
		"number with one of the units kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB "
		"(powers of 1024). A run that cannot do with it ends with status 5 and says how "
		"much it needs."},
	[BL_OPT_THREADS] = {"threads", 0, "N", BL_KIND_WHOLE, 1, 4096, NULL, NULL, ALL, LIMITS,
		"threads to work with [the CPUs it may use]",
		"The number of threads. Without it, as many as there are CPUs that the program may "
		"run on. The output is the same for any number."},
	[BL_OPT_SANDBOX] = {"sandbox", 0, "WORD", BL_KIND_WORD, 0, 0, "on off required", "on",
		BL_NO_RECIPE | ALL, LIMITS, "only its own files",
		"Give up the access to all files but the inputs, and to all folders but those of "
		"the outputs and the report, before values are read, and TCP connections, so that "
		"a file made to take over the program gains little. Linux can do that since 5.13 "
		"(Landlock), TCP since 6.7; on makes use of it where it is there, required ends "
		"with status 5 where it is not, off is for finding mistakes. See SANDBOX."},
	[BL_OPT_HELP] = {"help", 'h', NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_NO_RECIPE | ALL,
		ABOUT, "show this help and exit", "Show a summary of the options and exit."},
	[BL_OPT_VERSION] = {"version", 0, NULL, BL_KIND_FLAG, 0, 0, NULL, NULL, BL_NO_RECIPE | ALL,
		ABOUT, "show the version and exit", "Show the version and exit."},
};

const struct bl_option_info *bl_option(enum bl_option o)
{
	const struct bl_option_info *of_diff = bl_option_of_diff(o);

	if (o >= BL_CHOICE_FIRST && o < BL_CHOICE_END)
		return &bl_options_choice[o - BL_CHOICE_FIRST];
	return of_diff ? of_diff : &option[o];
}

bool bl_option_is_of(enum bl_option o, enum bl_program program)
{
	const unsigned flags = bl_option(o)->flags;

	if (flags & BL_METHOD)
		return program != BL_DIFF;
	return (flags & ALL ? flags & ALL : BL_AVG) & (program ? program : BL_AVG);
}
