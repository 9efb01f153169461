"""hdf5_oracle.py - what h5py and h5dump see of a clone is what they see of the original: types,
shapes, layouts, filters, attributes, links, orders, data; or doubled data where it is averaged."""
import difflib
import glob
import os
import random
import re
import shutil
import subprocess
import tempfile

import tap

np, h5py = tap.need('numpy', 'h5py')
from hdf5_seen import describe, differences  # noqa: E402

CLONE = os.path.join(tap.BUILD, 'tests', 'unit', 'clone_h5')
BOX = tempfile.TemporaryDirectory()
FILES = 60

def dump(path):
    """What h5dump prints, but for the sizes of compressed data, which are zlib's affair, and the
    places of data that had none."""
    r = subprocess.run(['h5dump', '-p', path], capture_output=True, check=False)
    text = r.stdout.decode(errors='replace').split('\n', 1)[1]
    return r.returncode, re.sub(r'SIZE \d+( \([^)]*\))?|OFFSET \d+', '', text)

# ---------------------------------------------------------------- files of all kinds


FLOATS = ['<f2', '>f2', '<f4', '>f4', '<f8', '>f8', '<c8', '>c8', '<c16']
OTHERS = ['i1', '<i2', '>i4', '<u8', '?', 'S5', 'str', 'vlen', 'enum', 'compound', 'array', 'V3',
          'ref']


def bf16():
    t = h5py.h5t.IEEE_F32LE.copy()
    t.set_fields(15, 7, 8, 0, 7)
    t.set_size(2)
    t.set_ebias(127)
    return t


def values(rng, kind, shape):
    n = int(np.prod(shape, dtype=int))
    if kind in FLOATS:
        x = rng.standard_normal(n) + 3
        x = np.where(rng.random(n) < 0.1, 0, x)
        if 'c' in kind:
            x = x + 1j * (rng.standard_normal(n) + 3)
        return x.reshape(shape).astype(kind)
    if kind == '?':
        return (rng.random(n) < 0.5).reshape(shape)
    if kind == 'S5':
        return np.array([b'ab', b'cdefg'] * n)[:n].reshape(shape).astype('S5')
    if kind == 'V3':
        return np.frombuffer(rng.bytes(3 * n), 'V3').reshape(shape)
    return rng.integers(0, 100, n).reshape(shape).astype(kind)


SPECIAL = {
    'str': (h5py.string_dtype(), lambda i: 'é' * i),
    'vlen': (h5py.vlen_dtype('i4'), lambda i: np.arange(i, dtype='i4')),
    'enum': (h5py.enum_dtype({'X': 0, 'Y': 7}, basetype='i2'), lambda i: 7),
    'compound': (np.dtype([('a', 'i4'), ('b', 'f4')]), lambda i: (i, i / 2)),
    'array': (np.dtype(('f4', (3,))), None),
}


def layout(rng, shape, kind):
    """Chunks, filters and the rest, or nothing."""
    if not shape or 0 in shape or rng.random() < 0.4:
        return {}
    how = {'chunks': tuple(int(rng.integers(1, s + 1)) for s in shape)}
    if rng.random() < 0.4:
        how['maxshape'] = tuple(None if rng.random() < 0.5 else s for s in shape)
    if kind in ('str', 'vlen', 'ref'):
        return how
    if rng.random() < 0.6:
        how['compression'], how['compression_opts'] = 'gzip', int(rng.integers(1, 10))
    if rng.random() < 0.5:
        how['shuffle'] = True
    if rng.random() < 0.3:
        how['fletcher32'] = True
    return how


def add_special(g, name, kind, shape, how):
    dtype, value = SPECIAL[kind]
    d = g.create_dataset(name, shape, dtype, **how)
    if value and 0 not in d.shape:
        for i in range(min(4, d.shape[0])):
            d[(i,) + (0,) * (len(shape) - 1)] = value(i)


