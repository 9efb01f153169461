/* foreign.c - what people take for a checkpoint, or what is one that belay does not read. */
#include "config.h"

#include "foreign.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A word of its own for one kind of file or folder. */
struct word {
	const char *what, *hint;
};

static int say(const struct word *w, struct bl_err *err)
{
	bl_fail(err, BL_INPUT, "%s", w->what);
	return bl_hint(err, "%s", w->hint);
}

#define SAVE_PRETRAINED \
	"load the model and save it with save_pretrained(..., safe_serialization=True)"
#define DCP_TO_TORCH \
	"python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER X.pt; " \
	"then save what X.pt holds with safetensors.torch.save_file"
/* What the ranks of a training write, with their numbers before it. */
#define DEEPSPEED_STATES "*mp_rank_*_states.pt"
#define ZERO_TO_FP32 "python -m deepspeed.utils.zero_to_fp32 "

/* A part of a checkpoint of DeepSpeed, as a folder global_stepN or one of the files in it. */
#define DEEPSPEED_PART \
	{"is a part of a DeepSpeed checkpoint, which belay does not read", \
		ZERO_TO_FP32 "FOLDER OUT --tag global_stepN --safe_serialization makes " \
		"safetensors of it, where FOLDER holds global_stepN"}

/* Folders, by the name of something within. */
static const struct {
	const char *glob;
	struct word word;
} folder[] = {
	{".metadata", {"is a distributed checkpoint of PyTorch (DCP), which belay does not read",
		DCP_TO_TORCH}},
	{"zero_to_fp32.py", {"is a DeepSpeed checkpoint, which belay does not read",
		"python zero_to_fp32.py FOLDER OUT --safe_serialization makes safetensors of it"}},
	{"latest_checkpointed_iteration.txt",
		{"is a Megatron checkpoint, which belay does not read",
		"convert it to safetensors with the tools of Megatron"}},
	{"saved_model.pb", {"is a TensorFlow SavedModel, which belay does not read",
		"load it with Keras and save its weights as .weights.h5"}},
	{"pytorch_model*.bin", {"holds PyTorch weights (.bin), which belay does not read",
		SAVE_PRETRAINED}},
	{"pytorch_model.bin.index.json", {"holds PyTorch weights (.bin), which belay does not read",
		SAVE_PRETRAINED}},
	{"adapter_model.bin", {"holds PyTorch weights (.bin), which belay does not read",
		SAVE_PRETRAINED}},
	{DEEPSPEED_STATES, DEEPSPEED_PART},
};

/* Does a folder hold something of such a name? */
static bool holds(const char *path, const char *glob)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir)))
		found = fnmatch(glob, entry->d_name, 0) == 0;
	if (dir)
		closedir(dir);
	return found;
}

/* Does a file `latest` in it name the folder, beside it, that holds a state of DeepSpeed? */
static bool is_deepspeed(const char *path)
{
	char name[256] = {0}, joined[4096];
	int n = snprintf(joined, sizeof joined, "%s/latest", path);
	const int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC; /* it may be a pipe */
	const int fd = n > 0 && (size_t)n < sizeof joined ? open(joined, flags) : -1;

	if (fd < 0)
		return false;
	(void)!read(fd, name, sizeof name - 1);
	close(fd);
	name[strcspn(name, " \t\r\n")] = '\0';
	if (!name[0] || strchr(name, '/'))
		return false;
	n = snprintf(joined, sizeof joined, "%s/%s", path, name);
	return n > 0 && (size_t)n < sizeof joined && holds(joined, DEEPSPEED_STATES);
}

int bl_foreign_folder(const char *path, struct bl_err *err)
{
	static const struct word deepspeed = {
		"is a DeepSpeed checkpoint, which belay does not read",
		ZERO_TO_FP32 "FOLDER OUT --safe_serialization makes safetensors of it"};
	static const struct word other = {
		"is a folder, not a checkpoint", "name the files in it"};

	for (size_t i = 0; i < sizeof folder / sizeof folder[0]; i++)
		if (holds(path, folder[i].glob))
			return say(&folder[i].word, err);
	return say(is_deepspeed(path) ? &deepspeed : &other, err);
}

#define SAVE_SAFETENSORS \
	"load it in Python and save its state_dict with safetensors.torch.save_file"

