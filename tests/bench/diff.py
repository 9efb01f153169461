"""diff.py - what comparing costs beside cmp: lines of what, seconds of belay-diff, of cmp, and
their ratio (cmp's over belay-diff's), apart by tabs.

Two files of 500 MB with the tensors of a real model are compared: the same; one bit flipped near
the end, where cmp stops; all values a little different, beside cmp of equal ones, as it would stop
at the first. Times are the least of some rounds of a clock, the files being in memory; one program
runs after the other in every round. No test asserts them.
"""
import os
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'oracle'))
import tap  # noqa: E402

np = tap.need('numpy')
DIFF = os.path.join(tap.BUILD, 'belay-diff')
ROUNDS = int(os.environ.get('BENCH_ROUNDS', '7'))
SCALE = float(os.environ.get('BENCH_SCALE', '1'))
rng = np.random.default_rng(1)

box = tempfile.TemporaryDirectory()


def model():
    """Names and shapes of a transformer of 124 million parameters."""
    rows = int(50257 * SCALE) or 1
    yield 'wte', (rows, 768)
    for i in range(12 if SCALE >= 1 else 1):
        for name, shape in (('attn.c_attn.weight', (768, 2304)), ('attn.c_proj.weight', (768, 768)),
                            ('mlp.c_fc.weight', (768, 3072)), ('mlp.c_proj.weight', (3072, 768)),
                            ('ln_1.weight', (768,)), ('ln_1.bias', (768,))):
            yield f'h.{i}.{name}', shape


def write(path, tensors):
    head, at = [], 0
    for name, x in tensors:
        shape = ','.join(map(str, x.shape))
        head.append(f'"{name}":{{"dtype":"F32","shape":[{shape}],'
                    f'"data_offsets":[{at},{at + x.nbytes}]}}')
        at += x.nbytes
    text = ('{' + ','.join(head) + '}').encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as to:
        to.write(struct.pack('<Q', len(text)) + text)
        for _, x in tensors:
            to.write(x.tobytes())


def seconds(args, code):
    begin = time.monotonic()
    done = subprocess.run(args, stdout=subprocess.DEVNULL, check=False)
    if done.returncode != code:
        raise RuntimeError(f'{args}: exit code {done.returncode}')
    return time.monotonic() - begin


def row(what, a, b, code):
    """One line: the least times of both, in turns."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(seconds(['cmp', a, b], code))
        ours.append(seconds([DIFF, a, b], code))
    print(what, f'{min(ours):.3f}', f'{min(theirs):.3f}', f'{min(theirs) / min(ours):.2f}',
          sep='\t', flush=True)


path = [os.path.join(box.name, f'{c}.safetensors') for c in 'abcd']
values = [(name, rng.standard_normal(shape, dtype=np.float32)) for name, shape in model()]
write(path[0], values)
write(path[1], values)
last = values[-3][1].view(np.uint32).reshape(-1)
last[-1] ^= 1
write(path[2], values)
last[-1] ^= 1
write(path[3], [(n, x + np.float32(1e-4) * rng.standard_normal(x.shape, dtype=np.float32))
                for n, x in values])
print('what', 'belay-diff', 'cmp', 'ratio', sep='\t')
row('the same', path[0], path[1], 0)
row('one bit', path[0], path[2], 1)
ours = min(seconds([DIFF, path[0], path[3]], 1) for _ in range(ROUNDS))
same = min(seconds(['cmp', path[0], path[1]], 0) for _ in range(ROUNDS))
print('all values', f'{ours:.3f}', f'{same:.3f}', f'{same / ours:.2f}', sep='\t')
