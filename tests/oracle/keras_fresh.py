"""keras_fresh.py - Keras loads averages that are new files: of another type, compressed, .keras."""
import os
import tempfile
import warnings
import zipfile

import tap

numpy, h5py, ml_dtypes = tap.need('numpy', 'h5py', 'ml_dtypes')
tap.need('torch')
os.environ.setdefault('KERAS_BACKEND', 'torch')
keras = tap.need('keras')
warnings.filterwarnings('ignore')
box = tempfile.TemporaryDirectory()
TYPES = {'f64': 'f8', 'f32': 'f4', 'f16': 'f2', 'bf16': ml_dtypes.bfloat16}


def at(name):
    return os.path.join(box.name, name)


def model(policy='float32'):
    """A small network with a little of everything that a file has."""
    layers = keras.layers
    keras.utils.set_random_seed(3)
    m = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, dtype=policy),
                          layers.BatchNormalization(dtype=policy), layers.Flatten(),
                          layers.Dropout(0.1, seed=1), layers.Dense(3, dtype=policy)])
    m.compile(optimizer='adam', loss='mse')
    return m


def checkpoints(suffix, policy='float32'):
    """Three files of a model and its weights in each, as doubles."""
    m, paths, values = model(policy), [], []
    rng = numpy.random.default_rng(7)
    for k in (1, 2, 3):
        m.set_weights([(rng.normal(size=w.shape) + 3).astype('f4') for w in m.get_weights()])
        paths.append(at(f'{policy}_{k}{suffix}'))
        (m.save_weights if 'weights' in suffix else m.save)(paths[-1])
        values.append([numpy.asarray(w).astype('f8') for w in m.get_weights()])
    return paths, [sum(columns) / 3 for columns in zip(*values)]


def load(path, policy='float32'):
    if 'weights' not in path:
        return keras.models.load_model(path, compile='.keras' in path)
    m = model(policy)
    m.load_weights(path)
    return m


def check(name, path, mean, precision, policy='float32'):
    """Keras has the mean, to the precision of what is stored."""
    ours = [numpy.asarray(w).astype('f8') for w in load(path, policy).get_weights()]
    gap = max(abs(a - b).max() / abs(b).max() for a, b in zip(ours, mean))
    tap.ok(len(ours) == len(mean) and gap <= precision, f'{name}: Keras loads the mean', gap)


PRECISION = {'f64': 2.0**-24, 'f32': 2.0**-24, 'f16': 2.0**-11, 'bf16': 2.0**-8}


def every_type(suffix):
    paths, mean = checkpoints(suffix)
    for dtype in TYPES:
        ours = at('average' + suffix)
        tap.avg('--method=uniform', '-f', f'--dtype={dtype}', *paths, '-o', ours)
        check(f'{suffix} {dtype}', ours, mean, 1.001 * PRECISION[dtype])
    for how in ('none', 'gzip:5'):
        tap.avg('--method=uniform', '-f', f'--compression={how}', *paths, '-o', ours)
        check(f'{suffix} {how}', ours, mean, 2.0**-24)
    if suffix == '.keras':
        with zipfile.ZipFile(ours) as z, zipfile.ZipFile(paths[2]) as last:
            tap.ok(z.testzip() is None and z.namelist() == last.namelist() and
                   z.read('config.json') == last.read('config.json'), 'the zip file is sound')


def bfloat16_models():
    """Two opaque bytes and a word; other types do away with it."""
    paths, mean = checkpoints('.weights.h5', 'bfloat16')
    with h5py.File(paths[0], 'r') as f:
        names = []
        f.visititems(lambda n, o: names.append(n) if o.attrs.get('dtype') == 'bfloat16' else None)
    tap.ok(len(names) > 6, 'Keras writes bfloat16', names)
    for dtype in ('bf16', 'f32'):
        ours = at('half.weights.h5')
        tap.avg('--method=uniform', '-f', f'--dtype={dtype}', '--compression=none', *paths, '-o',
                ours)
        check(f'bfloat16 as {dtype}', ours, mean, 1.001 * 2.0**-8, 'bfloat16')
        with h5py.File(ours, 'r') as f:
            kind = {(f[n].dtype.str, f[n].attrs.get('dtype')) for n in names
                    if not n.startswith('optimizer')}
        tap.ok(kind == ({('|V2', 'bfloat16')} if dtype == 'bf16' else {('<f4', None)}),
               f'bfloat16 as {dtype}: in the file', kind)


def members_are_counted():
    paths, _ = checkpoints('.weights.h5')
    for options in (['--skip=layers/dense/vars/1'], ['--skip=optimizer/*']):
        r = tap.run(*options, *paths, '--times=index', '-o', at('no.weights.h5'))
        tap.ok(r.returncode == 2 and b'Keras counts' in r.stderr, f'{options[0]} is refused',
               r.stderr.decode())


for ending in ('.weights.h5', '.keras', '.h5'):
    tap.case(lambda suffix=ending: every_type(suffix))
for test in (bfloat16_models, members_are_counted):
    tap.case(test)
tap.finish()
