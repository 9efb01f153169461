"""coverage.py - a table of what the tests ran, and a list of what they did not.

usage: coverage.py COUNTS.json FOLDER     COUNTS.json is what gcovr --json says

Writes FOLDER/table.md, lines and branches of every file, and FOLDER/missing.txt, the lines that
never ran, and those of which a branch was never taken. A line that runs only where no memory
is left, is told apart: what follows bl_fail_memory() or the test of an allocation.
"""
import json
import os
import re
import sys
import typing

SRC = os.environ.get('top_srcdir', os.path.join(os.path.dirname(__file__), '..'))
MEMORY = re.compile(r'bl_fail_memory|BL_LIMIT|no memory')


class Count(typing.NamedTuple):
    """Of a file, or of several."""
    lines: int
    lines_run: int
    branches: int
    branches_taken: int

    def __add__(self, other):
        return Count(*(a + b for a, b in zip(self, other)))


def share(part, whole):
    return f'{100 * part / whole:.1f}' if whole else '-'


def row(name, c):
    return (f'| {name} | {c.lines} | {share(c.lines_run, c.lines)} | {c.branches} '
            f'| {share(c.branches_taken, c.branches)} |\n')


def merged(entry):
    """Line number -> (times run, branches, branches taken): a template's lines come often."""
    lines = {}
    for line in entry['lines']:
        if line.get('gcovr/noncode'):
            continue
        taken = [b['count'] > 0 for b in line['branches']]
        run, n, k = lines.get(line['line_number'], (0, 0, 0))
        lines[line['line_number']] = (run + line['count'], n + len(taken), k + sum(taken))
    return lines


def count(lines):
    return Count(len(lines), sum(run > 0 for run, _, _ in lines.values()),
                 sum(n for _, n, _ in lines.values()), sum(k for _, _, k in lines.values()))


def missing(path, lines):
    """What is missing of a file, as text, and how many lines that never ran need full memory."""
    with open(os.path.join(SRC, path), encoding='utf-8') as f:
        source = f.read().split('\n')
    out, memory = [], 0
    for number, (run, n, k) in sorted(lines.items()):
        if run > 0 and n == k:
            continue
        text = source[number - 1].strip()
        full = run == 0 and MEMORY.search(text) is not None
        memory += full
        word = 'memory' if full else 'never' if run == 0 else f'{k} of {n}'
        out.append(f'{path}:{number}: {word}: {text}\n')
    return ''.join(out), memory


def main(counts, folder):
    with open(counts, encoding='utf-8') as f:
        files = {e['file']: merged(e) for e in json.load(f)['files']}
    total, memory, last = {}, 0, ''
    with open(os.path.join(folder, 'table.md'), 'w', encoding='utf-8') as table, \
            open(os.path.join(folder, 'missing.txt'), 'w', encoding='utf-8') as rest:
        table.write('| file | lines | % run | branches | % taken |\n|---|---|---|---|---|\n')
        for path, lines in sorted(files.items()):
            top = path.split('/')[0]
            total[top] = total.get(top, Count(0, 0, 0, 0)) + count(lines)
            table.write(row(path, count(lines)))
            text, full = missing(path, lines)
            rest.write(text)
            memory += full
        total['all'] = sum(total.values(), Count(0, 0, 0, 0))
        for top, c in total.items():
            last += row(f'**{top}**', c)
        table.write(last)
    print(last, end='')
    print(f'{memory} of the lines that never ran are for want of memory')


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
