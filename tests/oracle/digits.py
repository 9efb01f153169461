"""digits.py - a real run of torch: the averages that torch kept while it trained, and the same
averages from the saved files."""
import glob
import json
import math
import os
import tempfile

import tap

numpy, h5py, st = tap.need('numpy', 'h5py', 'safetensors.numpy')
tap.need('torch', 'sklearn')
import digits_table  # noqa: E402

D = digits_table.DIGITS
ST = digits_table.CHECKPOINTS
H5 = sorted(glob.glob(os.path.join(D, 'ckpt_*.h5')))
F32 = numpy.float32
METHODS = {
    'ema': ['--method=ema', '--decay=0.99'],
    'spring': ['--method=spring', '--half-life=10%'],
    'belay': ['--method=belay', '--half-life=10%'],
    'uniform': ['--method=uniform'],
}
box = tempfile.TemporaryDirectory()


def out(name):
    """A path in the folder of this test."""
    return os.path.join(box.name, name)


def content(path):
    """The bytes of a file."""
    with open(path, 'rb') as f:
        return f.read()


def load_h5(path):
    """Tensors of an HDF5 file, named as in the safetensors files."""
    tensors = {}
    with h5py.File(path) as f:
        f.visititems(lambda name, o: tensors.__setitem__(name.replace('/', '.'), o[()])
                     if isinstance(o, h5py.Dataset) else None)
    return tensors


def differing(a, b):
    """Names of the tensors that are not the same, bit for bit, in the same type and shape."""
    return sorted(k for k in a.keys() | b.keys() if k not in a or k not in b
                  or (a[k].dtype, a[k].shape) != (b[k].dtype, b[k].shape)
                  or a[k].tobytes() != b[k].tobytes())


def uniform_is_the_mean():
    """The mean of the 40 checkpoints after step 0: torch's own in f32, the exact one, and ours."""
    steps = [st.load_file(f) for f in ST[1:]]
    online = st.load_file(os.path.join(D, 'swa_saved.safetensors'))
    tap.avg('--method=uniform', *ST[1:], '-o', out('swa.safetensors'))
    ours = st.load_file(out('swa.safetensors'))
    floating = [k for k in ours if ours[k].dtype.kind == 'f']
    far = replay_differs = rounded_differs = elements = 0
    for k in floating:
        x = numpy.stack([s[k] for s in steps]).reshape(len(steps), -1)
        bound = 10 * 2.0**-24 * numpy.abs(x).max(axis=0).astype(float)
        gap = numpy.abs(ours[k].ravel().astype(float) - online[k].ravel().astype(float))
        far += int((gap > bound).sum())
        # torch.optim.swa_utils: averaged + (model - averaged) / (n + 1), all in f32.
        mean = x[0].copy()
        for n in range(1, len(x)):
            mean = mean + (x[n] - mean) / F32(n + 1)
        replay_differs += int((mean.view(numpy.uint32)
                               != online[k].ravel().view(numpy.uint32)).sum())
        exact = [F32(math.fsum(column) / len(x)) for column in x.T.astype(float)]
        rounded_differs += int((numpy.array(exact, F32) != ours[k].ravel()).sum())
        elements += x.shape[1]
    tap.ok(elements == 9826 and len(steps) == 40, 'all of the run was compared',
           f'{elements} elements, {len(steps)} checkpoints')
    tap.ok(far == 0, 'uniform: within 10 u max|x| of the mean that torch kept', f'{far} are not')
    tap.ok(replay_differs == 0, "torch's own f32 recurrence gives torch's mean, bit for bit",
           f'{replay_differs} elements differ')
    tap.ok(rounded_differs <= elements // 1000000, 'uniform is the exact mean, rounded once',
           f'{rounded_differs} of {elements} elements are not')
    tap.ok(not differing({k: v for k, v in ours.items() if k not in floating},
                         {k: steps[-1][k] for k in ours if k not in floating}),
           'integers are those of the last checkpoint')


def both_formats_agree():
    """HDF5 and safetensors files of one run have one average."""
    for name, options in METHODS.items():
        tap.avg(*options, *ST, '-o', out(f'{name}.safetensors'))
        tap.avg(*options, *H5, '-o', out(f'{name}.h5'))
        a, b = st.load_file(out(f'{name}.safetensors')), load_h5(out(f'{name}.h5'))
        tap.ok(len(a) == 12 and not differing(a, b), f'{name}: h5 and safetensors agree to the bit',
               differing(a, b))
        moved = differing(a, st.load_file(ST[-1]))
        tap.ok(len(moved) == 11, f'{name}: all floating tensors are averaged, others kept', moved)