def add_dataset(rng, g, name, kind):
    shape = tuple(int(rng.integers(1, 9)) for _ in range(rng.integers(0, 4)))
    if rng.random() < 0.1 and shape:
        shape = shape[:-1] + (0,)
    how = layout(rng, shape, kind)
    how['track_times'] = bool(rng.random() < 0.3)
    if kind in SPECIAL:
        add_special(g, name, kind, shape or (2,), {} if not shape else how)
    elif kind == 'ref':
        d = g.create_dataset(name, (2,), h5py.ref_dtype)
        d[0] = g.file['/'].ref
    elif rng.random() < 0.25 and shape and 0 not in shape:
        if kind not in ('S5', 'V3') and rng.random() < 0.5:
            how['fillvalue'] = values(rng, kind, (1,))[0]
        d = g.create_dataset(name, shape, kind, **how)
        if rng.random() < 0.5:
            d[0] = values(rng, kind, shape)[0]
    else:
        g.create_dataset(name, data=values(rng, kind, shape), **how)


def add_low_level(rng, g, name):
    """bf16 as a float type, bf16 as Keras has it, and compact data."""
    shape = (int(rng.integers(1, 9)), 3)
    space = h5py.h5s.create_simple(shape)
    x = values(rng, '<f4', shape)
    d = h5py.h5d.create(g.id, (name + 'bf').encode(), bf16(), space)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, x)
    d = g.create_dataset(name + 'op', data=(x.view('<u4') >> 16).astype('<u2').view('V2'))
    d.attrs['dtype'] = 'bfloat16'
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_layout(h5py.h5d.COMPACT)
    t = h5py.h5t.py_create(np.dtype(random.Random(name).choice(FLOATS[:6])))
    d = h5py.h5d.create(g.id, (name + 'co').encode(), t, space, p)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, x.astype(d.dtype))


def add_attributes(rng, obj):
    obj.attrs['float'] = np.float32(rng.random())
    obj.attrs['int'] = np.int64(rng.integers(1 << 40))
    obj.attrs['text'] = 'héllo'
    obj.attrs['fixed'] = np.bytes_(b'abc')
    obj.attrs['none'] = np.zeros((0,))
    obj.attrs['empty'] = h5py.Empty('f4')
    obj.attrs['names'] = np.array(['a', 'bc', ''], dtype=object)
    obj.attrs['matrix'] = rng.random((3, 4)).astype('>f8')
    obj.attrs['bool'] = True
    obj.attrs['ref'] = obj.file['/'].ref
    if rng.random() < 0.2:
        obj.attrs['long'] = 'x' * 100000 if obj.file.libver[0] == 'v110' else 'x' * 60000
        for i in range(20):
            obj.attrs[f'more{i}'] = i


def add_links(rng, f, groups):
    g = groups[int(rng.integers(len(groups)))]
    some = [n for n in f if isinstance(f.get(n), h5py.Dataset)]
    g['soft'] = h5py.SoftLink('/g0')
    g['nowhere'] = h5py.SoftLink('/no/where')
    if some:
        g['tied'] = f[some[0]]
        g['tied2'] = f[some[-1]]
    g['up'] = f['/']
    f['again'] = g


def make(seed, path):
    """A random file."""
    rng = np.random.default_rng(seed)
    how = {'libver': ('v110', 'v110') if seed % 2 else 'earliest', 'track_order': seed % 3 == 0}
    if seed % 5 == 0:
        how['userblock_size'] = 512
    elif seed % 7 in (0, 1):
        how['fs_strategy'] = 'page' if seed % 7 else 'fsm'
        how['fs_persist'] = bool(seed % 4 < 2)
    with h5py.File(path, 'w', **how) as f:
        groups = [f]
        for i in range(int(rng.integers(1, 5))):
            groups.append(groups[int(rng.integers(len(groups)))].create_group(f'g{i}'))
        for i, kind in enumerate(FLOATS + OTHERS):
            add_dataset(rng, groups[int(rng.integers(len(groups)))], f'{i}.d', kind)
        add_low_level(rng, groups[-1], 'l')
        for g in groups:
            add_attributes(rng, g)
        first = next(v for v in f.values() if True)
        add_attributes(rng, first)
        f['type'] = np.dtype('<f4')
        f.create_dataset('committed', data=values(rng, '<f4', (3,)), dtype=f['type'])
        f.create_dataset('scale', data=np.arange(3.))
        f['scale'].make_scale('s')
        f['committed'].dims[0].attach_scale(f['scale'])
        add_links(rng, f, groups)
    if seed % 5 == 0:
        with open(path, 'r+b') as f:
            f.write(b'#!/bin/sh\n')


