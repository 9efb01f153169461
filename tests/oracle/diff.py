"""diff.py - belay-diff against numpy on 1,000 random pairs of tensors of all types, and against
h5diff on HDF5 files.

What numpy says: isclose() on doubles, differences of whole numbers as Python's, the place of the
largest; steps are counted on the sorted list of the values of a type, or for wide types on the
integers that order them. Sums are math.fsum's.
"""
import csv
import json
import math
import os
import shutil
import struct
import subprocess
import tempfile

import tap

np, ml, h5py, jsonschema = tap.need('numpy', 'ml_dtypes', 'h5py', 'jsonschema')

DIFF = os.path.join(tap.BUILD, 'belay-diff')
VALID = os.path.join(tap.DATA, 'cases', 'hdf5', 'valid')
DIGITS = os.path.join(tap.DATA, 'digits')
with open(os.path.join(tap.SRC, 'man', 'belay-diff.report.schema.json'), encoding='utf-8') as f:
    SCHEMA = jsonschema.Draft202012Validator(json.load(f))
box = tempfile.TemporaryDirectory(prefix='belay-diff-')
rng = np.random.default_rng(7)

# Name, type of codes, of values, bits of a code; of complex ones those of a part.
TYPES = {
    'BOOL': (np.uint8, np.uint8, 8), 'U8': (np.uint8, np.uint8, 8), 'I8': (np.uint8, np.int8, 8),
    'U16': (np.uint16, np.uint16, 16), 'I16': (np.uint16, np.int16, 16),
    'U32': (np.uint32, np.uint32, 32), 'I32': (np.uint32, np.int32, 32),
    'U64': (np.uint64, np.uint64, 64), 'I64': (np.uint64, np.int64, 64),
    'F4': (np.uint8, ml.float4_e2m1fn, 4), 'F6_E2M3': (np.uint8, ml.float6_e2m3fn, 6),
    'F6_E3M2': (np.uint8, ml.float6_e3m2fn, 6), 'F8_E5M2': (np.uint8, ml.float8_e5m2, 8),
    'F8_E4M3': (np.uint8, ml.float8_e4m3fn, 8), 'F8_E8M0': (np.uint8, ml.float8_e8m0fnu, 8),
    'F8_E4M3FNUZ': (np.uint8, ml.float8_e4m3fnuz, 8),
    'F8_E5M2FNUZ': (np.uint8, ml.float8_e5m2fnuz, 8), 'F16': (np.uint16, np.float16, 16),
    'BF16': (np.uint16, ml.bfloat16, 16), 'F32': (np.uint32, np.float32, 32),
    'F64': (np.uint64, np.float64, 64), 'C64': (np.uint32, np.float32, 32),
    'C128': (np.uint64, np.float64, 64),
}
SAFE = [t for t in TYPES if t != 'C128']  # of safetensors
WHOLE = ('BOOL', 'U', 'I')


def whole(dtype):
    return dtype.startswith(WHOLE)


def path(name):
    return os.path.join(box.name, name)


