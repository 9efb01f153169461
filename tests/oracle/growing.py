"""growing.py - runs that grow (--state): folded in one at a time, or some at a time, the
checkpoints of a real run give what one replay of all of them gives, and only what is new is read.

Needs nothing but Python.
"""
import array
import glob
import json
import os
import random
import shutil
import struct
import sys
import tempfile

import tap

ST = sorted(glob.glob(os.path.join(tap.DATA, 'digits', 'ckpt_*.safetensors')))
H5 = sorted(glob.glob(os.path.join(tap.DATA, 'digits', 'ckpt_*.h5')))
SETTINGS = {
    'ema': ['--half-life=60'],
    'ema, start zero': ['--decay=0.997', '--start=zero'],
    'ema, hold mid': ['--mean-age=90', '--hold=mid'],
    'ema, every 25': ['--half-life=100', '--update-every=25', '--hold=left'],
    'ema, warm': ['--half-life=300', '--warmup=tf'],
    'ema, warm as in diffusers': ['--decay=0.999', '--warmup=diffusers:1,2/3,60',
                                  '--start=zero', '--hold=right'],
    'spring': ['--method=spring', '--half-life=40'],
    'spring, light': ['--method=spring', '--half-life=80', '--damping=0.2', '--hold=right'],
    'spring, heavy': ['--method=spring', '--half-life=200', '--damping=300'],
    'belay': ['--method=belay', '--half-life=50'],
    'belay, damped': ['--method=belay', '--half-life=50', '--damping=1', '--hold=right'],
    'belay, model': ['--method=belay', '--half-life=100', '--damping=0.5', '--particle=model',
                     '--gain=0.7', '--restore=0.003'],
    'belay, adrift': ['--method=belay', '--half-life=100', '--restore=0'],
    'uniform': ['--method=uniform'],
    'trapezoid': ['--method=trapezoid'],
    'power': ['--method=power', '--rel-std=0.12'],
    'power, right': ['--method=power', '--rel-std=0.2', '--hold=right'],
    'bema': ['--method=bema'],
    'bema, slow': ['--method=bema', '--bema-lag=3', '--bema-ema-power=0.8', '--bema-min=0.05'],
}
BOUND = 1e-12
box = tempfile.TemporaryDirectory()
rng = random.Random(5)


def path(name):
    """A path in the folder of this test."""
    return os.path.join(box.name, name)


def content(name):
    """The bytes of a file."""
    with open(name, 'rb') as f:
        return f.read()


def load(name):
    """A safetensors file: ({name: (dtype, shape, bytes)}, metadata)."""
    data = content(name)
    n = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + n])
    data = data[8 + n:]
    meta = header.pop('__metadata__', {})
    return {k: (v['dtype'], v['shape'], data[slice(*v['data_offsets'])])
            for k, v in header.items()}, meta


def floats(dtype, data):
    """Values of a tensor of floats."""
    a = array.array({'F64': 'd', 'F32': 'f'}[dtype], data)
    if sys.byteorder == 'big':
        a.byteswap()
    return a


def distance(a, b):
    """Largest difference of two files, relative to the largest value of the tensor; all else must
    be the same."""
    a, meta_a = load(a)
    b, meta_b = load(b)
    if meta_a != meta_b or a.keys() != b.keys():
        return f'metadata or names differ: {meta_a} {meta_b}'
    worst = 0.0
    for k, (dtype, shape, data) in a.items():
        if (dtype, shape) != b[k][:2]:
            return f'{k}: {dtype} {shape} {b[k][:2]}'
        if dtype not in ('F64', 'F32'):
            if data != b[k][2]:
                return f'{k}: differs'
            continue
        x, y = floats(dtype, data), floats(dtype, b[k][2])
        largest = max(map(abs, y), default=0.0) or 1.0
        worst = max(worst, max((abs(p - q) / largest for p, q in zip(x, y)), default=0.0))
    return worst


def close(a, b):
    """Are two files the same within the bound?"""
    d = distance(a, b)
    return isinstance(d, float) and d <= BOUND, d


def grow(state, out, options, groups):
    """Folds groups of checkpoints into a state."""
    for group in groups:
        tap.avg('-q', '--state', state, *options, *group, '-o', out)


def as_safetensors(name):
    """An HDF5 file as safetensors."""
    tap.avg('-q', '-f', '--allow-averages', '--no-provenance', name, '-o', name + '.safetensors')
    return name + '.safetensors'


