"""digest.py - digests against the page of Python that stands in belay-show(1), taken from there."""
import contextlib
import glob
import io
import json
import os
import re
import struct
import subprocess
import tempfile
import zipfile

import tap

np, h5py, xxhash, jsonschema = tap.need('numpy', 'h5py', 'xxhash', 'jsonschema')

SHOW = os.path.join(tap.BUILD, 'belay-show')
DIFF = os.path.join(tap.BUILD, 'belay-diff')
VALID = {}
for program in ('avg', 'diff'):
    with open(os.path.join(tap.SRC, 'man', f'belay-{program}.report.schema.json'),
              encoding='utf-8') as text:
        VALID[program] = jsonschema.Draft202012Validator(json.load(text))
rng = np.random.default_rng(7)
# Tensors that are BF16, which numpy does not know.
BFLOAT16 = {'dtypes_numeric.h5': 'bf16_as_float', 'keras3_bf16.weights.h5': 'layers.dense.vars.0'}
BITS = {'BOOL': 8, 'F4': 4, 'F6_E2M3': 6, 'F6_E3M2': 6, 'F8_E8M0': 8, 'BF16': 16, 'C64': 64}


def manual():
    """The page, as Python: what roff makes of the lines between its marks."""
    with open(os.path.join(tap.SRC, 'man', 'belay-show.1'), encoding='utf-8') as f:
        page = re.search(r'^\.\\" begin page\n\.Bd -literal\n(.*)^\.Ed\n\.\\" end page$', f.read(),
                         re.M | re.S).group(1)
    return page.replace('\\&', '').replace('\\e', '\\')


PAGE = {}
page_end = '\ngolden(sys.argv[1:])\n'
assert manual().endswith(page_end)
exec(manual()[:-len(page_end)], PAGE)  # pylint: disable=exec-used


