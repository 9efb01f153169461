"""charts.py - pictures of a bench: how far all are from the limit, and how belay-avg grows."""
import html
import math
import statistics

import results
from picture import FAINT, FONT, INK, text

WIDTH = 1000
COLOUR = {'limit': '#8a8a8a', 'belay': '#d55e00', 'peer': '#0072b2'}
LEFT, RIGHT = 210, 720              # of the axis of ratios
LINE = 20                           # from one contestant to the next


def framed(title, height, parts):
    """A picture, in SVG."""
    return '\n'.join((
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" {FONT}>',
        f'<title>{title}</title>', '<rect width="100%" height="100%" fill="white"/>',
        *parts, '</svg>')) + '\n'


def path(points, colour, width, rest=''):
    """A path through points."""
    d = 'M' + 'L'.join(f'{x:.1f} {y:.1f}' for x, y in points)
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}"{rest}/>'


def words(x, y, what, *rest, **more):
    """Words that may hold any character."""
    return text(x, y, html.escape(what, quote=False), *rest, **more)


# ---- ratios ----

class Axis:
    """Ratios, by their logarithms."""

    def __init__(self, ratios):
        self.low = min(math.log2(min(ratios)) - 0.1, -1)
        self.high = max(math.log2(max(ratios)) + 0.1, 1)

    def x(self, ratio):
        """Where a ratio is."""
        return LEFT + (math.log2(ratio) - self.low) / (self.high - self.low) * (RIGHT - LEFT)

    def ticks(self):
        """Powers of two, or of four where these would be too many."""
        step = 1 if self.high - self.low < 9 else 2
        powers = range(math.ceil(self.low), math.floor(self.high) + 1)
        return [2.0 ** p for p in powers if p % step == 0]


def bar(axis, y, s):
    """One contestant: from the limit to its median, the range of its rounds, figures."""
    colour = COLOUR[s.kind]
    weight = 'bold' if s.kind == 'belay' else 'normal'
    drawn = [words(LEFT - 12, y + 5, s.name.removeprefix('also '), anchor='end', colour=colour,
                   weight=weight, size=13)]
    if not s.ran or not s.ratios:
        return [*drawn, words(axis.x(1) + 8, y + 5, s.note, size=12, colour=COLOUR['limit'])]
    bare = statistics.median(s.bare)
    if s.startup:
        drawn.append(path([(axis.x(bare), y), (axis.x(s.ratio()), y)], colour, 9,
                          ' stroke-opacity="0.35"'))
    drawn += [path([(axis.x(1), y), (axis.x(bare), y)], colour, 9),
              path([(axis.x(r), y) for r in (min(s.ratios), max(s.ratios))], INK, 1.5),
              f'<circle cx="{axis.x(s.ratio()):.1f}" cy="{y}" r="4.5" fill="{colour}" '
              'stroke="white"/>']
    for at, what in ((790, f'{s.ratio():.2f}'), (870, f'{s.seconds:.3g} s'),
                     (970, results.size(s.peak))):
        drawn.append(words(at, y + 5, what, anchor='end', size=13, weight=weight))
    return drawn


def bars(head, rows):
    """All cases, in SVG; nothing where there are none."""
    cases = results.groups((r for r in rows if r.kind != results.GROWTH), lambda r: r.case)
    standings = {own[0].title: results.standings(own) for own in cases.values()}
    ratios = [r for case in standings.values() for s in case if s.ran for r in (*s.ratios, *s.bare)]
    if not ratios:
        return ''
    axis = Axis(ratios)
    inside, y = [], 84
    for title, case in standings.items():
        inside.append(words(20, y + 14, title, size=15, weight='bold'))
        y += LINE + 14
        for s in case:
            inside += bar(axis, y, s)
            y += LINE
        y += 10
    frame = [words(20, 30, f'Time of averaging, as a multiple of {results.REFERENCE}', size=17,
                   weight='bold'),
             words(20, 50, '; '.join(' '.join(head[i].split()[1:]) for i in (0, 3, 6)
                                     if i < len(head)), size=13),
             *(words(x, 72, what, anchor='end', size=13)
               for x, what in ((790, 'ratio'), (870, 'time'), (970, 'memory')))]
    for tick in axis.ticks():
        at = axis.x(tick)
        frame += [path([(at, 80), (at, y)], INK if tick == 1 else FAINT, 1),
                  words(at, 72, f'{tick:g}', anchor='middle', size=13)]
    foot = 'Pale: imports of Python. Black: the range of the rounds. Only cat, cp, sync and ' \
           'belay-avg wait for the disk.'
    return framed(f'Time of averaging beside {results.REFERENCE}', y + 40,
                  [*frame, *inside, words(20, y + 22, foot, size=13)])


# ---- growth ----

def fitted(points):
    """(a, b) of the line a + b x that lies nearest to points."""
    x, y = zip(*points)
    middle, mean = statistics.mean(x), statistics.mean(y)
    spread = sum((v - middle) ** 2 for v in x)
    slope = sum((v - middle) * (w - mean) for v, w in points) / spread if spread else 0.0
    return mean - slope * middle, slope


