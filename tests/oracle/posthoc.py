"""posthoc.py - mixes of snapshots: against least squares in 60 digits, against ema-pytorch's and
EDM2's way in double, and against the average itself, made out of every checkpoint."""
import json
import os
import random
import tempfile

import tap

numpy, mp, safetensors = tap.need('numpy', 'mpmath', 'safetensors.numpy')

tap.AVG = os.path.abspath(tap.AVG)
BOX = tempfile.TemporaryDirectory()
mp.mp.dps = 60
rng = random.Random(20241)
EPS = 2.0 ** -52


def run(*args):
    """Runs belay-avg in the box."""
    os.chdir(BOX.name)
    return tap.avg(*args)


def planned(profiles, target, *more):
    """What the plan has for snapshots (time, text of the profile): the output and its weights."""
    names = []
    with open(os.path.join(BOX.name, 'profiles.tsv'), 'w', encoding='ascii') as f:
        for k, (time, text) in enumerate(profiles):
            name = f's{k:03}_{time}.safetensors'
            names.append(name)
            safetensors.save_file({'w': numpy.zeros(1, 'f4')}, os.path.join(BOX.name, name))
            f.write(f'{name}\t{text}\n')
    plan = json.loads(run('--plan=json', '--check', '-q', '--method', 'posthoc', '--profiles',
                          'profiles.tsv', '--time-pattern', '_([0-9]+)[.]', *target.split(), *more,
                          *names, '-o', 'out.safetensors'))
    at = {c['path']: k for k, c in enumerate(plan['checkpoints'])}
    w = [float.fromhex(h) for h in plan['weights_hex'][0]]
    return plan['outputs'][0], [w[at[name]] for name in names]


# ---- the definition ----

def exponent(std):
    s = 1 / mp.mpf(std) ** 2
    return max(mp.re(g) for g in mp.polyroots([1, 7, 16 - s, 12 - s], maxsteps=500, extraprec=400))


def power_product(a, b):
    """The integral of two profiles (time, exponent) over the time that both cover."""
    (s, g), (t, h) = a, b
    return (g + 1) * (h + 1) * mp.mpf(min(s, t)) ** (g + h + 1) / (
        (g + h + 1) * mp.mpf(s) ** (g + 1) * mp.mpf(t) ** (h + 1))


def ema_product(a, b):
    """The sum of two geometric series (time, decay) over all steps up to the earlier time."""
    (s, x), (t, y) = a, b
    end = min(s, t)
    return (1 - x) * (1 - y) * x ** (s - end) * y ** (t - end) / (1 - x * y)


def exactly(snapshots, target, product):
    """The weights with the sum 1, those without divided by their sum, the condition, the share of
    the target that the former are off."""
    n = len(snapshots)
    unit = product(target, target)
    gram = mp.matrix(n, n)
    for i in range(n):
        for k in range(n):
            gram[i, k] = product(snapshots[i], snapshots[k]) / unit
    right = mp.matrix([product(s, target) / unit for s in snapshots])
    both = mp.matrix(n + 1, n + 1)
    for i in range(n):
        both[i, n] = both[n, i] = 1
        for k in range(n):
            both[i, k] = gram[i, k]
    bound = mp.lu_solve(both, mp.matrix(list(right) + [1]))[:n]
    free = mp.lu_solve(gram, right)
    scaled = mp.matrix(n, n)
    for i in range(n):
        for k in range(n):
            scaled[i, k] = gram[i, k] / mp.sqrt(gram[i, i] * gram[k, k])
    condition = mp.mnorm(scaled, 1) * mp.mnorm(scaled ** -1, 1)
    rest = 1 + sum(
        bound[i] * (sum(gram[i, k] * bound[k] for k in range(n)) - 2 * right[i]) for i in range(n))
    return list(bound), [c / sum(free) for c in free], condition, mp.sqrt(abs(rest))


# ---- random sets ----

