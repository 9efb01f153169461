"""plan_cost.py - a plan over 1e12 steps at irregular times takes less than 10 ms, counted in
instructions by valgrind, which are the same on a busy machine: 20 million, of which processors
make more than two in a nanosecond. Without optimization they are more."""
import os
import re
import shutil
import subprocess

import plan_lines
import tap

DUMP = os.path.join(tap.BUILD, 'tests', 'unit', 'dump_rows')
LIMIT = 20_000_000
COUNT = 400         # checkpoints


def instructions(settings):
    """Of dump_rows for one plan, all told."""
    command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', DUMP, '1']
    r = subprocess.run(command, input=plan_lines.line(settings, COUNT), capture_output=True,
                       check=False, text=True)
    found = re.search(r'Collected : (\d+)', r.stderr)
    if not found:
        tap.skip_all('valgrind does not know these programs')
    if r.returncode or 'error' in r.stdout:
        raise RuntimeError(r.stdout + r.stderr)
    return int(found[1])


def optimized():
    """Was belay built with optimization?"""
    with open(os.path.join(tap.BUILD, 'config.log'), encoding='utf-8', errors='replace') as f:
        flags = re.search(r"^CFLAGS='(.*)'$", f.read(), re.M)
    return bool(flags and re.search(r'-O[1-9s]', flags[1]))


if not os.access(DUMP, os.X_OK):
    tap.skip_all('tests/unit/dump_rows is not built')
if not shutil.which('valgrind'):
    tap.skip_all('valgrind is not here')
if tap.sanitized() or not optimized():
    tap.skip_all('sanitizers, or no optimization, make more instructions')
least = instructions('method=uniform')
for name, words in plan_lines.METHODS.items():
    more = instructions(words) - least
    tap.note(f'{name}: {more:,}')
    tap.ok(more < LIMIT, f'{name}, {COUNT} checkpoints over 1e12 steps', f'{more:,} instructions')
tap.finish()