def by_page(*paths):
    """What the page prints of some files, without paths and times."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        PAGE['golden'](paths)
    return [line for line in said.getvalue().splitlines() if not line.startswith('checkpoint')]


def show(*args, env=None):
    r = subprocess.run([SHOW, '--digest', *args], env={**os.environ, **(env or {})},
                       stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if r.returncode != 0:
        raise RuntimeError(f'exit {r.returncode}: ' + r.stderr.decode(errors='replace'))
    return r.stdout.decode()


def by_us(*args, **rest):
    """What belay-show prints, without paths, times and remarks."""
    return [line for line in show(*args, **rest).splitlines()
            if not line.startswith(('checkpoint', '#'))]


def differences(ours, theirs):
    return [f'< {line}' for line in ours if line not in theirs] + \
           [f'> {line}' for line in theirs if line not in ours]


def same(name, ours, theirs):
    return tap.ok(ours == theirs and ours, name, *differences(ours, theirs)[:10])


# ---- files ----

def write(path, tensors):
    """A safetensors file of name -> (type, shape, bytes)."""
    head, data = {}, b''
    for name, (dtype, shape, values) in tensors.items():
        head[name] = {'dtype': dtype, 'shape': shape,
                      'data_offsets': [len(data), len(data) + len(values)]}
        data += values
    said = json.dumps(head).encode()
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(said)) + said + data)


def of_numpy(arrays):
    names = {'f': 'F%d', 'i': 'I%d', 'u': 'U%d', 'b': 'BOOL', 'c': 'C%d'}
    tensors = {}
    for name, a in arrays.items():
        dtype = names[a.dtype.kind]
        dtype = dtype % (8 * a.dtype.itemsize) if '%' in dtype else dtype
        little = a.astype(a.dtype.newbyteorder('<'))
        tensors[name.replace('/', '.')] = (dtype, list(a.shape), little.tobytes())
    # safetensors wants the wide ones first
    return dict(sorted(tensors.items(), key=lambda t: (-8 if t[1][0] == 'C64' else
                                                       -int(re.sub(r'\D', '', t[1][0]) or 1))))


def all_types():
    """Every type that safetensors has, of no values, one, some and so many that there are leaves
    to spare."""
    tensors = {}
    for dtype in PAGE['CODES']:
        bits = BITS.get(dtype) or int(re.match(r'[A-Z](\d+)', dtype).group(1))
        if dtype == 'C128':
            continue
        for shape in ([], [1], [0], [3, 0], [2, 4], [300, 8, 100]):
            count = int(np.prod(shape))
            if count * bits % 8 == 0:
                tensors[f'{dtype}.{"x".join(map(str, shape))}'] = (
                    dtype, shape, rng.integers(0, 2 if dtype == 'BOOL' else 256, count * bits // 8,
                                               dtype=np.uint8).tobytes())
    write('types.safetensors', tensors)
    theirs = by_page('types.safetensors')
    same(f'{len(tensors)} tensors of {len(PAGE["CODES"]) - 1} types', by_us('types.safetensors'),
         theirs)
    tap.ok(len(tensors) > 100 and len(theirs) == len(tensors) + 2, 'none is missing', len(tensors))


def names():
    odd = ['a/b', 'a.b.c', 'back\\slash', 'line\nnext\ttab', '\x01\x7f', 'c1\x9b2J', 'ü€𝄞', ' ',
           '#', 'checkpoint 1 x', '/', 'a', 'a.', 'a ']
    write('names.safetensors', {name: ('U8', [2], bytes([i, 1])) for i, name in enumerate(odd)})
    same('odd names', by_us('names.safetensors'), by_page('names.safetensors'))
    with h5py.File('names.h5', 'w') as f:
        for i, name in enumerate(odd + ['x/y/z']):
            if name.strip('/') and name not in ('a.', 'a'):
                f.create_dataset(name.encode(), data=np.uint8([i, 1]))
        f.create_dataset(b'stray/\xff\xfe\xe2\x82', data=1)
    same('odd names, HDF5', by_us('names.h5'), by_page('names.h5'))


def arrays():
    return {
        'a/w': rng.standard_normal((700, 333)).astype('f4'),
        'a/h': rng.standard_normal((501, 301)).astype('f2'),
        'b/d': rng.standard_normal((40, 50, 60)),
        'b/c': (rng.standard_normal((300, 300)) + 1j * rng.standard_normal(300)).astype('c8'),
        'n': np.arange(100000) - 5,
        'u': rng.integers(0, 2 ** 32, (3, 20000), dtype='u4'),
        'scalar': np.float32(-0.0).reshape(()),
        'bool': np.arange(70000) % 3 == 1,
        'none': np.zeros((0, 4), 'f4'),
    }


def layouts():
    """The same tensors in every way; threads, memory and instruction sets."""
    tensors = arrays()
    version = (None, ('v110', 'v110'))
    few = {k: v for k, v in tensors.items() if v.shape and v.size}
    write('l.safetensors', of_numpy(tensors))
    for name, options in {
            'contiguous': lambda a: {},
            'gzip': lambda a: {'chunks': tuple(max(1, n // 3 - 1) for n in a.shape),
                               'compression': 'gzip', 'shuffle': True, 'fletcher32': True},
            'columns': lambda a: {'chunks': (a.shape[0], *(7 for _ in a.shape[1:]))},
            'big': lambda a: {'dtype': a.dtype.newbyteorder('>') if a.dtype.kind != 'b' else None},
    }.items():
        with h5py.File(f'l_{name}.h5', 'w', libver=version[name == 'gzip']) as f:
            for key, a in tensors.items():
                f.create_dataset(key, data=a, **(options(a) if key in few else {}))
    os.mkdir('sharded')
    where, kinds = {}, of_numpy(tensors)
    for i in range(3):
        part = dict(list(kinds.items())[i::3])
        write(f'sharded/model-{i + 1:05}-of-00003.safetensors', part)
        where.update({k: f'model-{i + 1:05}-of-00003.safetensors' for k in part})
    with open('sharded/model.safetensors.index.json', 'w', encoding='utf-8') as f:
        json.dump({'metadata': {}, 'weight_map': where}, f)
    theirs = by_page('l.safetensors')
    for path in ['l.safetensors', 'sharded', *sorted(glob.glob('l_*.h5'))]:
        same(f'{path}: as of the one file', by_us(path), theirs)
        if path.endswith('.h5'):
            same(f'{path}: by h5py', by_page(path), theirs)
    paths = sorted(glob.glob('l_*.h5')) + ['l.safetensors', 'sharded']
    whole = show(*paths)
    for env in ({'BELAY_CPU': 'base'}, {}):
        for more in (['--threads', '1'], ['--threads', '5'], ['--memory', '7MiB']):
            tap.ok(show(*more, *paths, env=env) == whole, f'the same with {more} {env}')


def others():
    """What holds no numbers, and what does so in an odd way."""
    with h5py.File('o.h5', 'w') as f:
        f['text'] = 'hello'
        f['pair'] = np.zeros(3, [('a', 'f4'), ('b', 'i2')])
        f['null'] = h5py.Empty('f8')
        f.create_dataset('never', (100, 1000), 'f4', fillvalue=2.5, chunks=(9, 999))
        f.create_dataset('never_at_all', (100, 1000), '>i2')
        f['z'] = np.complex128([[1, 2 - 1j]])
    same('left out, not written, without a dataspace', by_us('o.h5'), by_page('o.h5'))
    remarks = [line for line in show('o.h5').splitlines() if line.startswith('#')]
    tap.ok(remarks == [f'# left out, it holds no numbers: {n}' for n in ('pair', 'text')],
           'it is said what is left out', *remarks)


def one_bit():
    """Every bit counts: of every place where leaves, tiles and chunks meet."""
    bytes_ = bytearray(rng.integers(0, 256, 400001, dtype=np.uint8).tobytes())
    write('bit.safetensors', {'x': ('U8', [400001], bytes_), 'y': ('U8', [1], b'1')})
    before = by_us('bit.safetensors')
    for at in (0, 65535, 65536, 131071, 262143, 262144, 393215, 393216, 400000):
        bytes_[at] ^= 1 << at % 8
        write('bit.safetensors', {'x': ('U8', [400001], bytes_), 'y': ('U8', [1], b'1')})
        after = by_us('bit.safetensors')
        changed = [a != b for a, b in zip(before, after)]
        tap.ok(changed == [False, True, False, True], f'a bit of byte {at}', after)
        before = after


def cases():
    """All that is in the tests' data and that the page can read."""
    seen = skipped = 0
    for path in sorted(glob.glob(os.path.join(tap.DATA, 'cases', '*', 'valid', '*.*')) +
                       glob.glob(os.path.join(tap.DATA, 'keras', '*.h5')) +
                       glob.glob(os.path.join(tap.DATA, 'digits', 'ckpt_*'))[::7]):
        try:
            theirs, ours = by_page(path), by_us(path)
        except Exception as e:  # pylint: disable=broad-except
            if not isinstance(e, RuntimeError) or 'needs --hdf5-plugins' in str(e):
                skipped += 1  # of a type that h5py does not know, a filter that we do not
                continue
            raise
        if os.path.basename(path) in BFLOAT16:
            theirs, ours = ([line for line in lines
                             if line[34:] not in (BFLOAT16[os.path.basename(path)], '/')]
                            for lines in (theirs, ours))
        seen += ours == theirs
        if ours != theirs:
            tap.ok(False, os.path.basename(path), *differences(ours, theirs)[:6])
    tap.note(f'{skipped} files are not for the page')
    tap.ok(seen > 60, f'{seen} files of the tests', f'{skipped} were passed over')


