"""hdf5_fresh.py - what h5py finds in HDF5 files that are no clones of the last checkpoint."""
import fractions
import os
import shutil
import subprocess
import tempfile

import tap

numpy, h5py, ml_dtypes = tap.need('numpy', 'h5py', 'ml_dtypes')
box = tempfile.TemporaryDirectory()
TRACKED = h5py.h5p.CRT_ORDER_TRACKED


def at(name):
    """A path in the test's own folder."""
    return os.path.join(box.name, name)


# ---- checkpoints with everything in them ----

def compact(f, name, values):
    """A dataset whose values stand in its header."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple(values.shape)
    d = h5py.h5d.create(f.id, name.encode(), h5py.h5t.py_create(values.dtype), space, plist)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


def numbers(f, k, draw):
    """Datasets that are averaged, in all layouts."""
    f['z'] = draw(7, 5).astype('f4')
    f['a/w'] = draw(30, 20).astype('f4')
    f['half'] = draw(4, 4).astype('f2')
    f['double'] = draw(9)
    f['big'] = draw(4).astype('>f4')
    f['complex'] = (draw(3) + 1j * draw(3)).astype('c8')
    f['scalar'] = numpy.float32(draw(1)[0])
    f['zero'] = numpy.zeros((0, 3), 'f4')
    f['null'] = h5py.Empty('f4')
    f.create_dataset('late', shape=(5,), dtype='f4', fillvalue=0.5)
    f.create_dataset('gz', data=draw(100, 33).astype('f4'), chunks=(20, 33), fillvalue=2.5,
                     compression='gzip', compression_opts=4, shuffle=True).attrs['unit'] = 'm'
    f.create_dataset('grows', data=draw(10, 3).astype('f4'), maxshape=(None, 3), chunks=(4, 3),
                     fletcher32=True)
    compact(f, 'compact', draw(4).astype('f4'))
    compact(f, 'crowded', draw(15000).astype('f4'))
    f['count'] = numpy.arange(10) + k
    f['flag'] = numpy.array([True, False])


def others(f, draw):
    """All the rest that a file can hold."""
    f.attrs['note'] = 'h\u00e9llo'
    f.attrs['no_names'] = numpy.zeros((0,))
    f.attrs['names'] = numpy.array([b'ab', b'cde'])
    f.attrs['texts'] = ['x', 'yyy', 'zz']
    f.attrs['nothing'] = h5py.Empty('f8')
    f.attrs['gr\u00f6\u00dfe'] = 3
    f['tied'] = f['a/w']
    f['soft'] = h5py.SoftLink('/a/w')
    f['dangling'] = h5py.SoftLink('/no/where')
    f.create_group('empty', track_order=True)
    g = f.create_group('order', track_order=True)
    g['zz'], g['aa'] = draw(3), draw(3).astype('f4')
    g.attrs['q'], g.attrs['b'] = 1, 2
    f['loop'], g['self'] = f['a'], g
    f['string'] = 'text'
    f['strings'] = numpy.array(['aa', 'b'], dtype=h5py.string_dtype())
    f.create_dataset('filled', (4,), dtype=h5py.string_dtype(), fillvalue='gap',
                     chunks=(2,))[1::2] = 'word'
    f['bytes'] = numpy.array([b'aa', b'bbb'])
    f['ragged'] = numpy.array([numpy.arange(3), numpy.arange(5)], dtype=h5py.vlen_dtype('i4'))
    f['record'] = numpy.array([(1, 2.5)], dtype=[('x', 'i4'), ('y', 'f8')])
    f['refs'] = numpy.array([f['z'].ref, f['a'].ref, h5py.Reference()], dtype=h5py.ref_dtype)
    f['regions'] = numpy.array([f['z'].regionref[1:3, :2], h5py.RegionReference()],
                               dtype=h5py.regionref_dtype)
    f['z'].attrs['see'] = f['a/w'].ref
    f['kind'] = numpy.dtype('f4')
    f['kind'].attrs['about'] = 3
    f.create_dataset('typed', data=draw(3), dtype=f['kind'])
    f['a'].attrs.create('of_kind', 2, dtype=f['kind'])
    f['count'].make_scale('n')
    f['scaled'] = draw(10).astype('f4')
    f['scaled'].dims[0].attach_scale(f['count'])
    f['uni\u00e9'] = draw(2).astype('f4')


def write(path, k, **how):
    """Checkpoint k."""
    rng = numpy.random.default_rng(100 + k)
    with h5py.File(path, 'w', **how) as f:
        numbers(f, k, lambda *shape: rng.normal(size=shape))
        others(f, lambda *shape: rng.normal(size=shape))
        f.attrs['step'] = k


def checkpoints(name, **how):
    """Three of them."""
    paths = [at(f'{name}_{k}.h5') for k in (1, 2, 3)]
    for k, path in enumerate(paths):
        write(path, k, **how)
    return paths


# ---- what a file is ----

class Description(dict):
    """Everything that h5py tells of a file, by object; objects go by the first path to them."""

    def __init__(self, path):
        super().__init__()
        self.first = {}
        with h5py.File(path, 'r') as self.file:
            self['/file'] = (self.file.userblock_size,)
            self.describe(self.file, '/')

    def name(self, obj):
        return self.first.get(h5py.h5o.get_info(obj.id).addr, '?')

    def describe(self, obj, path):
        self.first[h5py.h5o.get_info(obj.id).addr] = path
        if isinstance(obj, h5py.Group):
            self.links(obj, path)
        elif isinstance(obj, h5py.Dataset):
            self[path] = self.dataset(obj)
        else:
            self[path] = ('type', obj.id.copy().encode())
        self[path + '@'] = lambda: self.attributes(obj)
        if path == '/':  # every reference can now be told
            for key in [k for k in self if k.endswith('@')]:
                self[key] = self[key]()
            for key in [k for k in self if isinstance(self[k], dict) and 'value' in self[k]]:
                self[key]['value'] = self[key]['value']()

    def links(self, group, path):
        order = group.id.get_create_plist().get_link_creation_order()
        names = []
        group.id.links.iterate(names.append, idx_type=h5py.h5.INDEX_CRT_ORDER
                               if order & TRACKED else h5py.h5.INDEX_NAME)
        self[path] = table = {'order': order, 'links': []}
        for raw in names:
            info = group.id.links.get_info(raw)
            if info.type == h5py.h5l.TYPE_SOFT:
                to = group.id.links.get_val(raw)
            else:
                to = h5py.h5o.open(group.id, raw)
                there = h5py.h5o.get_info(to).addr
                if there not in self.first:
                    child = group[raw]
                    self.describe(child, path.rstrip('/') + '/' + raw.decode())
                to = self.first[there]
            table['links'].append((raw, info.type, info.cset, to))

    def plain(self, value):
        """References by the paths they lead to."""
        if isinstance(value, h5py.RegionReference):
            return (self.name(self.file[value]), h5py.h5r.get_region(value, self.file.id)
                    .get_select_bounds()) if value else 'null'
        if isinstance(value, h5py.Reference):
            return self.name(self.file[value]) if value else 'null'
        if isinstance(value, numpy.void) and value.dtype.names:
            return tuple(self.plain(v) for v in value)
        if isinstance(value, numpy.ndarray) and value.dtype.kind in 'OV':
            return [self.plain(v) for v in value]
        if isinstance(value, h5py.Empty):
            return 'null space'
        value = numpy.asarray(value)
        return (str(value.dtype), value.shape, value.tobytes() if value.dtype.kind != 'O' else
                str(value))

    def attributes(self, obj):
        plist = obj.id.get_create_plist()
        order = plist.get_attr_creation_order()
        names = []
        h5py.h5a.iterate(obj.id, names.append, index_type=h5py.h5.INDEX_CRT_ORDER
                         if order & TRACKED else h5py.h5.INDEX_NAME)
        table = [('order', order)]
        for raw in names:
            a = h5py.h5a.open(obj.id, raw)
            space = a.get_space()
            table.append((raw, self.type(a.get_type()), space.get_simple_extent_type(), a.shape,
                          h5py.h5a.get_info(obj.id, raw).cset, self.plain(obj.attrs[raw])))
        return table

    def type(self, tid):
        named = self.first.get(h5py.h5o.get_info(tid).addr, '?') if tid.committed() else None
        return named, tid.copy().encode()

    def dataset(self, d):
        plist = d.id.get_create_plist()
        return {'type': self.type(d.id.get_type()), 'shape': d.shape, 'most': d.maxshape,
                'chunks': d.chunks, 'layout': plist.get_layout(),
                'filters': [plist.get_filter(i) for i in range(plist.get_nfilters())],
                'alloc': plist.get_alloc_time(), 'fill_time': plist.get_fill_time(),
                'filled': plist.fill_value_defined(), 'fill': None if d.fillvalue is None else
                numpy.asarray(d.fillvalue).tobytes(), 'value': lambda: self.plain(d[()])}


def without(table, *keys):
    return {k: v for k, v in table.items() if k not in keys}


NUMBERS = ['a/w', 'z', 'half', 'double', 'big', 'complex', 'scalar', 'late', 'gz', 'grows',
           'compact', 'crowded', 'order/zz', 'order/aa', 'typed', 'scaled', 'uni\u00e9']
# Another type changes these.
MOVED = {'/' + n for n in NUMBERS + ['zero', 'null']}


def compare(name, ours, reference, changed=lambda path: ()):
    """Are two files the same, but for what changed(path) lists of a dataset?"""
    a, b = Description(ours), Description(reference)
    tap.ok(list(a) == list(b), f'{name}: the same objects',
           set(a) ^ set(b) or 'in another order')
    wrong = []
    for path in b:
        x, y = a.get(path), b[path]
        if isinstance(y, dict):
            x, y = without(x or {}, *changed(path)), without(y, *changed(path))
        if path == '/@':
            x, y = ([r for r in z if r[0] != b'belay'] for z in (x, y))
        if x != y:
            wrong.append(f'{path}: {x}'[:600] + f'\n  not {y}'[:600])
    tap.ok(not wrong, f'{name}: everything else is kept', '\n'.join(wrong)[:3000])


# ---- the mean, exactly ----

def parts(values):
    """The real numbers of an array."""
    values = numpy.asarray(values)
    if values.dtype.kind == 'c':
        values = numpy.stack([values.real, values.imag], -1)
    return values.astype('f8')


def mean(files, name):
    """The mean, rounded once to f64."""
    columns = [parts(f[name][()]).ravel() for f in files]
    exact = [float(sum(map(fractions.Fraction, c)) / len(columns)) for c in zip(*columns)]
    return numpy.array(exact).reshape(parts(files[0][name][()]).shape)


def rounded(exact, to):
    """Rounds f64 once; ml_dtypes goes through f32, which is made odd for it where it is not exact.
    """
    if to != ml_dtypes.bfloat16:
        return exact.astype(to).astype('f8')
    single = exact.astype('f4')
    towards = numpy.where(abs(single.astype('f8')) > abs(exact),
                          numpy.nextafter(single, numpy.float32(0)), single)
    odd = towards.view('u4') | (towards.astype('f8') != exact)
    return odd.astype('u4').view('f4').astype(to).astype('f8')


def check_values(name, ours, paths, dtype, left=()):
    """Every average is the mean, rounded to dtype."""
    files = [h5py.File(p, 'r') for p in paths]
    wrong = []
    with h5py.File(ours, 'r') as f:
        for n in NUMBERS:
            if n in left:
                continue
            kind = files[0][n].dtype
            to = dtype or (kind if kind.kind != 'c' else numpy.dtype(f'f{kind.itemsize // 2}'))
            if kind.kind == 'c' and numpy.dtype(to).itemsize < 4:
                to = 'f4'  # there is no complex of halves
            want, have = rounded(mean(files, n), to), parts(f[n][()])
            # The sum that is rounded has itself the rounding errors of doubles.
            large = max(abs(parts(g[n][()])).max() for g in files)
            if (abs(have - want) > (2.0**-51 if to == 'f8' else 0) * large).any():
                wrong.append(f'{n}: {have.ravel()[:4]} not {want.ravel()[:4]}')
    for f in files:
        f.close()
    tap.ok(not wrong, f'{name}: values', '\n'.join(wrong))


def average(out, paths, *options):
    """The mean, in a file."""
    tap.avg('--method=uniform', '-f', '-o', at(out), *options, *paths)
    return at(out)


# ---- the tests ----

LAYOUTS = {'plain': {}, 'tracked': {'track_order': True},
           'newer': {'track_order': True, 'libver': ('v110', 'v110')},
           'block': {'userblock_size': 1024}}
RETYPED = ('type', 'value', 'fill')


def keeps(name):
    paths = checkpoints(name, **LAYOUTS[name])
    with open(paths[2], 'r+b') as f:
        if LAYOUTS[name].get('userblock_size'):
            f.write(b'a block of the user')
    clone = average(f'{name}_clone.h5', paths)
    check_values(f'{name} clone', clone, paths, None)
    for dtype, kind in {'f64': 'f8', 'f32': 'f4', 'f16': 'f2', 'bf16': ml_dtypes.bfloat16}.items():
        ours = average(f'{name}_{dtype}.h5', paths, '--dtype', dtype)
        large = ('layout', 'alloc') if dtype == 'f64' else ()

        def changed(path, large=large):
            return RETYPED + (large if path == '/crowded' else ()) + (
                ('filters',) if path == '/gz' else ()) if path in MOVED else ()
        # The mean of what is never said to be one name twice is told by check_values().
        compare(f'{name} {dtype}', ours, clone, changed)
        check_values(f'{name} {dtype}', ours, paths, kind)
    if name == 'block':
        with open(ours, 'rb') as f:
            tap.ok(f.read(1024) == b'a block of the user'.ljust(1024, b'\0'), 'the user block')


def types_are_told():
    paths = checkpoints('types')
    for dtype, want in {'f64': h5py.h5t.IEEE_F64LE, 'f32': h5py.h5t.IEEE_F32LE,
                        'f16': h5py.h5t.IEEE_F16LE}.items():
        with h5py.File(average('types.h5', paths, '--dtype', dtype), 'r') as f:
            kinds = {n: f[n].id.get_type() for n in NUMBERS if n not in ('complex', 'big')}
            bad = [n for n in kinds if not kinds[n].equal(want)
                   and f[n].dtype != numpy.dtype('f' + str(int(dtype[1:]) // 8))]
            tap.ok(not bad, f'{dtype} is that of h5py', bad)
            tap.ok(f['count'].dtype == 'i8' and f['flag'].dtype == bool, f'{dtype}: whole numbers')
            tap.ok(f['complex'].dtype == ('c16' if dtype == 'f64' else 'c8'), f'{dtype}: complex')
    with h5py.File(average('types.h5', paths, '--dtype=bf16'), 'r') as f:
        t = f['z'].id.get_type()
        tap.ok(t.get_class() == h5py.h5t.FLOAT and t.get_fields() == (15, 7, 8, 0, 7)
               and t.get_ebias() == 127 and t.get_size() == 2, 'bf16 is a float of 16 bits')


def compresses():
    paths = checkpoints('packed')
    clone = average('packed_clone.h5', paths)
    storage = ('chunks', 'layout', 'filters', 'alloc')
    for how in ('none', 'gzip:0', 'gzip:9'):
        ours = average('packed.h5', paths, f'--compression={how}')
        compare(how, ours, clone, lambda path: storage)
        check_values(how, ours, paths, None)
        with h5py.File(ours, 'r') as f:
            bad = [n for n in NUMBERS + ['count', 'flag'] if f[n].shape and filters(f[n]) != (
                [] if how == 'none' else [('shuffle', f[n].dtype.itemsize), ('deflate',
                                                                            int(how[5:]))])]
            tap.ok(not bad, f'{how}: filters', bad, [filters(f[n]) for n in bad])
            tap.ok(f['gz'].chunks == (None if how == 'none' else (20, 33)) and
                   f['grows'].chunks == (4, 3) and f['grows'].maxshape == (None, 3)
                   and f['z'].chunks == (None if how == 'none' else (7, 5)), f'{how}: chunks')
    kept = average('packed.h5', paths, '--dtype=f64')
    with h5py.File(kept, 'r') as f:
        tap.ok(filters(f['gz']) == [('shuffle', 8), ('deflate', 4)] and f['gz'].chunks == (20, 33),
               'compression is kept with another type', filters(f['gz']))


def cases():
    """The files of the collection, of many writers: everything but the storage is kept."""
    folder = os.path.join(tap.DATA, 'cases', 'hdf5', 'valid')
    for name in sorted(os.listdir(folder)):
        case, copy = os.path.join(folder, name), at('copy_' + name)
        shutil.copy(case, copy)
        for how in ('none', 'gzip:1'):
            r = tap.run('-q', '-f', '--times=index', '--copy=*', f'--compression={how}', copy,
                        case, '-o', at('case.h5'))
            if tap.ok(r.returncode == 0, f'{name} {how}', r.stderr.decode()):
                compare(f'{name} {how}', at('case.h5'), case,
                        lambda path: ('chunks', 'layout', 'filters', 'alloc'))


def filters(d):
    plist = d.id.get_create_plist()
    all_of_them = [plist.get_filter(i) for i in range(plist.get_nfilters())]
    names = {h5py.h5z.FILTER_SHUFFLE: 'shuffle', h5py.h5z.FILTER_DEFLATE: 'deflate'}
    return [(names.get(code, code), values[0] if values else None)
            for code, _, values, _ in all_of_them]


def h5diff_agrees():
    """The other program's comparison, where it is."""
    if not shutil.which('h5diff'):
        tap.ok(True, 'h5diff # SKIP it is not here')
        return
    paths = checkpoints('differ')
    a = average('differ_a.h5', paths, '--no-provenance')
    b = average('differ_b.h5', paths, '--no-provenance', '--compression=gzip:1')
    # References are compared by what they lead to; this one counts regions of older files.
    r = subprocess.run(['h5diff', '--exclude-path', '/refs', a, b],
                       capture_output=True, check=False)
    tap.ok(r.returncode == 0, 'h5diff finds no difference', r.stdout.decode(), r.stderr.decode())


