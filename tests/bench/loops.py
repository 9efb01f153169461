"""loops.py - what people do in Python to average checkpoints, as short as they write it.

usage: loops.py LOOP LIST

The first lines of the file LIST are outputs, then comes an empty line, then inputs. A loop loads
one checkpoint after the other, whole, and keeps the averages in memory; with several outputs it
keeps as many averages, each with a decay of its own, in one read. Prints what its imports took, in
seconds. Nothing is synced to the disk: none of the scripts that these stand for does.
"""
import os
import sys
import time

from checkpoints import parts

BEGIN = time.monotonic()


def decays(count):
    """Of EMAs, one for each output."""
    return [1 - 0.5 ** (i + 2) for i in range(count)]


def emas(checkpoints, count, copy, step):
    """The EMAs of dicts of arrays; step moves an average towards a value by a share of the way."""
    averages = []
    for weights in checkpoints:
        if not averages:
            copies = ({k: copy(w) for k, w in weights.items()} for _ in range(count - 1))
            averages = [weights, *copies]
            continue
        for average, decay in zip(averages, decays(count)):
            for k, w in weights.items():
                average[k] = step(average[k], w, 1 - decay)
    return averages


def by_shard(inputs, outputs):
    """Yields for each file of a checkpoint: the files of that shard, and where its averages go."""
    if not os.path.isdir(inputs[0]):
        yield inputs, outputs
        return
    for folder in outputs:
        os.makedirs(folder)
    for shard in zip(*map(parts, inputs)):
        yield shard, [os.path.join(o, os.path.basename(shard[0])) for o in outputs]


def torch_lerp(inputs, outputs):
    """torch: load_file, then lerp_; in f32, whatever the type of the files."""
    dtypes = {}

    def load(file):
        weights = load_file(file)
        dtypes.update({k: w.dtype for k, w in weights.items()})
        return {k: w.float() for k, w in weights.items()}

    for files, made in by_shard(inputs, outputs):
        averages = emas(map(load, files), len(made), lambda w: w.clone(),
                        lambda a, w, share: a.lerp_(w, share))
        for average, path in zip(averages, made):
            save_file({k: a.to(dtypes[k]) for k, a in average.items()}, path)


def torch_sum(inputs, outputs):
    """As timm's script, without its metrics: sums in f64, divided, saved as f32."""
    for files, (path,) in by_shard(inputs, outputs):
        sums, counts = {}, {}
        for file in files:
            for k, w in load_file(file).items():
                sums[k] = sums[k].add_(w.double()) if k in sums else w.double()
                counts[k] = counts.get(k, 0) + 1
        save_file({k: (s / counts[k]).float() for k, s in sums.items()}, path)


def moved(a, w, share):
    """One step of an EMA in numpy."""
    a += (w - a) * a.dtype.type(share)
    return a


def numpy_ema(inputs, outputs):
    """safetensors and numpy, in f32."""
    for files, made in by_shard(inputs, outputs):
        averages = emas(map(load_file, files), len(made), lambda w: w.copy(), moved)
        for average, path in zip(averages, made):
            save_file(average, path)


def h5py_ema(inputs, outputs):
    """h5py and numpy: every dataset read whole; written with the filters that it had."""
    def load(path):
        weights = {}

        def visit(name, found):
            if isinstance(found, h5py.Dataset):
                weights[name] = found[...]

        with h5py.File(path) as f:
            f.visititems(visit)
        return weights

    averages = emas(map(load, inputs), len(outputs), lambda w: w.copy(), moved)
    for average, path in zip(averages, outputs):
        with h5py.File(inputs[-1]) as last, h5py.File(path, 'w') as f:
            for k, a in average.items():
                d = last[k]
                f.create_dataset(k, data=a, chunks=d.chunks, compression=d.compression,
                                 compression_opts=d.compression_opts,
                                 shuffle=d.shuffle or None)


LOOPS = {f.__name__: f for f in (torch_lerp, torch_sum, numpy_ema, h5py_ema)}

loop, listed = sys.argv[1:]
if loop.startswith('torch'):
    from safetensors.torch import load_file, save_file
elif loop.startswith('numpy'):
    from safetensors.numpy import load_file, save_file
else:
    import h5py
print(f'{time.monotonic() - BEGIN:.3f}', flush=True)
with open(listed, encoding='utf-8') as lines:
    to, _, of = lines.read().strip('\n').partition('\n\n')
LOOPS[loop](of.split('\n'), to.split('\n'))
