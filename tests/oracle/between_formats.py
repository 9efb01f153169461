"""between_formats.py - averages in another format than the checkpoints: h5py and the safetensors
library read the same names, types, values and metadata on both sides."""
import json
import os
import tempfile

import tap

np, h5py, ml_dtypes, safetensors = tap.need('numpy', 'h5py', 'ml_dtypes', 'safetensors')
import safetensors.numpy  # noqa: E402

box = tempfile.TemporaryDirectory(prefix='belay-between-')
rng = np.random.default_rng(11)
TYPES = {'F64': 'f8', 'F32': 'f4', 'F16': 'f2', 'BF16': ml_dtypes.bfloat16, 'C64': 'c8',
         'I64': 'i8', 'I32': 'i4', 'I16': 'i2', 'I8': 'i1', 'U64': 'u8', 'U32': 'u4', 'U16': 'u2',
         'U8': 'u1', 'BOOL': '?', 'F8_E4M3': ml_dtypes.float8_e4m3fn,
         'F8_E5M2': ml_dtypes.float8_e5m2}
ONE = ('-q', '-f', '--times=index', '--no-provenance')


def path(name):
    return os.path.join(box.name, name)


def load(name):
    """Tensors and metadata of a safetensors file, which the library must accept."""
    with open(path(name), 'rb') as f:
        data = f.read()
    tensors = {n: np.frombuffer(bytes(t['data']), np.dtype(TYPES[t['dtype']])).reshape(t['shape'])
               for n, t in safetensors.deserialize(data)}
    size = int.from_bytes(data[:8], 'little')
    return tensors, json.loads(data[8:8 + size]).get('__metadata__')


def save(name, tensors, metadata):
    """A safetensors file of any types, which its library must accept."""
    header, data = {'__metadata__': metadata}, b''
    for n, x in tensors.items():
        header[n] = {'dtype': next(k for k, v in TYPES.items() if np.dtype(v) == x.dtype),
                     'shape': x.shape, 'data_offsets': [len(data), len(data) + x.nbytes]}
        data += x.tobytes()
    head = json.dumps(header).encode()
    with open(path(name), 'wb') as f:
        f.write(len(head).to_bytes(8, 'little') + head + data)
    load(name)


def values(dataset):
    """What h5py has of a dataset, little-endian; bfloat16 as Keras stores it."""
    x = np.asarray(dataset[()])
    if x.dtype.kind == 'V' and dataset.attrs.get('dtype') == 'bfloat16':
        return x.view(ml_dtypes.bfloat16)
    return x.astype(x.dtype.newbyteorder('<'))


def datasets(name):
    """All datasets of an HDF5 file by their paths."""
    found = {}
    with h5py.File(path(name), 'r') as f:
        f.visititems(lambda n, o: found.update({n: values(o)})
                     if isinstance(o, h5py.Dataset) and o.shape is not None else None)
    return found


def same(title, ours, theirs):
    """Two dicts of arrays: the same names, types, shapes and bits."""
    wrong = sorted(set(ours) ^ set(theirs))
    wrong += [f'{n}: {ours[n].dtype}{ours[n].shape}, not {theirs[n].dtype}{theirs[n].shape}'
              for n in ours if n in theirs and (ours[n].dtype, ours[n].shape) !=
              (theirs[n].dtype, theirs[n].shape)]
    wrong += [f'{n}: {ours[n]} is not {theirs[n]}'[:300] for n in ours
              if n in theirs and ours[n].tobytes() != theirs[n].tobytes()]
    return tap.ok(ours and not wrong, title, *wrong[:8])


def some(shape, dtype):
    """Values of all magnitudes."""
    kind = np.dtype(dtype).kind
    if kind == 'b':
        return rng.integers(0, 2, shape).astype(dtype)
    if kind in 'iu':
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, endpoint=True,
                            dtype=np.dtype(dtype).newbyteorder('=')).astype(dtype)
    if kind == 'c':
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype)
    return rng.standard_normal(shape).astype(dtype)


def compact(f, name, x):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple(x.shape)
    d = h5py.h5d.create(f.id, name.encode(), h5py.h5t.py_create(x.dtype, logical=True), space,
                        plist)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, x)


