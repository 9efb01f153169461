"""bounds.py - headers of safetensors files: what opening them costs in memory, whatever they say,
and what averaging them costs.

Needs nothing but Python. The times are in tests/bench/index.py.
"""
import os
import tempfile

import headers
import tap

MIB = 1 << 20
HONEST = 32 * MIB
# What hurt most: one of each way to make a header cost memory.
WORST = {
    'metadata keys, all different': 'reject',
    'a long metadata value': 'accept',
    'tensors of no bytes': 'reject',
    'tensors with names that begin alike': 'accept',
    'tensors in the wrong order': 'reject',
    'tensors with many extents': 'reject',
    'a long shape': 'reject',
    'blanks behind': 'accept',
}
ALSO = ('a long name', 'blanks before')  # in whole runs

box = tempfile.TemporaryDirectory()
path = os.path.join(box.name, 'model.safetensors')


def opened():
    """Opens the file: (exit code, what was said, peak bytes)."""
    with tempfile.TemporaryFile('w+', encoding='utf-8', errors='replace') as words:
        cost = tap.measured([tap.PROBE, path], stdout=words, stderr=words)
        words.seek(0)
        return cost.code, words.read(300), cost.peak


def honest(backwards):
    """100,000 tensors, in the order of their data or not."""
    n = 100_000
    length = headers.write(path, headers.experts(n, backwards), 256 * n)
    code, words, peak = opened()
    tap.ok(code == 0 and words == 'accept\n', f'a header of {length} bytes', code, words)
    tap.ok(slack or peak <= HONEST, 'takes 32 MiB', f'{peak / MIB:.1f} MiB')
    tap.note(f'{peak / MIB:.1f} MiB')


def hostile():
    """Headers of 100 MB."""
    left = dict(WORST)
    for name, pieces in headers.hostile():
        verdict = left.pop(name, None)
        if not verdict:
            continue
        headers.write(path, pieces)
        code, words, peak = opened()
        tap.ok(code == 0 and words.startswith(verdict), f'{name}: {verdict}', code, words)
        tap.ok(slack or peak <= headers.LIMIT, f'{name}: 256 MB', f'{peak / 1e6:.1f} MB')
        tap.note(f'{peak / 1e6:.1f} MB')
    tap.ok(not left, 'all were there', left)


def average(name, suffix, *more):
    """A whole run: its cost and what it said, which is 0, 3 or 5, within bounds."""
    with tempfile.TemporaryFile('w+', encoding='utf-8', errors='replace') as words:
        cost = tap.measured(
            [tap.AVG, '-q', '-f', '--sync=no', '--times=index', '--method=uniform', *more, path,
             '-o', os.path.join(box.name, 'avg' + suffix)], stdout=words, stderr=words)
        words.seek(0)
        said = words.read(300)
    tap.ok(cost.code in (0, 3, 5), f'{name} to {suffix}: exit {cost.code}', said)
    return cost, said


def averaged():
    """Headers of 100 MB through whole runs, to both formats: each is averaged, refused, or needs
    more than --memory allows, which is said before it is taken."""
    some = [h for h in headers.hostile() if h[0] in WORST or h[0] in ALSO]
    for name, pieces in (*some, *headers.known_as()):
        headers.write(path, pieces)
        for suffix in ('.safetensors', '.h5'):
            cost, said = average(name, suffix)
            tap.ok(slack or cost.peak <= headers.LIMIT, f'{name} to {suffix}: 256 MB',
                   f'{cost.peak / 1e6:.1f} MB', said)


def allowed():
    """An honest header of 95 MB: what is allowed is enough, and is all that is taken."""
    n = 700_000
    headers.write(path, headers.experts(n), 256 * n)
    cost, said = average('an honest one', '.safetensors')
    tap.ok(cost.code == 5 and '--memory' in said, 'it needs more', said)
    cost, said = average('an honest one', '.safetensors', '--memory=512MiB')
    tap.ok(cost.code == 0, 'it is averaged', said)
    tap.ok(slack or cost.peak <= 512 * MIB, 'in 512 MiB', f'{cost.peak / MIB:.1f} MiB')
    tap.note(f'{cost.peak / MIB:.1f} MiB')


slack = tap.sanitized()
tap.case(lambda: honest(False))
tap.case(lambda: honest(True))
tap.case(hostile)
tap.case(averaged)
tap.case(allowed)
box.cleanup()
tap.finish()
