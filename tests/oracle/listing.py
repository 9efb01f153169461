"""listing.py - what belay-show --json says of checkpoints, against h5py and safetensors headers."""
import glob
import json
import os
import subprocess

import tap

np, h5py = tap.need('numpy', 'h5py')
SHOW = os.path.join(tap.BUILD, 'belay-show')
TYPES = {'float64': 'F64', 'float32': 'F32', 'float16': 'F16', 'int64': 'I64', 'int32': 'I32',
         'int16': 'I16', 'int8': 'I8', 'uint64': 'U64', 'uint32': 'U32', 'uint16': 'U16',
         'uint8': 'U8', 'bool': 'BOOL', 'complex64': 'C64', 'complex128': 'C128'}
LAYOUT = {h5py.h5d.COMPACT: 'compact', h5py.h5d.CONTIGUOUS: 'contiguous',
          h5py.h5d.CHUNKED: 'chunked'}


def told(path):
    done = subprocess.run([SHOW, '--json', path], capture_output=True, text=True, check=False)
    return json.loads(done.stdout)['checkpoints'][0] if done.returncode == 0 else None


def filters_of(plist):
    """The pipeline of a dataset in belay's words."""
    words = []
    for i in range(plist.get_nfilters()):
        code, _, values, _ = plist.get_filter(i)
        words.append({1: f'gzip {values[0] if values else 0}', 2: 'shuffle',
                      3: 'fletcher32'}.get(code, f'filter {code}'))
    return words


def check_dataset(t, data):
    """What is wrong with one dataset."""
    plist, stored = data.id.get_create_plist(), data.id.get_storage_size()
    layout = LAYOUT[plist.get_layout()]
    if t['dtype'] not in ('OTHER', 'BF16') and TYPES.get(data.dtype.name) != t['dtype']:
        yield 'dtype', t['dtype'], data.dtype.name
    if data.shape is not None and t['shape'] != list(data.shape):
        yield 'shape', t['shape'], data.shape
    if t['layout'] not in ('not stored', layout):
        yield 'layout', t['layout'], layout
    if t['layout'] == 'chunked' and t['chunk'] != list(data.chunks):
        yield 'chunk', t['chunk'], data.chunks
    if t['layout'] == 'chunked' and t['filters'] != filters_of(plist):
        yield 'filters', t['filters'], filters_of(plist)
    if t['stored_bytes'] != stored:
        yield 'stored', t['stored_bytes'], stored


def hdf5():
    files = sorted(glob.glob(os.path.join(tap.DATA, 'cases', 'hdf5', 'valid', '*.h5')))
    files += sorted(glob.glob(os.path.join(tap.DATA, 'digits', 'ckpt_*.h5')))[::20]
    seen = 0
    for path in files:
        got = told(path)
        if got is None:
            continue
        wrong = []
        with h5py.File(path) as f:
            for t in got['tensors']:
                name = bytes.fromhex(t['name_hex']) if 'name_hex' in t else t['name'].encode()
                wrong += [(t['name'], *w) for w in check_dataset(t, f[name])]
                seen += 1
        tap.ok(not wrong, f'{os.path.basename(path)}: {len(got["tensors"])} datasets', *wrong)
        tap.ok(got['size'] == os.path.getsize(path), f'{os.path.basename(path)}: size')
    tap.ok(seen > 2000, f'{seen} datasets in all')


def safetensors():
    files = sorted(glob.glob(os.path.join(tap.DATA, 'cases', 'safetensors', 'valid',
                                          '*.safetensors')))
    files += sorted(glob.glob(os.path.join(tap.DATA, 'digits', 'ckpt_*.safetensors')))[::20]
    for path in files:
        with open(path, 'rb') as f:
            size = int.from_bytes(f.read(8), 'little')
            header = json.loads(f.read(size))
        meta = header.pop('__metadata__', None) or {}
        got, name = told(path), os.path.basename(path)
        want = {k: (v['dtype'], v['shape'], v['data_offsets'][1] - v['data_offsets'][0])
                for k, v in header.items()}
        have = {t['name']: (t['dtype'], t['shape'], t['bytes']) for t in got['tensors']}
        tap.ok(have == want, f'{name}: {len(want)} tensors', have, want)
        tap.ok(got['metadata'] == {k: v.split('\0')[0] for k, v in meta.items()},
               f'{name}: metadata', got['metadata'], meta)
        tap.ok(got['bytes'] == sum(v[2] for v in want.values()), f'{name}: bytes')
        values = sum(int(np.prod(v[1], dtype=object)) for v in want.values())
        tap.ok(got['values'] == values, f'{name}: values', got['values'], values)


tap.case(hdf5)
tap.case(safetensors)
tap.finish()