def leaves_out():
    paths = checkpoints('skipped')
    ours = average('skipped.h5', paths, '--skip=a/*', '--skip=count')
    with h5py.File(ours, 'r') as f:
        tap.ok('a' in f and 'w' not in f['a'] and 'tied' not in f, 'all hard links go')
        tap.ok(f.get('soft', getlink=True).path == '/a/w' and 'count' not in f, 'soft ones stay')
        tap.ok(not f['z'].attrs['see'] and f[f['refs'][0]].name == '/z'
               and f[f['refs'][1]].name in ('/a', '/loop'), 'references to it are null')
    check_values('skipped', ours, paths, None, left=('a/w', ))
    r = tap.run('-f', '--method=uniform', '--skip=a/*', *paths, '-o', at('skipped.h5'))
    tap.ok(b'note: not kept: 1 further name (hard link) of what is left out, 1 reference to what '
           b'is left out\n' in r.stderr, 'which is said', r.stderr.decode())


def from_others():
    paths = checkpoints('others')
    for p, gone in zip(paths, ('gz', 'z', 'half')):
        with h5py.File(p, 'r+') as f:
            del f[gone]
    union = average('union.h5', paths, '--missing=union')
    with h5py.File(union, 'r') as f:
        with h5py.File(paths[0], 'r') as a, h5py.File(paths[1], 'r') as b:
            want = ((a['half'][:].astype('f8') + b['half'][:]) / 2).astype('f2')
        tap.ok(numpy.array_equal(f['half'][:], want), 'what the last lacks is averaged')
    r = tap.run('--copy-from=first', *paths[1:], '-o', at('no.h5'))
    tap.ok(r.returncode == 3, 'and is refused without being asked for')


