"""hdf5_plugins.py - HDF5 filters that are plugins: read and written by belay-avg as h5py does it,
only where that is asked for, and kept from everything else."""
import ctypes
import json
import os
import shutil
import subprocess
import tempfile

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
BOX = tempfile.mkdtemp()
PLUGINS = os.path.join(BOX, 'plugins')
XOR = 305
NOT_THERE = os.path.join(BOX, 'nowhere')


def build_plugin():
    """The plugin is made by the compiler at hand."""
    cc = shutil.which('gcc') or shutil.which('cc') or shutil.which('clang')
    if not cc:
        tap.skip_all('no compiler is here')
    for package in ('hdf5-serial', 'hdf5'):
        flags = subprocess.run(['pkg-config', '--cflags', package], capture_output=True, text=True,
                               check=False)
        if flags.returncode == 0:
            break
    os.mkdir(PLUGINS)
    subprocess.run([cc, '-shared', '-fPIC', '-O1', '-w', *flags.stdout.split(),
                    os.path.join(HERE, 'plugin_xor.c'), '-o', os.path.join(PLUGINS, 'libxor.so')],
                   check=True)


h5py, np = tap.need('h5py', 'numpy')
build_plugin()
h5py.h5pl.append(PLUGINS.encode())
RANDOM = np.random.default_rng(5)


def path(name):
    return os.path.join(BOX, name)


def average(*args, env=None):
    """Exit code and words. Whatever is set outside is not."""
    clean = {k: v for k, v in os.environ.items() if k != 'HDF5_PLUGIN_PATH'}
    r = subprocess.run([tap.AVG, *args], env={**clean, **(env or {})}, stdin=subprocess.DEVNULL,
                       capture_output=True, text=True, errors='replace', check=False)
    return r.returncode, r.stderr.replace(BOX, 'BOX')


def make(stem, sets, n=2):
    """Files of datasets, a row each: name, shape, type, and how it is stored."""
    paths = []
    for k in range(n):
        paths.append(path(f'{stem}_{k}.h5'))
        with h5py.File(paths[-1], 'w') as f:
            for name, shape, dtype, how in sets:
                values = np.round(RANDOM.standard_normal(shape), 2).astype(dtype)
                f.create_dataset(name, data=values, **how)
    return paths


def xor(chunks, key=0x5a, how=0, **more):
    return {'chunks': chunks, 'compression': XOR, 'compression_opts': (key, how), **more}


def properties(d):
    p = d.id.get_create_plist()
    return [p.get_filter(i) for i in range(p.get_nfilters())], d.chunks, d.dtype, d.shape


def mean_is_right(inputs, output, within=0):
    """What is wrong with a uniform average, as h5py sees it. Its last bit is not judged here."""
    wrong = []
    with h5py.File(output, 'r') as out:
        files = [h5py.File(p, 'r') for p in inputs]
        for name, last in files[-1].items():
            values = [f[name][()] for f in files]
            bits = 0
            if last.dtype.kind in 'fc':
                wide = 'c16' if last.dtype.kind == 'c' else 'f8'
                values = [np.mean([v.astype(wide) for v in values], 0).astype(last.dtype)]
                bits = 4 * np.finfo(last.dtype).eps
            if not np.allclose(out[name][()], values[-1], rtol=bits, atol=max(bits, within)):
                wrong.append(f'{name}: values')
            if properties(out[name]) != properties(last):
                wrong.append(f'{name}: {properties(out[name])}')
        for f in files:
            f.close()
    return wrong


ALL = [('edges', (50, 35), 'f4', xor((16, 16))), ('big', (1 << 16,), 'f4', xor((1 << 12,))),
       ('swapped', (300,), '>f8', xor((64,), fletcher32=True)), ('half', (9, 9), 'f2', xor((4, 9))),
       ('complex', (40,), 'c8', xor((10,), shuffle=True)), ('number', (30,), 'i4', xor((8,))),
       ('plain', (40, 40), 'f4', {'chunks': (10, 10), 'compression': 'gzip'}),
       ('other', (40,), 'f4', {})]
UNIFORM = ('-q', '-f', '--times=index', '--method=uniform')


