"""corners.py - rows of weights where digits are easily lost, against the literal step in 90 digits:
tiny and large pulls, critical and hardly any damping, next to no restoring force, heavy averages,
and gaps of 1 to 1e12 steps. Expected rows begin with the settings, not with the pulls that the
program made of them, wherever these name a length."""
import os

import tap

mp = tap.need('mpmath')
import weights  # noqa: E402
from weights import log_uniform, rng  # noqa: E402

ROWS = 25           # of each corner


def times():
    """Gaps of one step beside some of 1e12."""
    n = [rng.randrange(-1000, 1000)]
    for _ in range(rng.randrange(3, 14)):
        n.append(n[-1] + rng.choice([1, 1, int(log_uniform(1, 1e4)), int(log_uniform(1, 1e12))]))
    return n


def length():
    """Half-lives or mean ages of one step to far more than all."""
    return rng.choice(['half-life', 'mean-age']), log_uniform(1, 1e13), ''


def near_one():
    """Critical, but for a little."""
    return 1 + rng.choice([-1, 1]) * log_uniform(1e-15, 1e-2)


def stable_pulls():
    """kappa above 1, gamma of either side of 1, with a margin to the edge of stability."""
    gamma = rng.uniform(0.1, 1.4)
    return rng.uniform(1, 0.95 * (4 - 2 * gamma)), gamma


# Name; what makes the settings; largest error of a weight over sum |w|.
CORNERS = [
    ('ema', lambda: ('ema', length(), None, []), 1e-14),
    ('ema from zero', lambda: ('ema', length(), None, ['start=zero']), 1e-14),
    ('spring, damping .05 to 1e6', lambda: ('spring', length(), log_uniform(.05, 1e6), []), 1e-14),
    ('spring, nearly critical', lambda: ('spring', length(), near_one(), []), 1e-14),
    ('spring, damping .001 to .05', lambda: ('spring', length(), log_uniform(1e-3, .05), []),
     1e-12),
    ('spring, kappa above 1', lambda: ('spring', stable_pulls(), None, []), 1e-12),
    ('belay', lambda: ('belay', length(), None, []), 1e-14),
    ('belay, restore 0', lambda: ('belay', length(), None, ['restore=0']), 1e-14),
    ('belay, restore 1e-14 to 1e-3', lambda: ('belay', length(), None,
                                              [f'restore={log_uniform(1e-14, 1e-3)!r}']), 1e-14),
    ('belay, mass ratio to 1e6', lambda: ('belay', length(), None,
                                          [f'mass-ratio={log_uniform(1, 1e6)!r}']), 1e-14),
    ('belay, gain', lambda: ('belay', length(), None, [f'gain={rng.uniform(.2, 3)!r}']), 1e-14),
    ('belay, damping .05 to 1e6', lambda: ('belay', length(), log_uniform(.05, 1e6), []), 1e-14),
    ('belay, damping, restore 0', lambda: ('belay', length(), log_uniform(.05, 1e6),
                                           ['restore=0']), 1e-14),
    ('belay, damping, heavy, next to no restore',
     lambda: ('belay', length(), log_uniform(.05, 50), [f'mass-ratio={log_uniform(1e-3, 1e6)!r}',
                                                        f'restore={log_uniform(1e-14, 1e-6)!r}']),
     1e-14),
    ('belay, damping .001 to .05', lambda: ('belay', length(), log_uniform(1e-3, .05), []), 1e-12),
    ('belay, kappa above 1', lambda: ('belay', stable_pulls(), None,
                                      [f'mass-ratio={rng.uniform(0, .3)!r}',
                                       f'restore={rng.uniform(.2, 1)!r}']), 1e-12),
]


class Corner:
    """Settings and times, as text for the program and as weights.py wants them."""

    def __init__(self, make):
        self.method, pulls, self.damping, self.words = make()
        self.hold = rng.choice(weights.HOLDS)
        self.model = self.method == 'belay' and rng.random() < 0.5
        self.zero = 'start=zero' in self.words
        self.times = self.row_times = times()
        self.length = pulls if len(pulls) == 3 else None
        words = [f'method={self.method}', f'hold={self.hold}', *self.words]
        if self.length:
            words.append('{}={!r}'.format(*pulls))
        else:
            words.append('kappa={!r} gamma={!r}'.format(*pulls))
        if self.damping:
            words.append(f'damping={self.damping!r}')
        if self.model:
            words.append('particle=model')
        self.text = ' '.join(words)

    def line(self):
        """For the program."""
        return self.text + '\t' + ' '.join(map(str, self.times)) + '\n'

    def value(self, key, fallback):
        """What a word says, exactly."""
        found = [w for w in self.words if w.startswith(key + '=')]
        return mp.mpf(float(found[0].partition('=')[2])) if found else fallback

    def pulls(self, found):
        """kappa, gamma, pull, restore, gain: as exact as they are known."""
        if not self.length:
            return found
        what, value, _ = self.length
        damping = self.damping or (1 if self.method == 'spring' else None)
        kappa, gamma = weights.vectors.pulls_of(what, value, damping, 1)
        if self.method != 'belay':
            return kappa, gamma, 0, 1, 1
        settled = kappa / gamma
        return (kappa, gamma, self.value('mass-ratio', 1) * settled,
                self.value('restore', settled / 2), self.value('gain', 1))


def accepted(make):
    """ROWS of a corner that are stable, and what the program says of them."""
    cases, rows = [], []
    for _ in range(10):
        more = [Corner(make) for _ in range(2 * ROWS)]
        for case, row in zip(more, weights.dumped(more)):
            if row[0] is not None:
                cases.append(case)
                rows.append(row)
        if len(cases) >= ROWS:
            break
    return list(zip(cases, rows))[:ROWS]


def check(name, make, most):
    """One corner."""
    worst, mean, bad = 0, 0, []
    found = accepted(make)
    for case, (pulls, row) in found:
        exact = weights.expected_exact(case, case.pulls(pulls))
        size = mp.fsum(abs(w) for w in exact)
        errors = [float(abs(w - e) / size) for w, e in zip(row, exact)]
        worst = max(worst, *errors)
        mean = max(mean, sum(errors) / (len(row) + 9))
        if max(errors) > most or sum(errors) / (len(row) + 9) > most / 10:
            bad.append(f'{max(errors):.3g} {sum(errors):.3g} {case.line()}')
    tap.note(f'{name}: a weight {worst:.2g}, sum of errors / (K + 10) {mean:.2g}')
    tap.ok(len(found) == ROWS and not bad, name, f'{len(found)} rows', *bad[:5])


def main():
    """All of it."""
    if not os.access(weights.dump.PROGRAM, os.X_OK):
        tap.skip_all('tests/unit/dump_rows is not built')
    mp.mp.dps = 90
    rng.seed(20240611)
    for corner in CORNERS:
        check(*corner)
    tap.finish()


if __name__ == '__main__':
    main()