def keras():
    """An archive is the weights in it."""
    for path in sorted(glob.glob(os.path.join(tap.DATA, 'cases', 'keras', 'valid', '*.keras'))):
        try:
            with zipfile.ZipFile(path) as z:
                z.extract('model.weights.h5')
        except (KeyError, zipfile.BadZipFile):
            continue  # a zip that Python does not take
        same(os.path.basename(path), by_us(path), by_page('model.weights.h5'))


# ---- belay-diff ----

def against(lists, *paths):
    """The exit code and the verdicts of belay-diff with a list."""
    with open('list', 'w', encoding='utf-8') as f:
        f.write(lists)
    r = subprocess.run([DIFF, '--against', 'list', '--json', *paths], stdin=subprocess.DEVNULL,
                       capture_output=True, check=False)
    events = [json.loads(line) for line in r.stdout.decode().splitlines()]
    wrong = [f'{e["event"]}: {x.message}' for e in events for x in VALID['diff'].iter_errors(e)]
    tap.ok(not wrong and events[-1]['exit_code'] == r.returncode, 'the schema', *wrong)
    return r.returncode, [e['tensors'] for e in events if e['event'] == 'against']


def lists():
    """A list that the page makes serves belay-diff."""
    tensors = arrays()
    write('g_1.safetensors', of_numpy(tensors))
    made = io.StringIO()
    with contextlib.redirect_stdout(made):
        PAGE['golden'](['g_1.safetensors', 'names.safetensors'])
    made = made.getvalue()
    paths = ['g_1.safetensors', 'names.safetensors']
    tap.ok(against(made, *paths) == (0, [[], []]), 'as in the list of the page')
    tap.ok(against(made, *paths[::-1])[0] == 1, 'in another order')
    tensors['n'][5] += 1
    del tensors['bool']
    tensors['more/b'] = tensors['scalar']
    write('g_1.safetensors', of_numpy(tensors))
    changes = [{'name': 'bool', 'status': 'missing'}, {'name': 'more.b', 'status': 'new'},
               {'name': 'n', 'status': 'differs'}]
    got = against(made, *paths)
    tap.ok(got == (1, [changes, []]), 'what has changed', got)
    tap.ok(against(made.replace('a.w', 'a.v'), *paths)[0] == 3, 'an edited list')


