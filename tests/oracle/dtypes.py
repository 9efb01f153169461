"""dtypes.py - conversions against torch, ml_dtypes and numpy; policies against the safetensors
library. One checkpoint is its own average, so that --dtype alone is what is seen."""
import json
import os
import tempfile

import tap

np, torch, ml_dtypes, safetensors, h5py = tap.need('numpy', 'torch', 'ml_dtypes', 'safetensors',
                                                   'h5py')
import safetensors.torch as st  # noqa: E402

F8 = {torch.float8_e4m3fn: ml_dtypes.float8_e4m3fn, torch.float8_e5m2: ml_dtypes.float8_e5m2,
      torch.float8_e4m3fnuz: ml_dtypes.float8_e4m3fnuz,
      torch.float8_e5m2fnuz: ml_dtypes.float8_e5m2fnuz}
TYPES = {'f64': torch.float64, 'f32': torch.float32, 'f16': torch.float16, 'bf16': torch.bfloat16}
NUMPY = {'f64': np.float64, 'f32': np.float32, 'f16': np.float16, 'bf16': ml_dtypes.bfloat16}
box = tempfile.TemporaryDirectory(prefix='belay-dtypes-')
rng = np.random.default_rng(7)


def path(name):
    return os.path.join(box.name, name)


def average(checkpoints, *options):
    """The average of some dicts of tensors, as a dict."""
    for t, tensors in enumerate(checkpoints):
        st.save_file(tensors, path(f'c_{t}.safetensors'))
    inputs = [path(f'c_{t}.safetensors') for t in range(len(checkpoints))]
    tap.avg('-q', '-f', *options, *inputs, '-o', path('out.safetensors'))
    return st.load_file(path('out.safetensors'))


def bits(x):
    """The bits of a tensor as unsigned numbers, all NaN alike."""
    a = x.contiguous().view({1: torch.uint8, 2: torch.int16, 4: torch.int32,
                             8: torch.int64}[x.element_size()]).numpy()
    a = a.view({1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}[x.element_size()]).copy()
    a[np.isnan(x.to(torch.float64).numpy())] = 1
    return a


def same(name, ours, theirs):
    wrong = np.flatnonzero(bits(ours) != bits(theirs)) if ours.dtype == theirs.dtype else None
    if wrong is None:
        return tap.ok(False, name, f'{ours.dtype}, not {theirs.dtype}')
    return tap.ok(len(wrong) == 0, name, *(
        f'[{i}] is {ours[i].item()!r}, not {theirs[i].item()!r}' for i in wrong[:5]),
        f'{len(wrong)} differ' if len(wrong) else '')


def all_patterns_of_16_bits():
    """Every value of F16 and BF16, in each other type. float32 holds both, so torch's way through
    it is exact."""
    patterns = torch.from_numpy(np.arange(65536, dtype=np.uint16).view(np.int16))
    for source in (torch.float16, torch.bfloat16):
        x = patterns.view(source)
        for name, dtype in TYPES.items():
            got = average([{'x': x}], '--dtype', name, '--nonfinite', 'keep')['x']
            same(f'all of {source} as {name}: torch', got, x.to(dtype))
            with np.errstate(over='ignore', invalid='ignore'):
                theirs = x.to(torch.float32).numpy().astype(NUMPY[name])
            theirs = torch.from_numpy(theirs.view(np.uint16).view(np.int16)).view(dtype) \
                if name == 'bf16' else torch.from_numpy(theirs)
            same(f'all of {source} as {name}: ml_dtypes', got, theirs)


def all_codes_of_8_bits():
    """Every code of the 8-bit types, in all others and in itself."""
    codes = np.arange(256, dtype=np.uint8)
    for source, theirs in F8.items():
        x = torch.from_numpy(codes).view(source)
        for name, dtype in TYPES.items():
            got = average([{'x': x}], '--f8', 'average', '--dtype', name,
                          '--nonfinite', 'keep')['x']
            same(f'all of {source} as {name}: torch', got, x.to(torch.float32).to(dtype))
            values = torch.from_numpy(codes.view(theirs).astype(np.float32))
            same(f'all of {source} as {name}: ml_dtypes', got, values.to(dtype))
        got = average([{'x': x}], '--f8', 'average', '--nonfinite', 'keep')['x']
        same(f'all of {source} come back', got, x)
        got = average([{'x': x}], '--f8', 'copy')['x']
        tap.ok(torch.equal(got.view(torch.uint8), x.view(torch.uint8)),
               f'all of {source} are copied to the bit')


