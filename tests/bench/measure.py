"""measure.py - what programs take, in rounds over all of them."""
import os
import random
import subprocess
import sys
import tempfile
import typing

import tap

COST = os.path.join(tap.BUILD, 'tests', 'unit', 'cost')


class Cost(typing.NamedTuple):
    """What one run of a program took; bytes and seconds, -1 where the kernel does not count."""
    seconds: float      # of a clock
    startup: float      # of these, what the imports of a script in Python took
    user: float         # of processors, in the program
    system: float       # of processors, in the kernel
    peak: int           # resident, of its largest process
    read: int           # by calls; what is mapped is not seen
    wrote: int          # by calls
    disk_read: int
    disk_wrote: int
    made: int           # of the outputs


class Failed(Exception):
    """A program ended with an error."""


def below(folder):
    """All files below a folder."""
    return [os.path.join(at, f) for at, _, files in os.walk(folder) for f in files]


def size(files):
    """Their bytes, all told."""
    return sum(os.path.getsize(f) for f in files)


def cost(command, made, startup=False):
    """Runs a command that makes files below a folder; with startup it prints what its imports
    took."""
    with tempfile.NamedTemporaryFile('r') as line:
        r = subprocess.run([COST, line.name, *command], stdin=subprocess.DEVNULL, check=False,
                           capture_output=True, text=True, errors='replace')
        figures = line.read().split()
    if r.returncode or not figures or figures[0] != '0':
        last = (r.stderr.strip().splitlines() or ['no word of why'])[-1]
        raise Failed(f'exit {figures[0] if figures else r.returncode}: {last[:200]}')
    outputs = below(made)
    if not outputs:
        raise Failed('no output')
    imports = float(r.stdout.split()[0]) if startup else 0.0
    return Cost(float(figures[1]), imports, float(figures[2]), float(figures[3]),
                *map(int, figures[4:]), size(outputs))


def forget(files):
    """Asks the kernel to drop files from its cache; what is on the disk it drops."""
    for path in files:
        with open(path, 'rb') as f:
            os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def remember(files):
    """Reads files, so that the kernel has them in its cache."""
    for path in files:
        with open(path, 'rb', buffering=0) as f:
            while f.read(1 << 20):
                pass


def progress(*words):
    """A line for who waits."""
    print(*words, file=sys.stderr, flush=True)


def rounds(names, run, count, seed):
    """Yields (round, name, Cost or Failed) for all names in every round, each round in an order of
    its own. Who has failed is left out of the later rounds."""
    names = list(names)
    for number in range(1, count + 1):
        random.Random(seed * 1000 + number).shuffle(names)
        for name in list(names):
            try:
                took = run(name)
                progress(f'  round {number}: {name}: {took.seconds:.3f} s')
            except Failed as why:
                took = why
                names.remove(name)
                progress(f'  round {number}: {name}: {why}')
            yield number, name, took