# ---- belay-avg ----

def report(*args):
    """The events of belay-avg --digest, all of which the schema allows."""
    tap.avg('-q', '-f', '--digest', '--report', 'r.jsonl', *args)
    with open('r.jsonl', encoding='utf-8') as f:
        events = [json.loads(line) for line in f]
    wrong = [f'{e["event"]}: {x.message}' for e in events for x in VALID['avg'].iter_errors(e)]
    tap.ok(not wrong, 'the schema', *wrong)
    return events


def lines_of(event):
    return ['belay-digest-1', *(f'{t["digest"]}  {t["name"]}' for t in event['tensors']),
            f'{event["digest"]}  /']


def recorded(name, inputs, outputs, *args):
    """What a run records is what the page makes of the files."""
    events = report(*args)
    for event in [e for e in events if e['event'] == 'digest']:
        same(f'{name}: {event["of"]} {event["path"]}', lines_of(event), by_page(event['path']))
    told = [(e['of'], e['path']) for e in events if e['event'] == 'digest']
    tap.ok(told == [('input', p) for p in inputs] + [('output', p) for p in outputs],
           f'{name}: in their order', told)
    made = {e['path']: e['digest'] for e in events if e['event'] == 'digest'}
    tap.ok(all(e['digest'] == made[e['path']] for e in events if e['event'] == 'output'),
           f'{name}: the outputs')
    plan = next(e for e in events if e['event'] == 'plan')
    tap.ok(plan['run']['read_bytes'] == events[-1]['read_bytes'],
           f'{name}: as many bytes as were planned', plan['run'], events[-1]['read_bytes'])
    tap.ok(all(c['read'] for c in plan['checkpoints'][-len(inputs):]), f'{name}: all are read')