def floats(n):
    """Random bits, and values of all magnitudes that the small types have."""
    wild = rng.integers(0, 1 << 32, n, dtype=np.uint32).view(np.float32)
    tame = np.ldexp(rng.standard_normal(n), rng.integers(-30, 17, n)).astype(np.float32)
    return np.concatenate([wild, tame])


def random_floats():
    """Floats to the small types: torch and ml_dtypes round once, as we do."""
    f = floats(5_000_000)
    x = torch.from_numpy(f)
    for name in ('f16', 'bf16'):
        got = average([{'x': x}], '--dtype', name, '--nonfinite', 'keep')['x']
        same(f'10^7 floats as {name}: torch', got, x.to(TYPES[name]))
        with np.errstate(over='ignore', invalid='ignore'):
            theirs = f.astype(NUMPY[name]).view(np.int16)
        same(f'10^7 floats as {name}: ml_dtypes', got, torch.from_numpy(theirs).view(TYPES[name]))


def round_once(d, fraction, least, largest):
    """Doubles rounded once to a type with so many fraction bits, whose smallest exponent is least:
    to whole units of the last place, which ldexp makes exactly."""
    _, e = np.frexp(d)
    unit = np.maximum(e - 1, least) - fraction
    r = np.ldexp(np.rint(np.ldexp(d, -unit)), unit)
    return np.where(np.abs(r) > largest, np.copysign(np.inf, r), r)


def random_doubles():
    """Doubles: torch and ml_dtypes round by way of float, so they are held against numpy, which
    rounds once to F16, and arithmetic."""
    d = np.ldexp(rng.standard_normal(10_000_000), rng.integers(-30, 17, 10_000_000))
    x = torch.from_numpy(d)
    got = average([{'x': x}], '--dtype', 'f16', '--nonfinite', 'keep')['x']
    with np.errstate(over='ignore'):
        same('10^7 doubles as f16: numpy', got, torch.from_numpy(d.astype(np.float16)))
    once = round_once(d, 10, -14, 65504)
    same('10^7 doubles as f16, rounded once', got.to(torch.float64), torch.from_numpy(once))
    theirs = x.to(torch.float16)
    off = int((got != theirs).sum())
    tap.ok(0 < off < len(d) / 5000, 'torch rounds doubles to f16 twice, which shows now and then',
           f'{off} of {len(d)} differ')
    got = average([{'x': x}], '--dtype', 'bf16', '--nonfinite', 'keep')['x']
    once = round_once(d, 7, -126, 3.4e38)
    same('10^7 doubles as bf16, rounded once', got.to(torch.float64), torch.from_numpy(once))
    off = int((got != x.to(torch.bfloat16)).sum())
    tap.ok(0 < off < len(d) / 50000, 'torch rounds doubles to bf16 twice, too',
           f'{off} of {len(d)} differ')
    got = average([{'x': x}], '--dtype', 'f32')['x']
    same('10^7 doubles as f32: torch', got, x.to(torch.float32))


def means_of_8_bits():
    """The mean of two codes, for all pairs: exact in float32 but for the widest pairs of e5m2."""
    a, b = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    for source, theirs in F8.items():
        x, y = (torch.from_numpy(c.ravel().copy()).view(source) for c in (a, b))
        finite = torch.isfinite(x.float()) & torch.isfinite(y.float())
        x, y = x[finite], y[finite]
        got = average([{'x': x}, {'x': y}], '--f8', 'average', '--method', 'uniform')['x']
        mean = (x.to(torch.float64) + y.to(torch.float64)) / 2
        want = torch.from_numpy(mean.numpy().astype(theirs).view(np.uint8)).view(source)
        # The mean of 0 and -0 has the sign of the last here, and is 0 there.
        once = (mean.to(torch.float32).to(torch.float64) == mean) & (mean != 0)
        same(f'all means of two of {source}: ml_dtypes', got[once], want[once])


def opaque_bfloat16():
    """What h5py makes of bfloat16: two opaque bytes, as Keras has them in its older files."""
    ways = {'contiguous': {}, 'chunked': {'chunks': (3, 4)},
            'deflated': {'chunks': (5, 2), 'compression': 'gzip', 'shuffle': True}}
    x = [rng.standard_normal((7, 9)).astype(ml_dtypes.bfloat16) for _ in range(4)]
    inputs = [path(f'opaque_{t}.h5') for t in range(len(x))]
    for name, values in zip(inputs, x):
        with h5py.File(name, 'w') as f:
            for way, how in ways.items():
                f.create_dataset(f'a/{way}', data=values.view('V2'), **how)
            f['a/three'] = np.zeros(2, 'V3')
            f['a/float'] = values.astype(np.float32)
    want = {'bf16': (sum(v.astype(np.float64) for v in x) / 4).astype(np.float32), 'copy': x[-1]}
    for word, value in want.items():
        tap.avg('-q', '-f', '--method', 'uniform', '--opaque2', word, *inputs, '-o', path('o.h5'))
        with h5py.File(path('o.h5')) as f:
            good = [f[f'a/{way}'].dtype == np.dtype('V2') and f[f'a/{way}'][()].tobytes() ==
                    value.astype(ml_dtypes.bfloat16).tobytes() for way in ways]
            tap.ok(all(good) and np.array_equal(f['a/float'][()], want['bf16']),
                   f'opaque data of two bytes, --opaque2={word}', good)