def rounded(value):
    """The least of 1, 2, 5 and their tenfolds that is no less."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(m * power for m in (1, 2, 5, 10) if m * power >= value * (1 - 1e-9))


class Panel:
    """A small picture: something over what grows."""

    def __init__(self, left, top, most_x, most_y):
        self.left, self.top = left, top
        self.wide, self.high = 140, 150
        self.most_x = most_x
        self.step = rounded(most_y / 4)
        self.most_y = self.step * max(math.ceil(most_y / self.step - 1e-9), 1)

    def place(self, x, y):
        """Where a point is."""
        return (self.left + x / self.most_x * self.wide,
                self.top + self.high - y / self.most_y * self.high)

    def frame(self, unit):
        """Lines and their numbers."""
        drawn = []
        for i in range(round(self.most_y / self.step) + 1):
            at = self.place(0, i * self.step)
            drawn += [path([at, self.place(self.most_x, i * self.step)], FAINT, 1),
                      words(at[0] - 6, at[1] + 4, f'{i * self.step:g}{unit if i else ""}',
                            anchor='end', size=11)]
        return drawn

    def ticks(self, values):
        """Numbers under the axis that do not touch."""
        drawn, last = [], -100.0
        for x in values:
            at = self.place(x, 0)
            if at[0] - last > 26 or x == values[-1]:
                drawn.append(words(at[0], at[1] + 16, f'{x:.4g}', anchor='middle', size=11))
                last = at[0]
        return drawn

    def curve(self, points, colour, line):
        """The range of the rounds and their median at every point, and a line through them."""
        drawn = []
        if line:
            a, b = line
            ends = [(x, a + b * x) for x in (0, self.most_x)]
            drawn.append(path([self.place(x, max(y, 0)) for x, y in ends], colour, 1.5,
                              ' stroke-dasharray="5 4"'))
        for x, values in points:
            at = self.place(x, statistics.median(values))
            drawn += [path([self.place(x, min(values)), self.place(x, max(values))], INK, 1.5),
                      f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="4" fill="{colour}"/>']
        return drawn


def slope(value, units):
    """A slope in the first of units {name: how many} in which it is no less than one."""
    name, many = next(((n, m) for n, m in units.items() if abs(value) * m >= 1),
                      list(units.items())[-1])
    return f'{value * many:.3g} {name}'


# What is drawn: its unit, how it is told from a Cost, its colour, the units of a slope.
MEASURES = ((' s', lambda c: c.seconds, '#d55e00', {'s': 1, 'ms': 1e3, 'µs': 1e6}),
            (' MB', lambda c: c.peak / 1e6, '#0072b2', {'MB': 1, 'kB': 1e3, 'B': 1e6}))


def column(left, own):
    """The panels of one curve, under each other."""
    title, _, unit = own[0].title.partition(': ')
    points = results.groups((r for r in own if r.round), lambda r: float(r.name))
    if not points:
        return [words(left, 110, own[0].note, size=12)]
    drawn = []
    for i, (sign, of, colour, units) in enumerate(MEASURES):
        values = [(x, [of(r.cost) for r in rows]) for x, rows in points.items()]
        panel = Panel(left, 90 + i * 250, max(points), max(max(v) for _, v in values))
        medians = [(x, statistics.median(v)) for x, v in values]
        line = fitted(medians) if unit and len(medians) > 1 else None
        drawn += [*panel.frame(sign), *panel.ticks(list(points)),
                  *panel.curve(values, colour, line),
                  words(left, panel.top + panel.high + 36, title, size=12)]
        if line:
            drawn.append(words(left, panel.top - 12, f'{slope(line[1], units)} per {unit}',
                               size=12, colour=colour))
        elif i == 0:
            best = min(m for _, m in medians)
            drawn.append(words(left, panel.top - 12, f'{medians[0][1] / best:.2f} times as fast',
                               size=12, colour=colour))
    return drawn


def growth(head, rows):
    """All curves, in SVG; nothing where there are none."""
    curves = results.groups((r for r in rows if r.kind == results.GROWTH), lambda r: r.case)
    if not curves:
        return ''
    drawn = [words(20, 30, 'How belay-avg grows: time above, memory below', size=17, weight='bold'),
             words(20, 50, '; '.join(' '.join(head[i].split()[1:]) for i in (0, 3, 6)
                                     if i < len(head)), size=13)]
    for i, own in enumerate(curves.values()):
        drawn += column(60 + i * 192, own)
    foot = ('Dots: medians of the rounds; black: their range; dashed: the straight line that lies '
            'nearest. With --sync=no.',
            '8 checkpoints where their numbers or their tensors grow, else 16 of a quarter of the '
            'scale.')
    drawn += [words(20, 562 + 18 * i, told, size=13) for i, told in enumerate(foot)]
    return framed('Growth of time and memory of belay-avg', 595, drawn)
