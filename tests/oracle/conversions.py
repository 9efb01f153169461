"""conversions.py - numbers from one type to another by the kernels, against exact arithmetic and
against torch, ml_dtypes and numpy wherever these round once.

Every pattern of the types of 8 and 16 bits, and over 10^7 floats and doubles for every type that
they become, a third of them around the ties of that type. BELAY_LONG=1 takes over 10^8 of each.
"""
import os
import subprocess

import tap

np, torch, ml_dtypes = tap.need('numpy', 'torch', 'ml_dtypes')

CONVERT = os.path.join(tap.BUILD, 'tests', 'unit', 'convert')
LONG = os.environ.get('BELAY_LONG', '') not in ('', '0')
CHUNK = 2_100_000
CHUNKS = 48 if LONG else 5
rng = np.random.default_rng(11)


class Kind:
    """A type: its fraction bits, the exponents of its smallest and largest normal number, its
    largest number, its positive quiet NaN, and how numpy and torch call it."""

    def __init__(self, name, fraction, least, largest, nan, theirs, torches):
        self.name, self.fraction, self.least, self.largest = name, fraction, least, largest
        self.theirs, self.torches = np.dtype(theirs), torches
        self.word = np.dtype(f'u{self.theirs.itemsize}')
        self.nan = self.word.type(nan)
        self.small = self.theirs.itemsize == 1
        self.infinite = name not in ('e4m3', 'e4m3fnuz', 'e5m2fnuz')
        self.one_zero = name.endswith('fnuz')

    def values(self, codes):
        """What codes stand for, as doubles."""
        with np.errstate(invalid='ignore'):
            return codes.astype(self.word).view(self.theirs).astype(np.float64)

    def codes(self, values):
        """The codes of doubles that are values of the type, or too large for it."""
        with np.errstate(over='ignore', invalid='ignore'):
            narrow = values if self.name == 'f64' else values.astype(np.float32)
            return narrow.astype(self.theirs).view(self.word)


KINDS = {k.name: k for k in (
    Kind('f16', 10, -14, 65504, 0x7e00, np.float16, torch.float16),
    Kind('bf16', 7, -126, 2.0**127 * (2 - 2.0**-7), 0x7fc0, ml_dtypes.bfloat16, torch.bfloat16),
    Kind('f32', 23, -126, 2.0**127 * (2 - 2.0**-23), 0x7fc00000, np.float32, torch.float32),
    Kind('f64', 52, -1022, np.finfo(np.float64).max, 0x7ff8 << 48, np.float64, torch.float64),
    Kind('e5m2', 2, -14, 57344, 0x7e, ml_dtypes.float8_e5m2, torch.float8_e5m2),
    Kind('e4m3', 3, -6, 448, 0x7f, ml_dtypes.float8_e4m3fn, torch.float8_e4m3fn),
    Kind('e4m3fnuz', 3, -7, 240, 0x80, ml_dtypes.float8_e4m3fnuz, torch.float8_e4m3fnuz),
    Kind('e5m2fnuz', 2, -15, 57344, 0x80, ml_dtypes.float8_e5m2fnuz, torch.float8_e5m2fnuz))}


def ours(x, source, target):
    """What the kernels make of an array."""
    r = subprocess.run([CONVERT, source.name, target.name], input=x.tobytes(),
                       stdout=subprocess.PIPE, check=True)
    return np.frombuffer(r.stdout, target.word)


def exact(d, kind):
    """Doubles rounded once, to nearest, ties to even, as codes: in whole units of the last place,
    which ldexp makes exactly. Also says which are too large for the type."""
    _, e = np.frexp(d)
    unit = np.maximum(e - 1, kind.least) - kind.fraction
    with np.errstate(over='ignore', invalid='ignore'):
        r = np.ldexp(np.rint(np.ldexp(d, -unit)), unit) if kind.name != 'f64' else d
    large = np.abs(r) > kind.largest
    if kind.infinite:
        large &= np.isfinite(d)
    r = np.where(large, np.copysign(kind.largest if kind.small else np.inf, r), r)
    if kind.one_zero:
        r = np.where(r == 0, 0.0, r)
    codes = kind.codes(r)
    codes[np.isnan(d)] = kind.nan
    return codes, large


def ties(kind, n):
    """Doubles around the middles between two numbers of a type that follow each other."""
    last = int(kind.codes(np.array([float(kind.largest)]))[0])
    low = rng.integers(0, last, n, dtype=np.uint64)
    middle = kind.values(low) / 2 + kind.values(low + 1) / 2
    return middle * rng.choice([-1.0, 1.0], n)


