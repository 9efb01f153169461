"""safetensors_oracle.py - files that the safetensors library takes, we take; files that we write,
it loads."""
import csv
import json
import os
import random
import struct
import subprocess
import tempfile

import tap

np, safetensors = tap.need('numpy', 'safetensors')
import safetensors.numpy  # noqa: E402

CASES = os.path.join(tap.DATA, 'cases', 'safetensors')
PROBE = os.path.join(tap.BUILD, 'tests', 'unit', 'probe_file')
PROVENANCE = '{"version":"1","name":"é\\n"}'

# What we refuse and the library takes.
STRICTER = ('stands twice in the header', 'holds a NUL byte', ': is an array, not an object',
            ': dtype is an object, not a string')

TOKENS = [b'"w"', b'"dtype"', b'"shape"', b'"data_offsets"', b'[', b']', b'{', b'}', b',', b':',
          b'0', b'16', b'1', b'-', b'null', b'true', b'""', b'"\\ud800"', b'\\u0077', b'1.5',
          b'1e3', b' ', b'\n', b'__metadata__', b'"a":"b"', b'"F32"', b'"F4"', b'"I8"',
          b'\xc3\xbc', b'\xff', b'\\', b'"x":1,', b'"x":[{}],', b'18446744073709551615',
          b'"\\u0000"', b'1E400', b'"', b'-0', b'"F32",[4],[0,16]']


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def library_takes(data):
    try:
        safetensors.deserialize(data)
    except Exception:  # pylint: disable=broad-except
        return False
    return True


def probe(paths):
    """For every path whether we take it, and what we said."""
    r = subprocess.run([PROBE, *paths], capture_output=True, text=True, check=True)
    lines = r.stdout.splitlines()
    assert len(lines) == len(paths), r.stdout
    return [(line == 'accept', line) for line in lines]


def agree(ours, says, theirs):
    return ours == theirs or (theirs and any(s in says for s in STRICTER))


def cases():
    with open(os.path.join(CASES, 'manifest.tsv'), encoding='utf-8') as f:
        rows = [r for r in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)
                if r['note'] != 'index']  # the library reads no shards
    paths = [os.path.join(CASES, r['file']) for r in rows]
    wrong = []
    for row, path, (ours, says) in zip(rows, paths, probe(paths)):
        theirs = library_takes(read(path))
        stricter = row['note'].startswith('stricter')
        if ours != (row['verdict'] == 'accept') or theirs != (ours or stricter):
            wrong.append(f"{row['file']}: library {theirs}: {says}")
    tap.ok(not wrong, f'{len(rows)} cases: the same verdict as the library', *wrong)


def split(data):
    n = struct.unpack('<Q', data[:8])[0]
    return bytearray(data[8:8 + n]), data[8 + n:]


def mutate(header, rng):
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        how, p = rng.randrange(5), rng.randrange(len(header) + 1)
        if how == 0:
            header[p:p] = rng.choice(TOKENS)
        elif how == 1:
            del header[p:p + rng.choice([1, 1, 2, 5, 20])]
        elif how == 2:
            header[p:p + 1] = bytes([rng.randrange(256)])
        elif how == 3:
            a, b = sorted((p, rng.randrange(len(header) + 1)))
            header[a:a] = header[a:b]
        else:
            header[p:p + rng.randrange(1, 12)] = rng.choice(TOKENS)


def mutations(folder, count):
    rng = random.Random(1)
    seeds = []
    for kind in ('valid', 'bad'):
        for name in sorted(os.listdir(os.path.join(CASES, kind))):
            if not name.endswith('.safetensors'):
                continue
            data = read(os.path.join(CASES, kind, name))
            if 8 < len(data) < 2000 and 0 < struct.unpack('<Q', data[:8])[0] <= len(data) - 8:
                seeds.append(data)
    paths, made = [], []
    for i in range(count):
        header, values = split(rng.choice(seeds))
        mutate(header, rng)
        made.append(struct.pack('<Q', len(header)) + header + values)
        paths.append(os.path.join(folder, f'{i}.safetensors'))
        with open(paths[-1], 'wb') as f:
            f.write(made[-1])
    wrong = [f'{data!r}: {says}' for data, (ours, says) in zip(made, probe(paths))
             if not agree(ours, says, library_takes(data))]
    tap.ok(not wrong, f'{count} damaged headers: the same verdict as the library', *wrong[:5])
    for path in paths:
        os.unlink(path)