def one_at_a_time():
    """All checkpoints, one by one; every now and then the result is that of one replay."""
    for name, options in SETTINGS.items():
        every = [*options, '--dtype=f64']
        far = 0.0
        for f in ('grown.safetensors', 'state'):
            if os.path.exists(path(f)):
                os.remove(path(f))
        for n, f in enumerate(ST, 1):
            tap.avg('-q', '--state', path('state'), *every, f, '-o', path('grown.safetensors'))
            if n not in (1, 2, 17, len(ST)):
                continue
            tap.avg('-q', '-f', *every, *ST[:n], '-o', path('whole.safetensors'))
            holds, d = close(path('grown.safetensors'), path('whole.safetensors'))
            if not holds:
                tap.ok(False, f'{name}: after {n}', d)
                break
            far = max(far, d)
        else:
            tap.ok(True, f'{name}: 41 checkpoints, one at a time')
            tap.note(f'{name}: {far:.1e}')


def in_groups():
    """Several at a time, at irregular times, some given again; the state is the same wherever it
    was left."""
    times = sorted(rng.sample(range(1, 5000), len(ST)))
    files = []
    for f, t in zip(ST, times):
        files.append(path(f'run-{t}.safetensors'))
        shutil.copy(f, files[-1])
    for name, options in SETTINGS.items():
        if 'every' in name:
            continue
        every = [*options, '--dtype=f64']
        at, groups = 0, []
        while at < len(files):
            n = rng.randrange(1, 9)
            groups.append(files[max(0, at - rng.randrange(3)):at + n])
            at += n
        for f in ('groups.safetensors', 'state.groups'):
            if os.path.exists(path(f)):
                os.remove(path(f))
        grow(path('state.groups'), path('groups.safetensors'), every, groups)
        tap.avg('-q', '-f', *every, *files, '-o', path('whole.safetensors'))
        holds, d = close(path('groups.safetensors'), path('whole.safetensors'))
        tap.ok(holds, f'{name}: irregular times, some at a time', d)


def hdf5():
    """The same from HDF5; and the average is that of safetensors, bit for bit."""
    for name in ('ema', 'belay, damped', 'uniform'):
        every = [*SETTINGS[name], '--dtype=f64', '--no-provenance']
        groups = [H5[:3], *[[f] for f in H5[3:9]], H5[9:30], H5[25:]]
        outs = {}
        for kind, files in (('h5', groups), ('safetensors', [
                [f[:-2] + 'safetensors' for f in g] for g in groups])):
            outs[kind] = path(f'{name.split(",")[0]}.hdf5.{kind}')
            grow(outs[kind] + '.state', outs[kind], every, files)
        tap.avg('-q', *every, *H5, '-o', path(f'{name.split(",")[0]}.whole.h5'))
        a = as_safetensors(outs['h5'])
        holds, d = close(a, as_safetensors(path(f'{name.split(",")[0]}.whole.h5')))
        tap.ok(holds, f'{name}: HDF5', d)
        mine, theirs = load(a)[0], load(outs['safetensors'])[0]
        tap.ok(mine == theirs, f'{name}: HDF5 and safetensors to the bit')
        s, t = load(outs['h5'] + '.state')[0], load(outs['safetensors'] + '.state')[0]
        tap.ok({k.replace('/', '.'): v for k, v in s.items()}
               == {k.replace('/', '.'): v for k, v in t.items()}, f'{name}: one state from both')


def sweeps():
    """Many outputs keep their vectors in one file."""
    options = ['--method=spring', '--half-life=20,60,180', '--damping=0.5,1,inf', '--dtype=f64']
    out = path('sweep_{half-life}_{damping}.safetensors')
    grow(path('sweep.state'), out, options, [ST[:1], ST[1:4], ST[4:5], ST[5:]])
    tap.avg('-q', *options, *ST, '-o', path('once_{half-life}_{damping}.safetensors'))
    wrong = []
    for h in (20, 60, 180):
        for z in ('0.5', '1', 'inf'):
            holds, d = close(path(f'sweep_{h}_{z}.safetensors'), path(f'once_{h}_{z}.safetensors'))
            if not holds:
                wrong.append((h, z, d))
    tap.ok(not wrong, 'a sweep of nine', wrong)
    tensors, meta = load(path('sweep.state'))
    vectors = [o['vectors'] for o in json.loads(meta['belay.state'])['outputs']]
    tap.ok(vectors == [2, 2, 1] * 3, 'without inertia one vector is kept', vectors)
    tap.ok(all(v[1][0] == 15 and v[0] == 'F64' for k, v in tensors.items()
               if k.startswith('mean/')), 'all vectors are in one tensor')