def nothing_else_matters():
    """Threads, memory and instruction sets change no byte of any output."""
    ways = {f'{n} threads': ([f'--threads={n}'], {}) for n in (1, 2, 3)}
    ways |= {f'--memory {m}': ([f'--memory={m}'], {}) for m in ('8MiB', '64MiB', '256MiB')}
    ways |= {f'BELAY_CPU={c}': ([], {'BELAY_CPU': c}) for c in ('base', 'avx2')}
    for name, options in METHODS.items():
        for suffix, files in (('safetensors', ST), ('h5', H5)):
            want = content(out(f'{name}.{suffix}'))
            differ = []
            for way, (more, env) in ways.items():
                path = out(f'way.{suffix}')
                tap.avg('-f', *options, *more, *files, '-o', path, env=env)
                if content(path) != want:
                    differ.append(way)
            tap.ok(not differ, f'{name}.{suffix}: the same bytes in {len(ways)} ways', differ)


def metadata_survives():
    """What a loader looks at is as in the last checkpoint."""
    with open(out('ema.safetensors'), 'rb') as f:
        size = int.from_bytes(f.read(8), 'little')
        ours = json.loads(f.read(size))
    with open(ST[-1], 'rb') as f:
        size = int.from_bytes(f.read(8), 'little')
        theirs = json.loads(f.read(size))
    meta = ours.pop('__metadata__')
    last = theirs.pop('__metadata__')
    provenance = meta.pop('belay', None)
    tap.ok(meta == last and meta['format'] == 'pt', 'safetensors metadata survives', meta, last)
    tap.ok(ours == theirs and list(ours) == list(theirs), 'tensors stand where they stood')
    tap.ok(provenance and len(json.loads(provenance)['inputs']) == 41,
           'the provenance lists the inputs', provenance)
    tap.ok(D not in (provenance or D), 'the provenance holds no absolute path')


def h5_attributes(path):
    """{object: (kind, attributes, how it is stored)} of an HDF5 file, without the provenance."""
    found = {}

    def visit(name, o):
        kept = {k: (str(v.dtype) if hasattr(v, 'dtype') else type(v).__name__, repr(v))
                for k, v in o.attrs.items() if (name, k) != ('', 'belay')}
        stored = ()
        if isinstance(o, h5py.Dataset):
            stored = (str(o.dtype), o.shape, o.chunks, o.compression, o.compression_opts,
                      o.shuffle, o.fletcher32)
        found[name] = (type(o).__name__, kept, stored)

    with h5py.File(path) as f:
        visit('', f)
        f.visititems(visit)
    return found


def h5py_sees_the_same():
    """Groups, attributes, chunks and filters are those of the last checkpoint."""
    ours, theirs = h5_attributes(out('ema.h5')), h5_attributes(H5[-1])
    tap.ok(ours == theirs, 'h5py sees the objects and attributes of the last checkpoint',
           {k: (ours.get(k), theirs.get(k)) for k in ours.keys() | theirs.keys()
            if ours.get(k) != theirs.get(k)})
    tap.ok(any(stored and stored[3] == 'gzip' for _, _, stored in theirs.values()),
           'some of them are compressed')


def near_the_online_average():
    """The README's table of distances; the numbers are those of an independent replay."""
    table = digits_table.distances(box.name)
    want = {'linear': (0.050, 0.0005), 'right': (0.125, 0.0005), 'left': (0.146, 0.0005),
            'index time': (3.25, 0.005)}
    for hold, (distance, tolerance) in want.items():
        got = table['0.99'][hold]
        tap.ok(abs(got - distance) <= tolerance, f'decay 0.99, {hold}: distance {distance}', got)
    low = table['0.9']
    tap.ok(low['linear'] < low['right'] and low['linear'] < low['left']
           and low['linear'] < low['index time'], 'decay 0.9: linear is nearest', low)


def accuracy():
    """The README's table of scores, to the image: one of the 797 is 0.0013."""
    want = {'last checkpoint': .8984, 'EMA': .9460, 'spring': .9410, 'BELAY': .9536,
            'uniform': .9661}
    got = digits_table.scores(box.name)
    for name, accuracy_of in want.items():
        tap.ok(abs(got[name][1] - accuracy_of) < .0006, f'{name}: accuracy {accuracy_of:.4f}',
               got[name])


for check in (uniform_is_the_mean, both_formats_agree, nothing_else_matters, metadata_survives,
              h5py_sees_the_same, near_the_online_average, accuracy):
    tap.case(check)
box.cleanup()
tap.finish()
