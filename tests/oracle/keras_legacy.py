"""keras_legacy.py - Keras loads averages in the older HDF5 layout, with layer_names and
weight_names: whole models as Keras 3 still saves them, and weights as Keras 2 laid them out."""
import os
import tempfile

import keras_run
import tap

numpy, h5py, keras = keras_run.numpy, keras_run.h5py, keras_run.keras
EPOCHS = (1, 2, 12)
FULL = [os.path.join(tap.DATA, 'keras', f'full_{e}.h5') for e in EPOCHS]
WEIGHTS = [os.path.join(tap.DATA, 'keras', f'ckpt_{e}.weights.h5') for e in EPOCHS]
BOX = tempfile.TemporaryDirectory()
# What Keras 2 called the weights of a layer.
NAMES = {'Conv2D': ['kernel:0', 'bias:0'],
         'BatchNormalization': ['gamma:0', 'beta:0', 'moving_mean:0', 'moving_variance:0'],
         'LSTM': ['lstm_cell/kernel:0', 'lstm_cell/recurrent_kernel:0', 'lstm_cell/bias:0'],
         'Dense': ['kernel:0', 'bias:0']}


def inside(name):
    return os.path.join(BOX.name, name)


def listed(group):
    """The weights by name, as the attributes list them."""
    found = {}
    for layer in group.attrs['layer_names']:
        for name in group[layer].attrs['weight_names']:
            found[layer, name] = group[layer][name]
    return found


def others(path, top):
    """All that is no weight: attributes, and the data beside the group of the weights."""
    found = {}

    def visit(name, obj):
        data = isinstance(obj, h5py.Dataset) and not (name + '/').startswith(top)
        found[name] = ({k: (str(v.dtype) if hasattr(v, 'dtype') else '', repr(v))
                        for k, v in obj.attrs.items() if (name, k) != ('', 'belay')},
                       obj[()].tobytes() if data else None)

    with h5py.File(path) as f:
        visit('', f)
        f.visititems(visit)
    return found


def whole_models():
    """load_model on full_*.h5."""
    out = inside('average.h5')
    tap.avg('--method=uniform', *FULL, '-o', out)
    steps = [keras.models.load_model(f).get_weights() for f in FULL]
    keras_run.check_mean(keras.models.load_model(out), steps, keras.models.load_model(FULL[-1]),
                         'a whole model')
    ours = others(out, 'model_weights/')
    tap.ok(len(ours) > 20 and any(d for n, (_, d) in ours.items() if n.startswith('optimizer'))
           and ours == others(FULL[-1], 'model_weights/'),
           'the configuration and the state of the optimizer are the last ones')


def write_keras_2(group, network):
    """As save_weights_to_hdf5_group of Keras 2 did: the names of a layer without weights are an
    array of floats, of length 0."""
    group.attrs['layer_names'] = [layer.name.encode() for layer in network.layers]
    group.attrs['backend'] = b'tensorflow'
    group.attrs['keras_version'] = b'2.11.0'
    for layer in network.layers:
        g = group.create_group(layer.name)
        names = [f'{layer.name}/{n}' for n in NAMES.get(type(layer).__name__, [])]
        values = [v.numpy() for v in layer.trainable_weights + layer.non_trainable_weights
                  if v.dtype == 'float32']
        assert len(names) == len(values)
        g.attrs['weight_names'] = [n.encode() for n in names]
        for name, value in zip(names, values):
            g.create_dataset(name, data=value)


def keras_2(top):
    """Weights at the root, or in the group of a whole model."""
    files, network = [], keras_run.model()  # layers are numbered through all networks
    for epoch, weights in zip(EPOCHS, WEIGHTS):
        files.append(inside(f'{top or "root"}_{epoch}.h5'))
        network.load_weights(weights)
        with h5py.File(files[-1], 'w') as f:
            write_keras_2(f.create_group(top) if top else f, network)
    out = inside(f'average_{top or "root"}.h5')
    tap.avg('--method=uniform', *files, '-o', out)
    name = f'Keras 2, weights at /{top}'
    keras_run.check_mean(keras_run.loaded(out),
                         [keras_run.loaded(f).get_weights() for f in WEIGHTS],
                         keras_run.loaded(files[-1]), name)
    ours = others(out, top)
    tap.ok(len(ours) > 20 and ours == others(files[-1], top),
           f'{name}: the attributes are the same')
    with h5py.File(out) as f:
        g = f[top] if top else f
        empty = [a for layer in g.values() if not (a := layer.attrs['weight_names']).size]
        tap.ok(len(listed(g)) == 11 and empty and all(a.dtype == numpy.float64 for a in empty),
               f'{name}: the names list all weights')


def weights_alone():
    keras_2('')


def weights_of_a_model():
    keras_2('model_weights')


for case in (whole_models, weights_alone, weights_of_a_model):
    tap.case(case)
BOX.cleanup()
tap.finish()
