"""shim_run.py - runs the programs with shim.so in them, and the runs that it is tried on."""
import contextlib
import ctypes
import hashlib
import json
import mmap
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing

from tap import AVG, BUILD, DATA, sanitized, skip_all, vectors

SHIM = os.path.join(BUILD, 'tests', 'faults', 'shim.so')
QUICK = os.environ.get('BELAY_FAULTS') != 'full'
PROCESSES = 16
PATIENCE = 60  # seconds, for a run of some milliseconds
SINGLE = tuple(f'c_{step}.safetensors' for step in (1, 2, 3))
KERAS = ('full_1.keras', 'full_2.keras')
HDF5 = tuple(f'c_{step}.h5' for step in (1, 2, 3))


class Shim(ctypes.Structure):
    """struct shim of shim.c."""
    _fields_ = [(name, ctypes.c_uint64) for name in (
        'fail_who', 'fail_at', 'fail_rest', 'most', 'random', 'every', 'storm', 'stop_at',
        'device', 'inode')] + [('allocations', ctypes.c_uint64 * PROCESSES)] + [
            (name, ctypes.c_uint64) for name in (
                'failed', 'forks', 'calls', 'interrupted', 'shortened', 'signals', 'steps',
                'read_at', 'opened', 'renamed', 'stopped', 'go_on')]


class Ran(typing.NamedTuple):
    """How a run ended."""
    code: int
    out: bytes
    err: str
    shim: Shim
    left: dict  # what its folder held then, but for what may be there in any case


def _environment(path):
    env = {**os.environ, 'BELAY_SHIM': path, 'LD_PRELOAD': SHIM}
    if sanitized():
        env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', 'exitcode=99') + ':verify_asan_link_order=0'
    return env


@contextlib.contextmanager
def _shared(told):
    """The file that holds a Shim, and the Shim in memory."""
    with tempfile.TemporaryFile() as file:
        file.write(bytes(told))
        file.flush()
        with mmap.mmap(file.fileno(), 0) as memory:
            shim = Shim.from_buffer(memory)
            yield f'/proc/{os.getpid()}/fd/{file.fileno()}', shim
            del shim


def _wait_stop(child, shim, when_stopped):
    until = time.monotonic() + PATIENCE
    while child.poll() is None and not shim.stopped and time.monotonic() < until:
        time.sleep(0.0003)
    if shim.stopped:
        when_stopped(shim)
        shim.go_on = 1


