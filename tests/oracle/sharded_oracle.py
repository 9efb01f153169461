"""sharded_oracle.py - checkpoints in shards, read and written as transformers does it: by the index
and the safetensors library. The averages are those of the same tensors in one file, bit for bit."""
import json
import os
import random
import shutil
import tempfile

import tap

np, safetensors = tap.need('numpy', 'safetensors')
from safetensors.numpy import load_file, save_file  # noqa: E402

INDEX = 'model.safetensors.index.json'
SIDES = ('config.json', 'tokenizer.json', 'modeling_x.py')
KINDS = ('f2', 'f4', 'f8', 'i4', 'i8', '?', 'u1')


def shard_name(i, n):
    return f'model-{i + 1:05d}-of-{n:05d}.safetensors'


def split(sizes, limit):
    """huggingface_hub's split_state_dict_into_shards_factory: lists of names."""
    shards, current, filled = [], [], 0
    for name, size in sizes.items():
        if size > limit:
            shards.append([name])
            continue
        if filled + size > limit:
            shards.append(current)
            current, filled = [], 0
        current.append(name)
        filled += size
    if current:
        shards.append(current)
    return shards


def save_index(folder, total, where):
    """The index in the words of transformers."""
    text = json.dumps({'metadata': {'total_size': total}, 'weight_map': where}, indent=2,
                      sort_keys=True) + '\n'
    with open(os.path.join(folder, INDEX), 'w', encoding='utf-8') as f:
        f.write(text)


def save(folder, tensors, shards):
    """save_pretrained: into one file, or the shards given as lists of names."""
    os.makedirs(folder)
    for side in SIDES:
        with open(os.path.join(folder, side), 'w', encoding='utf-8') as f:
            f.write(folder)
    if len(shards) == 1:
        save_file(tensors, os.path.join(folder, 'model.safetensors'), {'format': 'pt'})
        return
    where = {}
    for i, names in enumerate(shards):
        file = shard_name(i, len(shards))
        save_file({n: tensors[n] for n in names}, os.path.join(folder, file), {'format': 'pt'})
        where.update({n: file for n in names})
    save_index(folder, sum(t.nbytes for t in tensors.values()), where)


def load(folder):
    """from_pretrained: by the index where there is one, with its checks."""
    index = os.path.join(folder, INDEX)
    if not os.path.exists(index):
        return load_file(os.path.join(folder, 'model.safetensors'))
    with open(index, encoding='utf-8') as f:
        where = json.load(f)['weight_map']
    tensors = {}
    for file in sorted(set(where.values())):
        with safetensors.safe_open(os.path.join(folder, file), 'numpy') as f:
            assert f.metadata()['format'] == 'pt'
            for name in f.keys():
                assert where[name] == file and name not in tensors
                tensors[name] = f.get_tensor(name)
    assert set(tensors) == set(where)
    return tensors


def same(a, b):
    return a.keys() == b.keys() and all(
        a[n].dtype == b[n].dtype and a[n].shape == b[n].shape and a[n].tobytes() == b[n].tobytes()
        for n in a)


def read(*path):
    with open(os.path.join(*path), 'rb') as f:
        return f.read()


def model(gen, rng):
    """Names and shapes; a checkpoint is a draw of values for them."""
    return {f'{rng.choice(["a", "layers", "z"])}.{i}.w': (
        rng.choice(KINDS), [rng.choice([0, 1, 3, 8, 40]) for _ in range(rng.randrange(4))])
        for i in range(rng.randrange(1, 14))}, gen


def draw(names, gen):
    return {n: np.asarray(gen.random(shape) * 200).astype(kind)
            for n, (kind, shape) in names.items()}


def deal(names, rng):
    """A random way to shards: every name in one, none empty."""
    names = list(names)
    rng.shuffle(names)
    n = rng.randrange(1, len(names) + 1)
    shards = [[name] for name in names[:n]]
    for name in names[n:]:
        rng.choice(shards).append(name)
    return shards


