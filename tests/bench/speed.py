"""speed.py - what averaging costs beside cat and cp, and beside other software.

usage: speed.py [--scale=S] [--rounds=N] [--cases=NAME,...] [--keep] [--also=NAME=PROGRAM]
                FOLDER
       speed.py --draw FOLDER

Makes checkpoints below FOLDER, one run after the other, and averages each with all that can: a
round runs all of them, in an order of its own. Leaves in FOLDER speed.tsv (all figures), speed.md,
speed.svg and growth.svg; --draw makes the last three of the first one again. Says what it measured
and judges nothing: it fails where a program fails.
"""
import argparse
import functools
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'oracle'), os.path.join(HERE, '..', 'paper')]
import cases as c  # noqa: E402
import charts  # noqa: E402
import checkpoints  # noqa: E402
import contestants as k  # noqa: E402
import machine  # noqa: E402
import measure  # noqa: E402
import results  # noqa: E402

SPARE = 3       # outputs of the largest run that must find room beside its inputs


class Bench:
    """Where things are, and what was measured."""

    def __init__(self, args):
        self.args = args
        self.data = os.path.join(args.folder, 'data')
        self.out = os.path.join(args.folder, 'out')
        self.scratch = os.path.join(args.folder, 'scratch')
        self.rows = []
        self.failed = []
        self.contestants = list(k.CONTESTANTS)
        for also in args.also:
            name, _, program = also.rpartition('=')
            self.contestants.append(k.Contestant(name or program, 'belay',
                                                 k.belay(program=program), k.always, k.here))

    def provide(self, run, averages):
        """Makes the checkpoints of a run unless they are there: why that cannot be, or nothing."""
        home, made = run.home(self.data), os.path.join(run.home(self.data), 'made')
        if os.path.exists(made):
            return ''
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(self.data, exist_ok=True)
        needed = run.bytes() * (run.count + averages + SPARE)
        free = shutil.disk_usage(self.data).free
        if free < needed:
            return f'needs {results.size(needed)} of disk, has {results.size(free)}'
        measure.progress(f'making {home}')
        r = subprocess.run([sys.executable, os.path.join(HERE, 'checkpoints.py'), self.data,
                            *map(str, run)], check=False)
        if r.returncode:
            self.failed.append(f'cannot make {home}')
            return 'failed: no checkpoints'
        os.sync()
        with open(made, 'w', encoding='ascii'):
            return ''

    def drop(self, kept):
        """Removes the runs that are not to be kept."""
        homes = {os.path.basename(run.home(self.data)) for run in kept}
        for name in os.listdir(self.data) if os.path.isdir(self.data) else ():
            if name not in homes and not self.args.keep:
                shutil.rmtree(os.path.join(self.data, name))

    def clear(self):
        """No outputs, and nothing that waits to be written: what one run left costs no other."""
        for folder in (self.out, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
        os.sync()

    def once(self, contestant, case, used=None):
        """One run, on the first checkpoints or on all: its Cost."""
        self.clear()
        job = k.Job(case, case.run.paths(self.data)[:used], self.out, self.scratch)
        command = contestant.command(job)
        if case.cold:
            measure.forget(job.files())
        return measure.cost(command, self.out, contestant.startup)

    def add(self, row, took):
        """Notes a Cost, or that there is none."""
        if isinstance(took, measure.Failed):
            self.failed.append(f'{row.case}: {row.name}: {took}')
            took = row._replace(round=0, note=f'failed: {took}'.replace('\t', ' '))
        else:
            took = row._replace(cost=took)
        self.rows.append(took)

    def ready(self, case):
        """The checkpoints of a case, made and in the cache: why they are not, or nothing."""
        why = self.provide(case.run, case.averages)
        if not why and not case.cold:
            measure.remember(f for p in case.run.paths(self.data) for f in checkpoints.parts(p))
        return why

    def run_rounds(self, row, entrants):
        """Adds all rounds of what is {name: what makes a Cost, or why there is none}."""
        able = {name: run for name, run in entrants.items() if callable(run)}
        begin = len(self.rows)
        self.rows += (row(name)._replace(note=why) for name, why in entrants.items()
                      if name not in able)
        for number, name, took in measure.rounds(able, lambda name: able[name](),
                                                 self.args.rounds, self.args.seed):
            self.add(row(name)._replace(round=number), took)
        order = list(entrants)
        self.rows[begin:] = sorted(self.rows[begin:], key=lambda r: (order.index(r.name), r.round))

    def measure_case(self, case):
        """All contestants that a case suits."""
        measure.progress(f'{case.name}: {titled(case)}')
        why = self.ready(case)
        suited = {t.name: t for t in self.contestants
                  if t.fits(case) and (not case.only or t.name in case.only)}

        def row(name):
            return results.Row(case.name, titled(case), suited[name].kind, name, 0, '',
                               results.NONE)

        self.run_rounds(row, {name: why or t.lacks() or functools.partial(self.once, t, case)
                              for name, t in suited.items()})

    def measure_curve(self, curve):
        """belay-avg at all points of a curve."""
        measure.progress(f'{results.GROWTH}: {curve.title}')
        entrants = {}

        def row(name):
            return results.Row(curve.name, f'{curve.title}: {curve.unit}', results.GROWTH, name,
                               0, '', results.NONE)

        for p in curve.points:
            case = c.Case(curve.name, curve.title, p.run, p.averages)
            belay = k.Contestant('', '', k.belay('--sync=no', *p.options), None, None)
            entrants[f'{p.x:g}'] = self.ready(case) or functools.partial(self.once, belay, case,
                                                                         p.used or None)
        self.run_rounds(row, entrants)

    def save(self):
        """Writes what there is: the tables."""
        results.write(os.path.join(self.args.folder, 'speed.tsv'), machine.described(self.args),
                      self.rows)
        return publish(self.args.folder)


def titled(case):
    """A case, with its sizes."""
    many = f'{case.averages} averages' if case.averages > 1 else 'one average'
    return f'{case.title}: {case.run.count} x {results.size(case.run.bytes())}, {many}'


def publish(folder):
    """Makes tables and pictures of the figures: the tables."""
    head, rows = results.read(os.path.join(folder, 'speed.tsv'))
    made = {'speed.md': results.tables(head, rows), 'speed.svg': charts.bars(head, rows),
            'growth.svg': charts.growth(head, rows)}
    for name, text in made.items():
        path = os.path.join(folder, name)
        if text:
            with open(path, 'w', encoding='utf-8', newline='\n') as f:
                f.write(text)
        elif os.path.exists(path):
            os.unlink(path)     # of other cases
    return made['speed.md']


def main(words):
    """Measures, writes, prints."""
    parser = argparse.ArgumentParser(prog='speed.py')
    parser.add_argument('--scale', type=float, default=1, help='1: models of 124 M parameters')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--cases', default='all', help='names; "list" shows them')
    parser.add_argument('--seed', type=int, default=1, help='of the order of the contestants')
    parser.add_argument('--keep', action='store_true', help='keep the checkpoints')
    parser.add_argument('--also', action='append', default=[], metavar='NAME=PROGRAM',
                        help='another belay-avg, and what to call it')
    parser.add_argument('--draw', action='store_true', help='tables and pictures again')
    parser.add_argument('folder')
    args = parser.parse_args(words)
    if args.draw:
        print(publish(args.folder), end='')
        return 0
    known = {case.name: case for case in c.cases(args.scale)}
    if args.cases == 'list':
        for case in known.values():
            print(f'{case.name:12}{titled(case)}')
        print(f'{results.GROWTH:12}belay-avg over checkpoints, numbers, averages, tensors, threads')
        return 0
    names = [*known, results.GROWTH] if args.cases == 'all' else args.cases.split(',')
    unknown = [name for name in names if name not in (*known, results.GROWTH)]
    if unknown:
        parser.error(f'no case {unknown[0]}; there are {" ".join(known)} {results.GROWTH}')
    return measure_all(args, [known[n] for n in names if n != results.GROWTH],
                       results.GROWTH in names)


def measure_all(args, chosen, growing):
    """Cases, then curves: the exit code."""
    bench = Bench(args)
    for i, case in enumerate(chosen):
        bench.measure_case(case)
        bench.drop({later.run for later in chosen[i + 1:] if later.run == case.run})
        bench.save()
    for curve in c.curves(args.scale, machine.processors()) if growing else ():
        bench.measure_curve(curve)
        bench.drop({c.base(args.scale)})
    bench.drop(())
    for folder in (bench.out, bench.scratch, *([] if args.keep else [bench.data])):
        shutil.rmtree(folder, ignore_errors=True)
    print(bench.save(), end='')
    for line in bench.failed:
        print(f'speed.py: {line}', file=sys.stderr)
    return 1 if bench.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
