"""index.py - what it costs to open checkpoints: lines of what, figure, limit, unit and verdict,
apart by tabs.

Times are those of processors, which a busy machine stretches less than those of a clock; the
processes that open a file wait for nothing but each other. No test asserts them.
"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'oracle'))
import headers  # noqa: E402
import tap  # noqa: E402

ROUNDS = 5
N = 20_000

box = tempfile.TemporaryDirectory()
worse = 0


def row(what, figure, limit, unit):
    """One line of the table."""
    global worse
    worse += figure > limit
    print(what, f'{figure:.4g}', f'{limit:g}', unit, 'ok' if figure <= limit else 'OVER', sep='\t',
          flush=True)


def opened(*paths, rounds=ROUNDS):
    """Opens files: (seconds, peak bytes), the least of some rounds."""
    costs = [tap.measured([tap.PROBE, *paths], stdout=subprocess.DEVNULL) for _ in range(rounds)]
    if any(c.code for c in costs):
        raise RuntimeError(f'{paths[0]}: {costs}')
    return min(c.cpu for c in costs), min(c.peak for c in costs)


def safetensors():
    """Headers, honest and hostile."""
    path = os.path.join(box.name, 'model.safetensors')
    n = 100_000
    for order, backwards in (('in order', False), ('backwards', True)):
        headers.write(path, headers.experts(n, backwards), 256 * n)
        seconds, peak = opened(path)
        row(f'safetensors, 100,000 tensors {order}: time', seconds, 0.2, 's')
        row(f'safetensors, 100,000 tensors {order}: memory', peak / 2**20, 32, 'MiB')
    for name, pieces in headers.hostile():
        headers.write(path, pieces)
        seconds, peak = opened(path, rounds=1)
        row(f'100 MB of header, {name}: time', seconds, headers.SECONDS, 's')
        row(f'100 MB of header, {name}: memory', peak / 1e6, headers.LIMIT / 1e6, 'MB')
    os.unlink(path)


def hdf5():
    """Datasets within groups within groups, and chunks."""
    h5py = tap.need('h5py')
    few = os.path.join(box.name, 'few.h5')
    with h5py.File(few, 'w') as f:
        f['w'] = [1.0]
    least, _ = opened(few)
    for libver in ('earliest', 'latest'):
        nested = []
        for copy in range(4):
            nested.append(os.path.join(box.name, f'nested_{libver}_{copy}.h5'))
            with h5py.File(nested[-1], 'w', libver=libver) as f:
                for i in range(N):
                    f[f'a{i % 20}/b{i // 20 % 10}/c{i // 200 % 10}/d{i // 2000}/w{i}'] = [1.0 * i]
        seconds, peak = opened(*nested)
        row(f'HDF5 ({libver}), 20,000 nested datasets: time per dataset and file',
            max(seconds - least, 0) / len(nested) / N * 1e6, 30, 'us')
        row(f'HDF5 ({libver}), 4 files of 20,000 datasets: memory', peak / 1e6, 256, 'MB')
        for kind, filters in (('plain', {}), ('gzip', {'compression': 'gzip'})):
            path = os.path.join(box.name, f'chunks_{libver}_{kind}.h5')
            with h5py.File(path, 'w', libver=libver) as f:
                w = f.create_dataset('w', (N, 16), 'f4', chunks=(1, 16), **filters)
                w[...] = 1
            seconds, _ = opened(path)
            row(f'HDF5 ({libver}, {kind}), 20,000 chunks: time', max(seconds - least, 0) * 1e3, 50,
                'ms')


safetensors()
hdf5()
box.cleanup()
if worse:
    print(f'{worse} over their limits', file=sys.stderr)
sys.exit(1 if worse else 0)