def every_layout(f, dtype):
    """Datasets of one type, stored in every way."""
    packed = {'compression': 'gzip', 'shuffle': True, 'fletcher32': True}
    f['plain'] = some((5, 7), dtype)
    f['scalar'] = some((), dtype)
    f['none'] = some((0, 3), dtype)
    compact(f, 'compact', some((6,), dtype))
    f.create_dataset('chunks', data=some((10, 9), dtype), chunks=(4, 4))
    f.create_dataset('gzip', data=some((33, 20), dtype), chunks=(8, 16), compression='gzip')
    f.create_dataset('packed', data=some((33, 20), dtype), chunks=(8, 16), **packed)
    f.create_dataset('sums', data=some((17,), dtype), chunks=(5,), fletcher32=True)
    f.create_dataset('unwritten', (9,), dtype, fillvalue=some((), dtype)[()])
    f.create_dataset('zeros', (3, 2), dtype)
    partly = f.create_dataset('partly', (40,), dtype, chunks=(8,), fillvalue=some((), dtype)[()],
                              **packed)
    partly[17:20] = some((3,), dtype)


def every_type():
    """Integers are copied, from the last file or the first; floats of one file are its average."""
    for dtype in ('?', 'i1', 'u1', '<i2', '>i2', '<u2', '>u2', '<i4', '>i4', '<u4', '>u4', '<i8',
                  '>i8', '<u8', '>u8', '<f2', '>f2', '<f4', '>f4', '<f8', '>f8', '<c8', '>c8'):
        for k in range(2):
            with h5py.File(path(f't_{k}.h5'), 'w') as f:
                every_layout(f, dtype)
        if np.dtype(dtype).kind in 'fc':
            tap.avg(*ONE, path('t_1.h5'), '-o', path('t.safetensors'))
            same(f'{dtype}: the average of one file', load('t.safetensors')[0], datasets('t_1.h5'))
            continue
        for which, name in (('last', 't_1.h5'), ('first', 't_0.h5')):
            tap.avg(*ONE, f'--copy-from={which}', path('t_0.h5'), path('t_1.h5'), '-o',
                    path('t.safetensors'))
            same(f'{dtype}: copies of the {which} file', load('t.safetensors')[0], datasets(name))


def halves():
    """bfloat16 as Keras stores it, and the mean of two files, rounded once."""
    opaque = np.dtype('V2')
    mean = {}
    for k in range(2):
        with h5py.File(path(f'b_{k}.h5'), 'w') as f:
            for name, x in (('w', some((4, 3), 'f4').astype(ml_dtypes.bfloat16)),
                            ('v', some((4, 3), 'f8'))):
                f[name] = x.view(opaque) if name == 'w' else x
                if name == 'w':
                    f[name].attrs['dtype'] = 'bfloat16'
                mean[name] = mean.get(name, 0) + x.astype('f8') / 2
    mean['w'] = mean['w'].astype(ml_dtypes.bfloat16)
    tap.avg(*ONE, '--method=uniform', path('b_0.h5'), path('b_1.h5'), '-o', path('b.safetensors'))
    got = load('b.safetensors')[0]
    same('bfloat16', {'w': got['w']}, {'w': mean['w']})
    tap.ok(np.allclose(got['v'], mean['v'], rtol=1e-15), 'the mean of two files')


ODD = {b'a.b': 'a.b', b'a/b.c': 'a.b.c', b'd/e': 'd.e', b'caf\xe9/w': 'caf%e9.w',
       b'caf\xc3\xa9/w': 'caf\u00e9.w', b'__metadata__': '__metadata___', b'x/../y': 'x....y'}


def names():
    """Names that the rule does not bring back are recorded."""
    with h5py.File(path('n.h5'), 'w') as f:
        for n in ODD:
            f[n] = some((2,), 'f4')
    tap.avg(*ONE, path('n.h5'), '-o', path('n.safetensors'))
    tensors, metadata = load('n.safetensors')
    with h5py.File(path('n.h5'), 'r') as f:
        same('odd names', tensors, {ours: values(f[n]) for n, ours in ODD.items()})
    record = json.loads(metadata['belay.names'])
    tap.ok(record == {'a.b': 'a.b', 'a.b.c': 'a/b.c', 'caf%e9.w': {'hex': '636166e92f77'},
                      '__metadata___': '__metadata__', 'x....y': 'x/../y'},
           'their record', record)


