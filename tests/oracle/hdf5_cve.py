"""hdf5_cve.py - public files that crash HDF5, and files that are cut short: belay-avg averages or
refuses each of them, in little time and memory; those that the library dies of are printed."""
import glob
import os
import tempfile

import limits
import tap

CORPUS = os.path.join(tap.SRC, '..', 'shared', 'corpus', 'hdf5-cve')
AVERAGE = ('--times=index', '--method=uniform', '--sync=no')
# A clone of the file; and new files, which the library makes of all that the old one says.
WAYS = ((), ('--compression=gzip:1',), ('--compression=none',), ('--dtype=f16',))
WHOLE = ('hdf5/valid/keras3.weights.h5', 'hdf5/valid/chunk_indexes_latest.h5',
         'keras/valid/model.keras', 'safetensors/valid/all_22_dtypes.safetensors')
CUTS = 48


def average(path, folder, *more):
    """The run, and what is wrong with it; its output goes."""
    out = os.path.join(folder, 'out' + os.path.splitext(path)[1])
    run = limits.Run(folder, *AVERAGE, *more, path, '-o', out)
    wrong = [w for w in run.wrong() if w not in limits.SANITIZER or not limits.in_library(run.said)]
    if run.code not in (0, 3):
        wrong.append(f'exit {run.code}')
    if run.code == 3 and not run.said.startswith(f'belay-avg: {path}: '):
        wrong.append('does not name the file')
    if run.code == 0:
        os.unlink(out)
    return run, wrong + [run.said[-1500:]] if wrong else []


def corpus(way):
    if not os.path.isdir(CORPUS):
        tap.skip('the files that crash HDF5', 'they are not here')
        return
    bad, done = [], {0: 0, 3: 0}
    paths = sorted(glob.glob(os.path.join(CORPUS, 'cve-*')))
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            run, wrong = average(path, folder, *way)
            name = os.path.basename(path)
            done[run.code] = done.get(run.code, 0) + 1
            if 'crashed' in run.said or 'no end' in run.said:
                tap.note(name + run.said.replace(path, '').splitlines()[-1])
            bad += [f'{name}: {w}' for w in wrong]
    tap.ok(paths and not bad, ' '.join((f'{len(paths)} files', *way)) +
           f': {done[0]} averaged, {done[3]} refused', *bad)


def cuts():
    """The first bytes of a file, in many lengths: none is a checkpoint."""
    for name in WHOLE:
        with open(os.path.join(tap.DATA, 'cases', name), 'rb') as f:
            data = f.read()
        bad = []
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as box:
            path = os.path.join(folder, os.path.basename(name))
            for k in range(CUTS):
                with open(path, 'wb') as f:
                    f.write(data[:len(data) * k // CUTS if k else len(data) - 1])
                run, wrong = average(path, box)
                wrong += [] if run.code == 3 else ['is accepted']
                bad += [f'{os.path.getsize(path)} bytes: {w}' for w in wrong]
        tap.ok(not bad, f'{name}, cut at {CUTS} places, is refused', *bad)


for options in WAYS:
    tap.case(lambda: corpus(options))
tap.case(cuts)
tap.finish()
