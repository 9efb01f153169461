"""pictures.py - belay-show: its pictures are XML that shows the numbers of its tables.

And these are what numpy makes of the weights and of the matrix of a step.
"""
import csv
import json
import math
import os
import re
import subprocess
import xml.etree.ElementTree as ET

import tap

np = tap.need('numpy')
SHOW = os.path.join(tap.BUILD, 'belay-show')
SVG = '{http://www.w3.org/2000/svg}'
REGULAR = '0:1000:41'
IRREGULAR = '3,10,20,50,60,100,150,151,180'
CASES = {
    'ema': (REGULAR, '--method=ema'),
    'swinging spring': (REGULAR, '--method=spring', '--damping=0.2', '--half-life=40'),
    'spring': (REGULAR, '--method=spring'),
    'stiff spring': (REGULAR, '--method=spring', '--damping=5'),
    'belay': (REGULAR, '--method=belay'),
    'damped belay': (REGULAR, '--method=belay', '--damping=0.4', '--half-life=80'),
    'belay with a gain': (REGULAR, '--method=belay', '--damping=1', '--gain=1.2',
                          '--restore=0.01'),
    'belayed model': (REGULAR, '--method=belay', '--particle=model'),
    'drifting belay': (REGULAR, '--method=belay', '--restore=0', '--damping=2'),
    'warm-up': (REGULAR, '--warmup=tf', '--half-life=300'),
    'power': (REGULAR, '--method=power', '--rel-std=0.1'),
    'uniform': (IRREGULAR, '--method=uniform'),
    'window': (REGULAR, '--method=window', '--window=25%'),
    'irregular times': (IRREGULAR, '--method=spring', '--half-life=30'),
    'sweep': (REGULAR, '--method=spring', '--half-life=60', '--damping=0.2,0.5,1,5'),
    'methods': (IRREGULAR, '--method=ema,spring,belay,uniform'),
    'one checkpoint': ('7', '--method=ema'),
    'a trillion steps': ('0:1000000000000:101', '--half-life=5%'),
    'too many to mark': ('0:1000:501', '--half-life=20,40'),
    'too many averages': (REGULAR, '--half-life=10:80:8'),
    'far first': ('0:1000:101', '--half-life=600'),
}
MARKED = 120  # more points have no marks


def show(*args):
    done = subprocess.run([SHOW, '--kernel', *args], capture_output=True, text=True, check=True)
    return done.stdout


def table(times, *options):
    """The weights: times, then a column of text for every average."""
    rows = list(csv.reader(show(f'--time-list={times}', '--tsv', *options).splitlines(),
                           delimiter='\t'))[1:]
    return [r[0] for r in rows], list(zip(*(r[2:] for r in rows)))


def number(element, key):
    return float(element.get(key))


def width_of(text, size):
    """Generous: no letter is wider on average."""
    return 0.62 * size * len(text)


class Picture:
    """What is drawn where."""

    def __init__(self, source):
        self.root = ET.fromstring(source)
        self.box = [float(v) for v in self.root.get('viewBox').split()]
        self.texts = []
        self.walk(self.root, 16)
        marks = [e for e in self.root.iter() if e.tag in (SVG + 'circle', SVG + 'polygon')]
        self.points = [(e.find(SVG + 'title').text.split(': '), self.place(e)) for e in marks
                       if e.find(SVG + 'title') is not None]

    def walk(self, element, size):
        size = float(element.get('font-size', size))
        if element.tag == SVG + 'text' and 'transform' not in element.keys():
            self.texts.append((number(element, 'x'), number(element, 'y'),
                               element.get('text-anchor', 'start'), size, element.text or ''))
        for child in element:
            self.walk(child, size)

    @staticmethod
    def place(element):
        if element.tag == SVG + 'circle':
            return number(element, 'cx'), number(element, 'cy')
        corners = [tuple(map(float, p.split(','))) for p in element.get('points').split()]
        if len(corners) == 3:  # the middle of a triangle is a third of its height above its foot
            return corners[0][0], sum(c[1] for c in corners) / 3
        return (sum(c[0] for c in corners) / len(corners),
                sum(c[1] for c in corners) / len(corners))

    def scale(self, percent):
        """Labels of one axis, as a straight line from value to place."""
        labels = [(x, y, t) for x, y, anchor, _, t in self.texts
                  if anchor == ('end' if percent else 'middle') and
                  re.fullmatch(r'-?[0-9.]+%' if percent else r'-?[0-9.]+', t)]
        values = [float(t.rstrip('%')) for _, _, t in labels]
        places = [y - 5.5 if percent else x for x, y, _ in labels]
        if len(values) < 2:
            return None
        slope, start = np.polyfit(values, places, 1)
        rest = np.abs(np.polyval([slope, start], values) - places).max()
        tap.ok(rest < 0.02, f'{self.name}: {len(values)} labels of the '
               f'{"y" if percent else "x"} axis stand in line', rest)
        return slope, start