def metadata_of_hdf5():
    with h5py.File(path('m.h5'), 'w') as f:
        f['w'] = some((2,), 'f4')
        f.attrs['vlen'] = 'caf\u00e9 \u20ac'
        f.attrs['fixed'] = np.bytes_(b'keras')
        f.attrs['step'] = np.int64(-7)
        f.attrs['big'] = np.uint64(2**64 - 1)
        f.attrs['rate'] = np.float32(0.1)
        f.attrs['list'] = [1, 2]
        f.attrs['latin'] = np.bytes_(b'caf\xe9')
    r = tap.run('-f', '--times=index', '--no-provenance', path('m.h5'), '-o',
                path('m.safetensors'))
    said = r.stderr.decode()
    metadata = load('m.safetensors')[1]
    tap.ok(metadata == {'vlen': 'caf\u00e9 \u20ac', 'fixed': 'keras', 'step': '-7',
                        'big': '18446744073709551615', 'rate': '0.1', 'format': 'pt'},
           'attributes of the root are metadata', metadata)
    tap.ok('1 attribute that is no short string or number is not kept in safetensors (list)' in said
           and '1 piece of metadata that is no text, or without a name is not kept in safetensors '
           '(latin)' in said, 'what is not kept is said', said)


def several_outputs():
    """A sweep, a pipe and shards hold what one file holds."""
    files = []
    for k in range(3):
        files.append(path(f's_{k}.h5'))
        with h5py.File(files[-1], 'w') as f:
            f['n'] = np.int32(k)
            for i in range(5):
                f.create_dataset(f'l{i}/w', data=some((30, 10), 'f4'), chunks=(7, 10),
                                 compression='gzip')
    one = {}
    for h in ('1', '2'):
        tap.avg(*ONE, f'--half-life={h}', *files, '-o', path('one.safetensors'))
        one[h] = load('one.safetensors')[0]
    tap.avg(*ONE, '--half-life=1,2', *files, '-o', path('s_{half-life}.safetensors'))
    for h in ('1', '2'):
        same(f'a sweep: half-life {h}', load(f's_{h}.safetensors')[0], one[h])
    with open(path('pipe.safetensors'), 'wb') as f:
        f.write(tap.avg(*ONE, '--half-life=1', '--format=safetensors', *files, '-o', '-'))
    same('a pipe', load('pipe.safetensors')[0], one['1'])
    tap.avg(*ONE, '--half-life=1', '--format=safetensors', '--shard-size=2500', *files, '-o',
            path('shards/'))
    with open(path('shards/model.safetensors.index.json'), encoding='utf-8') as f:
        index = json.load(f)['weight_map']
    shards = {n: load(f'shards/{f}')[0] for n, f in ((f, f) for f in set(index.values()))}
    same('shards', {n: shards[f][n] for n, f in index.items()}, one['1'])
    tap.ok(len(shards) == 3, 'as many shards as needed', len(shards))


def mixed():
    """Checkpoints of both formats in one run, whichever is the last."""
    steps = [{'a.w': some((6,), 'f4'), 'a.b.c': some((2, 3), 'f8'), 'n': some((), 'i8')}
             for _ in range(3)]
    for k, step in enumerate(steps):
        safetensors.numpy.save_file(step, path(f'x_{k}.safetensors'))
        with h5py.File(path(f'x_{k}.h5'), 'w') as f:
            for n, x in step.items():
                f[n.replace('.', '/')] = x
    plain = [path(f'x_{k}.safetensors') for k in range(3)]
    tap.avg(*ONE, '--half-life=1', *plain, '-o', path('x.safetensors'))
    theirs = load('x.safetensors')[0]
    tap.avg(*ONE, '--half-life=1', plain[0], path('x_1.h5'), plain[2], '-o', path('y'))
    same('HDF5 between safetensors', load('y')[0], theirs)
    tap.avg(*ONE, '--half-life=1', plain[0], plain[1], path('x_2.h5'), '-o', path('y.h5'))
    same('HDF5 behind safetensors', {n.replace('/', '.'): x for n, x in datasets('y.h5').items()},
         theirs)
    tap.avg(*ONE, '--half-life=1', plain[0], plain[1], path('x_2.h5'), '-o', path('z.safetensors'))
    same('HDF5 behind safetensors, to safetensors', load('z.safetensors')[0], theirs)