def copies_from_first():
    paths = checkpoints('first')
    r = tap.run('--copy-from=first', *paths, '-o', at('no.h5'))
    tap.ok(r.returncode == 2 and b'is no array of numbers' in r.stderr,
           'strings cannot come from the first', r.stderr.decode())
    for p in paths:
        with h5py.File(p, 'r+') as f:
            for name in ('string', 'strings', 'ragged', 'bytes', 'record', 'filled', 'refs',
                         'regions'):
                del f[name]
    for name, options in {'clone': [], 'new file': ['--dtype=f64']}.items():
        ours = average('first.h5', paths, '--copy-from=first', *options)
        with h5py.File(ours, 'r') as f:
            tap.ok(list(f['count'][:2]) == [0, 1], f'{name}: numbers come from the first')


def same_bytes():
    paths = checkpoints('same')
    for options in (['--dtype=bf16'], ['--compression=gzip:4'], ['--compression=none',
                                                                '--skip=z']):
        seen = set()
        for threads in (1, 2, 3, 3):
            with open(average('same.h5', paths, *options, f'--threads={threads}'), 'rb') as f:
                seen.add(f.read())
        tap.ok(len(seen) == 1, f'{" ".join(options)}: the same bytes for any threads')


def many():
    with h5py.File(at('many_1.h5'), 'w') as f:
        for i in range(20000):
            f[f'layer{i // 100}/w{i}'] = numpy.float32([i, 1])
    shutil.copy(at('many_1.h5'), at('many_2.h5'))
    ours = average('many.h5', [at('many_1.h5'), at('many_2.h5')], '--dtype=f64')
    with h5py.File(ours, 'r') as f:
        tap.ok(sum(len(g) for g in f.values()) == 20000 and f['layer199/w19999'][0] == 19999
               and f['layer7/w777'].dtype == 'f8', '20,000 datasets')


