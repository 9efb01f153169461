"""plan.py - what a plan costs over 1e12 steps at irregular times: lines of what, figure, limit,
unit and verdict, apart by tabs. Times are those of a processor; no test asserts them.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'oracle'))
import plan_lines  # noqa: E402
import tap  # noqa: E402

DUMP = os.path.join(tap.BUILD, 'tests', 'unit', 'dump_rows')
LIMIT = 10          # ms
MILLION = 1_000_000
worse = 0


def seconds(text, rounds):
    """Of one plan each."""
    r = subprocess.run([DUMP, str(rounds)], input=text, capture_output=True, check=True, text=True)
    return [float(s) for s in r.stdout.split()]


def row(what, figure, limit):
    """One line of the table."""
    global worse
    worse += figure > limit
    print(what, f'{figure:.4g}', f'{limit:g}', 'ms', 'ok' if figure <= limit else 'OVER', sep='\t')


for count in (40, 400, 4000):
    lines = ''.join(plan_lines.line(s, count) for s in plan_lines.METHODS.values())
    for name, took in zip(plan_lines.METHODS, seconds(lines, 20)):
        row(f'{name}, {count} checkpoints', took * 1e3, LIMIT)
for warmup in ('tf', 'diffusers:1,2/3'):
    settings = f'method=ema half-life=1e9 warmup={warmup}\t0 {MILLION // 3} {MILLION}\n'
    row(f'warm-up {warmup} of 1,000,000 updates', seconds(settings, 3)[0] * 1e3, 1000)
if worse:
    print(f'{worse} over their limits', file=sys.stderr)
sys.exit(1 if worse else 0)