def numbers(source, target, n):
    """3 n of them: of all exponents, of the magnitudes of the target, and around its ties, some
    a few units of the last place away, some further."""
    wild = rng.integers(0, 2**(8 * source.word.itemsize), n, source.word).view(source.theirs)
    low = max(target.least - target.fraction - 2, source.least - source.fraction)
    high = min(np.log2(target.largest) + 2, np.log2(source.largest))
    tame = np.ldexp(rng.random(n) + 1, rng.integers(low, high + 1, n))
    tame *= rng.choice([-1.0, 1.0], n)
    tie = ties(target, n) if target.name != 'f64' else tame
    away = np.where(rng.random(n) < 0.3, np.ldexp(1.0, -rng.integers(10, 53, n)), 0)
    with np.errstate(over='ignore'):
        tame, tie = tame.astype(source.theirs), (tie * (1 + away)).astype(source.theirs)
    near = tie.view(source.word) + rng.integers(-2, 3, n).astype(source.word)
    return np.concatenate([wild, tame, near.view(source.theirs)])


def libraries(x, source, target):
    """What torch and numpy with ml_dtypes make of an array, where they round once: a name, codes.
    Doubles go by way of float32 there, but to float32 itself and from numpy to float16."""
    with np.errstate(over='ignore', invalid='ignore'):
        if source.name != 'f64' or target.name in ('f16', 'f32'):
            yield 'ml_dtypes', x.astype(target.theirs).view(target.word)
    if source.name != 'f64' or target.name == 'f32':
        y = torch.from_numpy(x.view(f'i{x.itemsize}')).view(source.torches).to(target.torches)
        y = y.view({1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[y.itemsize])
        yield 'torch', y.numpy().view(target.word)


class Count:
    """How many of how many differ, and some of them."""

    def __init__(self):
        self.of, self.wrong, self.some = 0, 0, []

    def add(self, x, got, want, where=True):
        differ = np.flatnonzero((got != want) & where)
        self.of += len(x) if where is True else int(where.sum())
        self.wrong += len(differ)
        self.some += [f'{float(x[i])!r} is {got[i]:#x}, not {want[i]:#x}'
                      for i in differ[:3 if len(self.some) < 3 else 0]]


def compare(counts, x, source, target):
    """Adds an array to the counts."""
    got = ours(x, source, target)
    d = x.astype(np.float64)
    want, large = exact(d, target)
    counts.setdefault('exact arithmetic', Count()).add(x, got, want)
    for name, theirs in libraries(x, source, target):
        # NaN has many codes. What is too large for 8 bits is infinite or NaN there, but for torch
        # and e4m3, which saturate.
        fair = ~np.isnan(d)
        if target.small and not (name == 'torch' and target.name == 'e4m3'):
            fair &= ~large
        counts.setdefault(name, Count()).add(x, got, theirs, fair)


def tell(counts, source, target):
    for name, c in counts.items():
        tap.ok(c.wrong == 0 < c.of, f'{source.name} to {target.name}, {name}: {c.wrong} of {c.of} '
               'differ', *c.some)


def all_patterns():
    """Every pattern of 8 and 16 bits, to every type."""
    for source in KINDS.values():
        if source.word.itemsize > 2:
            continue
        x = np.arange(2**(8 * source.word.itemsize)).astype(source.word).view(source.theirs)
        for target in KINDS.values():
            counts = {}
            compare(counts, x, source, target)
            tell(counts, source, target)


def random_numbers():
    """Floats and doubles."""
    for source in (KINDS['f32'], KINDS['f64']):
        for target in KINDS.values():
            counts = {}
            for _ in range(CHUNKS):
                compare(counts, numbers(source, target, CHUNK // 3), source, target)
            tell(counts, source, target)


def twice():
    """A double just above a tie, which is one as a float: torch rounds twice, and the kernels
    once."""
    d = np.array([1 + 2.0**-8 + 2.0**-40])
    by_float = torch.from_numpy(d).to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16)
    got = ours(d, KINDS['f64'], KINDS['bf16'])
    tap.ok(got[0] == 0x3f81 and by_float[0] == 0x3f80, 'just above a tie, where torch rounds twice',
           got, by_float)


if __name__ == '__main__':
    for check in (all_patterns, random_numbers, twice):
        tap.case(check)
    tap.finish()
