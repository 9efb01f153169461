"""keras_oracle.py - Keras loads an averaged .weights.h5 and predicts with it."""
import glob
import os
import re
import tempfile

import keras_run
import tap
from keras_run import h5py, loaded, numpy, test_images

FILES = sorted(glob.glob(os.path.join(tap.DATA, 'keras', 'ckpt_*.weights.h5')),
               key=lambda f: int(re.search(r'(\d+)\.weights', f)[1]))
box = tempfile.TemporaryDirectory()
AVERAGE = os.path.join(box.name, 'average.weights.h5')
DECAYED = os.path.join(box.name, 'decayed.weights.h5')


def averages_load():
    """The mean of the last 10 epochs, weight by weight, through Keras itself."""
    tap.avg('--method=uniform', *FILES[2:], '-o', AVERAGE)
    keras_run.check_mean(loaded(AVERAGE), [loaded(f).get_weights() for f in FILES[2:]],
                         loaded(FILES[-1]), '10 epochs')


def averages_are_replayed():
    """Epochs are the times: an EMA of decay 0.5 marched over them."""
    tap.avg('--decay=0.5', *reversed(FILES), '-o', DECAYED)
    ours = loaded(DECAYED).get_weights()
    mean = [w.astype(float) for w in loaded(FILES[0]).get_weights()]
    for f in FILES[1:]:
        mean = [m + 0.5 * (w - m) for m, w in zip(mean, loaded(f).get_weights())]
    gap = max(float(numpy.abs(a - b).max() / numpy.abs(b).max()) for a, b in zip(ours, mean))
    tap.ok(gap < 2.0**-23, 'ckpt_9 comes before ckpt_10, and the EMA is that of the epochs', gap)


def averages_predict():
    """The averaged network is a network."""
    images, digits = test_images()
    m = loaded(AVERAGE)
    last = loaded(FILES[-1]).evaluate(images, digits, verbose=0)[1]
    mean = m.evaluate(images, digits, verbose=0)[1]
    tap.ok(abs(last - 0.6637) < 0.005, 'the last checkpoint scores as when it was saved', last)
    tap.ok(mean > last, 'the mean of 10 epochs scores better', f'{mean} against {last}')


def attributes(path):
    """{object: its attributes, and a dataset's type and shape} without the provenance."""
    found = {}

    def visit(name, o):
        found[name] = ({k: repr(v) for k, v in o.attrs.items() if (name, k) != ('', 'belay')},
                       (str(o.dtype), o.shape) if isinstance(o, h5py.Dataset) else None)

    with h5py.File(path) as f:
        visit('', f)
        f.visititems(visit)
    return found


def nothing_else_changes():
    """Attributes are those of the last checkpoint; so is the state of the optimizer."""
    ours, theirs = attributes(AVERAGE), attributes(FILES[-1])
    tap.ok(ours == theirs and len(ours) > 30, 'h5py sees identical attributes',
           sorted(k for k in ours.keys() | theirs.keys() if ours.get(k) != theirs.get(k)))
    with h5py.File(AVERAGE) as a, h5py.File(FILES[-1]) as b:
        tap.ok(all(a['optimizer/vars'][k][()].tobytes() == b['optimizer/vars'][k][()].tobytes()
                   for k in b['optimizer/vars']), 'the state of the optimizer is the last one')
        tap.ok('belay' in a.attrs, 'the provenance is an attribute of the root')


for check in (averages_load, averages_are_replayed, averages_predict, nothing_else_changes):
    tap.case(check)
box.cleanup()
tap.finish()
