"""picture.py - the curves as a picture: accuracy over time, and over the pull of the spring."""
import curves as c

WIDTH, HEIGHT = 1000, 470
TOP, BOTTOM = 80, 400
INK, FAINT = '#333333', '#e2e2e2'
FONT = "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\""

# Colours that the colour-blind can tell apart; what is replayed is dashed.
COLOUR = {c.MODEL: '#8a8a8a', c.EMA: '#0072b2', c.REPLAYED_BELAY: '#009e73', c.BELAY: '#d55e00'}
DASHED = (c.REPLAYED_BELAY,)


def text(x, y, words, size=14, anchor='start', colour=INK, weight='normal'):
    """Words at a place."""
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" font-weight="{weight}">{words}</text>')


class Panel:
    """A rectangle of the picture; x goes from 0 to 1, y is accuracy in percent."""

    def __init__(self, left, right, low, high, step):
        self.left, self.right, self.low, self.high = left, right, low, high
        self.frame, self.inside = [], []
        for level in range(low, high + 1, step):
            self.frame.append(f'<path d="{self.path([(0, level), (1, level)])}" '
                              f'stroke="{FAINT}"/>')
            self.frame.append(text(left - 8, self.y(level) + 5, f'{level}', anchor='end'))

    def x(self, share):
        """Where a share of the width is."""
        return self.left + share * (self.right - self.left)

    def y(self, accuracy):
        """Where an accuracy is."""
        return BOTTOM - (accuracy - self.low) / (self.high - self.low) * (BOTTOM - TOP)

    def path(self, points):
        """A path through points."""
        return 'M' + 'L'.join(f'{self.x(x):.1f} {self.y(y):.1f}' for x, y in points)

    def titles(self, above, below, under):
        """What the panel shows, a line on how, and what its horizontal axis is."""
        self.frame += [text(self.left, 32, above, size=17, weight='bold'),
                       text(self.left, 54, below, size=13),
                       text((self.left + self.right) / 2, BOTTOM + 50, under, anchor='middle')]

    def tick(self, share, name):
        """A name under the axis."""
        self.frame.append(text(self.x(share), BOTTOM + 22, name, size=13, anchor='middle'))

    def line(self, points, weights):
        """A line through points."""
        dash = ' stroke-dasharray="7 4"' if weights in DASHED else ''
        self.inside.append(f'<path d="{self.path(points)}" fill="none" stroke-width="2.5" '
                           f'stroke="{COLOUR[weights]}" stroke-linejoin="round"{dash}/>')

    def band(self, under, over, weights):
        """What lies between two lines."""
        self.inside.append(f'<path d="{self.path(under + over[::-1])}Z" '
                           f'fill="{COLOUR[weights]}" fill-opacity="0.16"/>')

    def dot(self, share, accuracy, weights):
        """One seed."""
        self.inside.append(f'<circle cx="{self.x(share):.1f}" cy="{self.y(accuracy):.1f}" '
                           f'r="3" fill="{COLOUR[weights]}" fill-opacity="0.5"/>')

    def labels(self, ends):
        """The names of the curves right of where they end, {weights: accuracy}, 18 apart."""
        last = TOP - 18
        for weights in sorted(ends, key=ends.get, reverse=True):
            last = max(self.y(max(ends[weights], self.low)) + 5, last + 18)
            self.frame.append(text(self.right + 8, last, weights,
                                   colour=COLOUR[weights], weight='bold'))

    def drawn(self):
        """The panel, in SVG; what is out of its range is cut off."""
        name = f'panel{self.left}'
        clip = (f'<clipPath id="{name}"><rect x="{self.left}" y="{TOP}" '
                f'width="{self.right - self.left}" height="{BOTTOM - TOP}"/></clipPath>')
        return [clip, *self.frame, f'<g clip-path="url(#{name})">', *self.inside, '</g>']


def over_time(times, curves, pull):
    """The mean of the seeds, and the band from the lowest to the highest."""
    panel = Panel(56, 530, 84, 100, 2)
    panel.titles('Accuracy on unseen digits, %',
                 f'pull {pull:g}; mean and range of {len(curves[c.MODEL, 0.0])} seeds',
                 'step of SGD')
    shares = [t / times[-1] for t in times]
    ends = {}
    for weights in COLOUR:
        seeds = curves[weights, 0.0 if weights == c.MODEL else pull].values()
        columns = [[c.percent(right) for right, _ in column] for column in zip(*seeds)]
        panel.band(list(zip(shares, map(min, columns))), list(zip(shares, map(max, columns))),
                   weights)
        means = [sum(column) / len(column) for column in columns]
        panel.line(list(zip(shares, means)), weights)
        ends[weights] = means[-1]
    panel.labels(ends)
    for i in range(0, len(times), max((len(times) - 1) // 6, 1)):
        panel.tick(shares[i], f'{times[i]}')
    return panel.drawn()


def over_pulls(times, curves):
    """The accuracy of every seed once the training has settled, and their mean."""
    pulls = c.pulls(curves)
    panel = Panel(730, 980, 93, 99, 1)
    panel.titles('The same for other pulls',
                 f'mean from step {times[c.settled(times)]} on; dots are seeds',
                 'pull of the spring, per step')
    for i, pull in enumerate(pulls):
        panel.tick((i + 0.5) / len(pulls), f'{pull:g}')
    for offset, weights in enumerate((c.EMA, c.REPLAYED_BELAY, c.BELAY)):
        means = []
        for i, pull in enumerate(pulls):
            place = (i + 0.5 + 0.12 * (offset - 1)) / len(pulls)
            accuracy = c.Settled(times, curves[weights, pull]).accuracy
            for one in accuracy:
                panel.dot(place, one, weights)
            means.append((place, sum(accuracy) / len(accuracy)))
        panel.line(means, weights)
    return panel.drawn()


def drawn(times, curves, pull):
    """The picture, in SVG."""
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" {FONT}>',
            '<title>Accuracy of SGD, EMA and BELAY over time and over the pull</title>',
            '<rect width="100%" height="100%" fill="white"/>')
    return '\n'.join((*head, *over_time(times, curves, pull), *over_pulls(times, curves),
                      '</svg>')) + '\n'
