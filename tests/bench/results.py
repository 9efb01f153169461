"""results.py - figures of a bench: in a file, and as tables.

A row is one run of a contestant in a case, or of belay-avg at a point of a curve, where the name of
the contestant is how much there is of what grows. Round 0 says why there are no rounds.
"""
import statistics
import typing

from contestants import REFERENCE
from measure import Cost

GROWTH = 'growth'   # the kind of the points of curves


class Row(typing.NamedTuple):
    """One line of the file."""
    case: str
    title: str
    kind: str
    name: str
    round: int
    note: str
    cost: Cost


NONE = Cost(*[0] * len(Cost._fields))


def write(path, head, rows):
    """The lines of head behind #, then one line for every row."""
    with open(path, 'w', encoding='utf-8', newline='\n') as f:
        for line in head:
            print('#', line, file=f)
        print(*Row._fields[:-1], *Cost._fields, sep='\t', file=f)
        for r in rows:
            print(*r[:-1], *(f'{x:.6g}' if isinstance(x, float) else x for x in r.cost),
                  sep='\t', file=f)


def read(path):
    """(head, rows) of a file that write made."""
    with open(path, encoding='utf-8') as f:
        lines = f.read().splitlines()
    head = [line[2:] for line in lines if line.startswith('# ')]
    rows = []
    for line in lines[len(head) + 1:]:
        case, title, kind, name, number, note, *cost = line.split('\t')
        types = typing.get_type_hints(Cost).values()
        rows.append(Row(case, title, kind, name, int(number), note,
                        Cost(*(of(x) for of, x in zip(types, cost)))))
    return head, rows


def groups(rows, key):
    """{key of a row: rows}, in the order of the rows."""
    found = {}
    for r in rows:
        found.setdefault(key(r), []).append(r)
    return found


class Standing:
    """How a contestant did in a case: medians of its rounds, and ratios within each round."""

    def __init__(self, rows, reference):
        self.name, self.kind = rows[0].name, rows[0].kind
        self.note = next((r.note for r in rows if r.note), '')
        rows = [r for r in rows if r.round]
        self.ran = bool(rows)
        if not rows:
            return
        for field, values in zip(Cost._fields, zip(*(r.cost for r in rows))):
            setattr(self, field, statistics.median(values))
        self.peak = max(r.cost.peak for r in rows)
        self.processors = statistics.median(r.cost.user + r.cost.system for r in rows)
        self.ratios = [r.cost.seconds / reference[r.round] for r in rows if r.round in reference]
        self.bare = [(r.cost.seconds - r.cost.startup) / reference[r.round] for r in rows
                     if r.round in reference]

    def ratio(self):
        """The median of its ratios."""
        return statistics.median(self.ratios)


def standings(rows):
    """Of all contestants of a case, in the order of their table."""
    reference = {r.round: r.cost.seconds for r in rows if r.name == REFERENCE and r.round}
    return [Standing(own, reference) for own in groups(rows, lambda r: r.name).values()]


# ---- tables, in Markdown ----

def line(*cells):
    """A line of a table."""
    return '| ' + ' | '.join(cells) + ' |\n'


def size(count):
    """Bytes for a reader."""
    if count < 0:
        return '?'
    for unit in ('B', 'kB', 'MB'):
        if count < 999.5:
            return f'{count:.3g} {unit}'
        count /= 1000
    return f'{count:.3g} GB'


def spread(values):
    """The lowest and the highest."""
    return f'{min(values):.2f} - {max(values):.2f}'


def case_table(rows):
    """The table of one case."""
    text = line('', 'ratio', 'lowest - highest', 'without imports', 'seconds', 'processor',
                'memory', 'read', 'written', 'from disk', 'to disk', 'outputs')
    text += '|---' * 12 + '|\n'
    for s in standings(rows):
        if not s.ran or not s.ratios:
            text += line(s.name, s.note, *[''] * 10)
            continue
        bare = f'{statistics.median(s.bare):.2f}' if s.startup else ''
        text += line(s.name, f'**{s.ratio():.2f}**', spread(s.ratios), bare, f'{s.seconds:.3f}',
                     f'{s.processors:.3f}', size(s.peak), size(s.read), size(s.wrote),
                     size(s.disk_read), size(s.disk_wrote), size(s.made))
    return text


EXPLAINED = f"""Ratios are to "{REFERENCE}" of the same round: `cat` of all inputs to /dev/null,
`cp` of one of them for every average, `sync` of the copies. A round runs all contestants, each in
a shuffled order; the ratio is the median of the rounds. Seconds and processor (user and system) are
medians too; memory is the most of all rounds, of the largest process. Read and written are what
calls count: files that are mapped are not seen there. belay-avg syncs its outputs unless told
otherwise, the others do not.
"""


def curve_table(rows):
    """The table of one curve."""
    points = groups(rows, lambda r: r.name)
    text = line(rows[0].title.partition(':')[0], *points) + '|---' * (len(points) + 1) + '|\n'
    for what, told in (('seconds', lambda s: f'{s.seconds:.3f}'),
                       ('memory', lambda s: size(s.peak))):
        text += line(what, *(told(s) if s.ran else s.note
                             for s in (Standing(own, {}) for own in points.values())))
    return text


def tables(head, rows):
    """All tables."""
    text = ''.join(f'    {h}\n' for h in head) + '\n' + EXPLAINED
    for own in groups((r for r in rows if r.kind != GROWTH), lambda r: r.case).values():
        text += f'\n## {own[0].title}\n\n' + case_table(own)
    grown = [r for r in rows if r.kind == GROWTH]
    if grown:
        text += '\n## Growth of belay-avg, with --sync=no\n'
    for own in groups(grown, lambda r: r.case).values():
        text += '\n' + curve_table(own)
    return text
