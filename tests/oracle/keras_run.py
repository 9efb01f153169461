"""keras_run.py - what the tests of Keras files share: the network of tests/data/keras, its images,
and the mean of weights as it should be."""
import os
import warnings

import tap

numpy, h5py = tap.need('numpy', 'h5py')
tap.need('torch', 'sklearn')
os.environ.setdefault('KERAS_BACKEND', 'torch')
keras, datasets = tap.need('keras', 'sklearn.datasets')
# The optimizer of a network that was not trained has no room for the state in the file.
warnings.filterwarnings('ignore', 'Skipping variable loading for optimizer')


def model():
    """The network of tests/data/keras/train.py."""
    layers = keras.layers
    m = keras.Sequential([
        keras.Input((8, 8, 1)), layers.Conv2D(8, 3, padding='same', activation='relu'),
        layers.BatchNormalization(), layers.MaxPooling2D(), layers.Reshape((16, 8)),
        layers.LSTM(16), layers.Dropout(0.1), layers.Dense(10)])
    m.compile(optimizer=keras.optimizers.SGD(0.2, momentum=0.9),
              loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=['accuracy'])
    return m


def loaded(path):
    """The network with the weights of a file."""
    m = model()
    m.load_weights(path)
    return m


def test_images():
    """The 797 images that the run did not see, and their digits."""
    digits = datasets.load_digits()
    order = numpy.random.RandomState(1).permutation(len(digits.target))[1000:]
    return (digits.images / 16).astype('float32')[order][..., None], digits.target[order]


def mean(steps):
    """The mean of lists of weights, rounded once."""
    return [numpy.mean([s[i].astype(numpy.longdouble) for s in steps], axis=0).astype(w.dtype)
            for i, w in enumerate(steps[0])]


def same(a, b):
    """To the bit."""
    return len(a) == len(b) and all(x.tobytes() == y.tobytes() for x, y in zip(a, b))


def scores(m):
    return m.predict(test_images()[0], verbose=0)


def check_mean(m, steps, other, name):
    """Three points: m has the mean of lists of weights, predicts what another model predicts that
    is given it, and not what this one predicts as it is."""
    should = mean(steps)
    tap.ok(len(should) == 11 and same(m.get_weights(), should),
           f'{name}: Keras loads the mean of the weights, to the bit')
    ours, before = scores(m), scores(other)
    other.set_weights(should)
    tap.ok(ours.shape == (797, 10) and numpy.isfinite(ours).all() and
           numpy.array_equal(ours, scores(other)), f'{name}: it predicts what the mean predicts')
    tap.ok(not numpy.allclose(ours, before), f'{name}: which is not what the last one predicts')
