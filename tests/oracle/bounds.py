"""bounds.py - headers of safetensors files: what opening them costs in memory, whatever they say.

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


slack = tap.sanitized()
tap.case(lambda: honest(False))
tap.case(lambda: honest(True))
tap.case(hostile)
box.cleanup()
tap.finish()