def run(*args):
    done = subprocess.run([DIFF, *args], capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# ---- tensors ----

def special(dtype):
    """Codes that matter: zeros, the largest, infinities, NaN, the smallest."""
    codes, values, bits = TYPES[dtype]
    sign = 1 << (bits - 1)
    if dtype == 'BOOL':
        return [0, 1]
    if whole(dtype):
        return [0, 1, sign, sign - 1, 2 * sign - 1]
    if bits <= 8:
        return [0, sign, 1, sign + 1, sign - 1, 2 * sign - 1]
    inf = int(np.array([np.inf]).astype(values).view(codes)[0])
    return [0, sign, 1, sign + 1, inf - 1, inf, inf + sign, inf + 1, inf + sign + 5]


def draw(dtype, n):
    """n codes: near 1, or anything, and special ones among them."""
    codes, values, bits = TYPES[dtype]
    if dtype == 'BOOL':
        x = rng.integers(0, 2, n)
    elif rng.integers(2) and not whole(dtype) and bits > 8:
        x = rng.standard_normal(n).astype(values).view(codes)
    else:
        x = rng.integers(0, 1 << bits, n, dtype=np.uint64)
    x = np.asarray(x).astype(codes)
    if rng.integers(3) == 0 and n:
        odd = rng.random(n) < rng.choice([0.05, 0.5])
        x[odd] = rng.choice(np.array(special(dtype), dtype=np.uint64), odd.sum()).astype(codes)
    return x


def change(dtype, x):
    """The other side: the same, near, a few bits, a sign, or anything."""
    codes, _, bits = TYPES[dtype]
    how, y = rng.integers(6), x.copy()
    some = rng.random(len(x)) < rng.choice([0.01, 0.3, 1])
    if dtype == 'BOOL':
        y[some] ^= np.uint8(how > 0)
    elif how == 1:
        y[some] ^= rng.integers(0, 4, some.sum()).astype(codes)
    elif how == 2:
        y[some] ^= codes(1 << rng.integers(bits))
    elif how == 3:
        y[some] = draw(dtype, some.sum())
    elif how == 4:
        y[some] ^= codes(1 << (bits - 1))
    elif how == 5 and len(x):
        y[rng.integers(len(x))] ^= codes(1 << rng.integers(bits))
    return y


def packed(dtype, x):
    bits = TYPES[dtype][2]
    if bits >= 8:
        return x.tobytes()
    number = sum(int(c) << (bits * i) for i, c in enumerate(x))
    return number.to_bytes(len(x) * bits // 8, 'little')


def doubles(dtype, x):
    return x.view(TYPES[dtype][1]).astype(np.float64)


def keys(dtype, x):
    """Whole numbers, one more from a value to the next."""
    bits = TYPES[dtype][2]
    if whole(dtype):
        return [int(v) for v in x.view(TYPES[dtype][1])]
    if dtype == 'F8_E8M0':
        return [int(c) for c in x]
    if bits <= 8:
        with np.errstate(all='ignore'):
            every = doubles(dtype, np.arange(1 << bits, dtype=np.uint8))
        order = sorted({v + 0.0 for v in every.tolist() if math.isfinite(v)})
        place = {v: i for i, v in enumerate(order)}
        return [place.get(v + 0.0, 0) for v in doubles(dtype, x).tolist()]
    sign = 1 << (bits - 1)
    return [-(int(c) & (sign - 1)) if int(c) & sign else int(c) for c in x]


# ---- what is expected ----

def total(terms):
    """Exact, then rounded."""
    try:
        return math.fsum(terms)
    except OverflowError:
        return math.inf


def extreme(sizes, where):
    """The largest size and its place; None: there is none."""
    best = max((sizes[i] for i in where), default=None)
    return None if best is None else (best, next(i for i in where if sizes[i] == best))


def expect(dtypes, a, b, tolerance):
    """The numbers of a tensor. a, b: codes."""
    one = dtypes[0] == dtypes[1]
    with np.errstate(all='ignore'):
        x, y = doubles(dtypes[0], a), doubles(dtypes[1], b)
        finite = np.isfinite(x) & np.isfinite(y)
        distance = np.abs(x - y)
    steps = None
    if one:
        differ = a != b
        steps = [abs(p - q) for p, q in zip(keys(dtypes[0], a), keys(dtypes[1], b))]
        if whole(dtypes[0]):
            distance = np.array([float(s) for s in steps])
    else:
        both = np.isnan(x) & np.isnan(y)
        differ = (x.view(np.uint64) != y.view(np.uint64)) & ~both
    beyond = differ.copy()
    if tolerance:
        tol_abs, tol_rel, tol_ulp = tolerance
        with np.errstate(all='ignore'):
            close = np.isclose(x, y, rtol=tol_rel, atol=tol_abs, equal_nan=True)
            if whole(dtypes[0]) and one:  # not of doubles, which are rounded
                close = distance <= tol_abs + tol_rel * np.abs(y)
        if one:
            close |= finite & np.array([s <= tol_ulp for s in steps], dtype=bool)
        beyond &= ~close
    where = [int(i) for i in np.flatnonzero(differ & finite)]
    with np.errstate(all='ignore'):
        share = distance / np.abs(y)
        square, product = (x - y)[finite] ** 2, (x * y)[finite]
        norms = [math.sqrt(total(v[finite] ** 2)) for v in (x, y)]
    found = {
        'differing': int(differ.sum()), 'beyond': int(beyond.sum()),
        'nonfinite': int((beyond & ~finite).sum()),
        'nan': [int(np.isnan(x).sum()), int(np.isnan(y).sum())],
        'first': int(np.flatnonzero(beyond)[0]) if beyond.any() else None,
        'max_abs': extreme(distance, where),
        'max_rel': extreme(share, [i for i in where if y[i] != 0]),
        'max_ulp': extreme(steps, where) if one else None,
        'rms': math.sqrt(total(square) / finite.sum()) if finite.any() else None,
        'cosine': None,
    }
    length = norms[0] * norms[1]
    if 0 < length < math.inf:
        if np.isfinite(product).all():
            found['cosine'] = max(-1, min(1, total(product) / length))
    return found


# ---- files ----

def write(name, tensors, extra=None):
    """A safetensors file. tensors: name to (type, shape, codes)."""
    head, data = dict(extra or {}), b''
    for key, (dtype, shape, codes) in tensors.items():
        more = packed(dtype, codes)
        head[key] = {'dtype': dtype, 'shape': shape,
                     'data_offsets': [len(data), len(data) + len(more)]}
        data += more
    text = json.dumps(head).encode()
    text += b' ' * (-len(text) % 8)
    with open(name, 'wb') as to:
        to.write(struct.pack('<Q', len(text)) + text + data)


HDF5 = ('U8', 'I8', 'U16', 'I16', 'U32', 'I32', 'U64', 'I64', 'F16', 'F32', 'F64', 'C64', 'C128')


def write_h5(name, tensors):
    """The same as HDF5; in chunks and compressed now and then."""
    with h5py.File(name, 'w') as to:
        for key, (dtype, shape, codes) in tensors.items():
            values = codes.view(TYPES[dtype][1])
            if dtype.startswith('C'):
                values = values.view({'C64': np.complex64, 'C128': np.complex128}[dtype])
            values = values.reshape(shape)
            how = {}
            if shape and 0 not in shape and rng.integers(2):
                how['chunks'] = tuple(int(rng.integers(1, n + 1)) for n in shape)
                if rng.integers(2):
                    how['compression'] = 'gzip'
            to.create_dataset(key.replace('.', '/'), data=values, **how)


def shape_of(dtype):
    rank = int(rng.integers(0, 4))
    shape = [int(rng.integers(1, 14)) for _ in range(rank)]
    if rng.integers(30) == 0 and shape:
        shape[-1] = 0
    if TYPES[dtype][2] < 8:
        shape.append(8)
    return shape


def make_pair(n, types, mixed):
    """n tensors for a and b."""
    sides = {}, {}
    for i in range(n):
        dtype = types[int(rng.integers(len(types)))]
        shape = shape_of(dtype)
        count = math.prod(shape) * (2 if dtype.startswith('C') else 1)
        a = draw(dtype, count)
        b, other = change(dtype, a), dtype
        if mixed and not dtype.startswith('C') and TYPES[dtype][2] >= 8:
            real = [t for t in types if not t.startswith('C') and TYPES[t][2] >= 8]
            other = real[int(rng.integers(len(real)))]
            with np.errstate(all='ignore'):
                b = doubles(dtype, b)
                if whole(other):  # NaN is no whole number
                    top = 1 if other == 'BOOL' else 100
                    b = np.clip(np.nan_to_num(b), 0, top)
                b = b.astype(TYPES[other][1]).view(TYPES[other][0])
        sides[0][f'layer{i % 5}.t{i}'] = (dtype, shape, a)
        sides[1][f'layer{i % 5}.t{i}'] = (other, shape, b)
    return sides


# ---- comparing ----

def near(told, want, closely=1e-13):
    if told is None or want is None or math.isinf(want):
        return told is None and (want is None or math.isinf(want))
    return abs(told - want) <= closely * max(abs(want), 1e-300)


def value_of(told):
    return float(told)


def check_spot(told, want, tensor):
    """The place and the values of an extreme."""
    if want is None or told is None:
        return told is None and want is None
    (dtype, shape, a), (other, _, b) = tensor
    lanes = 2 if dtype.startswith('C') else 1
    at = list(np.unravel_index(want // lanes, shape)) if shape else []
    part = None if lanes == 1 else ('real', 'imag')[want % 2]
    with np.errstate(all='ignore'):
        x, y = doubles(dtype, a)[want], doubles(other, b)[want]
    return told['at'] == [int(i) for i in at] and told['part'] == part and all(
        value_of(told[k]) == v or (math.isnan(value_of(told[k])) and math.isnan(v))
        for k, v in (('a', x), ('b', y)))


def check_tensor(told, tensor, tolerance, any_type):
    """What is wrong in an event; '' where nothing is."""
    (dtype, _, a), (other, _, b) = tensor
    want = expect((dtype, other), a, b, tolerance)
    status = 'differ' if want['beyond'] else 'within' if want['differing'] else 'same'
    if dtype != other and not any_type:
        status = 'type'
    wrong = [k for k in ('differing', 'beyond', 'nonfinite') if told[k] != want[k]]
    wrong += ['status'] * (told['status'] != status) + ['values'] * (told['values'] != len(a))
    looked = len(a) > 0 and (want['differing'] > 0 or dtype != other)
    for k in ('nan', 'rms', 'cosine'):
        if not looked:
            wrong += [k] * (told[k] is not None)
        elif k == 'nan':
            wrong += [k] * (told[k] != want[k])
        else:
            wrong += [k] * (not near(told[k], want[k]))
    wrong += ['first'] * (not check_spot(told['first'], want['first'], tensor))
    for k in ('max_abs', 'max_rel', 'max_ulp'):
        spot = want[k]
        wrong += [k] * (not check_spot(told[k], spot and spot[1], tensor))
        if spot and told[k]:
            size = told[k]['size']
            same = size == spot[0] or (size is None and math.isinf(spot[0]))
            wrong += [k + '.size'] * (not same)
    what = f"{told['name']} {dtype} {other}: {', '.join(wrong)}: {told}, not {want}"
    return what if wrong else ''


def tolerance_of(kind):
    if kind == 0:
        return None
    return (float(rng.choice([0, 1e-6, 0.01, 1, 300])), float(rng.choice([0, 1e-7, 1e-3, 0.5])),
            int(rng.choice([0, 1, 4, 1000])))


def compare(case, sides, names, any_type):
    """One call, held against numpy: what is wrong."""
    tolerance = tolerance_of(case % 3)
    options = ['-v', '--json'] + (['--any-type'] if any_type else [])
    if tolerance:
        options += ['--abs', repr(tolerance[0]), '--rel', repr(tolerance[1]),
                    '--ulp', str(tolerance[2])]
    code, out, err = run(*options, '--threads', str(1 + case % 3), *names)
    lines = [json.loads(line) for line in out.splitlines()]
    wrong = [f'{e.message}' for line in lines for e in SCHEMA.iter_errors(line)]
    told = {line['name'].replace('/', '.'): line for line in lines if line['event'] == 'tensor'}
    if set(told) != set(sides[0]):
        wrong.append(f'tensors {sorted(told)} {err}')
    for name in set(told) & set(sides[0]):
        wrong.append(check_tensor(told[name], (sides[0][name], sides[1][name]), tolerance,
                                  any_type))
    differ = any(t['status'] in ('differ', 'type') for t in told.values())
    if code != differ or lines[-1]['exit_code'] != code:
        wrong.append(f'exit code {code}: {err}')
    return [w for w in wrong if w]


def test_numpy():
    pairs = 0
    seen = set()
    for case in range(26):
        wrong, h5 = [], case % 4 == 3
        types = list(HDF5 if h5 and case // 4 % 3 == 2 else SAFE)
        if h5:
            types = [t for t in types if t in HDF5]
        sides = make_pair(40, types, case % 5 == 4)
        seen |= {t[0] for t in sides[0].values()}
        names = [path('a.safetensors'), path('b.safetensors')]
        for side in (0, 1):
            if h5 and case // 4 % 3 in (side, 2):
                names[side] = path(f'{"ab"[side]}.h5')
                write_h5(names[side], sides[side])
            else:
                write(names[side], sides[side])
        for any_type in ([False, True] if case % 5 == 4 else [False]):
            wrong += compare(case, sides, names, any_type)
        pairs += len(sides[0])
        tap.ok(not wrong, f'40 pairs of tensors are as numpy has them, case {case}', *wrong[:3])
    tap.ok(pairs >= 1000 and seen == set(TYPES), f'{pairs} pairs, all types')


def test_table():
    """The table says what the events say."""
    sides = make_pair(60, SAFE, False)
    names = [path('a.safetensors'), path('b.safetensors')]
    for side in (0, 1):
        write(names[side], sides[side])
    run('-q', '--report', path('t.tsv'), *names)
    _, out, _ = run('-v', '--json', *names)
    events = [e for e in map(json.loads, out.splitlines()) if e['event'] == 'tensor']
    with open(path('t.tsv'), encoding='utf-8') as f:
        rows = list(csv.DictReader(f, delimiter='\t'))
    wrong = []
    for row, e in zip(rows, events):
        same = row['tensor'] == e['name'] and row['status'] == e['status']
        same &= row['dtype_a'] == e['dtype'][0] and int(row['values']) == e['values']
        for k in ('max_abs', 'max_rel', 'max_ulp'):
            spot = e[k]
            if spot is None:
                same &= row[k] == 'NA'
                continue
            same &= spot['size'] is None or type(spot['size'])(row[k]) == spot['size']
            at = ','.join(map(str, spot['at'])) or 'scalar'
            same &= row[k + '_at'] == at + (f".{spot['part']}" if spot['part'] else '')
            same &= type(spot['a'])(row[k + '_a']) == spot['a'] or row[k + '_a'] == 'nan'
        for k in ('rms', 'cosine'):
            same &= row[k] in ('NA', 'inf') if e[k] is None else float(row[k]) == e[k]
        wrong += [] if same else [f'{row} {e}']
    tap.ok(len(rows) == len(events) == 60 and not wrong, 'the table says what the events say',
           *wrong[:2])


def test_bit():
    """One bit of 64 MB, wherever it is, and whatever cuts the run."""
    n = 1 << 24
    x = rng.standard_normal(n).astype(np.float32).view(np.uint32)
    write(path('a.safetensors'), {'w': ('F32', [4096, 4096], x)})
    shutil.copy(path('a.safetensors'), path('b.safetensors'))
    size = os.path.getsize(path('b.safetensors'))
    wrong = []
    for case in range(6):
        at = int(rng.integers(n)) if case else n - 1
        with open(path('b.safetensors'), 'r+b') as to:
            to.seek(size - 4 * n + 4 * at)
            old = to.read(4)
            to.seek(-4, os.SEEK_CUR)
            to.write(bytes([old[0] ^ 1]) + old[1:])
        code, out, _ = run('--json', '--memory', '4MiB', path('a.safetensors'),
                           path('b.safetensors'))
        told = [json.loads(e) for e in out.splitlines()]
        told = [e for e in told if e['event'] == 'tensor']
        place = [at // 4096, at % 4096]
        if code != 1 or len(told) != 1 or told[0]['first']['at'] != place or \
                told[0]['differing'] != 1 or told[0]['max_ulp']['size'] != 1:
            wrong.append(f'{place}: {code} {told}')
        with open(path('b.safetensors'), 'r+b') as to:
            to.seek(size - 4 * n + 4 * at)
            to.write(old)
    tap.ok(not wrong, 'one bit of 64 MB is found', *wrong)


# ---- what goes wrong ----

def test_failures():
    """Every line of a report is what the schema says, the last one and only it the result."""
    write(path('a.safetensors'), {'w': ('F32', [2], np.array([1, 2], np.uint32))},
          {'__metadata__': {'step': '1'}})
    write(path('b.safetensors'), {'w': ('F32', [2], np.array([1, 3], np.uint32))},
          {'__metadata__': {'step': '2'}})
    write(path('c.safetensors'), {'w': ('F32', [1, 2], np.array([1, 3], np.uint32))})
    with open(path('cut.safetensors'), 'wb') as to:
        to.write(b'\x40' + bytes(20))
    odd = path(os.fsdecode(b'odd\xff\n.safetensors'))
    write(odd, {})
    names = {c: path(f'{c}.safetensors') for c in ('a', 'b', 'c', 'cut', 'gone')}
    calls = [(0, 'a', 'a'), (1, 'a', 'b'), (1, '-v', '--metadata', 'a', 'b'), (1, 'a', 'c'),
             (2, 'a'), (2, '--bogus', 'a', 'b'), (2, '--exclude', '*', 'a', 'b'),
             (2, '--tensor-option', 'w', 'a', 'b'), (1, '--exclude', 'x', 'a', 'b'),
             (3, 'cut', 'b'), (3, 'a', 'gone'), (5, '--memory', '1MiB', 'a', 'many')]
    many = {f'tensor.{i}': ('F32', [1], np.array([i], np.uint32)) for i in range(9000)}
    names['many'] = path('many.safetensors')
    write(names['many'], many)
    wrong = []
    for want, *args in calls:
        args = [names.get(a, a) for a in args]
        code, out, err = run('--json', *args)
        lines = [json.loads(line) for line in out.splitlines()]
        bad = [e.message for line in lines for e in SCHEMA.iter_errors(line)]
        kinds = [line['event'] for line in lines]
        bad += ['order'] * (kinds[0] != 'start' or kinds[-1] != 'result' or
                            kinds.count('result') != 1)
        last = lines[-1]
        bad += ['code'] * (code != want or last['exit_code'] != want)
        bad += ['words'] * ((last['message'] or '') not in err or (code > 1) != bool(err.strip())
                            and '--exclude' not in args)
        wrong += [f'{args}: {bad}: {code} {err} {last}'] if bad else []
    code, out, _ = run('--json', odd, names['a'])
    lines = [json.loads(line) for line in out.splitlines()]
    bad = [e.message for line in lines for e in SCHEMA.iter_errors(line)]
    hexes = [line['a'].get('path_hex') for line in lines if line['event'] == 'pair']
    if code != 1 or bad or hexes != [os.fsencode(odd).hex()]:
        wrong.append(f'a name that is no UTF-8: {code} {bad} {hexes}')
    tap.ok(not wrong, f'reports of {len(calls)} ends are what the schema says', *wrong)


# ---- h5diff ----

def h5diff(*args):
    """True: they differ."""
    done = subprocess.run(['h5diff', *args], capture_output=True, check=False)
    return None if done.returncode > 1 else done.returncode == 1


def numeric(file):
    """Names of datasets of numbers that can be changed, and are compared."""
    found = []
    _, out, _ = run('-v', '--json', file, file)
    events = [json.loads(line) for line in out.splitlines()]
    # h5diff passes over what one of the two has never written.
    known = [e['name'] for e in events if e['event'] == 'tensor' and e['status'] == 'same' and
             'unwritten' not in e['name']]
    with h5py.File(file, 'r') as f:
        def visit(name, node):
            if isinstance(node, h5py.Dataset) and node.dtype.kind in 'fiu' and \
                    node.size and node.dtype.itemsize in (1, 2, 4, 8) and name in known:
                found.append(name)
        f.visititems(visit)
    return found


def change_one(file, name):
    """Changes one value of a dataset."""
    with h5py.File(file, 'r+') as f:
        d = f[name]
        values = d[()]
        flat = np.atleast_1d(values).reshape(-1)
        at = int(rng.integers(flat.size))
        flat[at] = 1 if flat[at] == 0 or flat[at] != flat[at] else 0
        d[()] = flat.reshape(values.shape) if values.shape else flat[0]


def test_h5_cases():
    if not shutil.which('h5diff'):
        tap.skip('the verdicts of h5diff', 'it is not here')
        return
    wrong, same, differ = [], 0, 0
    for case in sorted(os.listdir(VALID)):
        file, other = os.path.join(VALID, case), path('other.h5')
        if not case.endswith('.h5') or run(file, file)[0] != 0:
            continue
        if h5diff(file, file) is not None:
            same += 1
            wrong += [] if not h5diff(file, file) else [f'{case}: itself']
        shutil.copy(file, other)
        try:
            names = numeric(file)
            if not names:
                continue
            change_one(other, names[int(rng.integers(len(names)))])
        except (OSError, KeyError, ValueError):
            continue  # h5py cannot write it
        theirs, (code, out, err) = h5diff(file, other), run(file, other)
        if theirs is None:
            continue
        differ += 1
        if code != theirs:
            wrong.append(f'{case}: {code}, not {theirs}: {out} {err}')
    tap.ok(not wrong and same > 20 and differ > 15,
           f'the verdicts of h5diff on {same} cases and {differ} changed ones', *wrong)


def test_h5_tolerance():
    """Absolute tolerances; h5diff's relative one is a share of the first file's values."""
    if not shutil.which('h5diff'):
        return
    files = [os.path.join(DIGITS, f'ckpt_{t:05}.h5') for t in (900, 975, 1000)]
    wrong = []
    for a, b in ((0, 1), (1, 2), (0, 2)):
        for size in (1e-9, 1e-3, 0.02, 0.1, 0.5, 1, 100):
            theirs = h5diff('-d', repr(size), '--exclude-attribute', '/step', files[a], files[b])
            code = run('-q', '--abs', repr(size), files[a], files[b])[0]
            if theirs is not None and code != theirs:
                wrong.append(f'{a} {b} abs {size}: {code}, not {theirs}')
            share = h5diff('-p', repr(size), '--exclude-attribute', '/step', files[b], files[a])
            code = run('-q', '--rel', repr(size), files[a], files[b])[0]
            if share is not None and code != share:
                wrong.append(f'{a} {b} rel {size}: {code}, not {share}')
    tap.ok(not wrong, 'the verdicts of h5diff under tolerances', *wrong)


test_numpy()
test_table()
test_bit()
test_failures()
test_h5_cases()
test_h5_tolerance()
tap.finish()