def large_rows():
    paths = [at('rows_1.h5'), at('rows_2.h5')]
    for k, p in enumerate(paths):
        with h5py.File(p, 'w') as f:
            f['wide'] = numpy.full((3, 300000), k, 'f4')
            f['long'] = numpy.arange(400000, dtype='f4')
            f['deep'] = numpy.random.default_rng(k).normal(size=(9, 5, 7000)).astype('f4')
    ours = average('rows.h5', paths, '--compression=gzip:1', '--memory=64MiB')
    with h5py.File(ours, 'r') as f, h5py.File(paths[0], 'r') as a, h5py.File(paths[1], 'r') as b:
        most = max(numpy.prod(d.chunks) * 4 for d in f.values())
        tap.ok(most <= 2**20, 'chunks of at most 1 MiB', most)
        tap.ok(numpy.all(f['wide'][:] == 0.5) and numpy.array_equal(f['long'][:], a['long'][:])
               and numpy.array_equal(f['deep'][:], ((a['deep'][:].astype('f8') + b['deep'][:]) / 2)
                                     .astype('f4')), 'values in them')


for layout in LAYOUTS:
    tap.case(lambda name=layout: keeps(name))
for test in (types_are_told, compresses, cases, h5diff_agrees, leaves_out, from_others,
             copies_from_first, same_bytes, many, large_rows):
    tap.case(test)
tap.finish()