def power_set(n):
    stds = rng.choice([['.05', '.10'], ['.02', '.2'], ['.1', '.15', '.25']])
    last = rng.choice([100, 10 ** 6, 10 ** 13])
    per = max(1, n // len(stds))
    snapshots = [(last * (k + 1) // per, s) for k in range(per) for s in stds]
    target = rng.choice(['.06', '.08', '.12', '.15'])
    return ([(t, f'rel-std={s}') for t, s in snapshots], f'--rel-std {target}',
            [(t, exponent(float(s))) for t, s in snapshots], (last, exponent(float(target))),
            power_product)


def ema_set(n):
    decays = rng.choice([['.99', '.999'], ['.5', '.75', '.9'], ['.9', '.9999']])
    per = max(1, n // len(decays))
    gap = rng.choice([3, 7, 100])
    snapshots = [(gap * (k + 1), s) for k in range(per) for s in decays]
    target = rng.choice(['.6', '.8', '.95', '.995'])
    return ([(t, f'decay={s}') for t, s in snapshots], f'--decay {target}',
            [(t, mp.mpf(float(s))) for t, s in snapshots], (snapshots[-1][0],
            mp.mpf(float(target))), ema_product)


def largest(got, exact):
    return float(max(abs(g - e) for g, e in zip(got, exact)) / sum(abs(e) for e in exact))


def against_sixty_digits():
    worst = 0
    for k in range(60):
        make = (power_set, ema_set)[k % 2]
        names, option, snapshots, target, product = make(rng.choice([1, 2, 4, 8, 16, 16, 32]))
        both = list(zip(names, snapshots))
        rng.shuffle(both)
        names, snapshots = [b[0] for b in both], [b[1] for b in both]
        bound, divided, condition, rest = exactly(snapshots, target, product)
        if sum(map(abs, bound)) > 99 or sum(map(abs, divided)) > 99:
            continue
        out, w = planned(names, option)
        _, v = planned(names, option, '--normalize')
        allowed = EPS + 4 * (EPS * condition) ** 2
        error = max(largest(w, bound), largest(v, divided))
        worst = max(worst, error)
        tap.ok(error <= allowed, f'{len(w)} snapshots, {option}, condition {float(condition):.1e}',
               f'{error:.3g} of {float(allowed):.3g}')
        got = out['resolved']
        tap.ok(abs(got['condition']['value'] / condition - 1) < 4 * EPS * condition * len(w) and
               abs(got['residual-share']['value'] - rest) <= 4 * EPS and
               abs(got['residual']['value'] / mp.sqrt(product(target, target)) - rest) <= 4 * EPS,
               'its condition and residual', got, condition, rest)
    tap.note(f'largest error: {worst:.2g} of the sum of magnitudes')


# ---- other people's way ----

def solve_weights(times, gammas, last, gamma):
    """As ema-pytorch's PostHocEMA.solve_weights: EDM2's reconstruction in double."""
    def dot(t_a, g_a, t_b, g_b):
        ratio = t_a / t_b
        power = numpy.where(t_a < t_b, g_b, -g_a)
        return (g_a + 1) * (g_b + 1) * ratio ** power / (
            (g_a + g_b + 1) * numpy.maximum(t_a, t_b))
    t, g = numpy.array(times, float), numpy.array(gammas, float)
    return numpy.linalg.solve(dot(t[:, None], g[:, None], t, g), dot(t, g, float(last), gamma))


def against_ema_pytorch():
    for target in '.06', '.08', '.12', '.2':
        snapshots = [(1000 * k, s) for k in range(1, 9) for s in ('.05', '.10')]
        _, w = planned([(t, f'rel-std={s}') for t, s in snapshots], f'--rel-std {target}',
                       '--normalize')
        gammas = [float(exponent(float(s))) for _, s in snapshots]
        c = solve_weights([t for t, _ in snapshots], gammas, 8000, float(exponent(float(target))))
        exact = exactly([(t, exponent(float(s))) for t, s in snapshots],
                        (8000, exponent(float(target))), power_product)
        error = largest(w, c / c.sum())
        tap.ok(error <= 1e-15 * exact[2], f'EDM2, ema-pytorch: rel-std {target}', error, exact[2])


# ---- the average itself ----

def against_the_average():
    """Snapshots of a random walk, made with every step: how near is the mix?"""
    x, values = numpy.zeros(2000), numpy.random.default_rng(7)
    paths = []
    for n in range(1, 201):
        x = x + values.normal(size=x.size)
        paths.append(f'step_{n:03}.safetensors')
        safetensors.save_file({'w': x}, os.path.join(BOX.name, paths[-1]))
    snaps = []
    for last in range(25, 201, 25):
        for std in '.05', '.10':
            snaps.append(f'kept_{last}_{std}.safetensors')
            run('-q', '--method', 'power', '--rel-std', std, *paths[:last], '-o', snaps[-1])

    def load(name):
        return safetensors.load_file(os.path.join(BOX.name, name))['w']

    for std, most in ('.06', 0.003), ('.075', 0.003), ('.12', 0.006), ('.15', 0.03):
        run('-q', '-f', '--method', 'posthoc', '--rel-std', std, *snaps, '-o', 'mix.safetensors')
        run('-q', '-f', '--method', 'power', '--rel-std', std, *paths, '-o', 'true.safetensors')
        wanted = load('true.safetensors')
        off = numpy.std(load('mix.safetensors') - wanted)
        nearest = min(numpy.std(load(s) - wanted) for s in snaps)
        tap.ok(off <= most * numpy.std(wanted) and off < 0.2 * nearest,
               f'rel-std {std} out of .05 and .10: {off / numpy.std(wanted):.2g} of the values, '
               f'{off / nearest:.2g} of what the nearest snapshot is off')


for test in against_sixty_digits, against_ema_pytorch, against_the_average:
    tap.case(test)
BOX.cleanup()
tap.finish()
