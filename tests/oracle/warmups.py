"""warmups.py - rows of warm-ups: those without powers bit for bit against another implementation,
all of them against 60 digits, with gaps to 1e12 steps behind the schedule."""
import math
import os
import random

import tap

mp = tap.need('mpmath')
import algo  # noqa: E402
import weights  # noqa: E402

ROWS = 250          # for 60 digits
BITS = 1000         # bit for bit
rng = random.Random(20240607)


class Warmup:
    """A schedule, and its pulls by the words of the libraries."""

    def __init__(self, powers):
        self.kind = rng.choice(['tf', 'diffusers0'] + ['diffusers'] * 4 * powers)
        self.text, self.copies, self.least = self.kind, int(self.kind == 'diffusers0'), 0.0
        if self.kind == 'diffusers':
            self.gamma, self.power = rng.choice([(1.0, 2 / 3), (weights.log_uniform(.01, 1e4),
                                                               weights.log_uniform(.2, 20))])
            after, self.least = rng.choice([0, 0, 100, rng.randrange(10 ** 12)]), \
                rng.choice([0.0, 0.0, rng.uniform(0, 1)])
            self.copies = after + 1
            self.text += f':{self.gamma!r},{self.power!r},{after},{self.least!r}'

    def pull(self, kappa, t, number):
        """That of update t, in a kind of number."""
        s = t - self.copies
        if s <= 0:
            return number(1)
        if self.kind == 'diffusers':
            w = (1 + number(s) / number(self.gamma)) ** -number(self.power)
        else:
            w = number(9) / number(10 + s)
        return min(max(number(kappa), w), number(1 - self.least))

    def last(self, kappa, updates):
        """The last update whose pull is above what it will be, by bisection."""
        low, high = self.copies, max(updates, self.copies)
        with mp.workdps(60):
            settled = min(mp.mpf(kappa), mp.mpf(1 - self.least))
            while low < high:
                middle = (low + high + 1) // 2
                if self.pull(kappa, middle, mp.mpf) > settled:
                    low = middle
                else:
                    high = middle - 1
        return low


class Case:
    """Settings and times, as text for the program and as values for the oracle."""

    def __init__(self, powers):
        while True:
            self.warmup = Warmup(powers)
            self.kappa = weights.log_uniform(1e-3, 1)
            self.hold = rng.choice(weights.HOLDS)
            self.start = rng.choice(['first', 'first', 'zero'])
            self.times = weights.random_times()
            updates = self.times[-1] - self.times[0]
            if self.warmup.last(self.kappa, updates) - self.warmup.copies <= 3000:
                break

    def line(self):
        """For the program."""
        return (f'method=ema kappa={self.kappa!r} hold={self.hold} start={self.start} '
                f'warmup={self.warmup.text}\t' + ' '.join(map(str, self.times)) + '\n')


def expected_bits(case):
    """The row as algo.py computes it."""
    last = case.warmup.last(case.kappa, case.times[-1] - case.times[0])
    warm = algo.Warm(lambda t: case.warmup.pull(case.kappa, t, float), case.warmup.copies, last,
                     case.kappa)
    return algo.warm_row(warm, case.times, case.hold, case.start)


def steps_of(case, first, to, last, settled):
    """(pull, rise, steps) of what is behind update first up to update to, backwards: updates one
    by one, but many with one pull at once."""
    if to > last:
        n = to - max(first, last)
        whole = 1 - (1 - settled) ** n
        yield whole, n - (1 - settled) * whole / settled, n
        to -= n
    while to > first and to > case.warmup.copies:
        k = case.warmup.pull(case.kappa, to, mp.mpf)
        yield k, k, 1
        to -= 1
    if to > first:                          # a copy, and what it makes forgotten
        yield mp.mpf(1), mp.mpf(1), 1
        if to - first > 1:
            yield mp.mpf(1), mp.mpf(to - first - 1), to - first - 1


def expected_exact(case):
    """The row in many digits: what a constant path and a rising one add to the output."""
    n, w = case.times, [mp.mpf(0)] * len(case.times)
    last = case.warmup.last(case.kappa, n[-1] - n[0])
    settled = min(mp.mpf(case.kappa), mp.mpf(1 - case.warmup.least))
    state = mp.mpf(1)
    for i in range(len(n) - 1, 0, -1):
        level = slope = mp.mpf(0)
        for pull, rise, steps in steps_of(case, n[i - 1] - n[0], n[i] - n[0], last, settled):
            slope += steps * level + state * rise
            level += state * pull
            state -= state * pull
        later = {'right': level, 'left': 0, 'mid': level / 2,
                 'linear': slope / (n[i] - n[i - 1])}[case.hold]
        w[i] += later
        w[i - 1] += level - later
    if case.start == 'first':
        w[0] += state
    return [x / mp.fsum(w) for x in w]


def check_bits():
    """Every weight the same bits as algo.py."""
    cases = [Case(False) for _ in range(BITS)]
    rows = weights.dumped(cases)
    differing = [c.line() for c, (_, row) in zip(cases, rows)
                 if [x.hex() for x in row] != [x.hex() for x in expected_bits(c)]]
    tap.ok(not differing, 'rows are those of algo.py, bit for bit', f'{len(differing)} differ',
           *differing[:5])


def check_exact():
    """Weights against many digits."""
    mp.mp.dps = 60
    cases = [Case(True) for _ in range(ROWS)]
    worst, total, bad = 0, 0, []
    for case, (_, row) in zip(cases, weights.dumped(cases)):
        error = max(float(abs(x - e)) for x, e in zip(row, expected_exact(case)))
        worst, total = max(worst, error), max(total, abs(math.fsum(row) - 1))
        if error > 1e-15:
            bad.append(f'{error:.3g} {case.line()}')
    tap.note(f'largest error {worst:.2g}, of a sum {total:.2g}')
    tap.ok(not bad, 'rows hold against 60 digits', *bad[:5])
    tap.ok(total <= 1e-15, 'weights sum to 1')


def main():
    """All of it."""
    if not os.access(weights.dump.PROGRAM, os.X_OK):
        tap.skip_all('tests/unit/dump_rows is not built')
    tap.case(check_bits)
    tap.case(check_exact)
    tap.finish()


if __name__ == '__main__':
    main()
