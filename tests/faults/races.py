"""races.py - two runs that write one output at the same time, and runs that are killed between the
outputs of a sweep.

Of two, at least one must be done; what is there must be whole and of a run that says it is done;
and nothing else may be left, not even what an earlier run has left that was killed. With BELAY_LONG
(make faults-power) there are 200 pairs of each kind.
"""
import collections
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import typing

import tap
import tracing

PAIRS = 200 if os.environ.get('BELAY_LONG') else 6
TENSORS = [os.path.join(tap.DATA, 'digits', f'ckpt_{n:05}.safetensors') for n in (0, 25, 50)]
CLONES = [os.path.join(tap.DATA, 'digits', f'ckpt_{n:05}.h5') for n in (0, 100)]
SHOW = os.path.join(tap.BUILD, 'belay-show')
SWEEP = [f'avg_{n}.safetensors' for n in (1, 2, 3)]

os.environ['ASAN_OPTIONS'] = 'detect_leaks=0'  # what looks for leaks would trace, too
box = tempfile.TemporaryDirectory()
chance = random.Random(8)


class Race(typing.NamedTuple):
    """Two command lines that name the same outputs."""
    title: str
    outputs: list
    runs: list             # two command lines
    losers: dict           # how a run may end that is not done: code to words
    before: bool = False   # the outputs are there: made by the first run
    both: bool = False     # both may be done, one behind the other


HELD = 'another run is writing'
LATE = {4: (HELD, 'appeared while')}
THERE = {4: (HELD, 'appeared while'), 2: ('exists already',)}


def folders():
    """Two checkpoints in shards."""
    made = []
    for n in (1, 2):
        folder = os.path.join(box.name, f'ck-{n}')
        os.mkdir(folder)
        for i in (1, 2):
            tap.vectors(os.path.join(folder, f'model-0000{i}-of-00002.safetensors'),
                        **{f'w{i}': [n + i] * 1000})
        with open(os.path.join(folder, 'model.safetensors.index.json'), 'w',
                  encoding='ascii') as to:
            to.write('{"weight_map": {"w1": "model-00001-of-00002.safetensors", '
                     '"w2": "model-00002-of-00002.safetensors"}}')
        made.append(folder)
    return made


def races():
    """All kinds."""
    def pair(inputs, *more):
        return [[tap.AVG, '-q', *inputs, *more, f'--method={m}'] for m in ('uniform', 'spring')]

    shards = folders()
    held = {4: (HELD,)}
    sweep = [[tap.AVG, '-q', *TENSORS[:n], '--half-life=1,2,3', '-o',
              'avg_{half-life}.safetensors'] for n in (2, 3)]
    grown = [tap.AVG, '-q', *TENSORS, '--method=spring', '--half-life=30', '--state=state', '-o',
             'avg.safetensors']
    pictures = [[SHOW, '--kernel', '--method=spring', f'--half-life={n}', '--svg=k.svg',
                 '-f', *TENSORS] for n in (5, 9)]
    return [
        Race('a new file', ['avg.st'], pair(TENSORS, '-o', 'avg.st'), THERE),
        Race('a file replaced', ['avg.st'], pair(TENSORS, '-fo', 'avg.st'), held, True, True),
        Race('a new HDF5 file', ['avg.h5'], pair(CLONES, '-o', 'avg.h5'), THERE),
        Race('an HDF5 file replaced', ['avg.h5'], pair(CLONES, '-fo', 'avg.h5'), held, True, True),
        Race('a new folder', ['avg'], pair(shards, '-o', 'avg'), THERE),
        Race('a folder replaced', ['avg'], pair(shards, '-fo', 'avg'), held, True, True),
        Race('a new sweep', SWEEP, sweep, THERE),
        Race('a sweep replaced', SWEEP, [run + ['-f'] for run in sweep], held, True, True),
        Race('outputs that may be there', SWEEP, [sweep[0] + ['--skip-existing']] * 2, LATE,
             both=True),
        Race('a state', ['avg.safetensors', 'state'], [grown] * 2,
             {4: (HELD, 'appeared while'), 3: ('changed',), 2: ('exists already',)}, both=True),
        Race('a picture', ['k.svg'], pictures, held, both=True),
    ]