# ---------------------------------------------------------------- the tests


def clone(source, *options):
    """A clone, which must be made."""
    to = os.path.join(BOX.name, 'clone.h5')
    subprocess.run([CLONE, *options, source, to], check=True, capture_output=True, text=True)
    return to


def averaged(d):
    """Does belay average this dataset?"""
    kind = d.dtype.kind
    if d.shape is None or kind not in 'fcV':
        return False
    return kind != 'V' or (d.dtype == 'V2' and d.attrs.get('dtype') == 'bfloat16')


def doubled(x, kind):
    """Twice the values; the bits of a bfloat16 go up by one in the exponent, but for zeros."""
    if kind != 'V':
        return (x * 2).astype(x.dtype)
    bits = x.view('<u2')
    return np.where(bits >> 7 & 255, bits + (1 << 7), bits).astype('<u2').view('V2')


def check_doubled(source, copy):
    """Where the doubled clone is not what it should be."""
    wrong = []
    with h5py.File(source, 'r') as a, h5py.File(copy, 'r') as b:
        def visit(name, d):
            if not isinstance(d, h5py.Dataset) or not averaged(d):
                return
            x, y = np.asarray(d[()]), np.asarray(b[name][()])
            if doubled(x, x.dtype.kind).tobytes() != y.tobytes():
                wrong.append(name)
        a.visititems(visit)
    return wrong


def but_for_data(seen, path):
    """The description without the data that are averaged."""
    with h5py.File(path, 'r') as f:
        for name in seen['names']:
            if name in f and isinstance(f[name], h5py.Dataset) and averaged(f[name]):
                seen[name] = seen[name][:-1]
    return seen


def check_file(source, name, with_dump=True):
    seen = describe(source)
    wrong = []
    for options in (['-t', '2'], ['-c', '-p', '{"a":1}']):
        wrong += differences(seen, describe(clone(source, *options)))
    tap.ok(not wrong, f'{name}: h5py sees no difference', *wrong[:5])
    if with_dump and shutil.which('h5dump'):
        a, b = dump(source), dump(clone(source))
        tap.ok(a == b, f'{name}: nor does h5dump', *list(difflib.unified_diff(
            a[1].splitlines(), b[1].splitlines(), n=0))[:20])
    copy = clone(source, '-2', '-c', '-t', '2')
    wrong = differences(but_for_data(seen, source), but_for_data(describe(copy), copy))
    wrong += check_doubled(source, copy)
    tap.ok(not wrong, f'{name}: doubled, the rest as it was', *wrong[:5])


def check_random():
    for seed in range(FILES):
        path = os.path.join(BOX.name, 'random.h5')
        make(seed, path)
        check_file(path, f'random file {seed}')


def check_provenance():
    path = os.path.join(BOX.name, 'random.h5')
    make(1, path)
    with h5py.File(clone(path, '-p', '{"é":1}'), 'r') as f:
        kind = h5py.check_string_dtype(f.attrs.get_id('belay').dtype)
        tap.ok(f.attrs['belay'] == '{"é":1}' and kind.length is None and kind.encoding == 'utf-8',
               'the provenance is a string of UTF-8')


def check_keras():
    """Files that Keras wrote: weights, and whole models in its older layout."""
    for kind in ('ckpt_*', 'full_*'):
        for path in sorted(glob.glob(os.path.join(tap.DATA, 'keras', kind + '.h5')))[:2]:
            check_keras_file(path)


def check_keras_file(path):
    """Optimizer state is no weight: it stays."""
    seen = describe(path)
    copy = clone(path, '-2')
    again = describe(copy)
    changed = {k for k in seen if seen[k] != again.get(k)}
    with h5py.File(path, 'r') as f:
        should = {k for k in seen['names'] if isinstance(f[k], h5py.Dataset) and averaged(f[k]) and
                  not k.startswith('optimizer') and np.any(f[k][()])}
    tap.ok(changed == should, f'{os.path.basename(path)}: weights and nothing else are doubled',
           sorted(changed ^ should))


for c in (check_random, check_provenance, check_keras):
    tap.case(c)
tap.finish()
