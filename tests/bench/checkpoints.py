"""checkpoints.py - makes runs of checkpoints to average: real layouts, random numbers.

usage: checkpoints.py FOLDER LAYOUT FORMAT DTYPE COUNT SIZE

A model starts as normal numbers and takes small random steps, one from each checkpoint to the next.
A process of its own makes the files, so that the bench stays small; the bench asks this module for
the paths alone, which takes no numpy.
"""
import json
import math
import os
import sys
import typing

GAP = 100       # steps from one checkpoint to the next
LEVEL = 4       # of gzip
SHARDS = 5
BYTES = {'f32': 4, 'bf16': 2}
SUFFIX = {'safetensors': '.safetensors', 'folder': '', 'hdf5': '.h5', 'gzip': '.h5'}


def gpt2(size):
    """GPT-2 small, 124 M parameters at size 1: {name: shape}."""
    width = max(round(96 * math.sqrt(size)), 2) * 8
    shapes = {'wte.weight': (max(round(50257 * math.sqrt(size)), 16), width),
              'wpe.weight': (1024, width)}
    for layer in range(12):
        for name, shape in (('ln_1.weight', (width,)), ('ln_1.bias', (width,)),
                            ('attn.c_attn.weight', (width, 3 * width)),
                            ('attn.c_attn.bias', (3 * width,)),
                            ('attn.c_proj.weight', (width, width)),
                            ('attn.c_proj.bias', (width,)),
                            ('ln_2.weight', (width,)), ('ln_2.bias', (width,)),
                            ('mlp.c_fc.weight', (width, 4 * width)),
                            ('mlp.c_fc.bias', (4 * width,)),
                            ('mlp.c_proj.weight', (4 * width, width)),
                            ('mlp.c_proj.bias', (width,))):
            shapes[f'h.{layer}.{name}'] = shape
    return {**shapes, 'ln_f.weight': (width,), 'ln_f.bias': (width,)}


def many(size):
    """20,000 small tensors at size 1: 1 to 16 KB, experts and adapters."""
    count = max(round(20_000 * size), 100)
    return {f'blocks.{i // 100}.experts.{i % 100}.w': (16, 16 << i % 5) for i in range(count)}


def small(size):
    """A model of 1 MB, whatever the size."""
    del size
    return {f'layer.{i}.{name}': shape for i in range(8)
            for name, shape in (('weight', (128, 255)), ('bias', (128,)))}


def even(size, count):
    """As many numbers as GPT-2 has at a size, in `count` tensors."""
    return {f'w.{i}': (max(round(124_000_000 * size) // count, 1),) for i in range(count)}


LAYOUTS = {f.__name__: f for f in (gpt2, many, small, even)}


class Run(typing.NamedTuple):
    """Checkpoints of one training run."""
    layout: str     # of LAYOUTS, with -N a count for it
    format: str     # of SUFFIX
    dtype: str      # of BYTES
    count: int      # of checkpoints
    size: float     # what the layout makes of it

    def shapes(self):
        """{name: shape} of its tensors."""
        layout, *count = self.layout.split('-')
        return LAYOUTS[layout](self.size, *map(int, count))

    def bytes(self):
        """The values of one checkpoint."""
        return BYTES[self.dtype] * sum(math.prod(s) for s in self.shapes().values())

    def home(self, folder):
        """Where it is, below a folder for all runs."""
        return os.path.join(folder, '-'.join((*self[:3], str(self.count), f'{self.size:g}')))

    def paths(self, folder):
        """The checkpoints, oldest first."""
        return [os.path.join(self.home(folder), f'ckpt_{(i + 1) * GAP}{SUFFIX[self.format]}')
                for i in range(self.count)]


def parts(path):
    """The files with the values of a checkpoint: itself, or its shards."""
    if not os.path.isdir(path):
        return [path]
    return sorted(os.path.join(path, f) for f in os.listdir(path) if f.endswith('.safetensors'))


# ---- from here on in a process of its own, with numpy ----

def models(run):
    """Yields the model at each checkpoint, {name: array of f32}; it is one, which walks."""
    import numpy as np
    random = np.random.default_rng(1)
    model = {name: random.standard_normal(shape, dtype='f4') * np.float32(0.02)
             for name, shape in run.shapes().items()}
    noise = random.standard_normal((1 << 20) + 7, dtype='f4') * np.float32(0.002)
    for _ in range(run.count):
        yield model
        for w in model.values():
            w = w.reshape(-1)
            for begin in range(0, w.size, 1 << 19):
                n = min(w.size - begin, 1 << 19)
                at = int(random.integers(noise.size - n + 1))
                w[begin:begin + n] += noise[at:at + n]


def stored(array, dtype):
    """The bytes of f32 in a type."""
    if dtype == 'f32':
        return array.tobytes()
    bits = array.view('u4')
    return ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype('u2').tobytes()


def save_safetensors(path, model, run, step):
    """One file."""
    header, at = {'__metadata__': {'format': 'pt', 'step': str(step)}}, 0
    for name, w in model.items():
        n = w.size * BYTES[run.dtype]
        header[name] = {'dtype': run.dtype.upper(), 'shape': w.shape, 'data_offsets': (at, at + n)}
        at += n
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(len(text).to_bytes(8, 'little') + text)
        for w in model.values():
            f.write(stored(w, run.dtype))


def save_folder(path, model, run, step):
    """As transformers does: shards, their index, and what kind of model it is."""
    os.mkdir(path)
    shards, room = [{}], 0
    for name, w in model.items():
        if shards[-1] and room + w.size > sum(w.size for w in model.values()) / SHARDS:
            shards.append({})
            room = 0
        shards[-1][name] = w
        room += w.size
    names = [f'model-{i + 1:05}-of-{len(shards):05}.safetensors' for i in range(len(shards))]
    for file, shard in zip(names, shards):
        save_safetensors(os.path.join(path, file), shard, run, step)
    index = {'metadata': {'total_size': run.bytes()},
             'weight_map': {name: file for file, shard in zip(names, shards) for name in shard}}
    save_json(os.path.join(path, 'model.safetensors.index.json'), index)
    save_config(path, run)


def save_json(path, value):
    """A file of JSON."""
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(value, f, indent=2)


def save_config(path, run):
    """What transformers and mergekit ask of a model."""
    vocabulary, width = run.shapes().get('wte.weight', (16, 16))
    save_json(os.path.join(path, 'config.json'), {
        'architectures': ['GPT2LMHeadModel'], 'model_type': 'gpt2', 'n_layer': 12,
        'n_head': 8, 'n_embd': width, 'n_positions': 1024, 'vocab_size': vocabulary})


def save_hdf5(path, model, run, step):
    """Datasets in groups, contiguous or as h5py deals chunks out."""
    import h5py
    how = {}
    if run.format == 'gzip':
        how = {'compression': 'gzip', 'compression_opts': LEVEL, 'shuffle': True}
    with h5py.File(path, 'w') as f:
        f.attrs['step'] = step
        for name, w in model.items():
            f.create_dataset(name.replace('.', '/'), data=w, **how)


SAVE = {'safetensors': save_safetensors, 'folder': save_folder, 'hdf5': save_hdf5,
        'gzip': save_hdf5}


def make(folder, run):
    """Makes a run."""
    os.makedirs(run.home(folder), exist_ok=True)
    for i, (path, model) in enumerate(zip(run.paths(folder), models(run))):
        SAVE[run.format](path, model, run, (i + 1) * GAP)


if __name__ == '__main__':
    make(sys.argv[1], Run(*sys.argv[2:5], int(sys.argv[5]), float(sys.argv[6])))
