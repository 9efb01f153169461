"""contestants.py - who averages: the limit (cat, cp), belay-avg, and other software.

To add one: a function that makes its command, and a row of CONTESTANTS.
"""
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import typing

import checkpoints
import tap

HERE = os.path.dirname(os.path.abspath(__file__))
REFERENCE = 'cat, cp, sync'


class Job(typing.NamedTuple):
    """What is to be done: averages of checkpoints."""
    case: typing.Any    # of cases.py
    inputs: list        # paths
    folder: str         # where the outputs go
    scratch: str        # for files beside them

    def output(self, name):
        """The path of an output."""
        suffix = checkpoints.SUFFIX[self.case.run.format]
        return os.path.join(self.folder, name + (suffix or os.sep))

    def half_lives(self):
        """Of the averages, in steps."""
        return [checkpoints.GAP * (i + 1) for i in range(self.case.averages)]

    def outputs(self):
        """The paths of all averages."""
        return [self.output(f'avg_{h}') for h in self.half_lives()]

    def files(self):
        """All files of the inputs."""
        return [f for path in self.inputs for f in checkpoints.parts(path)]

    def note(self, name, text):
        """Leaves a file in the scratch folder: its path."""
        path = os.path.join(self.scratch, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path


# ---- commands ----

def shell(words, job):
    """A command of sh, of which the files of the inputs are $@."""
    return ['sh', '-ec', words, 'sh', *job.files()]


def copies(job):
    """Words of sh that copy the last input as often as there are averages."""
    last = shlex.quote(job.inputs[-1])
    return '\n'.join(f'cp -r {last} {shlex.quote(o.rstrip(os.sep))}' for o in job.outputs())


def cat(job):
    """Reads the inputs; leaves one byte, to have made something."""
    return shell(f'cat "$@" >/dev/null\necho >{shlex.quote(job.folder)}/done', job)


def cat_cp(job):
    """Reads the inputs and writes as much as the outputs are."""
    return shell(f'cat "$@" >/dev/null\n{copies(job)}', job)


def cat_cp_sync(job):
    """The same, and has it on the disk."""
    sync = f'find {shlex.quote(job.folder)} -type f -exec sync {{}} +'
    return shell(f'cat "$@" >/dev/null\n{copies(job)}\n{sync}', job)


def belay(*options, program=tap.AVG):
    """belay-avg with options."""
    def command(job):
        lengths = ','.join(map(str, job.half_lives()))
        return [program, '-q', f'--half-life={lengths}', *options, *job.inputs,
                '-o', job.output('avg_{half-life}')]
    return command


def loop(name):
    """A loop of loops.py."""
    def command(job):
        lines = [*(o.rstrip(os.sep) for o in job.outputs()), '', *job.inputs]
        return [sys.executable, os.path.join(HERE, 'loops.py'), name,
                job.note('list', '\n'.join(lines))]
    return command


def model_folder(job, path):
    """A checkpoint as a folder of Hugging Face: itself, or one that leads to it."""
    if os.path.isdir(path):
        return path
    folder = os.path.join(job.scratch, os.path.basename(path).partition('.')[0])
    if not os.path.isdir(folder):
        os.mkdir(folder)
        os.symlink(os.path.abspath(path), os.path.join(folder, 'model.safetensors'))
        checkpoints.save_config(folder, job.case.run)
    return folder


def mergekit(job):
    """mergekit's linear merge."""
    models = [{'model': model_folder(job, p), 'parameters': {'weight': 1.0}} for p in job.inputs]
    config = {'merge_method': 'linear', 'dtype': 'float32', 'models': models}
    return ['env', 'HF_HUB_OFFLINE=1', 'mergekit-yaml', '--no-copy-tokenizer', '--quiet',
            job.note('merge.yaml', json.dumps(config)), job.outputs()[0]]


def nces(job):
    """The ensemble average of NCO."""
    return ['nces', '-O', *job.inputs, job.outputs()[0]]


# ---- who fits which case, and who is here ----

def always(case):
    """Fits every case."""
    del case
    return True


def safetensors(case):
    """Fits safetensors."""
    return case.run.format in ('safetensors', 'folder')


def hdf5(case):
    """Fits HDF5."""
    return case.run.format in ('hdf5', 'gzip')


def both(*tests):
    """Fits what all of these fit."""
    return lambda case: all(test(case) for test in tests)


def one(case):
    """Fits one average."""
    return case.averages == 1


def f32(case):
    """Fits f32."""
    return case.run.dtype == 'f32'


def gzip(case):
    """Fits compressed HDF5."""
    return case.run.format == 'gzip'


def gpt2(case):
    """Fits the layout of a model that mergekit knows."""
    return case.run.layout == 'gpt2'


def here():
    """Nothing is missing."""
    return ''


def modules(*names):
    """Modules of Python that it takes."""
    def lacks():
        gone = [n for n in names if not importlib.util.find_spec(n)]
        return f'{gone[0]} is not installed' if gone else ''
    return lacks


def command(name):
    """A program that it takes."""
    return lambda: '' if shutil.which(name) else f'{name} is not installed'


def knows(option):
    """An option of belay-avg that it takes."""
    def lacks():
        r = subprocess.run([tap.AVG, option, '--version'], capture_output=True, check=False)
        return '' if r.returncode == 0 else f'belay-avg does not know {option}'
    return lacks


class Contestant(typing.NamedTuple):
    """One row of the table."""
    name: str
    kind: str               # limit, belay or peer: how it is drawn
    command: typing.Any     # what makes its command from a Job, and what that needs
    fits: typing.Any        # does it do a case?
    lacks: typing.Any       # why it cannot run here, or nothing
    startup: bool = False   # does it tell what its imports took?


FAST = '--deflate=fast'
TORCH = modules('torch', 'safetensors')
CONTESTANTS = [
    Contestant('cat', 'limit', cat, always, here),
    Contestant('cat, cp', 'limit', cat_cp, always, here),
    Contestant(REFERENCE, 'limit', cat_cp_sync, always, here),
    Contestant('belay-avg', 'belay', belay(), always, here),
    Contestant('belay-avg --sync=no', 'belay', belay('--sync=no'), always, here),
    Contestant(f'belay-avg {FAST}', 'belay', belay(FAST), gzip, knows(FAST)),
    Contestant('torch, lerp', 'peer', loop('torch_lerp'), safetensors, TORCH, True),
    Contestant("torch, timm's loop", 'peer', loop('torch_sum'), both(safetensors, one), TORCH,
               True),
    Contestant('safetensors, numpy', 'peer', loop('numpy_ema'), both(safetensors, f32),
               modules('numpy', 'safetensors'), True),
    Contestant('mergekit linear', 'peer', mergekit, both(safetensors, one, gpt2),
               command('mergekit-yaml')),
    Contestant('h5py', 'peer', loop('h5py_ema'), hdf5, modules('h5py'), True),
    Contestant('nces', 'peer', nces, both(hdf5, one), command('nces')),
]
