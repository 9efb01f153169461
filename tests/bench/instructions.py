"""instructions.py - what belay-avg does per number, tensor and checkpoint, in instructions.

usage: instructions.py [--update]

Counts whole runs of two sizes: their difference, divided. A count that is more than 3 % above the
one that instructions.tsv has for this compiler fails; --update writes those of this compiler.
Compilers, options and C libraries of which it has none are skipped. Valgrind knows AVX2 and no
AVX-512.
"""
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

import callgrind
import tap

SLACK = 0.03
STORED = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'instructions.tsv')
COUNT = 4                       # checkpoints, where they do not grow
FEW, MANY = 1 << 16, 5 << 16    # numbers
BYTES = {'F64': 8, 'F32': 4, 'F16': 2, 'BF16': 2}


def values(dtype, count, seed):
    """Bytes of random numbers of a type that are finite, normal and not far from 1."""
    size = BYTES[dtype]
    noise = bytearray(random.Random(seed).randbytes(size * count))
    if size == 2:
        noise[1::2] = noise[1::2].translate(bytes(0x30 | (i & 0x0f) for i in range(256)))
    else:
        noise[size - 1::size] = b'\x3f' * count
        noise[size - 2::size] = noise[size - 2::size].translate(
            bytes(0xe0 | (i & 0x0f) for i in range(256)))
    return bytes(noise)


class Counter:
    """Runs belay-avg on checkpoints in a folder of its own, and in there: a path that was longer
    on another machine would count."""

    def __init__(self, folder):
        self.folder = folder
        self.program = callgrind.bare(tap.AVG, folder)

    def checkpoints(self, dtype, tensors, elements, count=COUNT):
        """Paths there of checkpoints of `tensors` tensors with `elements` numbers each."""
        home = f'{dtype}-{tensors}-{elements}-{count}'
        paths = [os.path.join(home, f'ckpt_{100 * i}.safetensors') for i in range(count)]
        if os.path.isdir(os.path.join(self.folder, home)):
            return paths
        os.mkdir(os.path.join(self.folder, home))
        size = BYTES[dtype] * elements
        header = json.dumps({f'blocks.{i // 10}.layer.{i % 10}.weight': {
            'dtype': dtype, 'shape': [elements], 'data_offsets': [size * i, size * (i + 1)]}
            for i in range(tensors)}).encode()
        header += b' ' * (-len(header) % 8)
        for seed, path in enumerate(paths):
            with open(os.path.join(self.folder, path), 'wb') as f:
                f.write(len(header).to_bytes(8, 'little') + header
                        + values(dtype, tensors * elements, seed))
        return paths

    def run(self, inputs, *options, averages=1, cpu='base'):
        """The instructions of one run, in which valgrind writes files of its own."""
        lengths = ','.join(str(100 * (i + 1)) for i in range(averages))
        return callgrind.instructions(
            self.program, '-q', '--force', '--sync=no', '--threads=1', '--sandbox=off',
            f'--half-life={lengths}', *options, *inputs, '-o', 'avg_{half-life}.safetensors',
            env={'BELAY_CPU': cpu}, cwd=self.folder, stdin=subprocess.DEVNULL)

    def number(self, dtype, averages, cpu):
        """For a number of each checkpoint."""
        few, many = (self.run(self.checkpoints(dtype, 1, n), averages=averages, cpu=cpu)
                     for n in (FEW, MANY))
        return (many - few) / (MANY - FEW) / COUNT

    def tensor(self, *options):
        """For a small tensor in all checkpoints."""
        few, many = (self.run(self.checkpoints('F32', n, 16), *options) for n in (500, 2500))
        return (many - few) / 2000

    def checkpoint(self):
        """For a checkpoint of 20 small tensors."""
        few, many = (self.run(self.checkpoints('F32', 20, 16, n)) for n in (10, 60))
        return (many - few) / 50


def counts():
    """Yields (what, its count)."""
    with tempfile.TemporaryDirectory() as folder:
        counter = Counter(folder)
        for dtype, averages, cpu in itertools.product(BYTES, (1, 2, 8), ('base', 'avx2')):
            yield (f'a number, {dtype.lower()}, averages: {averages}, {cpu}',
                   counter.number(dtype, averages, cpu))
        yield f'a tensor, checkpoints: {COUNT}', counter.tensor()
        yield f'a tensor, checkpoints: {COUNT}, planned only', counter.tensor('--plan')
        yield 'a checkpoint, tensors: 20', counter.checkpoint()


def machine():
    """What counts depend on: the compiler, its options, the C library."""
    cc = callgrind.found(r"^CC='(.*)'$").split()[0]

    def said(option):
        return subprocess.run([cc, option], capture_output=True, check=False, text=True).stdout

    name = 'clang' if 'clang' in said('--version') else 'gcc'
    version = said('-dumpversion' if name == 'clang' else '-dumpfullversion').strip()
    flags = callgrind.found(r"^CFLAGS='(.*)'$")
    return f"{name} {version} {flags}, {os.confstr('CS_GNU_LIBC_VERSION')}, {os.uname().machine}"


def stored():
    """{machine: {what: count}}"""
    found = {}
    with open(STORED, encoding='utf-8') as f:
        for line in f.read().splitlines()[1:]:
            where, what, count = line.split('\t')
            found.setdefault(where, {})[what] = float(count)
    return found


def update(here):
    """Writes the counts of this machine, and keeps those of others."""
    known = stored() if os.path.exists(STORED) else {}
    known[here] = dict(counts())
    with open(STORED, 'w', encoding='utf-8', newline='\n') as f:
        print('compiler', 'instructions for', 'count', sep='\t', file=f)
        for where in sorted(known):
            for what, count in known[where].items():
                print(where, what, f'{count:.4g}', sep='\t', file=f)
    for what, count in known[here].items():
        tap.note(f'{what}: {count:.4g}')


def compare(limits):
    """A point for each measure."""
    for what, now in counts():
        limit = limits.get(what, 0)
        tap.ok(now <= limit * (1 + SLACK), f'instructions for {what}',
               f'{now:.4g}, stored are {limit:.4g}')
        if now < limit * (1 - SLACK):
            tap.note(f'{what}: {now:.4g} instead of {limit:.4g}: make instructions-update')


def main():
    """Compares, or updates."""
    callgrind.need()
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        if ' avx2 ' not in f.read():
            tap.skip_all('this processor has no AVX2')
    here = machine()
    if sys.argv[1:] == ['--update']:
        update(here)
        return
    limits = stored().get(here)
    if not limits:
        tap.skip_all(f'no counts are stored for {here}')
    compare(limits)
    tap.finish()


main()
