"""differential.py - safetensors files that were changed are accepted by belay if and only if the
safetensors library accepts them, with the same tensors. What belay alone refuses is documented in
formats/safetensors.h.

BELAY_DIFFERENTIAL: how many files (default 20,000); BELAY_SEED: of the random numbers."""
import collections
import glob
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import tap

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mutate  # noqa: E402

safetensors = tap.need('safetensors')

PROBE = os.path.join(tap.BUILD, 'tests', 'fuzz', 'probe_bytes')
FILES = int(os.environ.get('BELAY_DIFFERENTIAL', '20000'))
SEED = int(os.environ.get('BELAY_SEED', '1'))
BATCH = 500
# What belay refuses and the library takes.
STRICTER = ('stands twice in the header', 'holds a NUL byte', ': is an array, not an object',
            ': dtype is an object, not a string', 'belay reads no more')


def theirs(data):
    """What the library makes of it, as probe_bytes says it; NULs in names keep it from that."""
    try:
        tensors = safetensors.deserialize(data)
    except safetensors.SafetensorError:
        return 'reject'
    told = sorted((name.encode(), info) for name, info in tensors)
    return ' '.join(['accept'] + [
        f"{info['dtype']}:{','.join(map(str, info['shape']))}:{name.hex()}"
        for name, info in told])


def twice(data):
    """Does a name stand twice in the header? Then the library has not looked at the first."""
    names = json.loads(data[8:8 + struct.unpack('<Q', data[:8])[0]], object_pairs_hook=list)
    names = [name for name, _ in names]
    return len(set(names)) < len(names)


def agree(data, ours, library):
    if ours.startswith('accept'):
        return ours == library
    return library == 'reject' or any(s in ours for s in STRICTER) or twice(data)


def seeds(verdict):
    paths = glob.glob(os.path.join(tap.DATA, 'cases', 'safetensors', verdict, '*.safetensors'))
    for path in sorted(paths):
        if os.path.getsize(path) < 4096:
            with open(path, 'rb') as f:
                yield f.read()


def ask(probe, batch):
    """Their lines. What is asked is in a file, so that no pipe fills up."""
    with tempfile.TemporaryFile() as f:
        f.write(b''.join(struct.pack('<I', len(d)) + d for d in batch))
        f.seek(0)
        r = subprocess.run([probe], stdin=f, capture_output=True, check=False)
    said = r.stdout.decode('utf-8', 'replace').splitlines()
    if r.returncode or len(said) != len(batch):
        raise RuntimeError(f'exit {r.returncode} at file {len(said)}: '
                           + r.stderr.decode(errors='replace')[-2000:])
    return said


def main():
    rng = random.Random(SEED)
    pool, bad, verdicts = list(seeds('valid')), [], collections.Counter()
    first, refused = len(pool), list(seeds('bad'))
    for done in range(0, FILES, BATCH):
        batch = [mutate.safetensors(rng, rng.choice(pool if rng.randrange(4) else refused))
                 for _ in range(min(BATCH, FILES - done))]
        for data, ours in zip(batch, ask(PROBE, batch)):
            library = theirs(data)
            both = (ours.split(' ', 1)[0], library.split(' ', 1)[0])
            verdicts[both] += 1
            if not agree(data, ours, library):
                bad.append(f'{data.hex()}\n  belay: {ours}\n  the library: {library}')
            # What was accepted is changed further, now and then.
            if both == ('accept', 'accept') and len(data) < 4096 and rng.randrange(20) == 0:
                if len(pool) < 4 * first:
                    pool.append(data)
                else:
                    pool[rng.randrange(first, len(pool))] = data
    said = ', '.join(f'{a} and {b}: {n}' for (a, b), n in sorted(verdicts.items()))
    tap.ok(not bad and verdicts['accept', 'accept'] > FILES // 50,
           f'{FILES} changed files: {said}', *bad[:10])


tap.case(main)
tap.finish()