def unit_of(picture):
    """What the times are counted in."""
    words = {'thousand': 1e3, 'million': 1e6, 'billion': 1e9, 'trillion': 1e12}
    for _, _, anchor, _, text in picture.texts:
        found = re.fullmatch(r'time \((\w+)\)', text)
        if anchor == 'middle' and found:
            return words[found.group(1)]
    return 1


def inside(picture):
    """Texts that leave the page."""
    _, _, width, height = picture.box
    for x, y, anchor, size, text in picture.texts:
        wide = width_of(text, size)
        left = x - {'start': 0, 'middle': wide / 2, 'end': wide}[anchor]
        if left < 0 or left + wide > width or y - size < 0 or y > height:
            yield text


def overlaps(picture):
    """Pairs of texts that lie over each other."""
    boxes = []
    for x, y, anchor, size, text in picture.texts:
        wide = width_of(text, size)
        left = x - {'start': 0, 'middle': wide / 2, 'end': wide}[anchor]
        for other in boxes:
            if (text and left < other[1] and other[0] < left + wide and y - 0.75 * size < other[3]
                    and other[2] < y):
                yield text, other[4]
        if text:
            boxes.append((left, left + wide, y - 0.75 * size, y, text))


def check_places(picture, times, columns):
    """Marks stand where the axes say their numbers are; those at the edge may be outside."""
    x, y = picture.scale(False), picture.scale(True)
    if not x or not y:
        return
    unit, floor, worst = unit_of(picture), max(p[1][1] for p in picture.points), 0
    top = min(p[1][1] for p in picture.points)
    for (time, weight), (px, py) in picture.points:
        want = np.polyval(y, 100 * float(weight))
        want = min(max(want, top), floor)
        worst = max(worst, abs(np.polyval(x, float(time) / unit) - px), abs(want - py))
    tap.ok(worst < 0.03, f'{picture.name}: marks stand where the axes say', worst)


def pictures():
    for name, (times, *options) in CASES.items():
        picture = Picture(show(f'--time-list={times}', '--svg=-', *options))
        picture.name = name
        stamps, columns = table(times, *options)
        want = [[t, w] for column in columns[:6] for t, w in zip(stamps, column)]
        if len(stamps) > MARKED:
            want = []
        got = [list(p[0]) for p in picture.points]
        tap.ok(sorted(got) == sorted(want), f'{name}: the numbers of the table, {len(want)}',
               f'{len(got)} points')
        tap.ok(not list(inside(picture)), f'{name}: texts are on the page', list(inside(picture)))
        tap.ok(not list(overlaps(picture)), f'{name}: texts lie apart', list(overlaps(picture)))
        if want:
            check_places(picture, stamps, columns)
        again = show(f'--time-list={times}', '--svg=-', *options)
        tap.ok(again.count('<svg') == 1 and len(again.splitlines()) > 20, f'{name}: one picture')


def curve():
    """The line of an EMA is the interval times kappa (1 - kappa)^age."""
    picture = Picture(show(f'--time-list={REGULAR}', '--half-life=100', '--svg=-'))
    picture.name = 'line of an EMA'
    x, y = picture.scale(False), picture.scale(True)
    paths = [e.get('d') for e in picture.root.iter(SVG + 'path')]
    tap.ok(len(paths) == 1, 'one line for one average')
    places = [tuple(map(float, p.split())) for p in re.split('[ML]', paths[0]) if p]
    beta = 2 ** (-1 / 100)
    worst = 0
    for px, py in places:
        time = (px - x[1]) / x[0]
        weight = 25 * (1 - beta) * beta ** (1000 - time)
        worst = max(worst, abs(np.polyval(y, 100 * weight) - py))
    tap.ok(len(places) > 300 and worst < 0.6, f'{len(places)} points of it, {worst:.2f} pixels off')


def close(a, b, tolerance=1e-12):
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)


def matrix(settings, name, kappa=None):
    """A step in (y, z, v), as the manual has it."""
    at = {k: v['value'] for k, v in settings.items()}
    kappa, gamma = kappa or at['kappa'], at.get('gamma', 1)
    pull, restore = at.get('pull', 0), at.get('restore', 1)
    if name != 'belay':
        pull, restore = 0, 1
    left = 1 - restore
    return np.array([[(1 - pull) * left, pull, 0], [kappa * left, 1 - kappa, 1 - gamma],
                     [kappa * left, -kappa, 1 - gamma]])


