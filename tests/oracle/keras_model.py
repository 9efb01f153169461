"""keras_model.py - Keras loads an averaged .keras file and predicts with it; zipfile finds in it
what was in the last checkpoint, but for the weights."""
import io
import os
import tempfile
import zipfile

import keras_run
import tap
from keras_run import h5py, keras, numpy, same

EPOCHS = (1, 2, 12)
FILES = [os.path.join(tap.DATA, 'keras', f'full_{e}.keras') for e in EPOCHS]
WEIGHTS = 'model.weights.h5'
box = tempfile.TemporaryDirectory()
AVERAGE = os.path.join(box.name, 'average.keras')


def inside(name):
    return os.path.join(box.name, name)


def weights(path):
    return keras.models.load_model(path).get_weights()


def members(path):
    """{name: (all that the directory says but CRC, size and place, the bytes)}"""
    with zipfile.ZipFile(path) as z:
        return {i.filename: ((i.date_time, i.compress_type, i.comment, i.create_system,
                              i.create_version, i.extract_version, i.flag_bits, i.internal_attr,
                              i.external_attr), z.read(i)) for i in z.infolist()}


def zip_is_sound(path, last):
    """Is it a zip file with the members of the last checkpoint, all the same but the weights?"""
    with zipfile.ZipFile(path) as z:
        bad = z.testzip()
    ours, theirs = members(path), members(last)
    tap.ok(bad is None, f'{os.path.basename(path)}: zipfile finds no bad CRC', bad)
    tap.ok(list(ours) == list(theirs) and all(ours[n][0] == theirs[n][0] for n in ours) and
           all((ours[n] == theirs[n]) == (n != WEIGHTS) for n in ours),
           f'{os.path.basename(path)}: all members but the weights are the same')


def predicts():
    """The whole model, as Keras loads it."""
    tap.avg('--method=uniform', *FILES, '-o', AVERAGE)
    keras_run.check_mean(keras.models.load_model(AVERAGE), [weights(f) for f in FILES],
                         keras.models.load_model(FILES[-1]), 'a .keras file')
    zip_is_sound(AVERAGE, FILES[-1])


def loads_into_a_model():
    """load_weights takes .keras files, too."""
    model = keras.models.load_model(FILES[0])
    model.load_weights(AVERAGE)
    tap.ok(same(model.get_weights(), weights(AVERAGE)), 'load_weights reads it')


def names_tell_the_time():
    """Epochs 1, 2 and 12: an EMA of decay 0.5 marched over lines from one to the next."""
    tap.avg('--decay=0.5', *FILES[::-1], '-o', inside('ema.keras'))
    step = [[w.astype(float) for w in weights(f)] for f in FILES]
    mean = step[0]
    for epoch in range(2, 13):
        share = (epoch - 2) / 10
        mean = [m + 0.5 * (a + share * (b - a) - m) for m, a, b in zip(mean, step[1], step[2])]
    gap = max(float(numpy.abs(a - b).max() / numpy.abs(b).max())
              for a, b in zip(weights(inside('ema.keras')), mean))
    tap.ok(gap < 2.0**-23, 'full_12.keras is 10 epochs behind full_2.keras', gap)


def is_the_average_of_the_weights():
    """The member is what belay makes of the members as files, and the optimizer's state stays."""
    alone = []
    for e, f in zip(EPOCHS, FILES):
        alone.append(inside(f'w_{e}.weights.h5'))
        with zipfile.ZipFile(f) as z, open(alone[-1], 'wb') as out:
            out.write(z.read(WEIGHTS))
    tap.avg('--no-provenance', *alone, '-o', inside('alone.weights.h5'))
    tap.avg('--no-provenance', *FILES, '-o', inside('bare.keras'))
    with open(inside('alone.weights.h5'), 'rb') as f:
        tap.ok(members(inside('bare.keras'))[WEIGHTS][1] == f.read(),
               'the weights in it are the average of the weights alone, byte for byte')
    zip_is_sound(inside('bare.keras'), FILES[-1])
    with h5py.File(io.BytesIO(members(AVERAGE)[WEIGHTS][1])) as a, h5py.File(alone[-1]) as b:
        state = b['optimizer/vars']
        tap.ok(len(state) > 2 and all(a['optimizer/vars'][k][()].tobytes() == state[k][()].tobytes()
                                      for k in state),
               'the state of the optimizer is the last one')
        tap.ok('belay' in a.attrs, 'the provenance is an attribute of the root')


def one_is_itself():
    """The average of one file is that file, and the bytes do not depend on the threads."""
    tap.avg('--no-provenance', '--method=uniform', '--times=index', FILES[-1], '-o',
            inside('one.keras'))
    with open(FILES[-1], 'rb') as a, open(inside('one.keras'), 'rb') as b:
        tap.ok(a.read() == b.read(), 'the average of one file is that file')
    made = []
    for threads in (1, 5):
        tap.avg('--method=uniform', f'--threads={threads}', *FILES, '-f', '-o', inside('t.keras'))
        with open(inside('t.keras'), 'rb') as f:
            made.append(f.read())
    tap.ok(made[0] == made[1], 'one thread makes the bytes that five make')


class Stream(io.RawIOBase):
    """Cannot go back: zipfile then writes descriptors."""

    def __init__(self):
        super().__init__()
        self.bytes = b''

    def writable(self):
        return True

    def write(self, b):
        self.bytes += bytes(b)
        return len(b)


def pack(path, last, wide, stream, order):
    """Packs a .keras file anew, with assets and a comment."""
    to = Stream() if stream else io.BytesIO()
    content = {n: v[1] for n, v in members(last).items()}
    content['assets/_layer/vocabulary.txt'] = b'the of and\n' * 1000
    with zipfile.ZipFile(to, 'w') as z:
        z.comment = b'packed anew'
        for name in order:
            with z.open(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), 'w', force_zip64=wide) as f:
                f.write(content[name])
    with open(path, 'wb') as f:
        f.write(to.bytes if stream else to.getvalue())


def packed_anew():
    """As other packers write: ZIP64, descriptors, members behind the weights."""
    order = ['metadata.json', WEIGHTS, 'assets/_layer/vocabulary.txt', 'config.json']
    for k, (wide, stream) in enumerate([(0, 0), (1, 0), (0, 1), (1, 1)]):
        last, out = inside(f'pack_{k}_12.keras'), inside(f'packed_{k}.keras')
        pack(last, FILES[-1], bool(wide), bool(stream), order if k % 2 else order[::-1])
        tap.avg('--method=uniform', '--times=index', *FILES[:2], last, '-o', out)
        zip_is_sound(out, last)
        tap.ok(same(weights(out), weights(AVERAGE)), f'{os.path.basename(out)}: Keras loads it')


for check in (predicts, loads_into_a_model, names_tell_the_time, is_the_average_of_the_weights,
              one_is_itself, packed_anew):
    tap.case(check)
box.cleanup()
tap.finish()