def mixed(folder, rng):
    """One random model: checkpoints in random shards beside the same in one file each."""
    names, gen = model(np.random.default_rng(rng.randrange(2**32)), rng)
    many, single, shards = [], [], []
    for step in (5, 20, 100):
        tensors = draw(names, gen)
        shards = deal(names, rng)
        many.append(os.path.join(folder, f'checkpoint-{step}'))
        single.append(os.path.join(folder, f'single-{step}.safetensors'))
        save(many[-1], tensors, shards)
        save_file(tensors, single[-1])
    last, args = many[-1], ['-q', '--method', 'ema', '--half-life', '10']
    rng.shuffle(many)
    tap.avg(*args, '--no-provenance', *many, '-o', os.path.join(folder, 'avg'))
    tap.avg(*args, '--no-provenance', *many, '-o', os.path.join(folder, 'avg.safetensors'))
    tap.avg(*args, *single, '-o', os.path.join(folder, 'one.safetensors'))
    wanted = load_file(os.path.join(folder, 'one.safetensors'))
    got = load(os.path.join(folder, 'avg'))
    assert same(got, wanted), 'the folder holds other values than the single file'
    assert same(load_file(os.path.join(folder, 'avg.safetensors')), wanted)
    assert sorted(os.listdir(last)) == sorted(os.listdir(os.path.join(folder, 'avg')))
    for side in SIDES + ((INDEX,) if len(shards) > 1 else ()):
        assert read(folder, 'avg', side) == read(last, side), side
    return many, wanted


def converted(folder, many):
    """Other types and fewer tensors: the shards keep their names."""
    last = max(many, key=lambda path: int(path.rsplit('-', 1)[1]))
    for i, extra in enumerate((['--dtype', 'f64'], ['--dtype', 'bf16', '--skip', '*[13579].w'])):
        args = ['-q', '--half-life', '10', '--no-provenance', *extra, *many, '-o']
        out, one = os.path.join(folder, f'conv{i}'), os.path.join(folder, f'conv{i}.safetensors')
        tap.avg(*args, out)
        tap.avg(*args, one)
        got, where = {}, {}
        for file in sorted(os.listdir(out)):
            if file.endswith('.safetensors'):
                for name, t in safetensors.deserialize(read(out, file)):
                    got[name], where[name] = t, file
        assert got == dict(safetensors.deserialize(read(one))), f'other values with {extra}'
        assert set(os.listdir(out)) <= set(os.listdir(last))
        if os.path.exists(os.path.join(last, INDEX)):
            index = json.loads(read(out, INDEX))
            assert index['weight_map'] == where
            assert index['metadata']['total_size'] == sum(len(t['data']) for t in got.values())


def resharded(folder, many, wanted, limit):
    """--shard-size makes the shards and the index that transformers would make."""
    out = os.path.join(folder, f'size-{limit}')
    tap.avg('-q', '--half-life', '10', '--shard-size', limit, *many, '-o', out)
    got = load(out)
    assert same(got, wanted), 'other values in new shards'
    if not os.path.exists(os.path.join(out, INDEX)):
        assert sum(t.nbytes for t in wanted.values()) <= limit or len(wanted) == 1
        return
    where = json.loads(read(out, INDEX))['weight_map']
    total = sum(t.nbytes for t in wanted.values())
    folder = os.path.join(out, 'again')
    os.makedirs(folder)
    save_index(folder, total, where)
    assert read(folder, INDEX) == read(out, INDEX), 'the index is not as json.dumps writes it'
    order = catalogue(many)
    dealt = split({n: wanted[n].nbytes for n in order}, limit)
    assert where == {n: shard_name(i, len(dealt)) for i, names in enumerate(dealt)
                     for n in names}, f'dealt otherwise: {where}'


def catalogue(many):
    """The tensors of the last checkpoint, shard by shard, as their data stand."""
    last = max(many, key=lambda path: int(path.rsplit('-', 1)[1]))
    order = []
    for file in sorted(f for f in os.listdir(last) if f.endswith('.safetensors')):
        data = read(last, file)
        header = json.loads(data[8:8 + int.from_bytes(data[:8], 'little')])
        header.pop('__metadata__', None)
        order += sorted(header, key=lambda n: (header[n]['data_offsets'], list(header).index(n)))
    return order


def main():
    rng = random.Random(4)
    wrong = []
    for i in range(25):
        folder = tempfile.mkdtemp()
        try:
            many, wanted = mixed(folder, rng)
            converted(folder, many)
            for limit in (1, rng.randrange(2, 400), rng.randrange(400, 20000), 5 * 10**9):
                resharded(folder, many, wanted, limit)
        except Exception as e:  # pylint: disable=broad-except
            wrong.append(f'model {i}: {type(e).__name__}: {e}')
        shutil.rmtree(folder)
    tap.ok(not wrong, '25 models in shards: loaded by their index, the same as in one file', *wrong)
    tap.finish()


main()
