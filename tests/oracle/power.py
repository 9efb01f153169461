"""power.py - the power-function average and BEMA against their definitions in 60 digits, over
random settings and times to 1e13."""
import math
import os
import random

import tap

mp = tap.need('mpmath')
import dump  # noqa: E402

ROWS = 300
PULLS = 2000
LIMIT = math.sqrt(1 / 12)
rng = random.Random(20240118)


def log_uniform(low, high):
    """Evenly distributed in its logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


# ---- power ----

def exponent(std):
    """The largest root of the cubic."""
    s = 1 / mp.mpf(std) ** 2
    return max(mp.re(g) for g in mp.polyroots([1, 7, 16 - s, 12 - s], maxsteps=500, extraprec=400))


def random_std():
    """As people use it, narrow, nearly as wide as can be."""
    return rng.choice([rng.uniform(0.01, 0.28), rng.choice([0.05, 0.1, 0.15, 0.2, 0.25]),
                       LIMIT * (1 - log_uniform(1e-12, 1e-2))])


def random_times():
    """From step 0 or from far on; gaps from one step to as many as there were before."""
    first = rng.choice([0, 0, 1, rng.randrange(100), int(log_uniform(1, 1e12))])
    longest = rng.choice([1, 12, 300, 10 ** 4, 10 ** 8, 10 ** 12])
    n = [first]
    for _ in range(rng.randrange(1, 8)):
        n.append(n[-1] + int(log_uniform(1, longest) + 0.5))
    return n


def far_sum(p, a, b):
    """The sum of (n/b)^p over n = a .. b-1 by Euler and Maclaurin, to 40 digits for a > 2p + 59."""
    a, b = mp.mpf(a), mp.mpf(b)
    at_a, at_b = (a / b) ** p, mp.mpf(1)
    total = (b - a * at_a) / (p + 1) + (at_a - at_b) / 2
    at_a, at_b, q = at_a * p / a, p / b, p - 1
    for k in range(2, 62, 2):
        total += mp.bernoulli(k) / mp.factorial(k) * (at_b - at_a)
        at_a *= q * (q - 1) / a ** 2
        at_b *= q * (q - 1) / b ** 2
        q -= 2
    return total


def mean_of_powers(p, a, b):
    """The mean of (n/b)^p over n = a .. b-1."""
    first = min(b, max(a, int(2 * p) + 60))
    total = mp.fsum((mp.mpf(n) / b) ** p for n in range(a, first))
    return (total + (far_sum(p, first, b) if first < b else 0)) / (b - a)


def power_exactly(std, right, n):
    """The row from the definition: 1 - 1/n to the p is one step, a product of them telescopes."""
    p = exponent(std) + 1
    w = [mp.mpf(0)] * len(n)
    kept = mp.mpf(1)
    for i in range(len(n) - 1, 0, -1):
        a, b = n[i - 1], n[i]
        left = (mp.mpf(a) / b) ** p
        level = left if right else mean_of_powers(p, a, b)
        w[i] += kept * (1 - level)
        w[i - 1] += kept * (level - left)
        kept *= left
    w[0] += kept
    return w


# ---- BEMA ----

def random_bema():
    """Settings as words and as numbers: lag, multiplier, powers, smallest pull."""
    values = [rng.choice([10.0, log_uniform(1, 1e6)]),
              rng.choice([1.0, 0.0, log_uniform(1e-3, 10)]),
              rng.choice([0.5, 0.0, rng.uniform(0, 2)]), rng.choice([0.2, 0.0, rng.uniform(0, 9)]),
              rng.choice([0.0, 0.0, rng.random() ** 3])]
    names = ['lag', 'multiplier', 'ema-power', 'bias-power', 'min']
    return ' '.join(f'bema-{k}={v!r}' for k, v in zip(names, values)), values


def bema_exactly(values, n):
    """The recurrence, on functionals of x_0 .. x_K."""
    rho, g, k, h, least = map(mp.mpf, values)
    e = [mp.mpf(i == 0) for i in range(len(n))]
    for i in range(1, len(n)):
        pull = max((rho + g * n[i]) ** -k, least)
        e = [(1 - pull) * w for w in e]
        e[i] += pull
    correction = (rho + g * n[-1]) ** -h
    e[-1] += correction
    e[0] -= correction
    return e


# ---- the tests ----

def compare(lines, exactly, most):
    """Every weight, relative to the sum of all |w|; the sum of all."""
    worst, wrong = 0, []
    for line, (_, weights), exact in zip(lines, dump.rows(lines), exactly):
        size = max(1, float(mp.fsum(abs(w) for w in exact)))
        error = max(float(abs(w - e)) for w, e in zip(weights, exact)) / size
        total = abs(math.fsum(weights) - 1) / size
        worst = max(worst, error)
        if not (error <= most and total <= 1e-15 and len(weights) == len(exact)):
            wrong.append(f'{error:.3g} {total:.3g} {line}')
    tap.note(f'largest error {worst:.2g}')
    return wrong


def check_power():
    """Rows of weights."""
    lines, exactly = [], []
    for _ in range(ROWS):
        std, right, n = random_std(), rng.random() < 0.2, random_times()
        lines.append(f'method=power rel-std={std!r}{" hold=right" if right else ""}\t'
                     + ' '.join(map(str, n)) + '\n')
        exactly.append(power_exactly(std, right, n))
    wrong = compare(lines, exactly, 1e-15)
    tap.ok(not wrong, 'power is its definition in 60 digits', f'{len(wrong)} wrong', *wrong[:5])


def check_narrow():
    """Profiles as narrow as a few steps, whose exponents are large."""
    lines, exactly = [], []
    for _ in range(ROWS):
        std = log_uniform(1e-9, 1e-2)
        n = [int(log_uniform(1, 20 / std)) for _ in range(rng.randrange(1, 4))]
        n += [int(rng.uniform(2, 4) / std) + 20 for _ in range(rng.randrange(1, 4))]
        n = sorted({0, *n, *(m + rng.choice([rng.randrange(9, 20), rng.randrange(1, 300)])
                             for m in n)})
        n = [n[0]] + [b for a, b in zip(n, n[1:]) if b - a <= 300 or b * std > 1]
        lines.append(f'method=power rel-std={std!r}\t' + ' '.join(map(str, n)) + '\n')
        exactly.append(narrow_exactly(std, n))
    wrong = compare(lines, exactly, 1e-15)
    tap.ok(not wrong, 'so it is with large exponents', f'{len(wrong)} wrong', *wrong[:5])


def narrow_exactly(std, n):
    """As power_exactly(), with the terms only that are above 1e-60."""
    p = exponent(std) + 1
    w = [mp.mpf(0)] * len(n)
    kept = mp.mpf(1)
    for i in range(len(n) - 1, 0, -1):
        a, b = n[i - 1], n[i]
        left = (mp.mpf(a) / b) ** p
        first = max(a, int(b - 140 * b / float(p)) - 1)
        level = mp.fsum((mp.mpf(m) / b) ** p for m in range(first, b)) / (b - a)
        w[i] += kept * (1 - level)
        w[i - 1] += kept * (level - left)
        kept *= left
    w[0] += kept
    return w


def check_exponents():
    """g is the double nearest to the root."""
    stds = [random_std() for _ in range(PULLS // 2)] + [log_uniform(1e-18, 0.28)
                                                        for _ in range(PULLS // 2)]
    lines = [f'method=power rel-std={s!r}\t5\n' for s in stds]
    with mp.workdps(40):
        wrong = [f'{s!r}: {got[0]!r}' for s, (got, _) in zip(stds, dump.rows(lines))
                 if not nearest_root(s, got[0])]
    tap.ok(not wrong, 'exponents are correctly rounded', f'{len(wrong)} wrong', *wrong[:5])


def nearest_root(std, g):
    """Does the cubic, which grows there, change its sign within half a unit of g?"""
    s = 1 / mp.mpf(std) ** 2

    def cubic(x):
        return ((x + 7) * x + 16 - s) * x + 12 - s

    half = mp.mpf(math.ulp(g)) / 2
    return cubic(mp.mpf(g) - half) <= 0 <= cubic(mp.mpf(g) + half)


def check_bema():
    """Rows of weights."""
    lines, exactly = [], []
    for _ in range(ROWS):
        words, values = random_bema()
        n = random_times()
        lines.append(f'method=bema {words}\t' + ' '.join(map(str, n)) + '\n')
        exactly.append(bema_exactly(values, n))
    wrong = compare(lines, exactly, 1e-15)
    tap.ok(not wrong, 'BEMA is its recurrence in 60 digits', f'{len(wrong)} wrong', *wrong[:5])


def main():
    """All of it."""
    if not os.access(dump.PROGRAM, os.X_OK):
        tap.skip_all('tests/unit/dump_rows is not built')
    mp.mp.dps = 60
    for test in (check_power, check_narrow, check_exponents, check_bema):
        tap.case(test)
    tap.finish()


main()
