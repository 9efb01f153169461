"""workloads.py - what is run under faults: six kinds of averages of tiny checkpoints, what is there
before (nothing, old outputs, old outputs and what a dead run has left), and what must be there
after: old or new."""
import json
import os
import shutil
import subprocess
import typing

import tap

STEPS = (1, 2, 3)
VARIANTS = ('none', 'old', 'stale')
SUFFIX = '.belay-tmp'


class Workload(typing.NamedTuple):
    """Arguments of belay-avg, in the folder of the run; beside it are the inputs, in ../in."""
    name: str
    outs: tuple      # names of the outputs, of the state last
    args: tuple
    old: tuple       # arguments that make old outputs
    resumes: bool = False  # with --state


def temporary(name):
    """What an output is called while it is made."""
    return f'.{name}{SUFFIX}'


def content(path):
    """The bytes of a file; of a folder, those of all that is in it by their names."""
    if os.path.isdir(path) and not os.path.islink(path):
        return {name: content(os.path.join(path, name)) for name in sorted(os.listdir(path))}
    with open(path, 'rb') as f:
        return f.read()


def store(path, data):
    """The inverse of content()."""
    if isinstance(data, dict):
        os.makedirs(path)
        for name, value in data.items():
            store(os.path.join(path, name), value)
        return
    with open(path, 'wb') as f:
        f.write(data)


def inputs_of(kind):
    """The names of the inputs."""
    names = {'st': 'ckpt_{}.safetensors', 'shard': 'shard_{}', 'h5': 'ckpt_{}.h5',
             'gzip': 'gzip_{}.h5'}
    return tuple('../in/' + names[kind].format(step) for step in STEPS)


WORKLOADS = (
    Workload('safetensors', ('avg.safetensors',),
             (*inputs_of('st'), '--half-life=2', '-o', 'avg.safetensors'),
             (*inputs_of('st'), '--half-life=1', '-o', 'avg.safetensors')),
    Workload('sharded', ('avg',),
             (*inputs_of('shard'), '--half-life=2', '-o', 'avg'),
             (*inputs_of('shard'), '--half-life=1', '-o', 'avg')),
    Workload('hdf5', ('avg.h5',),
             (*inputs_of('h5'), '--half-life=2', '-o', 'avg.h5'),
             (*inputs_of('h5'), '--half-life=1', '-o', 'avg.h5')),
    Workload('hdf5 gzip', ('avg.h5',),
             (*inputs_of('gzip'), '--half-life=2', '-o', 'avg.h5'),
             (*inputs_of('gzip'), '--half-life=1', '-o', 'avg.h5')),
    Workload('sweep', ('avg_1.safetensors', 'avg_2.safetensors', 'avg_3.safetensors'),
             (*inputs_of('st'), '--half-life=1,2,3', '-o', 'avg_{half-life}.safetensors'),
             (*inputs_of('st')[1:], '--half-life=1,2,3', '-o', 'avg_{half-life}.safetensors')),
    Workload('state', ('avg.safetensors', 'state'),
             (*inputs_of('st'), '--half-life=2', '--state=state', '-o', 'avg.safetensors'),
             (*inputs_of('st')[:2], '--half-life=2', '--state=state', '-o', 'avg.safetensors'),
             True),
)


def values(step, n, salt):
    """Numbers with nothing special about them."""
    return [((step * 37 + i * 11 + salt) % 101) / 7 for i in range(n)]


def shards(folder, step):
    """A folder with two shards, their index and a config."""
    os.mkdir(folder)
    parts = [('model-0000{}-of-00002.safetensors'.format(k + 1), name)
             for k, name in enumerate(('bias', 'weight'))]
    for file, name in parts:
        tap.vectors(os.path.join(folder, file), **{name: values(step, 24, len(name))})
    index = {'metadata': {'total_size': 2 * 24 * 4}, 'weight_map': {n: f for f, n in parts}}
    with open(os.path.join(folder, 'model.safetensors.index.json'), 'w', encoding='utf-8') as f:
        json.dump(index, f)
    with open(os.path.join(folder, 'config.json'), 'w', encoding='utf-8') as f:
        f.write('{"model_type": "none"}')


def make_inputs(folder):
    """All inputs of all workloads."""
    os.mkdir(folder)
    for step in STEPS:
        plain = os.path.join(folder, f'ckpt_{step}.safetensors')
        tap.vectors(plain, weight=values(step, 48, 0), bias=values(step, 6, 5))
        shards(os.path.join(folder, f'shard_{step}'), step)
        for name, how in (('ckpt', 'none'), ('gzip', 'gzip:6')):
            tap.avg('-q', plain, '--no-provenance', f'--compression={how}', '-o',
                    os.path.join(folder, f'{name}_{step}.h5'))


def arguments(work, variant):
    """Of the run that is spoiled."""
    force = ('-f',) if variant != 'none' and not work.resumes else ()
    return (*force, *work.args)


def arguments_again(work, variant):
    """Of the run after one that was killed."""
    if work.resumes or variant != 'none':
        return arguments(work, variant)
    return (*work.args, '--skip-existing')


class Scene:
    """A workload with what is before and after: contents by name."""

    def __init__(self, box, work, variant):
        self.work, self.variant = work, variant
        self.before = {}
        if variant != 'none':
            self.before = self.made(box, work.old, {})
        self.old = dict(self.before)
        if variant == 'stale':
            for name in work.outs:
                is_folder = isinstance(self.old[name], dict)
                self.before[temporary(name)] = {'left': b'over'} if is_folder else b'left over'
        self.new = self.made(box, arguments(work, variant), self.old)
        if any(self.new[name] == self.old.get(name) for name in work.outs):
            raise RuntimeError(f'{work.name}: old and new outputs are the same')

    @staticmethod
    def made(box, args, before):
        """What a run makes of a folder."""
        folder = os.path.join(box, 'made')
        fresh(folder, before)
        subprocess.run([tap.AVG, '-q', '--threads=1', *args], cwd=folder, check=True,
                       stdin=subprocess.DEVNULL)
        return content(folder)


def fresh(folder, before):
    """A folder with this in it and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    store(folder, before)
    os.makedirs(folder, exist_ok=True)