def what_is_kept():
    """The first vector is the average before rounding; the last checkpoint is there as it was."""
    options = ['--method=belay', '--half-life=50', '--damping=2']
    grow(path('kept.state'), path('kept.safetensors'), options, [ST[:9], ST[9:20]])
    state, meta = load(path('kept.state'))
    out, last = load(path('kept.safetensors'))[0], load(ST[19])[0]
    wrong = [k for k, (dtype, shape, data) in out.items() if dtype == 'F32' and
             floats('F32', data) != array.array('f', floats(
                 *state['mean/' + k][::2])[:len(data) // 4])]
    tap.ok(not wrong, 'the first vector, rounded, is the output', wrong)
    kept = {k[5:]: v for k, v in state.items() if k.startswith('last/')}
    tap.ok(kept == {k: v for k, v in last.items() if v[0] == 'F32'},
           'the last checkpoint is kept to the bit, but for what is copied')
    about = json.loads(meta['belay.state'])
    tap.ok([c['time'] for c in about['checkpoints']] == list(range(0, 500, 25)),
           'the checkpoints are recorded')
    os.remove(path('kept.safetensors'))
    tap.avg('-q', '--state', path('kept.state'), *options, ST[19], '-o', path('kept.safetensors'))
    tap.ok(load(path('kept.safetensors'))[0] == out, 'an output that is gone is made again')
    before = content(path('kept.state'))
    tap.avg('-q', '--state', path('kept.state'), *options, *ST[:20], '-o',
            path('kept.safetensors'))
    tap.ok(content(path('kept.state')) == before, 'what is known changes nothing')


def nothing_else_matters():
    """Threads, memory and instruction sets change no byte of an output or a state."""
    options = ['--method=belay', '--half-life=50,100', '--damping=1']
    want = None
    for n, (more, env) in enumerate([([], {}), (['--threads=1'], {}), (['--threads=3'], {}),
                                     (['--memory=3MiB'], {}), ([], {'BELAY_CPU': 'base'})]):
        for group in (H5[:5], H5[5:6], H5[6:9]):
            tap.avg('-q', '--state', path(f'ways{n}.state'), *options, *more, *group, '-o',
                    path(f'ways{n}_{{half-life}}.h5'), env=env)
        got = [content(path(f'ways{n}_50.h5')), content(path(f'ways{n}_100.h5')),
               load(path(f'ways{n}.state'))[0]]
        want = want or got
        tap.ok(got == want, f'the same bytes: {more or env or "as it is"}')


def read_by(args):
    """Bytes that a run reads."""
    child = os.spawnv(os.P_NOWAIT, tap.AVG, [tap.AVG, *args])
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    with open(f'/proc/{child}/io', encoding='ascii') as f:
        n = int(f.readline().split(':')[1])
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(args)
    return n


def one_read():
    """What is read is the state and the new checkpoint, not those that are known."""
    elements = 1 << 20
    files = []
    for step in range(10, 90, 10):
        files.append(path(f'big-{step}.safetensors'))
        header = json.dumps({'w': {'dtype': 'F32', 'shape': [elements],
                                   'data_offsets': [0, 4 * elements]}}).encode()
        with open(files[-1], 'wb') as f:
            f.write(struct.pack('<Q', len(header)) + header)
            f.truncate(8 + len(header) + 4 * elements)
    args = ['-q', '--state', path('big.state'), '--half-life=30']
    tap.avg(*args, *files[:7], '-o', path('big.safetensors'))
    n = read_by([*args, *files, '-o', path('big.safetensors')])
    # One vector of doubles, the last checkpoint, the new one; and what every program reads.
    want = (8 + 4 + 4) * elements
    tap.ok(want <= n <= want + (1 << 19), 'one more checkpoint costs one read', n, want)


def damaged():
    """Whatever a state holds, the run ends with a word about it, or is right about it; it leaves
    the state as it is where it fails."""
    options = ['-q', '-f', '--method=belay', '--half-life=50', '--damping=1', '--threads=1']
    state, out = path('hurt.state'), path('hurt.safetensors')
    tap.avg(*options, '--state', state, *ST[:3], '-o', out)
    whole = content(state)
    head = 8 + struct.unpack('<Q', whole[:8])[0]
    codes = {}
    for n in range(150):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(head)] = rng.choice(b'0123456789"{}[],:-axe\\\0\xff ')
        if n % 10 == 0:
            data = data[:rng.randrange(len(data))]
        with open(state, 'wb') as f:
            f.write(data)
        r = tap.run(*options, '--state', state, ST[3], '-o', out)
        codes[r.returncode] = codes.get(r.returncode, 0) + 1
        if r.returncode not in (0, 2, 3) or (
                r.returncode and (content(state) != data or not r.stderr)):
            tap.ok(False, 'a damaged state', r.returncode, r.stderr.decode(errors='replace'),
                   bytes(data[:head]))
            return
    tap.ok(codes.get(3, 0) > 50, '150 damaged states', codes)


for check in (one_at_a_time, in_groups, hdf5, sweeps, what_is_kept, nothing_else_matters,
              damaged):
    tap.case(check)
if os.path.exists('/proc/self/io') and not tap.sanitized():
    tap.case(one_read)
box.cleanup()
tap.finish()