def off():
    inputs = make('off', ALL)
    code, words = average(*UNIFORM, *inputs, '-o', path('off.h5'))
    tap.ok(code == 3 and "its filter 305 'belay test' needs --hdf5-plugins" in words,
           'without the switch: filter and switch are named', words)
    fewer = [f'--skip={name}' for name, _, _, more in ALL if 305 in more.values()]
    code, words = average(*UNIFORM, *fewer, *inputs, '-o', path('off.h5'))
    tap.ok(code == 0, 'what cannot be read is left out', words)
    with h5py.File(path('off.h5'), 'r') as f:
        tap.ok(sorted(f) == ['other', 'plain'], 'and the rest is there', sorted(f))
    code, words = average(*UNIFORM, *inputs, '-o', path('off.h5'),
                          env={'HDF5_PLUGIN_PATH': PLUGINS})
    tap.ok(code == 3, 'the environment alone changes nothing', words)


def on():
    inputs = make('on', ALL, 3)
    switch = f'--hdf5-plugins={PLUGINS}'
    outputs = []
    for threads in ('1', '4'):
        out = path(f'average_{threads}.h5')
        code, words = average(*UNIFORM, switch, '--threads', threads, *inputs, '-o', out)
        if tap.ok(code == 0, f'{threads} threads', words):
            wrong = mean_is_right(inputs, out)
            tap.ok(not wrong, f'{threads} threads: values and filters', *wrong)
            with open(out, 'rb') as f:
                outputs.append(f.read())
    tap.ok(len(outputs) == 2 and outputs[0] == outputs[1], 'the same bytes')
    code, words = average(*UNIFORM, switch, '--half-life=1,2', '--method=ema', *inputs,
                          '-o', path('sweep_{half-life}.h5'))
    tap.ok(code == 0, 'a sweep', words)
    code, words = average(*UNIFORM, switch, '--skip=other', *inputs, '-o', path('anew.h5'))
    with h5py.File(path('average_1.h5'), 'r') as a, h5py.File(path('anew.h5'), 'r') as b:
        tap.ok(code == 0 and all(properties(a[n]) == properties(b[n]) and a[n][()].tobytes() ==
                                 b[n][()].tobytes() for n in a if n != 'other') and
               'other' not in b, 'a new file', words)


def missing_chunks():
    inputs = []
    for k in range(2):
        inputs.append(path(f'missing_{k}.h5'))
        with h5py.File(inputs[-1], 'w') as f:
            d = f.create_dataset('x', (100,), 'f4', fillvalue=2.5, **xor((10,)))
            d[:25 + 30 * k] = k + 1
    out = path('missing.h5')
    code, words = average(*UNIFORM, f'--hdf5-plugins={PLUGINS}', *inputs, '-o', out)
    wrong = mean_is_right(inputs, out) if code == 0 else [words]
    tap.ok(not wrong, 'chunks that are not there', *wrong)


def folders():
    inputs = make('folders', ALL[:1])
    empty = path('empty')
    os.mkdir(empty)
    tail = (*inputs, '-o', path('folders.h5'))
    for switch, env, name in (
            ('--hdf5-plugins', {'HDF5_PLUGIN_PATH': f'{NOT_THERE}:{PLUGINS}'}, 'environment'),
            (f'--hdf5-plugins={empty}:{PLUGINS}', {}, 'two folders'),
            (f'--hdf5-plugins={os.path.relpath(PLUGINS)}', {}, 'a relative folder')):
        code, words = average(*UNIFORM, switch, *tail, env=env)
        tap.ok(code == 0, name, words)
    code, words = average(*UNIFORM, f'--hdf5-plugins={empty}', *tail)
    tap.ok(code == 3 and "its filter 305 'belay test' is not installed" in words
           and 'BOX/empty' in words, 'the plugin is not there: the folders are named', words)
    code, words = average(*UNIFORM, '--hdf5-plugins', *tail)
    tap.ok(code == 3 and 'is not installed' in words, "the library's own folder", words)
    code, words = average(*UNIFORM, f'--hdf5-plugins={NOT_THERE}:{PLUGINS}', *tail)
    tap.ok(code == 2 and 'BOX/nowhere' in words, 'no such folder', words)
    code, words = average(*UNIFORM, '--hdf5-plugins', *tail, env={'HDF5_PLUGIN_PATH': NOT_THERE})
    tap.ok(code == 2 and 'HDF5_PLUGIN_PATH' in words, 'no such folder in the environment', words)


