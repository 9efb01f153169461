"""drift.py - belay-show --drift against numpy and exact sums: the same bits, whatever the format.

The numbers are computed from the definition in lib/drift.h, with math.fsum, which rounds once.
"""
import csv
import io
import json
import math
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET

import tap

np, torch, ml_dtypes, h5py, safetensors = tap.need('numpy', 'torch', 'ml_dtypes', 'h5py',
                                                   'safetensors')
import safetensors.torch as st  # noqa: E402

SHOW = os.path.join(tap.BUILD, 'belay-show')
NUMBERS = ['movement', 'to_last', 'to_average', 'norm', 'cosine']
SVG = '{http://www.w3.org/2000/svg}'
box = tempfile.TemporaryDirectory(prefix='belay-drift-')
rng = np.random.default_rng(11)


def path(name):
    return os.path.join(box.name, name)


def show(*args):
    done = subprocess.run([SHOW, '--drift', *args], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return done.stdout.decode()


def length(x, y):
    """The root of the exact sum of squares as doubles, of what is finite in both."""
    with np.errstate(all='ignore'):
        terms = ((x - y) ** 2)[np.isfinite(x) & np.isfinite(y)]
    return math.sqrt(math.fsum(terms)) if np.isfinite(terms).all() else math.inf


def expected(xs, weights):
    """The numbers of one tensor from its checkpoints, flat doubles each."""
    last, points = xs[-1], []
    divisor = 1
    if len({w for w in weights if w}) == 1:  # a mean is a sum, divided at the end
        divisor = sum(w != 0 for w in weights)
        weights = [float(w != 0) for w in weights]
    with np.errstate(all='ignore'):
        # As lib/run.h has it: the last checkpoint with a weight less the weighted differences.
        ref = xs[max(t for t, w in enumerate(weights) if w)]
        total = np.zeros_like(ref)
        for x, w in zip(xs, weights):
            if w and x is not ref:
                total = total + w * (ref - x)
        average = ref - total / divisor
    for t, x in enumerate(xs):
        p = {'to_last': length(x, last), 'to_average': length(x, average),
             'norm': length(x, np.zeros_like(x)), 'movement': None, 'cosine': None,
             'nonfinite': int((~np.isfinite(x)).sum())}
        if t > 0:
            p['movement'] = length(x, xs[t - 1])
        lengths = (p['movement'] or 0) * (points[-1]['movement'] or 0) if t > 1 else 0
        if 0 < lengths < math.inf:
            with np.errstate(all='ignore'):
                turn = (x - xs[t - 1]) * (xs[t - 1] - xs[t - 2])
            turn = turn[np.isfinite(x) & np.isfinite(xs[t - 1]) & np.isfinite(xs[t - 2])]
            p['cosine'] = max(-1, min(1, math.fsum(turn) / lengths))
        points.append({k: None if v is None or math.isinf(v) else v for k, v in p.items()})
    return points


def check(name, told, tensors):
    """tensors: per name the checkpoints' values as doubles, complex as two."""
    weights = [float.fromhex(w) for w in told['average']['weights_hex']]
    flat = {k: [np.asarray(x).ravel() for x in v] for k, v in tensors.items()}
    ours = {t['name']: t for t in told['tensors']}
    tap.ok(sorted(ours) == sorted(flat), f'{name}: the tensors', sorted(ours))
    flat[None] = [np.concatenate([v[t] for v in flat.values()]) for t in range(len(weights))]
    ours[None] = told['model']
    for key, xs in flat.items():
        points = expected(xs, weights)
        wrong = [(k, t, got, p[k]) for k in NUMBERS + ['nonfinite']
                 for t, (got, p) in enumerate(zip(ours[key][k], points)) if got != p[k]]
        tap.ok(not wrong and ours[key]['values'] == len(xs[0]),
               f'{name}: {key or "the model"}, to the last bit', wrong[:5])


def doubles(x):
    x = x.resolve_conj() if isinstance(x, torch.Tensor) else x
    if isinstance(x, torch.Tensor):
        x = torch.view_as_real(x) if x.is_complex() else x
        return x.to(torch.float64).numpy()
    return np.asarray(x, dtype=np.float64)


def walk(shape, steps, scale=0.1):
    return np.cumsum(rng.normal(size=(steps, *shape)) * scale, axis=0) + rng.normal(size=shape)


def types():
    """All types that average; integers and FP8 are left out."""
    steps = 6
    sources = {
        'f64': torch.float64, 'f32': torch.float32, 'f16': torch.float16, 'bf16': torch.bfloat16}
    runs = {k: [torch.from_numpy(x).to(d) for x in walk((37, 53), steps)]
            for k, d in sources.items()}
    runs['wide'] = [torch.from_numpy(x * 10.0 ** rng.integers(-30, 30, (3000,)))
                    for x in walk((3000,), steps)]
    runs['c64'] = [torch.complex(a, b) for a, b in zip(runs['f32'], reversed(runs['f32']))]
    runs['scalar'] = [x[0, 0].clone() for x in runs['f32']]
    runs['still'] = [runs['f32'][0].clone()] * steps
    runs['empty'] = [torch.zeros((0, 4))] * steps
    runs['large'] = [torch.full((5,), 1e200 * t, dtype=torch.float64) for t in range(steps)]
    runs['tiny'] = [torch.full((5,), 3e-160 * t, dtype=torch.float64) for t in range(steps)]
    runs['wild'] = [x.clone() for x in runs['f32']]
    for t, value in ((1, math.nan), (2, math.inf), (4, -math.inf)):
        runs['wild'][t][t, 7:9] = value
    runs['masked'] = [x.clone() for x in runs['f16']]
    for x in runs['masked']:
        x[:, 5] = -math.inf
    for t in range(steps):
        out = {k: v[t].contiguous() for k, v in runs.items()}
        out['count'] = torch.tensor(t)
        out['f8'] = out['f32'].to(torch.float8_e4m3fn)
        st.save_file(out, path(f'types_{t}.safetensors'))
    files = [path(f'types_{t}.safetensors') for t in range(steps)]
    for options in ([], ['--method=window', '--window=3'], ['--method=spring', '--damping=0.3'],
                    ['--threads=1', '--memory=4MiB']):
        told = json.loads(show('--json', *options, *files))
        check(' '.join(['types', *options]), told,
              {k: [doubles(x) for x in v] for k, v in runs.items()})
        tap.ok(told['left_out'] == 2, 'integers and FP8 are left out', told['left_out'])


def layouts():
    """Chunks, compression, byte order and shards change no bit."""
    steps, told = 9, {}
    values = [{'a/kernel': x, 'b/kernel': y, 'b/bias': z} for x, y, z in zip(
        walk((210, 130), steps).astype(np.float32), walk((25, 14000), steps).astype(np.float32),
        walk((11,), steps, 1e-6))]
    layout = {
        'plain': {}, 'chunks': {'chunks': (16, 24)}, 'tall': {'chunks': (5, 1)},
        'gzip': {'chunks': (3, 100), 'compression': 'gzip', 'shuffle': True}}
    for t, tensors in enumerate(values):
        st.save_file({k.replace('/', '.'): torch.from_numpy(v) for k, v in tensors.items()},
                     path(f'one_{t}.safetensors'))
        for name, options in layout.items():
            with h5py.File(path(f'{name}_{t}.h5'), 'w') as f:
                for k, v in tensors.items():
                    f.create_dataset(k, data=v, **(options if v.ndim > 1 else {}))
        with h5py.File(path(f'big_{t}.h5'), 'w') as f:
            for k, v in tensors.items():
                f.create_dataset(k, data=v, dtype=v.dtype.newbyteorder('>'))
        with h5py.File(path(f'mixed_{t}.h5'), 'w') as f:
            for k, v in tensors.items():
                f.create_dataset(k, data=v, chunks=(2 + t,) if v.ndim == 1 else (2 + t, 50))
        folder = path(f'shards-{t}')
        os.makedirs(folder)
        index = {'metadata': {}, 'weight_map': {}}
        for n, (k, v) in enumerate(tensors.items()):
            file = f'model-{n + 1:05}-of-00003.safetensors'
            st.save_file({k.replace('/', '.'): torch.from_numpy(v)}, os.path.join(folder, file))
            index['weight_map'][k.replace('/', '.')] = file
        with open(os.path.join(folder, 'model.safetensors.index.json'), 'w',
                  encoding='utf-8') as f:
            json.dump(index, f)
    patterns = {f'{k}': f'{k}_{{}}.h5' for k in [*layout, 'big', 'mixed']}
    patterns.update(safetensors='one_{}.safetensors', shards='shards-{}')
    for name, pattern in patterns.items():
        files = [path(pattern.format(t)) for t in range(steps)]
        for options in ([], ['--threads=1'], ['--threads=3', '--memory=32MiB']):
            one = json.loads(show('--json', *options, *files))
            told[name, *options] = {
                'model': one['model'],
                **{t['name'].replace('/', '.'): {k: t[k] for k in NUMBERS}
                   for t in one['tensors']}}
    first = next(iter(told.values()))
    for name, numbers in told.items():
        tap.ok(numbers == first, f'{" ".join(name)}: the same bits')
    check('layouts', json.loads(show('--json', *(path(f'plain_{t}.h5') for t in range(steps)))),
          {k: [doubles(v[k]) for v in values] for k in values[0]})


def digits():
    """The real run: TSV and JSON tell the same, in both formats, and what numpy makes of it."""
    folder = os.path.join(tap.DATA, 'digits')
    told = {}
    for suffix in ('h5', 'safetensors'):
        files = sorted(f for f in os.listdir(folder) if re.fullmatch(rf'ckpt_\d+\.{suffix}', f))
        files = [os.path.join(folder, f) for f in files]
        told[suffix] = json.loads(show('--json', *files))
    ours = told['h5']
    tap.ok(all(ours['model'][k] == told['safetensors']['model'][k] for k in NUMBERS),
           'digits: both formats')
    values = [st.load_file(f) for f in files]
    names = {k: k.replace('/', '.') for k in (t['name'] for t in ours['tensors'])}
    check('digits', ours, {k: [doubles(v[n]) for v in values] for k, n in names.items()})
    rows = list(csv.DictReader(io.StringIO(show('--tsv', *files)), delimiter='\t'))
    tensors = {t['name']: t for t in told['safetensors']['tensors']}
    wrong = 0
    for i, row in enumerate(rows):
        t = i % len(files)
        of = told['safetensors']['model'] if row['scope'] == 'model' else tensors[row['tensor']]
        for k in NUMBERS:
            want = of[k][t]
            wrong += not (row[k] == 'NA' if want is None else float(row[k]) == want)
        wrong += row['checkpoint'] != files[t] or int(row['nonfinite']) != of['nonfinite'][t]
    tap.ok(len(rows) == (len(tensors) + 1) * len(files) and not wrong, 'digits: the table', wrong)


def picture():
    """Marks stand where a logarithmic axis has their numbers."""
    folder = os.path.join(tap.DATA, 'digits')
    files = sorted(os.path.join(folder, f) for f in os.listdir(folder)
                   if re.fullmatch(r'ckpt_\d+\.h5', f))
    model = json.loads(show('--json', *files))['model']
    root = ET.fromstring(show('--svg=-', *files))
    texts = [(float(e.get('x', 0)), float(e.get('y', 0)), e.get('text-anchor', 'start'),
              float(e.get('font-size', 13)), e.text) for e in root.iter(SVG + 'text')
             if not e.get('transform')]
    labels = [(y - 4.5, float(s[:-1])) for x, y, a, _, s in texts if x < 90 and s.endswith('%')]
    slope, start = np.polyfit([math.log10(v) for _, v in labels], [y for y, _ in labels], 1)
    marks = [(float(e.get('cx')), float(e.get('cy')), e.find(SVG + 'title').text)
             for e in root.iter(SVG + 'circle') if e.find(SVG + 'title') is not None]
    worst = 0
    for n, (x, y, hint) in enumerate(sorted(marks)):
        time, value = hint.split(': ')
        worst = max(worst, abs(float(value) / model['to_last'][n] - 1) * 1e3,
                    abs(slope * math.log10(100 * model['to_last'][n] / model['norm'][-1]) + start
                        - y), abs(92 + int(time) / 1000 * 378 - x))
    tap.ok(len(labels) > 3 and len(marks) == 40 and worst < 0.02, 'picture: marks of the distance',
           len(labels), len(marks), worst)
    off = [t for x, y, a, size, t in texts if t and not (
        0 <= x - {'start': 0, 'middle': 0.3, 'end': 0.6}[a] * size * len(t) and
        x + {'start': 0.6, 'middle': 0.3, 'end': 0}[a] * size * len(t) <= 960 and 0 < y < 540)]
    tap.ok(not off, 'picture: texts are on the page', off)
    cells = sum(len(re.findall('M', e.get('d'))) for e in root.iter(SVG + 'path')
                if e.get('fill', '').startswith('#') and 'Z' in e.get('d'))
    tap.ok(cells > 200, 'picture: a map of the tensors', cells)


tap.case(types)
tap.case(layouts)
tap.case(digits)
tap.case(picture)
tap.finish()
