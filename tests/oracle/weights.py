"""weights.py - rows of weights bit for bit against another implementation of the algorithm, and
against the literal step in 90 digits; kappa and gamma correctly rounded."""
import importlib.util
import math
import os
import random

import tap

mp = tap.need('mpmath')
import algo  # noqa: E402
import dump  # noqa: E402

ROWS = 3000         # against algo.py
EXACT = 400         # of them, against the literal step
PULLS = 6000        # kappa and gamma alone
HOLDS = ['linear', 'right', 'left', 'mid']
rng = random.Random(20231025)


def load_vectors():
    """tests/data/vectors/make.py, which knows kappa and gamma to any precision."""
    path = os.path.join(tap.DATA, 'vectors', 'make.py')
    spec = importlib.util.spec_from_file_location('vectors_make', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


vectors = load_vectors()


def log_uniform(low, high):
    """Evenly distributed in its logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


# ---- random settings ----

def random_times():
    """Whole numbers; gaps from one step to 1e12 of them."""
    longest = rng.choice([1, 20, 1000, 10 ** 6, 10 ** 12])
    n = [rng.randrange(-1000, 1000)]
    for _ in range(rng.randrange(1, 16)):
        n.append(n[-1] + int(log_uniform(1, longest) + 0.5))
    return n


def random_damping():
    """Light, critical to many digits, heavy."""
    return rng.choice([log_uniform(0.05, 50), 1 + rng.choice([-1, 1]) * log_uniform(1e-15, 1e-2),
                       1.0, log_uniform(50, 1e6), log_uniform(1e-3, 0.05)])


def random_length(span):
    """One of the ways to name a length."""
    size = log_uniform(0.8, 3 * span + 3)
    return rng.choice([('half-life', size, ''), ('mean-age', size, ''),
                       ('half-life', log_uniform(0.5, 200), '%'),
                       ('mean-age', log_uniform(0.5, 200), '%'),
                       ('half-life', log_uniform(0.8, 30), 'ckpt'),
                       ('decay', 2 ** (-1 / size), ''), ('rel-std', log_uniform(1e-4, 2), '')])


class Case:
    """Settings and times, as text for the program and as values for the oracle."""

    def __init__(self):
        self.times = random_times()
        self.every = rng.choice([1, 1, 1, 7])
        self.hold = rng.choice(HOLDS)
        self.method = rng.choice(['ema', 'spring', 'belay', 'belay'])
        self.length = self.damping = None
        self.model = self.method == 'belay' and rng.random() < 0.5
        self.zero = self.method == 'ema' and rng.random() < 0.4
        self.words = [f'method={self.method}', f'hold={self.hold}']
        self.add_pulls()
        if self.model:
            self.words.append('particle=model')
        if self.zero:
            self.words.append('start=zero')
        if self.method == 'belay':
            self.add_belay()
        self.finish_times()

    def add_pulls(self):
        """A length, or the raw pulls."""
        if rng.random() < 0.2:
            self.words.append(f'kappa={log_uniform(1e-12, 1)!r}')
            if self.method != 'ema' and rng.random() < 0.7:
                self.words.append(f'gamma={log_uniform(1e-6, 1)!r}')
            return
        self.length = random_length(self.times[-1] - self.times[0])
        if self.method == 'spring' or self.method == 'belay' and rng.random() < 0.5:
            self.damping = random_damping()
            self.words.append(f'damping={self.damping!r}')
        self.words.append('{}={!r}{}'.format(*self.length))

    def add_belay(self):
        """What belay alone takes."""
        if rng.random() < 0.7:
            ratio = rng.choice([0.0, rng.uniform(0, 10), log_uniform(1e-6, 1e6)])
            self.words.append(f'mass-ratio={ratio!r}')
        if rng.random() < 0.7:
            restore = rng.choice([0.0, 1.0, rng.uniform(0, 1), log_uniform(1e-14, 1)])
            self.words.append(f'restore={restore!r}')
        if rng.random() < 0.2:
            self.words.append(f'gain={rng.uniform(0.5, 1.5)!r}')

    def finish_times(self):
        """What the times of the row are: in updates, or numbers of checkpoints."""
        self.row_times = self.times
        if self.length and self.length[2] == 'ckpt':
            self.row_times = list(range(len(self.times)))
        elif self.every > 1:
            first = self.times[0]
            self.times = [first + self.every * (n - first) for n in self.times]
            self.row_times = [(n - first) // self.every for n in self.times]
            self.words.append(f'update-every={self.every}')

    def line(self):
        """For the program."""
        return ' '.join(self.words) + '\t' + ' '.join(map(str, self.times)) + '\n'

    def pulls(self):
        """kappa and gamma in many digits, None for raw ones or an oscillation that is too fast."""
        if not self.length:
            return None
        what, value, unit = self.length
        value = mp.mpf(value)
        span = self.row_times[-1] - self.row_times[0]
        if unit == '%':
            value = value * span / 100
        elif unit == '' and what in ('half-life', 'mean-age'):
            value /= self.every
        return vectors.pulls_of(what, value, self.damping, span)


def dumped(cases):
    """Runs the program: (kappa, gamma, pull, restore, gain), weights; or None, the message."""
    return dump.rows([c.line() for c in cases])


# ---- the oracles ----

def expected_bits(case, pulls):
    """The row as algo.py computes it."""
    n = case.row_times
    d = algo.dyn(*pulls, case.model)
    if d is None:
        share = {'left': 0.0, 'mid': 0.5}.get(case.hold, 1.0)
        return [0.0] * (len(n) - 2) + [1 - share, share]
    return algo.row(*d, n, case.hold, 'zero' if case.zero else 'first')


def literal_step(s, kappa, gamma, a, lam, gain):
    """One step of the equations on (y, z, v, x_{n-1}, displacement)."""
    y, z, v, x, delta = s
    free = y + gain * delta + lam * (x - y)
    d = free - z
    v = (1 - gamma) * v + kappa * d
    return [free - a * d, z + v, v, x + delta, delta]


def matrix_power(m, n):
    """m^n, by squaring."""
    out = mp.eye(5)
    while n:
        if n & 1:
            out = out * m
        m = m * m
        n >>= 1
    return out


def expected_exact(case, pulls):
    """The row from powers of the literal step in many digits: state as functionals of x_0..x_K."""
    exact = [mp.mpf(p) for p in pulls]
    n = case.row_times
    count = len(n)
    unit = [[mp.mpf(i == j) for j in range(count)] for i in range(count)]
    zero = [mp.mpf(0)] * count
    columns = [literal_step([mp.mpf(i == j) for j in range(5)], *exact) for i in range(5)]
    m = mp.matrix(5, 5)
    for j in range(5):
        for i in range(5):
            m[i, j] = columns[j][i]
    first = zero if case.zero else unit[0]
    s = [first, first, zero, unit[0], zero]

    def advance(power):
        return [[mp.fsum(power[i, c] * s[c][k] for c in range(5)) for k in range(count)]
                for i in range(5)]

    for i in range(1, count):
        steps = n[i] - n[i - 1]
        if case.hold == 'linear':
            s[4] = [(b - a) / steps for a, b in zip(unit[i - 1], unit[i])]
        else:
            share = {'left': mp.mpf(0), 'mid': mp.mpf(1) / 2}.get(case.hold, mp.mpf(1))
            path = [(1 - share) * a + share * b for a, b in zip(unit[i - 1], unit[i])]
            s[4] = [b - a for a, b in zip(s[3], path)]
            s = advance(m)
            s[4] = zero
            steps -= 1
        s = advance(matrix_power(m, steps))
    w = s[0] if case.model else s[1]
    return [x / mp.fsum(w) for x in w] if case.zero else w


# ---- the tests ----

class Worst:
    """Largest value of each kind, and where."""

    def __init__(self):
        self.value, self.where = {}, {}

    def see(self, kind, value, where):
        """Keeps it where it is the largest."""
        if value > self.value.get(kind, -1):
            self.value[kind], self.where[kind] = value, where


def check_bits(cases, rows):
    """Every weight the same bits as algo.py."""
    differing, refused = [], 0
    for case, (pulls, weights) in zip(cases, rows):
        if pulls is None:
            refused += 1
        elif [w.hex() for w in weights] != [w.hex() for w in expected_bits(case, pulls)]:
            differing.append(case.line())
    tap.note(f'{len(cases) - refused} rows, {refused} settings refused')
    tap.ok(not differing and refused < len(cases) / 2, 'rows are those of algo.py, bit for bit',
           f'{len(differing)} differ', *differing[:5])


def check_refusals(cases, rows):
    """Only what may be refused is."""
    odd = [line + case.line() for case, (pulls, line) in zip(cases, rows) if pulls is None
           and not any(w in line for w in ('unstable', 'restore', 'four steps'))]
    tap.ok(not odd, 'only unstable settings are refused', *odd[:5])


def limits(pulls):
    """What it is, the largest error of a weight, and the largest sum of errors / (K + 10), relative
    to the sum of all |w|. Light damping keeps an error of the phase for 1 / gamma steps."""
    kappa, gamma = pulls[:2]
    zeta = gamma / (2 * math.sqrt(kappa))
    if zeta >= 0.05:
        return '', 1e-14, 1e-15
    if zeta >= 0.001:
        return ', lightly damped', 1e-12, 1e-12
    return ', hardly damped', 1e-15 / zeta, 1e-15 / zeta


def check_exact(cases, rows):
    """Weights against many digits, from the pulls as the program has them."""
    worst, bad, used = Worst(), [], 0
    for case, (pulls, weights) in zip(cases, rows):
        if pulls is None or used == EXACT:
            continue
        used += 1
        exact = expected_exact(case, pulls)
        size = mp.fsum(abs(w) for w in exact)
        errors = [float(abs(w - e) / size) for w, e in zip(weights, exact)]
        kind, most, whole = limits(pulls)
        kind = case.method + kind
        mean = sum(errors) / (len(weights) + 9)
        worst.see(kind + ', one weight', max(errors), case.line())
        worst.see(kind + ', sum of errors / (K + 10)', mean, case.line())
        if max(errors) > most or mean > whole:
            bad.append(f'{max(errors):.3g} {mean:.3g} {case.line()}')
        total = abs(math.fsum(weights) - 1)
        if size <= 10:
            worst.see('|sum - 1|', total, case.line())
        else:
            worst.see('|sum - 1| / sum |w|, above 10', total / float(size), case.line())
    for kind, value in sorted(worst.value.items()):
        tap.note(f'{kind}: {value:.2g} at {worst.where[kind].strip()[:150]}')
    tap.ok(used == EXACT and not bad, 'rows hold against 90 digits', *bad[:5])
    tap.ok(max(worst.value.get('|sum - 1|', 1),
               worst.value.get('|sum - 1| / sum |w|, above 10', 0)) <= 1e-15, 'weights sum to 1')


def check_pulls(cases, rows):
    """kappa and gamma are the doubles nearest to what the settings mean."""
    wrong, used = [], 0
    for case, (pulls, _) in zip(cases, rows):
        exact = case.pulls()
        if pulls is None or exact is None:
            continue
        used += 1
        nearest = [float.fromhex(vectors.nearest(x)) for x in exact]
        if pulls[:2] != nearest:
            wrong.append(f'{pulls[:2]} not {nearest}: {case.line()}')
    tap.note(f'{used} settings with a length')
    tap.ok(used > PULLS / 2 and not wrong, 'kappa and gamma are correctly rounded',
           f'{len(wrong)} wrong', *wrong[:5])


def main():
    """All of it; the exact ones need digits for gaps of 1e12 steps."""
    if not os.access(dump.PROGRAM, os.X_OK):
        tap.skip_all('tests/unit/dump_rows is not built')
    mp.mp.dps = 90
    cases = [Case() for _ in range(ROWS)]
    rows = dumped(cases)
    tap.case(lambda: check_bits(cases, rows))
    tap.case(lambda: check_refusals(cases, rows))
    tap.case(lambda: check_exact(cases, rows))
    more = [Case() for _ in range(PULLS)]
    tap.case(lambda: check_pulls(more, dumped(more)))
    tap.finish()


if __name__ == '__main__':
    main()