def safetensors_values(name):
    """{name: bytes} of a safetensors file."""
    with open(path(name), 'rb') as f:
        data = f.read()
    at = 8 + int.from_bytes(data[:8], 'little')
    return {n: data[at + t['data_offsets'][0]:at + t['data_offsets'][1]]
            for n, t in json.loads(data[8:at]).items() if n != '__metadata__'}


def another_format():
    """What a clone only copies is read for another format: integers, and the library's own
    scaleoffset."""
    sets = [('i', (50, 35), 'i4', xor((16, 16))), ('b', (300,), '>u2', xor((64,))),
            ('s', (40,), 'i8', {'chunks': (16,), 'scaleoffset': 0})]
    inputs = make('other', sets)
    command = (*UNIFORM, *inputs, '-o', path('other.safetensors'))
    code, words = average(*command)
    tap.ok(code == 3 and "b: its filter 305 'belay test' needs --hdf5-plugins" in words,
           'integers that nobody may read are told', words)
    code, words = average(f'--hdf5-plugins={path("empty")}', *command)
    tap.ok(code == 3 and "b: its filter 305 'belay test' is not installed" in words,
           'integers that nobody can read are told', words)
    code, words = average(f'--hdf5-plugins={PLUGINS}', *command)
    if tap.ok(code == 0, 'integers for another format', words):
        ours = safetensors_values('other.safetensors')
        with h5py.File(inputs[-1], 'r') as f:
            tap.ok(all(ours[n] == d[()].astype(d.dtype.newbyteorder('<')).tobytes()
                       for n, d in f.items()), 'they are those of the last file')


def misbehaviour():
    for how, words_wanted, name in ((1, 'crashed', 'crashes'), (2, 'no end', 'never ends')):
        inputs = make(f'bad_{how}', [('x', (30,), 'f4', xor((10,), how=how))])
        code, words = average(*UNIFORM, f'--hdf5-plugins={PLUGINS}', '--threads=3', *inputs,
                              '-o', path('bad.h5'))
        tap.ok(code == 3 and words_wanted in words and 'x: chunk ' in words, f'a plugin {name}',
               words)
        tap.ok(not os.path.exists(path('bad.h5')), f'a plugin {name}: nothing is left')


def confined():
    """Landlock: the plugin itself tells, by working only where it can open nothing."""
    with open(os.path.join(tap.BUILD, 'config.log'), encoding='utf-8', errors='replace') as f:
        sanitized = "SANITIZE_CFLAGS='-" in f.read()
    if sanitized or ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) < 1:
        tap.note('a plugin cannot be kept from files here')
        return
    inputs = make('curious', [('x', (30,), 'f4', xor((10,), how=3))])
    code, words = average(*UNIFORM, f'--hdf5-plugins={PLUGINS}', *inputs, '-o', path('c.h5'))
    tap.ok(code == 0, 'a plugin can open no file', words)


def built_in():
    """scaleoffset is the library's own, and loses digits."""
    inputs = make('scale', [('x', (64, 64), 'f4', {'chunks': (16, 64), 'scaleoffset': 3})])
    out = path('scale.h5')
    code, words = average(*UNIFORM, '--hdf5-plugins', *inputs, '-o', out)
    wrong = mean_is_right(inputs, out, 2e-3) if code == 0 else [words]
    tap.ok(not wrong, 'scaleoffset', *wrong)


def real_ones():
    try:
        import hdf5plugin as hp  # pylint: disable=import-outside-toplevel
    except ImportError:
        tap.note('the Python module hdf5plugin is not here')
        return
    for name, how in (('zstd', hp.Zstd()), ('blosc', hp.Blosc(cname='zstd')), ('lz4', hp.LZ4()),
                      ('bitshuffle', hp.Bitshuffle()), ('bzip2', hp.BZip2())):
        inputs = make(name, [('x', (90, 70), 'f4', {'chunks': (32, 32), **how}),
                             ('y', (500,), '>f8', {'chunks': (128,), **how})])
        out = path(f'{name}.h5')
        code, words = average(*UNIFORM, f'--hdf5-plugins={hp.PLUGIN_PATH}', *inputs, '-o', out)
        wrong = mean_is_right(inputs, out) if code == 0 else [words]
        tap.ok(not wrong, name, *wrong)


for check in (off, on, missing_chunks, folders, another_format, misbehaviour, confined,
              built_in, real_ones):
    tap.case(check)
shutil.rmtree(BOX)
tap.finish()