def both_ways(title, source, suffixes, *options):
    """Averages of one file, each made of the one before; the names of all of them."""
    made = [source]
    for k, suffix in enumerate(suffixes):
        made.append(path(f'way_{k}.{suffix}'))
        r = tap.run(*ONE, *options, made[-2], '-o', made[-1])
        if not tap.ok(r.returncode == 0, f'{title}: {suffix}', r.stderr.decode(errors='replace')):
            return None
    return made


def safetensors_there_and_back():
    """Every type that both have, odd names, metadata: the same file, byte for byte."""
    tensors = {f't.{n}': some((3, 4), d if np.dtype(d).kind != 'V' else 'f4').astype(d)
               for n, d in TYPES.items()}
    tensors.update({n: some((2,), 'f4') for n in
                    ('..', 'a..b', 'a/b', 'a.c', '.x', 'x.', 'p/./q', '/s', 'u/', 'w.0.w',
                     'caf\u00e9.\u20ac', '"\\', '\n', '%ff')})
    tensors.update({'scalar': some((), 'f4'), 'empty': some((0, 5), 'f8')})
    metadata = {'format': 'pt', 'step': '7', 'caf\u00e9': '\u20ac\n"', 'a/b.c': 'x',
                'empty': '', 'long': 'y' * 60000}
    save('all.safetensors', tensors, metadata)
    made = both_ways('safetensors', path('all.safetensors'), ('h5', 'safetensors'), '--f8=average',
                     '--nonfinite=keep')
    if not made:
        return
    back, kept = load(os.path.basename(made[2]))
    same('safetensors there and back', back, tensors)
    tap.ok(kept == metadata, 'their metadata', kept)
    with h5py.File(made[1], 'r') as f:
        attributes = dict(f.attrs)
        record = json.loads(attributes.pop('belay.names'))
        tap.ok(attributes == metadata, 'h5py has them as attributes', attributes)
        tap.ok(record['a/_/b'] == 'a..b' and record['_/_/_'] == '..' and 'a/c' not in record and
               't/F32' not in record, 'what is recorded', record)
        tap.ok(f['a/c'][()].tobytes() == tensors['a.c'].tobytes() and
               f['t/BOOL'].dtype == bool and f['t/C64'].dtype == 'c8' and
               f['t/I64'].dtype == '<i8' and f['t/F16'].dtype == '<f2' and f['scalar'].shape == ()
               and f['empty'].shape == (0, 5), 'h5py reads the tensors')


def one_name():
    """Names that leave no room for others."""
    for name in ('', '.', '/', '...', '__metadata__x'):
        safetensors.numpy.save_file({name: some((3,), 'f4')}, path('one.safetensors'))
        made = both_ways(repr(name), path('one.safetensors'), ('h5', 'safetensors'))
        tap.ok(made and list(load('way_1.safetensors')[0]) == [name], f'{name!r}: there and back')


def many_names():
    """A record of names that is longer than any other attribute may be."""
    names = [f'layer..{k:04}/weight' for k in range(2000)]
    safetensors.numpy.save_file({n: some((1,), 'f4') for n in names}, path('many.safetensors'))
    made = both_ways('many names', path('many.safetensors'), ('h5', 'safetensors'))
    tap.ok(made and sorted(load('way_1.safetensors')[0]) == names, 'many names there and back')
    with h5py.File(path('way_0.h5'), 'r') as f:
        tap.ok(len(f.attrs['belay.names']) > 70000, 'their record', len(f.attrs['belay.names']))


def hdf5_there_and_back():
    with h5py.File(path('odd.h5'), 'w') as f:
        for n in ODD:
            f[n] = some((2,), 'f4')
        every_layout(f.create_group('g'), 'i4')
        every_layout(f.create_group('h'), '>f8')
        every_layout(f.create_group('b'), '?')
        f.attrs['step'] = 'seven'
    made = both_ways('HDF5', path('odd.h5'), ('safetensors', 'h5'))
    if not made:
        return
    with h5py.File(made[2], 'r') as a, h5py.File(path('odd.h5'), 'r') as b:
        tap.ok(dict(a.attrs) == {'step': 'seven', 'format': 'pt'}, 'attributes of the root',
               dict(a.attrs))
        same('HDF5 with odd names', {n: values(a[n]) for n in ODD}, {n: values(b[n]) for n in ODD})
    ours, theirs = datasets(os.path.basename(made[2])), datasets('odd.h5')
    for n in 'ghb':
        same(f'HDF5 there and back: {n}', {k: v for k, v in ours.items() if k[:2] == n + '/'},
             {k: v for k, v in theirs.items() if k[:2] == n + '/'})


