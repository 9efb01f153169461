"""matrix.py - system calls of belay-avg fail, and signals come with them, one in each run: its
outputs are the old ones or the new ones, it says so, and what is left is what the next run clears
away.

Without arguments this is a test of a sample: every kind of call of every process with every fault.
--full FOLDER takes all calls and writes a table into a folder; --only FAULT is one run, as failures
name it. Needs nothing but Python and the right to trace a child.
"""
import argparse
import collections
import concurrent.futures
import itertools
import os
import re
import subprocess
import tempfile
import threading

import judge
import tap
import workloads

INJECT = os.path.join(tap.BUILD, 'tests', 'faults', 'inject')
OPTIONS = ('-q', '--threads=1', '--progress=never')
COLUMNS = {'runs': 'runs', 'old': 'all old', 'new': 'all new', 'some': 'some new',
           'broken': 'broken', 'lost': 'lost', 'exit': 'wrong exit', 'left': 'left over',
           'words': 'wrong words', 'next': 'next fails'}
ENV = {**os.environ, 'LC_ALL': 'C.UTF-8', 'ASAN_OPTIONS': 'detect_leaks=0'}


class Place(threading.local):
    """A folder for the runs of each thread."""
    numbers = itertools.count()

    def __init__(self, box):
        super().__init__()
        self.folder = os.path.join(box, f'run-{next(self.numbers)}')
        self.log = self.folder + '.log'


def command(args):
    """Of belay-avg."""
    return [tap.AVG, *OPTIONS, *args]


def parse(line):
    """A call in the log of inject."""
    _, process, name, number, path = line.split(' ', 4)
    return judge.Call(int(process), name, int(number), path)


class Matrix:
    """Runs scenes under faults and counts what comes of it."""

    def __init__(self, box):
        self.box, self.place = box, Place(box)
        self.table = collections.defaultdict(collections.Counter)
        self.failures = []
        self.missed = 0

    def traced(self, scene, *how):
        """A run in a fresh folder: the lines of its log, what it says."""
        workloads.fresh(self.place.folder, scene.before)
        args = workloads.arguments(scene.work, scene.variant)
        r = subprocess.run([INJECT, self.place.log, *how, *command(args)],
                           cwd=self.place.folder, env=ENV, stdin=subprocess.DEVNULL,
                           capture_output=True, check=False)
        if r.returncode == 77:
            tap.skip_all('processes cannot be traced here')
        if r.returncode != 0:
            raise RuntimeError(r.stderr.decode())
        with open(self.place.log, encoding='utf-8', errors='replace') as f:
            return f.read().splitlines(), r.stderr.decode(errors='replace')

    def calls(self, scene):
        """All calls of a run without faults, which must do its work."""
        lines, words = self.traced(scene, 'list')
        after = workloads.content(self.place.folder)
        if lines[-1] != 'end 0' or after != scene.new:
            raise RuntimeError(f'{scene.work.name}: {lines[-1]}, {sorted(after)}: {words}')
        calls = [parse(line) for line in lines[:-1]]
        wrong = list(judge.out_of_order(calls, self.place.folder, scene.work.outs))
        tap.ok(not wrong, f'{scene.work.name}, {scene.variant}: synced, renamed, synced', *wrong)
        return calls

    def run(self, scene, fault):
        """One run under a fault."""
        lines, words = self.traced(scene, *map(str, fault.call[:3]), fault.what)
        hits = [parse(line) for line in lines if line.startswith('hit ')]
        synced = tuple(parse(line).path for line in lines if line.startswith('sync '))
        return judge.Run(int(lines[-1].split()[1]), hits[0] if hits else None, synced, words,
                         workloads.content(self.place.folder))

    def next_run(self, scene):
        """What is wrong with the run after one that was killed."""
        args = workloads.arguments_again(scene.work, scene.variant)
        r = subprocess.run(command(args), cwd=self.place.folder, env=ENV,
                           stdin=subprocess.DEVNULL, capture_output=True, check=False)
        after = workloads.content(self.place.folder)
        if r.returncode != 0 or after != scene.new:
            yield ('next', f'the next run: exit {r.returncode}, {sorted(after)}: '
                   f'{r.stderr.decode(errors="replace")}')

    def tried(self, scene, fault):
        """One run, judged: (fault, run, wrongs)."""
        run = self.run(scene, fault)
        if not run.hit:
            return fault, run, []
        fault = judge.Fault(run.hit, fault.what)
        wrongs = judge.Judge(scene, self.place.folder).wrongs(fault, run)
        if set(run.after) - set(scene.work.outs) or fault.what == 'KILL':
            wrongs += self.next_run(scene)
        return fault, run, wrongs

    def count(self, scene, fault, run, wrongs):
        """Into the table."""
        if not run.hit:  # another number of calls, as a wait on a busy machine makes it
            self.missed += 1
            return
        row = self.table[scene.work.name, fault.what]
        standing = set(judge.Judge(scene, self.place.folder).standing(run.after))
        row['runs'] += 1
        if standing <= {'old', 'new'}:
            row[standing.pop() if len(standing) == 1 else 'some'] += 1
        row.update({kind for kind, _ in wrongs})
        if wrongs:
            self.failures.append((name_of(scene, fault), fault.call.path, wrongs))

    def all(self, scene, faults, jobs):
        """All of these, side by side."""
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for result in pool.map(lambda fault: self.tried(scene, fault), faults):
                self.count(scene, *result)