/* Files, by their first bytes. */
static const struct {
	const char *magic;
	size_t n;
	struct word word;
} magic[] = {
	{"version https://git-lfs", 23, {"is a git-lfs pointer, not the file it stands for",
		"git lfs pull fetches the file"}},
	{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15,
		{"is a PyTorch file of before 2020 (.pt), which belay does not read",
		SAVE_SAFETENSORS}},
	{"\x80\x02", 2, {"is a Python pickle, which belay does not read", SAVE_SAFETENSORS}},
	{"\x80\x03", 2, {"is a Python pickle, which belay does not read", SAVE_SAFETENSORS}},
	{"\x80\x04", 2, {"is a Python pickle, which belay does not read", SAVE_SAFETENSORS}},
	{"\x80\x05", 2, {"is a Python pickle, which belay does not read", SAVE_SAFETENSORS}},
	{"\x93NUMPY", 6, {"is a single NumPy array (.npy), which belay does not read",
		"save the arrays with safetensors.numpy.save_file"}},
	{"GGUF", 4, {"is a GGUF file, whose weights are quantised",
		"average the checkpoints it was made from"}},
	{"\x1f\x8b", 2, {"is a gzip file", "unpack it first"}},
	{"\x28\xb5\x2f\xfd", 4, {"is a zstd file", "unpack it first"}},
	{"\xfd" "7zXZ", 5, {"is an xz file", "unpack it first"}},
};

/* Zip files and pickles, by their own names: what they are a part of. */
static const struct {
	const char *glob;
	struct word word;
} part[] = {
	{"*.distcp", {"is a part of a distributed checkpoint of PyTorch (DCP), which belay does "
		"not read", DCP_TO_TORCH}},
	{".metadata", {"is a part of a distributed checkpoint of PyTorch (DCP), which belay does "
		"not read", DCP_TO_TORCH}},
	{DEEPSPEED_STATES, DEEPSPEED_PART},
	{"*.bin", {"holds PyTorch weights (.bin), which belay does not read",
		"python -c \"import torch, safetensors.torch as s; "
		"s.save_file(torch.load('X.bin'), 'X.safetensors', {'format': 'pt'})\""}},
};

/* Says of what, if of anything. */
static bool say_part(const char *path, struct bl_err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
		if (fnmatch(part[i].glob, name, 0) == 0)
			return say(&part[i].word, err) < 0;
	return false;
}

/* The first member of a zip file tells who wrote it. */
static int say_zip(const unsigned char *head, size_t n, struct bl_err *err)
{
	static const struct {
		const char *end; /* of the member's name */
		struct word word;
	} kind[] = {
		{"data.pkl", {"is a PyTorch file (.pt), which belay does not read",
			SAVE_SAFETENSORS}},
		{".npy", {"is a NumPy file (.npz), which belay does not read",
			"save the arrays with safetensors.numpy.save_file"}},
		{"", {"is a zip file, which belay does not read; PyTorch's .pt and .bin are such",
			SAVE_SAFETENSORS}},
	};
	const size_t name = 30, length = n > name ? head[26] | (size_t)head[27] << 8 : 0;
	size_t i = 0;

	for (;; i++) {
		const size_t end = strlen(kind[i].end);

		if (end == 0 || (length >= end && name + length <= n &&
			memcmp(head + name + length - end, kind[i].end, end) == 0))
			return say(&kind[i].word, err);
	}
}

/* Text that begins with a word, blanks and case aside. */
static bool begins(const unsigned char *head, size_t n, const char *word)
{
	const size_t length = strlen(word);
	size_t i = 0;

	while (i < n && (head[i] == ' ' || (head[i] >= '\t' && head[i] <= '\r')))
		i++;
	return n - i >= length && strncasecmp((const char *)head + i, word, length) == 0;
}

bool bl_foreign_file(const char *path, const unsigned char *head, size_t n, struct bl_err *err)
{
	const bool zip = n >= 4 &&
		(memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);

	static const struct word page = {"is a web page, not a checkpoint",
		"the download went wrong; look at it in an editor"};

	if (n == 0)
		return bl_fail(err, BL_INPUT, "is empty") < 0;
	if ((zip || (n >= 2 && head[0] == 0x80 && head[1] <= 5)) && say_part(path, err))
		return true;
	for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
		if (n >= magic[i].n && memcmp(head, magic[i].magic, magic[i].n) == 0)
			return say(&magic[i].word, err) < 0;
	if (zip)
		return say_zip(head, n, err) < 0;
	if (begins(head, n, "<!doctype") || begins(head, n, "<html") || begins(head, n, "<?xml"))
		return say(&page, err) < 0;
	return false;
}