def shimmed(args, cwd, when_stopped=None, **told):
    """Runs a program: exit code, stdout, stderr, the Shim. when_stopped is called with the folder
    and the Shim when call stop_at is reached."""
    with _shared(Shim(**told)) as (path, shim):
        with subprocess.Popen([os.path.join(BUILD, args[0]), *args[1:]], cwd=cwd,
                              env=_environment(path), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            if when_stopped:
                _wait_stop(child, shim, lambda shim: when_stopped(cwd, shim))
            try:
                out, err = child.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                out, err = child.communicate()
                err += b'\n(it came to no end)'
        said = Shim.from_buffer_copy(bytes(shim))
        del shim
    return child.returncode, out, err.decode(errors='replace'), said


def contents(folder):
    """What a folder holds: digests by path, and links as what they say."""
    found = {}
    for where, folders, files in os.walk(folder):
        for name in files + folders:
            path = os.path.join(where, name)
            key = os.path.relpath(path, folder)
            if os.path.islink(path):
                found[key] = '-> ' + os.readlink(path)
            elif os.path.isdir(path):
                found[key] = '/'
            else:
                with open(path, 'rb') as file:
                    found[key] = hashlib.sha256(file.read()).hexdigest()
    return found


class Work(typing.NamedTuple):
    """A run: its name, what it calls, what must be there, what it makes, what it may leave."""
    name: str
    args: tuple
    inputs: str            # the folder of inputs it is run in a copy of
    outputs: tuple = ()    # made, or replaced where they are there: a file of each is made first
    loose: tuple = ()      # says how it went, whatever comes of it


def _model(step):
    return {'first.weight': [step + i / 7 for i in range(60)],
            'first.bias': [step * i / 3 for i in range(5)],
            'second.weight': [step - i * i / 11 for i in range(90)]}


def _single(folder):
    for step in (1, 2, 3):
        vectors(os.path.join(folder, f'c_{step}.safetensors'), {'format': 'pt'}, **_model(step))


def _shards(folder):
    for step in (1, 2):
        home = os.path.join(folder, f'checkpoint-{step}')
        os.mkdir(home)
        names, total = {}, 0
        for i, (name, values) in enumerate(_model(step).items()):
            file = f'model-{i + 1:05d}-of-00003.safetensors'
            vectors(os.path.join(home, file), {'format': 'pt'}, **{name: values})
            names[name] = file
            total += 4 * len(values)
        index = {'metadata': {'total_size': total}, 'weight_map': names}
        with open(os.path.join(home, 'model.safetensors.index.json'), 'w',
                  encoding='ascii') as file:
            json.dump(index, file)
        with open(os.path.join(home, 'config.json'), 'w', encoding='ascii') as file:
            json.dump({'model_type': 'none', 'torch_dtype': 'float32'}, file)
        with open(os.path.join(home, 'tokenizer.json'), 'w', encoding='ascii') as file:
            json.dump({'words': list(range(30))}, file)


def _made(folder, *args):
    """What belay-avg makes in a folder, without a shim."""
    subprocess.run([AVG, '-q', *args], cwd=folder, stdin=subprocess.DEVNULL, check=True)


def _convert(folder, suffix, *how):
    with tempfile.TemporaryDirectory() as made:
        _single(made)
        for name in SINGLE:
            to = os.path.join(folder, name.replace('safetensors', suffix))
            _made(made, '--no-provenance', *how, name, '-o', to)


def _recipe(folder):
    _single(folder)
    with open(os.path.join(folder, 'recipe.yaml'), 'w', encoding='ascii') as file:
        file.write('inputs: c_*.safetensors\noutput: "avg_{name}_{index}.safetensors"\n'
                   'half-life: 10%\ntensors:\n  - {match: "*.bias", copy: true}\nruns:\n'
                   '  - {name: ema, half-life: [1, 2]}\n'
                   '  - &rope {name: rope, method: belay, mass-ratio: 1}\n'
                   '  - {<<: *rope, name: held, particle: model}\n')


def _state(folder):
    _single(folder)
    _made(folder, '--half-life', '2', '--state', 'avg.state', *SINGLE[:2], '-o', 'avg.safetensors')


def _digests(folder):
    _single(folder)
    with open(os.path.join(folder, 'golden.txt'), 'wb') as file:
        subprocess.run([os.path.join(BUILD, 'belay-show'), '--digest', *SINGLE], cwd=folder,
                       stdin=subprocess.DEVNULL, stdout=file, check=True)


def _keras(folder):
    for name in KERAS:
        shutil.copy(os.path.join(DATA, 'keras', name), folder)


MAKE = {'single': _single, 'shards': _shards, 'recipe': _recipe, 'state': _state,
        'keras': _keras, 'digests': _digests,
        'hdf5': lambda folder: _convert(folder, 'h5'),
        'gzip': lambda folder: _convert(folder, 'h5', '--compression', 'gzip:4')}

ONE = ('--threads', '1')

AVERAGES = (
    Work('safetensors', ('belay-avg', *ONE, *SINGLE, '-fo', 'avg.safetensors'), 'single',
         ('avg.safetensors',)),
    Work('shards', ('belay-avg', *ONE, 'checkpoint-1', 'checkpoint-2', '-fo', 'avg'), 'shards',
         ('avg/',)),
    Work('retyped', ('belay-avg', *ONE, '--dtype', 'bf16', '--shard-size', '500', 'checkpoint-1',
                     'checkpoint-2', '-fo', 'avg'), 'shards', ('avg/',)),
    Work('hdf5', ('belay-avg', *ONE, *HDF5, '-fo', 'avg.h5'), 'hdf5', ('avg.h5',)),
    Work('gzip', ('belay-avg', *ONE, *HDF5, '-fo', 'avg.h5'), 'gzip', ('avg.h5',)),
    Work('from hdf5', ('belay-avg', *ONE, *HDF5, '-fo', 'avg.safetensors'), 'hdf5',
         ('avg.safetensors',)),
    Work('to hdf5', ('belay-avg', *ONE, '--compression', 'gzip:4', *SINGLE, '-fo', 'avg.h5'),
         'single', ('avg.h5',)),
    Work('keras', ('belay-avg', *ONE, '--times', 'index', *KERAS, '-fo', 'avg.keras'), 'keras',
         ('avg.keras',)),
    Work('recipe', ('belay-avg', *ONE, '-f', 'recipe.yaml'), 'recipe',
         tuple(f'avg_{name}.safetensors' for name in ('ema_1', 'ema_2', 'rope_3', 'held_4'))),
    Work('sweep', ('belay-avg', *ONE, '--half-life', '1,2,4', '--digest', '--report', 'r.jsonl',
                   *SINGLE, '-fo', 'avg_{half-life}.safetensors'), 'single',
         tuple(f'avg_{n}.safetensors' for n in (1, 2, 4)), ('r.jsonl',)),
    Work('state', ('belay-avg', *ONE, '--half-life', '2', '--state', 'avg.state', *SINGLE, '-fo',
                   'avg.safetensors'), 'state', ('avg.safetensors', 'avg.state')),
)

VIEWS = (
    Work('plan', ('belay-avg', '--plan', *SINGLE, '-o', 'new.safetensors'), 'single'),
    Work('plan=json', ('belay-avg', '--plan=json', *SINGLE, '-o', 'new.safetensors'), 'single'),
    Work('print-recipe', ('belay-avg', '--print-recipe', 'recipe.yaml'), 'recipe'),
    Work('list', ('belay-show', *SINGLE), 'single'),
    Work('list --json', ('belay-show', '--json', *SINGLE), 'single'),
    Work('tree', ('belay-show', '--tree', HDF5[0]), 'hdf5'),
    Work('kernel', ('belay-show', '--kernel', '--method', 'ema,belay', *SINGLE), 'single'),
    Work('drift', ('belay-show', '--drift', *ONE, *SINGLE), 'single'),
    Work('digest', ('belay-show', '--digest', *ONE, *SINGLE), 'single'),
    Work('show recipe', ('belay-show', '--recipe', 'avg.safetensors'), 'state'),
    Work('diff', ('belay-diff', *ONE, *SINGLE[:2]), 'single'),
    Work('diff --json', ('belay-diff', *ONE, '--json', *HDF5[:2]), 'hdf5'),
)


class Bench:
    """A folder in copies of which a Work is run again and again; copies may be in use at a time."""

    def __init__(self, work, folder):
        self.work, self.folder = work, folder
        self.template = os.path.join(folder, 'template')
        os.mkdir(self.template)
        MAKE[work.inputs](self.template)
        for name in work.outputs:
            self._old(os.path.join(self.template, name))
        self.old = contents(self.template)
        self.good = self.run()
        self.new = self.good.left
        if self.good.code not in (0, 1) or (self.new == self.old) == bool(work.outputs):
            raise RuntimeError(f'{work.name} does not work: {stated(self.good)}')

    @staticmethod
    def _old(path):
        """An output that is there already."""
        if path.endswith('/'):
            os.makedirs(path)
            with open(os.path.join(path, 'config.json'), 'w', encoding='ascii') as file:
                file.write('{}')
        elif not os.path.exists(path):
            vectors(path, x=[1.0])

    def run(self, replace=(), when_stopped=None, identify=None, **told):
        """One run. replace: the value of an option; identify: says more to the shim of the
        folder."""
        args = list(self.work.args)
        for option in replace:
            if option in args:
                args[args.index(option) + 1] = replace[option]
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            shutil.copytree(self.template, place, symlinks=True, dirs_exist_ok=True)
            told.update(identify(place) if identify else {})
            ended = shimmed(args, place, when_stopped, **told)
            left = contents(place)
        for name in self.work.loose:
            left.pop(name, None)
        return Ran(*ended, left)


def said(ran):
    """What a run printed, but for what is never the same, or tells how much memory it took; and how
    lines are broken, which takes memory."""
    text = re.sub(rb'^memory +.*$|[0-9.]+ [kMGT]?B free|"(command|arguments)": ?\[[^]]*\]|'
                  rb'"(seconds|peak_memory|disk_free|memory_bytes)": ?[0-9.e-]+', b'', ran.out,
                  flags=re.M)
    return text.split()


def stated(ran):
    """A run in words."""
    how = f'signal {signal.Signals(-ran.code).name}' if ran.code < 0 else f'exit {ran.code}'
    return f'{how}: {ran.err.strip() or "(nothing was said)"}'


def benches(works):
    """Every work in a folder of its own."""
    for work in works:
        with tempfile.TemporaryDirectory(prefix='belay-faults-') as folder:
            yield Bench(work, folder)


def need_shim():
    """Skips the test where there is no shim, or nothing that it gets into."""
    if not os.path.exists(SHIM):
        skip_all(f'{SHIM} is not here')
    with tempfile.TemporaryDirectory() as folder:
        if shimmed(('belay-avg', '--version'), folder)[3].allocations[0] == 0:
            skip_all('no library can be loaded into the programs before others')
    sys.stdout.flush()