def clone(source, target, provenance=None):
    args = [PROBE, '-c', source, target] + ([provenance] if provenance else [])
    r = subprocess.run(args, capture_output=True, check=False)
    if r.returncode != 0:
        tap.ok(False, f'clone {source}', r.stderr.decode())
        tap.finish()
    return r.stdout


def pairs(path):
    """The header as a list of pairs, so that the order shows."""
    header, _ = split(read(path))
    return json.loads(header.decode(), object_pairs_hook=lambda p: p)


def raw(path):
    """name: (dtype, shape, bytes), as the library sees it."""
    return {name: (t['dtype'], t['shape'], bytes(t['data']))
            for name, t in safetensors.deserialize(read(path))}


def expected(header):
    """The header's pairs with the provenance set."""
    belay = ('belay', PROVENANCE)
    if not any(k == '__metadata__' for k, _ in header):
        return [('__metadata__', [belay])] + header
    return [(k, (v or []) + [belay] if k == '__metadata__' else v) for k, v in header]


def check_clone(path, folder):
    """What is wrong with copies of the file; empty if nothing."""
    out = os.path.join(folder, 'out.safetensors')
    clone(path, out)
    if read(out) != read(path):
        return 'a copy differs'
    if clone(path, '-') != read(path):
        return 'a copy through a pipe differs'
    clone(path, out, PROVENANCE)
    if raw(out) != raw(path):
        return 'the library sees other tensors'
    if pairs(out) != expected(pairs(path)):
        return 'the header differs in more than the provenance'
    with safetensors.safe_open(out, 'numpy') as f:
        if f.metadata()['belay'] != PROVENANCE:
            return 'the library sees another provenance'
    return ''


def numpy_file(rng, path):
    gen = np.random.default_rng(rng.randrange(2**32))
    kinds = ['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', '?', 'c8']
    tensors = {}
    for _ in range(rng.randrange(12)):
        shape = [rng.choice([0, 1, 1, 2, 3, 5, 17]) for _ in range(rng.randrange(5))]
        name = ''.join(rng.choice('ab./ "\\\té中😀') for _ in range(rng.randrange(9)))
        values = np.asarray(gen.random(shape) * 200 - 100)
        tensors[name] = np.array(values.astype(rng.choice(kinds)), ndmin=0)
    meta = {f'k{i}': rng.choice(['', 'pt', '"\\\n', 'é']) for i in range(rng.randrange(4))}
    safetensors.numpy.save_file(tensors, path, rng.choice([None, meta]))


def torch_file(torch, rng, path):
    from safetensors.torch import save_file  # pylint: disable=import-outside-toplevel
    kinds = [torch.bfloat16, torch.float16, torch.float32, torch.float64, torch.float8_e4m3fn,
             torch.float8_e5m2, torch.int64, torch.uint8, torch.bool, torch.complex64]
    tensors = {}
    for i in range(rng.randrange(10)):
        shape = [rng.choice([0, 1, 2, 3, 8]) for _ in range(rng.randrange(4))]
        tensors[f'layers.{i}.weight'] = torch.randn(shape).to(rng.choice(kinds))
    save_file(tensors, path, rng.choice([None, {'format': 'pt'}]))


def random_files(folder, what, write, count):
    rng = random.Random(2)
    path = os.path.join(folder, 'in.safetensors')
    wrong = []
    for i in range(count):
        write(rng, path)
        ours, says = probe([path])[0]
        fault = check_clone(path, folder) if ours else says
        if fault:
            wrong.append(f'file {i}: {fault}')
    tap.ok(not wrong, f'{count} random files of {what} come back', *wrong[:5])


def valid_cases(folder):
    names = [n for n in sorted(os.listdir(os.path.join(CASES, 'valid')))
             if n.endswith('.safetensors') and not n.startswith('belay_')]
    wrong = [f'{name}: {fault}' for name in names
             if (fault := check_clone(os.path.join(CASES, 'valid', name), folder))]
    tap.ok(not wrong, f'{len(names)} valid cases come back', *wrong)


def main():
    if not os.path.exists(PROBE):
        tap.skip_all('tests/unit/probe_file is not built')
    cases()
    with tempfile.TemporaryDirectory() as folder:
        mutations(folder, 4000)
        valid_cases(folder)
        random_files(folder, 'safetensors.numpy', numpy_file, 40)
        try:
            import torch  # pylint: disable=import-outside-toplevel
        except ImportError:
            tap.note('no torch here')
        else:
            torch.manual_seed(1)
            random_files(folder, 'safetensors.torch',
                         lambda rng, path: torch_file(torch, rng, path), 40)
    tap.finish()


main()