def loads_as_ever():
    """A retyped checkpoint of many types: the library loads it, metadata and copies are there."""
    tensors = {'w': torch.randn(5, 3), 'b': torch.randn(7).to(torch.bfloat16),
               'n': torch.tensor(7), 'mask': torch.tensor([True, False]),
               'z': torch.randn(2, dtype=torch.complex64), 'empty': torch.zeros(0, 4)}
    st.save_file(tensors, path('c_0.safetensors'), metadata={'format': 'pt', 'step': '300'})
    for name, dtype in TYPES.items():
        tap.avg('-q', '-f', '--dtype', name, path('c_0.safetensors'), '-o', path('o.safetensors'))
        got = st.load_file(path('o.safetensors'))
        good = set(got) == set(tensors) and got['w'].dtype == got['b'].dtype == dtype and \
            got['empty'].dtype == dtype and got['empty'].shape == (0, 4) and \
            all(torch.equal(got[k], tensors[k]) for k in ('n', 'mask', 'z')) and \
            torch.equal(got['w'], tensors['w'].to(dtype))
        tap.ok(good, f'a checkpoint as {name} loads', got)
        with safetensors.safe_open(path('o.safetensors'), 'pt') as f:
            meta = f.metadata()
        tap.ok(meta['format'] == 'pt' and meta['step'] == '300' and
               json.loads(meta['belay'])['settings'] == {'dtype': name}, f'its metadata, as {name}',
               meta)
    # The library writes the same file.
    tap.avg('-q', '-f', '--dtype', 'f16', '--no-provenance', path('c_0.safetensors'), '-o',
            path('o.safetensors'))
    del tensors['n'], tensors['mask']
    st.save_file(tensors, path('c_0.safetensors'))
    tap.avg('-q', '-f', '--dtype', 'f16', '--no-provenance', path('c_0.safetensors'), '-o',
            path('o.safetensors'))
    st.save_file({k: v if k == 'z' else v.to(torch.float16) for k, v in tensors.items()},
                 path('theirs.safetensors'))
    with open(path('o.safetensors'), 'rb') as f, open(path('theirs.safetensors'), 'rb') as g:
        tap.ok(f.read() == g.read(), 'the file is the one that the library writes')


def unions():
    """Random gaps: every tensor is the weighted mean over those that have it."""
    names = [f't{i}' for i in range(12)]
    steps = 6
    has = rng.random((steps, len(names))) < 0.6
    has[:, 0] = True
    checkpoints = [{n: torch.from_numpy(rng.standard_normal(9)) for i, n in enumerate(names)
                    if has[t, i]} for t in range(steps)]
    got = average(checkpoints, '--missing', 'union', '--half-life', '2')
    with safetensors.safe_open(path('out.safetensors'), 'pt') as f:
        weights = [float.fromhex(w) for w in json.loads(f.metadata()['belay'])['weights']]
    present = {n for c in checkpoints for n in c}
    tap.ok(set(got) == present, 'a union has all names', set(got) ^ present)
    worst = 0.0
    for n in present:
        total = sum(w for w, c in zip(weights, checkpoints) if n in c)
        want = sum(w / total * c[n] for w, c in zip(weights, checkpoints) if n in c)
        worst = max(worst, float((got[n] - want).abs().max()))
    tap.ok(worst < 4e-15, 'a union averages with the weights of those that have it', worst)
    got = average(checkpoints, '--missing', 'skip')
    tap.ok(set(got) == {n for i, n in enumerate(names) if has[:, i].all()},
           'what some lack is left out')
    got = average(checkpoints, '--missing', 'copy')
    tap.ok(set(got) == set(checkpoints[-1]) and
           all(torch.equal(got[n], checkpoints[-1][n]) for i, n in enumerate(names)
               if n in got and not has[:, i].all()), 'what some lack is copied from the last')


if __name__ == '__main__':
    for check in (all_patterns_of_16_bits, all_codes_of_8_bits, random_floats, random_doubles,
                  means_of_8_bits, opaque_bfloat16, loads_as_ever, unions):
        tap.case(check)
    box.cleanup()
    tap.finish()
