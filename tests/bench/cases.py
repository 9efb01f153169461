"""cases.py - what is averaged. To add a case: a row of CASES."""
import typing

from checkpoints import Run


class Case(typing.NamedTuple):
    """One row of the table."""
    name: str
    title: str
    run: Run
    averages: int = 1
    cold: bool = False      # the inputs are dropped from the cache before every run
    only: tuple = ()        # contestants, if not all that fit


def cases(scale):
    """All cases at a scale; those with the same data stand together, for these are made once."""
    few = max(round(400 * min(scale, 1)), 20)
    f32 = Run('gpt2', 'safetensors', 'f32', 16, scale)
    bf16 = Run('gpt2', 'safetensors', 'bf16', 16, scale)
    limits = ('cat', 'cat, cp, sync', 'belay-avg')
    return [
        Case('f32', 'safetensors, f32', f32),
        Case('f32-cold', 'safetensors, f32, not in the cache', f32, cold=True, only=limits),
        Case('f32-p8', 'safetensors, f32', f32, averages=8),
        Case('bf16', 'safetensors, bf16', bf16),
        Case('bf16-p8', 'safetensors, bf16', bf16, averages=8),
        Case('sharded', 'safetensors in shards, f32', Run('gpt2', 'folder', 'f32', 16, scale)),
        Case('hdf5', 'HDF5, contiguous, f32', Run('gpt2', 'hdf5', 'f32', 16, scale)),
        Case('gzip', 'HDF5, gzip and shuffle, f32', Run('gpt2', 'gzip', 'f32', 4, scale)),
        Case('tensors', 'many small tensors, f32', Run('many', 'safetensors', 'f32', 16, scale)),
        Case('files', 'many small checkpoints, f32', Run('small', 'safetensors', 'f32', few, 1)),
    ]


class Point(typing.NamedTuple):
    """One run of belay-avg on a curve."""
    x: float
    run: Run
    averages: int = 1
    options: tuple = ()
    used: int = 0           # of the checkpoints, if not all


class Curve(typing.NamedTuple):
    """One thing that grows, the rest as it is."""
    name: str
    title: str              # of its axis
    unit: str               # of which a slope is told
    points: list


def base(scale):
    """What the curves start from: a quarter of the scale."""
    return Run('gpt2', 'safetensors', 'f32', 16, scale / 4)


def curves(scale, processors):
    """All that grows."""
    start = base(scale)
    most = max(round(20_000 * min(scale, 1)), 100)
    sizes = [start._replace(count=8, size=start.size * part) for part in (1 / 8, 1 / 4, 1 / 2, 1)]
    even = [start._replace(layout=f'even-{n}', count=8, size=start.size / 4)
            for n in (1, most // 4, most // 2, most)]
    threads = [n for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32) if n <= 2 * processors]
    return [
        Curve('T', 'checkpoints', 'checkpoint',
              [Point(n, start, used=n) for n in (2, 4, 8, 12, 16)]),
        Curve('N', 'million numbers', 'million',
              [Point(round(r.bytes() / 4e6, 3), r) for r in sizes]),
        Curve('P', 'averages', 'average', [Point(n, start, averages=n) for n in (1, 2, 4, 8, 16)]),
        Curve('tensors', 'tensors', 'tensor',
              [Point(len(r.shapes()), r) for r in even]),
        Curve('threads', 'threads', '',
              [Point(n, start, options=(f'--threads={n}',)) for n in threads]),
    ]