def clashes():
    """What one file cannot hold is an error, until one of them is left out."""
    with h5py.File(path('c.h5'), 'w') as f:
        f['a.b'], f['a/b'], f['w'] = some((3, 2), 'f4')
    safetensors.numpy.save_file({'a': some((2,), 'f4'), 'a.b': some((2,), 'f4')},
                                path('c.safetensors'))
    for source, output, words, skip in (
            ('c.h5', 'c.st', 'a/b and a.b: both would be a.b in safetensors', 'a/b'),
            ('c.safetensors', 'd.h5', 'a and a.b: a would be a tensor and a group in hdf5', 'a')):
        command = (*ONE, '--format', 'safetensors' if source == 'c.h5' else 'hdf5', path(source),
                   '-o', path(output))
        r = tap.run(*command)
        said = r.stderr.decode()
        tap.ok(r.returncode == 3 and words in said and '--skip' in said, f'{source}: a clash', said)
        r = tap.run(f'--skip={skip}', *command)
        tap.ok(r.returncode == 0, f'{source}: one is left out', r.stderr.decode())


def keras_weights():
    """Keras loads weights that were safetensors in between."""
    os.environ.setdefault('KERAS_BACKEND', 'torch')
    try:
        import keras  # pylint: disable=import-outside-toplevel
    except ImportError:
        tap.note('the Python module keras is not here')
        return
    for source in ('full_12.keras', 'ckpt_12.weights.h5'):
        made = both_ways(source, os.path.join(tap.DATA, 'keras', source),
                         ('safetensors', 'weights.h5'))
        if not made:
            continue
        model = keras.models.load_model(os.path.join(tap.DATA, 'keras', 'full_1.keras'))
        before = [w.tobytes() for w in model.get_weights()]
        model.load_weights(made[2])
        should = keras.models.load_model(os.path.join(tap.DATA, 'keras', 'full_12.keras'))
        tap.ok([w.tobytes() for w in model.get_weights()] ==
               [w.tobytes() for w in should.get_weights()] != before, f'{source}: Keras loads it')


def folders():
    """A folder of shards becomes one HDF5 file."""
    os.mkdir(path('hf'))
    tensors = {f'l.{i}.w': some((4, 4), 'f4') for i in range(4)}
    for k in range(2):
        safetensors.numpy.save_file(
            {n: x for n, x in tensors.items() if int(n[2]) % 2 == k},
            path(f'hf/model-0000{k + 1}-of-00002.safetensors'), {'format': 'pt'})
    with open(path('hf/model.safetensors.index.json'), 'w', encoding='utf-8') as f:
        json.dump({'metadata': {'total_size': 256}, 'weight_map': {
            n: f'model-0000{int(n[2]) % 2 + 1}-of-00002.safetensors' for n in tensors}}, f)
    tap.avg(*ONE, path('hf'), '-o', path('hf.h5'))
    same('a folder', {n.replace('/', '.'): x for n, x in datasets('hf.h5').items()}, tensors)
    tap.avg(*ONE, '--compression=gzip:4', path('hf'), '-o', path('hz.h5'))
    same('a folder, compressed', datasets('hz.h5'), datasets('hf.h5'))
    with h5py.File(path('hz.h5'), 'r') as f:
        tap.ok(f['l/0/w'].compression == 'gzip' and f['l/0/w'].compression_opts == 4,
               'it is compressed')


def without_a_type():
    """What HDF5 has no type for is not left out without a word."""
    with open(path('f4.safetensors'), 'wb') as f:
        head = b'{"q":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}'
        f.write(len(head).to_bytes(8, 'little') + head + b'!')
    r = tap.run(*ONE, path('f4.safetensors'), '-o', path('f4.h5'))
    tap.ok(r.returncode == 3 and b'q: type F4, which hdf5 does not have' in r.stderr and
           b'--skip' in r.stderr and not os.path.exists(path('f4.h5')), 'F4', r.stderr.decode())


for check in (every_type, halves, names, metadata_of_hdf5, several_outputs, mixed,
              safetensors_there_and_back, one_name, many_names, hdf5_there_and_back, clashes,
              keras_weights, folders, without_a_type):
    tap.case(check)
tap.finish()
