"""plan_cost.py - a plan over 1e12 steps at irregular times takes less than 10 ms, counted in
instructions by valgrind, which are the same on a busy machine: 20 million, of which processors
make more than two in a nanosecond. Without optimization they are more."""
import os
import tempfile

import callgrind
import plan_lines
import tap

DUMP = os.path.join(tap.BUILD, 'tests', 'unit', 'dump_rows')
LIMIT = 20_000_000
COUNT = 400         # checkpoints


def main():
    """A point for each method: what its plan takes more than that of the plainest."""
    with tempfile.TemporaryDirectory() as folder:
        dump = callgrind.bare(DUMP, folder)

        def instructions(settings):
            return callgrind.instructions(dump, '1', input=plan_lines.line(settings, COUNT))

        least = instructions('method=uniform')
        for name, words in plan_lines.METHODS.items():
            more = instructions(words) - least
            tap.note(f'{name}: {more:,}')
            tap.ok(more < LIMIT, f'{name}, {COUNT} checkpoints over 1e12 steps',
                   f'{more:,} instructions')


if not os.access(DUMP, os.X_OK):
    tap.skip_all('tests/unit/dump_rows is not built')
callgrind.need()
main()
tap.finish()