def poles_of(response):
    found = []
    for p in response['poles']:
        pole = p['modulus'] * np.exp(1j * p['angle'])
        found.append(pole)
        if 0 < p['angle'] < math.pi:
            found.append(pole.conjugate())
    return found


def check_poles(name, average):
    response = average['response']
    want = np.linalg.eigvals(matrix(average['resolved'], average['method'], response['kappa']))
    got = poles_of(response)
    if response['damping'] == 'critical':
        got += [got[0]] * (2 - len(got) % 2)
    # Each pole is an eigenvalue, and each eigenvalue but 0 is a pole. A double one is lost half.
    slack = 1e-6 if response['damping'] == 'critical' else 1e-9
    off = [min(abs(want - g)) for g in got]
    off += [min(abs(np.array(got) - w)) for w in want if abs(w) > 1e-6]
    tap.ok(max(off) < slack, f'{name}: poles are the eigenvalues of a step', got, want)
    spectral = max(abs(want))
    tap.ok(close(response['poles'][0]['modulus'], spectral, slack), f'{name}: the slowest first')
    if response['poles'][0]['fade'] and spectral < 0.999999:  # what numpy leaves of the digits
        fade = math.log(2) / -math.log(spectral)
        tap.ok(close(response['poles'][0]['fade'], fade, 1e-6), f'{name}: it halves in {fade:.4g}')
    swings = [p for p in got if 0 < np.angle(p) < math.pi - 1e-12]
    tap.ok((response['period'] is not None) == bool(swings), f'{name}: it swings or does not')
    if swings:
        s = np.log(swings[0])
        tap.ok(close(response['period'], 2 * math.pi / s.imag, 1e-8) and
               close(response['damping_ratio'], -s.real / abs(s), 1e-8),
               f'{name}: period and damping ratio', response, s)


def numbers():
    for name, (times, *options) in CASES.items():
        told = json.loads(show(f'--time-list={times}', '--json', *options))
        time = np.array([c['time'] for c in told['checkpoints']], dtype=float)
        for a in told['averages']:
            w = np.array(a['weights'])
            tap.ok([float.fromhex(h) for h in a['weights_hex']] == a['weights'],
                   f'{name} {a["name"]}: hexadecimal weights')
            age = time[-1] - time
            mean = math.fsum(w * age)
            square = math.fsum(w * (age - mean) ** 2)
            span = time[-1] - time[0] or 1
            wants = {
                'sum': math.fsum(w), 'sum_abs': math.fsum(abs(w)),
                'negative': math.fsum(w[w < 0]), 'mean_age': mean,
                'rel_std': math.sqrt(square) / span if square >= 0 else None,
                'effective_number': 1 / math.fsum(w * w), 'first_share': w[0],
            }
            wrong = {k: (a[k], v) for k, v in wants.items() if not close(a[k], v, 1e-9)}
            tap.ok(not wrong, f'{name} {a["name"]}: sums over the weights', wrong)
            if a['response']:
                check_poles(f'{name} {a["name"]}', a)


def fidelity():
    """Replays of random walks, against the average of all their steps."""
    steps, dims = 6000, 300
    walk = np.cumsum(np.random.default_rng(1).normal(size=(steps + 1, dims)), axis=0)
    for options, low, high in [
            (['--decay=0.99'], 0.8, 1.25),
            (['--decay=0.998'], 0.8, 1.25),
            (['--method=spring', '--mean-age=200'], 0.5, 1.25),
            (['--method=belay', '--mean-age=200'], 0.3, 1.25),
            (['--decay=0.99', '--hold=right'], 0.5, 1.6)]:
        for gap in (10, 50):
            fine = np.array(table(f'0:{steps}:{steps + 1}', *options)[1][0], dtype=float)
            coarse = np.array(table(f'0:{steps}:{steps // gap + 1}', *options)[1][0], dtype=float)
            told = json.loads(show(f'--time-list=0:{steps}:{steps // gap + 1}', '--json', *options))
            expected = told['averages'][0]['response']['error']
            true, replayed = fine @ walk, coarse @ walk[::gap]
            error = np.linalg.norm(replayed - true) / np.linalg.norm(walk[-1] - true)
            tap.ok(low < error / expected < high,
                   f'{" ".join(options)}, every {gap}: {error:.4f}, {expected:.4f} was told')


tap.case(pictures)
tap.case(curve)
tap.case(numbers)
tap.case(fidelity)
tap.finish()