def averages():
    for t in range(4):
        tensors = arrays()
        tensors['n'] += t
        if t != 2:
            tensors['sometimes'] = np.float32([t, 1])
        write(f'v_{t}.safetensors', of_numpy(tensors))
        with h5py.File(f'v_{t}.h5', 'w') as f:
            for key, a in tensors.items():
                f.create_dataset(key, data=a, chunks=tuple(
                    max(1, n // 3 - 1) for n in a.shape) if a.shape and a.size else None)
            f['text'] = 'left out'
    h5 = [f'v_{t}.h5' for t in range(4)]
    st = [f'v_{t}.safetensors' for t in range(4)]
    union = ['--missing', 'union']
    recorded('HDF5', h5, ['o.h5'], *h5, '-o', 'o.h5', *union)
    recorded('some threads', h5, ['o.h5'], *h5, '-o', 'o.h5', *union, '--threads', '5')
    recorded('little memory', h5, ['o.h5'], *h5, '-o', 'o.h5', *union, '--memory', '24MiB')
    recorded('compressed', h5, ['o.h5'], *h5, '-o', 'o.h5', *union, '--compression', 'gzip:1')
    recorded('safetensors', st, ['o.safetensors'], *st, '-o', 'o.safetensors', *union)
    recorded('to safetensors', h5, ['o.safetensors'], *h5, '-o', 'o.safetensors', *union)
    recorded('to HDF5', st, ['o.h5'], *st, '-o', 'o.h5', *union)
    recorded('mixed', [*st[:2], *h5[2:]], ['o.h5'], *st[:2], *h5[2:], '-o', 'o.h5', *union)
    recorded('a sweep', h5, ['o_1.h5', 'o_2.h5', 'o_3.h5'], *h5, *union, '--half-life', '1,2,3',
             '-o', 'o_{half-life}.h5', '--threads', '3')
    recorded('the last two alone', h5, ['o.h5'], *h5, '-o', 'o.h5', '--method', 'window',
             '--window', '2ckpt', '--missing', 'copy')
    recorded('in another type', h5, ['o.h5'], *h5, '-o', 'o.h5', '--dtype', 'f64', *union)
    recorded('chosen', h5, ['o.h5'], *h5, '-o', 'o.h5', '--skip', 'b/*', '--skip', 'text',
             '--copy', 'a/*', '--copy-from', '1', '--missing', 'skip')
    for n, new in ((3, h5[:3]), (4, h5[3:])):
        for path in new:
            with h5py.File(path, 'a') as f:
                f.pop('sometimes', None)
        recorded(f'a state after {n}', new, ['g.h5'], *h5[:n], '-o', 'g.h5', '--half-life', '2',
                 '--state', 's.state')
    report(*st, '-o', 'p.safetensors', *union, '--plan')
    events = report(*st, '-o', 'p.safetensors', *union, '--dry-run')
    tap.ok([e.get('digest', '') for e in events if e['event'] == 'output'] == [None],
           'a plan has no digests')
    tap.avg('-q', '-f', '--digest', '--report', 'r.tsv', *h5, '-o', 'o.h5', *union)
    with open('r.tsv', encoding='utf-8') as f:
        head, row = (line.rstrip('\n').split('\t') for line in f)
    tap.ok(dict(zip(head, row))['digest'] == by_page('o.h5')[-1].split()[0], 'a table')
    without = tap.avg('-q', '-f', *h5, '-o', 'w.h5', *union)
    with open('o.h5', 'rb') as a, open('w.h5', 'rb') as b:
        tap.ok(not without and a.read() == b.read(), 'the outputs are the same without')


box = tempfile.TemporaryDirectory(prefix='belay-digest-')
os.chdir(box.name)
for check in (all_types, names, layouts, others, one_bit, cases, keras, lists, averages):
    tap.case(check)
os.chdir('/')
tap.finish()
