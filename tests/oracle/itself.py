"""itself.py - the average of three copies of a file is that file: h5diff, h5py and the safetensors
library see no difference, and where nothing is compressed the bytes are the same. The provenance
is the only thing that it adds, and the bytes are the same for any number of threads."""
import csv
import glob
import json
import os
import shutil
import subprocess
import tempfile
import traceback
import zipfile

import tap

h5py, safetensors = tap.need('h5py', 'safetensors')
import hdf5_seen  # noqa: E402

BOX = tempfile.TemporaryDirectory()
WEIGHTS = 'model.weights.h5'


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def valid_cases():
    """Every file that must be accepted, by the manifests."""
    for manifest in sorted(glob.glob(os.path.join(tap.DATA, 'cases', '*', 'manifest.tsv'))):
        with open(manifest, encoding='utf-8') as f:
            for row in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
                if row['verdict'] == 'accept':
                    yield os.path.join(os.path.dirname(manifest), row['file'])


def real_files():
    """The checkpoints of two runs."""
    for run in ('digits/*.safetensors', 'digits/*.h5', 'keras/*.h5', 'keras/*.keras'):
        yield from sorted(glob.glob(os.path.join(tap.DATA, run)))


class Trial:
    """Copies of a file, and what is made of them."""

    def __init__(self, path):
        self.path, self.name = path, os.path.relpath(path, tap.DATA)
        self.suffix = os.path.splitext(path)[1]
        self.folder = os.path.join(BOX.name, 'trial')
        self.copies = [self.copy(k) for k in 'abc']

    def inside(self, name):
        return os.path.join(self.folder, name)

    def copy(self, k):
        """Under another name; an index goes with the folder it is in."""
        if self.suffix == '.json':
            shutil.copytree(os.path.dirname(self.path), self.inside(k))
            return self.inside(k)
        os.makedirs(self.folder, exist_ok=True)
        return shutil.copy(self.path, self.inside(k + self.suffix))

    def average(self, name, *options):
        out = self.inside(name + ('/' if self.suffix == '.json' else self.suffix))
        tap.avg('--method=uniform', '--times=index', '--f8=copy', '--allow-averages', '--sync=no',
                *options, *self.copies, '-o', out)
        return out

    def remove(self):
        shutil.rmtree(self.folder)


def h5diff(a, b):
    if not shutil.which('h5diff'):
        return []
    r = subprocess.run(['h5diff', a, b], capture_output=True, text=True, check=False)
    return [f'h5diff: {r.stdout}{r.stderr}'] if r.returncode else []


def hdf5(path, bare, told):
    """What is wrong with the average and with the one that has a provenance."""
    seen = hdf5_seen.describe(path)
    wrong = hdf5_seen.differences(seen, hdf5_seen.describe(bare)) + h5diff(path, bare)
    wrong += hdf5_seen.differences(seen, hdf5_seen.describe(told))
    if not hdf5_seen.filtered(path) and read(path) != read(bare):
        wrong.append('the bytes differ')
    with h5py.File(told) as f:
        if 'belay' not in f.attrs:
            wrong.append('there is no provenance')
    return wrong


def members(path):
    """What the directory of a zip file says, but CRCs and places, and the bytes but the weights."""
    with zipfile.ZipFile(path) as z:
        return [(i.filename, i.date_time, i.compress_type, i.comment, i.external_attr,
                 i.filename == WEIGHTS or z.read(i)) for i in z.infolist()]


def weights(path, to):
    """The file of the weights."""
    with zipfile.ZipFile(path) as z, open(to, 'wb') as f:
        f.write(z.read(WEIGHTS))
    return to


def keras(path, bare, told):
    """All members but the weights stay; these are HDF5."""
    inner = [weights(p, f'{told}.{k}.h5') for k, p in enumerate((path, bare, told))]
    wrong = hdf5(*inner)
    if not members(path) == members(bare) == members(told):
        wrong.append('other members')
    if not hdf5_seen.filtered(inner[0]) and read(path) != read(bare):
        wrong.append('the bytes of the zip file differ')
    return wrong


def tensors(path):
    """As the safetensors library sees them."""
    return {name: (t['dtype'], t['shape'], bytes(t['data']))
            for name, t in safetensors.deserialize(read(path))}


def metadata(path):
    """As it stands in the header: the library has no word for an empty one, nor for a key twice."""
    data = read(path)
    header = json.loads(data[8:8 + int.from_bytes(data[:8], 'little')].decode(),
                        object_pairs_hook=list)
    found = [value or [] for key, value in header if key == '__metadata__']
    pairs = [pair for value in found for pair in value]
    assert len(found) <= 1 and len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def safetensors_file(path, bare, told):
    """An average that is averaged anew loses the provenance it had."""
    had, has = metadata(path), metadata(told)
    old, new = had.pop('belay', None), has.pop('belay', None)
    wrong = [] if old or read(path) == read(bare) else ['the bytes differ']
    if not tensors(path) == tensors(bare) == tensors(told):
        wrong.append('the library sees other tensors')
    if not had == has == metadata(bare) or not new or old == new:
        wrong.append(f'metadata: {had} {has} {new}')
    return wrong


def shards(path, bare, told):
    """Path is the index; the averages are folders."""
    source, wrong = os.path.dirname(path), []
    for name in sorted(set(os.listdir(source)) | set(os.listdir(bare)) | set(os.listdir(told))):
        files = [os.path.join(folder, name) for folder in (source, bare, told)]
        if name.endswith('.safetensors'):
            wrong += safetensors_file(*files)
        elif len({read(f) for f in files}) > 1:
            wrong.append(f'{name} differs')
    return wrong


LOOK = {'.safetensors': safetensors_file, '.json': shards, '.h5': hdf5, '.keras': keras}


def everything_in(path):
    if os.path.isdir(path):
        return {name: read(os.path.join(path, name)) for name in os.listdir(path)}
    return read(path)


def look(t):
    """What is wrong with the averages of one file."""
    told = t.average('told', '--threads=3')
    wrong = LOOK[t.suffix](t.path, t.average('bare', '--no-provenance'), told)
    if everything_in(t.average('again', '--threads=1')) != everything_in(told):
        wrong.append('one thread writes other bytes than three')
    return wrong


def is_itself(path):
    """One point for one file."""
    t = Trial(path)
    try:
        wrong = look(t)
    except Exception:  # pylint: disable=broad-except
        wrong = [traceback.format_exc()]
    tap.ok(not wrong, t.name, *wrong[:5])
    t.remove()


PATHS = [*valid_cases(), *real_files()]
tap.ok(len(PATHS) > 170 and all(any(p.endswith(s) for p in PATHS) for s in LOOK),
       'there are files of all formats', len(PATHS))
for p in PATHS:
    is_itself(p)
BOX.cleanup()
tap.finish()