def name_of(scene, fault):
    """As --only takes it."""
    return ':'.join(map(str, (scene.work.name, scene.variant, *fault.call[:3], fault.what)))


def sample(faults, turn):
    """One of each kind: the variants take turns, and so do the calls of a kind."""
    groups = collections.defaultdict(list)
    for fault in faults:
        on = re.sub(r'[0-9]+', 'N', os.path.basename(fault.call.path))
        groups[fault.call.process, fault.call.name, fault.what, on].append(fault)
    return [group[(i * 7 + turn) % len(group)] for i, group in enumerate(groups.values())
            if i % len(workloads.VARIANTS) == turn]


def scenes(box):
    """All workloads in all variants."""
    for work in workloads.WORKLOADS:
        for variant in workloads.VARIANTS:
            yield workloads.Scene(box, work, variant)


def tell(failures):
    """The failures, with how to see each again."""
    for name, path, wrongs in failures[:50]:
        for kind, text in wrongs:
            tap.note(f'{name} {os.path.basename(path)}: {kind}: {text}')
        tap.note(f"again: make faults FAULT='{name}'")


def quick(box, jobs):
    """The test."""
    matrix = Matrix(box)
    for scene in scenes(box):
        failed = len(matrix.failures)
        turn = workloads.VARIANTS.index(scene.variant)
        faults = [f for call in matrix.calls(scene) for f in judge.faults_of(call)]
        chosen = sample(faults, turn)
        chosen = chosen[::4] if tap.sanitized() else chosen
        matrix.all(scene, chosen, jobs)
        tap.ok(len(chosen) > 10 and len(matrix.failures) == failed,
               f'{scene.work.name}, {scene.variant}: {len(chosen)} runs of {len(faults)}')
        tell(matrix.failures[failed:])
    tap.ok(matrix.missed * 50 < sum(row['runs'] for row in matrix.table.values()),
           'faults hit what they are for', matrix.missed)


def summed(matrix, wanted):
    """The rows of the table that are wanted, in one."""
    total = collections.Counter()
    for key, row in matrix.table.items():
        if wanted(*key):
            total.update(row)
    return total


def long_table(matrix):
    """A row for each workload and fault."""
    rows = [(*key, *(str(row[name]) for name in COLUMNS)) for key, row in matrix.table.items()]
    return [('workload', 'fault', *COLUMNS.values()), *rows]


def short_table(matrix):
    """A row for each fault: runs of each workload, and what came of all of them."""
    works = list(dict.fromkeys(work for work, _ in matrix.table))
    faults = list(dict.fromkeys(what for _, what in matrix.table))
    names = list(COLUMNS)[1:]
    rows = [('fault', *works, *(COLUMNS[name] for name in names))]
    for title, wanted in [*((f, {f}) for f in faults), ('all', set(faults))]:
        runs = [summed(matrix, lambda w, f: w == work and f in wanted)['runs'] for work in works]
        sums = summed(matrix, lambda _, f: f in wanted)
        rows.append((title, *map(str, runs), *(str(sums[name]) for name in names)))
    return rows


def write_tables(folder, matrix):
    """The long one as text, the short one as Markdown."""
    os.makedirs(folder, exist_ok=True)
    rows = long_table(matrix)
    widths = [max(map(len, column)) for column in zip(*rows)]
    with open(os.path.join(folder, 'faults.txt'), 'w', encoding='utf-8') as f:
        for row in rows:
            f.write('  '.join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() + '\n')
    head, *rows = short_table(matrix)
    with open(os.path.join(folder, 'faults.md'), 'w', encoding='utf-8') as f:
        for row in (head, ['---'] * len(head), *rows):
            f.write('| ' + ' | '.join(row) + ' |\n')


def full(box, jobs, folder):
    """All calls of all workloads."""
    matrix = Matrix(box)
    for scene in scenes(box):
        failed = len(matrix.failures)
        faults = [f for call in matrix.calls(scene) for f in judge.faults_of(call)]
        matrix.all(scene, faults, jobs)
        tap.ok(len(matrix.failures) == failed,
               f'{scene.work.name}, {scene.variant}: {len(faults)} runs')
        tell(matrix.failures[failed:])
        write_tables(folder, matrix)
    tap.note(f'{matrix.missed} faults found no call')


def only(box, name):
    """One run, told in full."""
    work, variant, *call, what = name.split(':')
    work = {w.name: w for w in workloads.WORKLOADS}[work]
    matrix, scene = Matrix(box), workloads.Scene(box, work, variant)
    call = next(c for c in matrix.calls(scene) if list(map(str, c[:3])) == call)
    _, run, wrongs = matrix.tried(scene, judge.Fault(call, what))
    tap.note(f'{call}, {what}: exit {run.code}, {sorted(run.after)}')
    tap.note(run.words)
    tap.ok(not wrongs, name, *wrongs)


def main():
    """From the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--full', metavar='FOLDER')
    parser.add_argument('--only', metavar='FAULT')
    parser.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='belay-faults-') as box:
        box = os.path.realpath(box)
        workloads.make_inputs(os.path.join(box, 'in'))
        if args.only:  # comes first: make faults gives both
            only(box, args.only)
        elif args.full:
            full(box, args.jobs, args.full)
        else:
            quick(box, args.jobs)


main()
tap.finish()