def alone(args, folder=None):
    """What a run makes, and where."""
    folder = folder or tempfile.mkdtemp(dir=box.name)
    subprocess.run(args, cwd=folder, check=True, stdin=subprocess.DEVNULL)
    return tracing.tree(folder), folder


def leave(race, whole, folder):
    """What a run would leave that was killed while it made all of this."""
    for output in race.outputs:
        path = os.path.join(folder, f'.{output}.belay-tmp')
        if any(name.startswith(output + '/') for name in whole):
            os.mkdir(path)
            path = os.path.join(path, 'half')
        with open(path, 'wb') as to:
            to.write(b'half')


def run_both(race, folder):
    """Runs both at almost the same time: code and words of each."""
    children = []
    for args in race.runs:
        children.append(subprocess.Popen(args, cwd=folder, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        time.sleep(chance.choice((0, 0, 0.001, 0.003, 0.01)))
    words = [child.communicate()[0].decode() for child in children]
    return [(child.returncode, said) for child, said in zip(children, words)]


def judge(race, whole, ends, found):
    """What is wrong with how two runs have ended and what they left; None: nothing."""
    done = [i for i, (code, _) in enumerate(ends) if code == 0]
    if not done:
        return 'none is done'
    for code, said in ends:
        if code != 0 and not any(w in said for w in race.losers.get(code, ())):
            return f'a run ends with {code}'
    if found not in [whole[i] for i in done]:
        return f'what is there is not of run {done}: {sorted(found)}'
    if len(done) == 2 and not race.both:
        return 'both say that they have made it'
    return None


def race_all(race):
    """All pairs of one kind."""
    whole = [alone(args)[0] for args in race.runs]
    wrong, how = [], collections.Counter()
    for n in range(PAIRS):
        folder = tempfile.mkdtemp(dir=box.name)
        if race.before:
            alone(race.runs[0], folder)
        if n % 3 == 1:
            leave(race, whole[0], folder)
        ends = run_both(race._replace(runs=race.runs[::-1]) if n % 2 else race, folder)
        ends = ends[::-1] if n % 2 else ends
        how[tuple(sorted(code for code, _ in ends))] += 1
        why = judge(race, whole, ends, tracing.tree(folder))
        if why:
            wrong.append(f'pair {n}: {why}; {ends}')
        shutil.rmtree(folder)
    same = race.runs[0] == race.runs[1]
    tap.ok(not wrong and (same or whole[0] != whole[1]), f'{PAIRS} pairs, {race.title}', *wrong[:9])
    tap.note(', '.join(f'{k} {v} times' for k, v in sorted(how.items())))


def kill_between(n):
    """A sweep that is killed behind rename number n; the next run finishes it."""
    args = [tap.AVG, '-q', '--threads=1', '--progress=never', *TENSORS, '--half-life=1,2,3', '-o',
            'avg_{half-life}.safetensors']
    new, _ = alone(args)
    folder = tempfile.mkdtemp(dir=box.name)
    renames = 0
    with tempfile.TemporaryFile() as words:
        for step in tracing.steps(args, folder, words.fileno()):
            if isinstance(step, tracing.Call) and 'rename' in step.name:
                renames += 1
                if renames == n:
                    os.kill(step.process, signal.SIGKILL)
    left = tracing.tree(folder)
    stands = [o for o in SWEEP if o in left]
    inodes = [os.stat(os.path.join(folder, o)).st_ino for o in stands]
    tap.ok(stands == SWEEP[:n] and all(left[o] == new[o] for o in stands) and
           sorted(left) == sorted(stands + [f'.{o}.belay-tmp' for o in SWEEP[n:]]),
           f'killed behind rename {n}: outputs are whole, the others temporary', sorted(left))
    alone(args + ['--skip-existing'], folder)
    tap.ok(tracing.tree(folder) == new and
           inodes == [os.stat(os.path.join(folder, o)).st_ino for o in stands],
           f'--skip-existing finishes what was killed behind rename {n}',
           sorted(tracing.tree(folder)))


for kind in races():
    tap.case(lambda kind=kind: race_all(kind))
for number in (1, 2, 3):
    try:
        kill_between(number)
    except tracing.Untraceable as e:
        tap.skip(f'killed behind rename {number}', e)
box.cleanup()
tap.finish()
