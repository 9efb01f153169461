"""hdf5_deflate.py - compressed chunks against h5py: the values, the room that they take, and that
each chunk is read once, whatever chunks the files have."""
import os
import subprocess
import tempfile

import tap

h5py, np = tap.need('h5py', 'numpy')
RANDOM = np.random.default_rng(6)
BOX = tempfile.TemporaryDirectory()
# The program itself, its libraries, /proc and the index of each file.
SLACK = 1 << 20


def path(name):
    return os.path.join(BOX.name, name)


def weights(rows, columns, dtype):
    return (RANDOM.standard_normal((rows, columns)) * .02).astype(dtype)


def repeated(rows, columns):
    """Few rows, which come again and again."""
    return weights(8, columns, 'f4')[RANDOM.integers(0, 8, rows)]


def pruned(rows, columns):
    return np.where(RANDOM.random((rows, columns)) < .9, 0, weights(rows, columns, 'f4'))


def quantised(rows, columns):
    """16 values in each column."""
    return (RANDOM.integers(-8, 8, (rows, columns)) * RANDOM.random(columns)).astype('f4')


# Name, values, chunks.
SETS = (('f4', lambda: weights(1000, 300, 'f4'), True),
        ('f4 large', lambda: weights(1200, 300, 'f4'), (600, 300)),
        ('f4 odd', lambda: weights(401, 303, 'f4'), (37, 303)),
        ('f8', lambda: weights(500, 300, 'f8'), True),
        ('f2', lambda: weights(900, 300, 'f2'), True),
        ('f2 large', lambda: weights(900, 300, 'f2'), (900, 300)),
        ('ones', lambda: np.ones((500, 300), 'f4'), True),
        ('repeated', lambda: repeated(600, 256), (150, 256)),
        ('pruned', lambda: pruned(600, 256), True),
        ('quantised', lambda: quantised(600, 256), (150, 256)),
        ('small', lambda: weights(30, 30, 'f4'), (30, 30)))


def store(name, values, level, shuffle=True):
    """A file of these values: name, values, chunks."""
    with h5py.File(path(name), 'w') as f:
        for key, v, chunks in values:
            f.create_dataset(key, data=v, chunks=chunks, compression='gzip',
                             compression_opts=level, shuffle=shuffle)
    return path(name)


def checkpoints(level, shuffle=True):
    """Two files: of the values, and of half of them, so that the mean is exact."""
    first = [(key, make(), chunks) for key, make, chunks in SETS]
    second = [(key, v / 2, chunks) for key, v, chunks in first]
    return [store('ckpt_1.h5', first, level, shuffle), store('ckpt_2.h5', second, level, shuffle)]


def built(how):
    """Is that library built in?"""
    return tap.run('--plan', f'--deflate={how}', '--times=index', path('ckpt_1.h5'),
                   path('ckpt_2.h5'), '-o', path('no.h5')).returncode == 0


def most(key, chunks, theirs, how):
    """The room that a dataset may take. The levels of libdeflate are not those of zlib."""
    if how == 'zlib' or key.startswith('f'):
        return 1.02 * theirs + 64
    return 1.05 * theirs + 16 * chunks


def compare(ours, level, shuffle, how, what):
    """What h5py reads, and what it makes of that itself."""
    with h5py.File(ours) as f, h5py.File(path('ckpt_1.h5')) as a, h5py.File(path('ckpt_2.h5')) as b:
        got = [(key, f[key][...], f[key].chunks) for key, _, _ in SETS]
        should = [((a[key][...].astype('f8') + b[key][...]) / 2).astype(a[key].dtype)
                  for key, _, _ in SETS]
        tap.ok(all(np.array_equal(v, s) for (_, v, _), s in zip(got, should)),
               f'{what}: h5py reads the mean')
        room = {key: f[key].id.get_storage_size() for key, _, _ in SETS}
        count = {key: f[key].id.get_num_chunks() for key, _, _ in SETS}
    with h5py.File(store('theirs.h5', got, level, shuffle)) as f:
        theirs = {key: f[key].id.get_storage_size() for key, _, _ in SETS}
    over = [f'{key}: {n}, by h5py {theirs[key]}' for key, n in room.items()
            if n > most(key, count[key], theirs[key], how)]
    tap.ok(not over, f'{what}: no dataset takes more room than by h5py', '\n'.join(over))
    tap.note(', '.join(f'{key} {n / theirs[key]:.3f}' for key, n in room.items()))
    return room, theirs


def values_and_room():
    for level, shuffle in ((1, True), (4, True), (9, True), (4, False)):
        paths = checkpoints(level, shuffle)
        for how in ('zlib', 'fast'):
            what = f'gzip {level}{"" if shuffle else " without shuffle"}, {how}'
            if not built(how):
                tap.skip(what, 'belay is built without it')
                continue
            tap.avg('-q', '-f', '--method=uniform', '--times=index', f'--deflate={how}', *paths,
                    '-o', path('ours.h5'))
            room, theirs = compare(path('ours.h5'), level, shuffle, how, what)
            if shuffle:
                tap.ok(room['f4'] < theirs['f4'], f'{what}: weights take less', room['f4'],
                       theirs['f4'])


def bytes_read(*args):
    """What the program and its helpers read."""
    with subprocess.Popen([tap.AVG, '-q', '-f', '--times=index', '--threads=2', *args],
                          stdin=subprocess.DEVNULL) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        with open(f'/proc/{child.pid}/io', encoding='ascii') as f:
            io = dict(line.split(': ') for line in f)
    if child.returncode:
        raise RuntimeError(f'exit {child.returncode}')
    return int(io['rchar'])


def read_once():
    """Each chunk is decoded where it is read; so counting bytes counts both."""
    if not os.path.exists('/proc/self/io'):
        tap.skip('reading', 'there is no /proc/self/io here')
        return
    layouts = {'the same chunks': [(100, 512)] * 3,
               'chunks that nest': [(64, 512), (32, 64), (64, 128)],
               'other chunks in each': [(100, 512), (7, 33), (375, 64)]}
    for what, chunks in layouts.items():
        paths = [store(f'once_{k}.h5', [('w', weights(3000, 512, 'f4'), c)], 1)
                 for k, c in enumerate(chunks)]
        total = sum(map(os.path.getsize, paths))
        for how in ((), ('--compression=gzip:1',), ('--compression=none', '--dtype=f16')):
            for lives, out in (('2', 'one.h5'), ('1,2,3', 'many_{index}.h5')):
                read = bytes_read(f'--half-life={lives}ckpt', *how, *paths, '-o', path(out))
                tap.ok(read < total + SLACK,
                       f'{what}, half-lives {lives}, {" ".join(how) or "as they are"}: read once',
                       f'{read} bytes of {total}')


tap.case(values_and_room)
tap.case(read_once)
BOX.cleanup()
tap.finish()
