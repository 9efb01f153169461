"""shim_calls.py - reads and writes that are short or interrupted change no byte of what is made.

Every call moves one byte, or as many as chance will have it; one in two or three is interrupted;
signals come a thousand times a second, and no interrupted call is made again by the kernel. All of
it with one thread and with several.
"""
import concurrent.futures
import os

from shim_run import AVERAGES, QUICK, VIEWS, benches, need_shim, said, stated
from tap import case, finish, ok

WAYS = {
    'one byte a call': {'most': 1},
    'some bytes a call': {'random': 1},
    'one call in two interrupted': {'every': 2},
    'one byte, one call in three interrupted': {'most': 1, 'every': 3},
    'a storm of signals': {'storm': 1000},
    'a storm, and one byte a call': {'storm': 1000, 'most': 1},
    'a storm, some bytes, interrupted calls': {'storm': 200, 'random': 1, 'every': 5},
}
THREADS = (1, 2, 3)


def wrong(bench, way, ran):
    """What is wrong with a run; None: nothing."""
    if ran.code != bench.good.code:
        return 'failed'
    if ran.left != bench.new or said(ran) != said(bench.good):
        return 'made something else'
    for name, counter in (('most', 'shortened'), ('random', 'shortened'),
                          ('every', 'interrupted')):
        if way.get(name) and getattr(ran.shim, counter) == 0 and ran.shim.calls > 9:
            return f'had no call {counter}'
    return None


def attempt(bench, how, threads):
    """One run: what is wrong, and how it ended."""
    ran = bench.run(replace={'--threads': str(threads)}, **WAYS[how])
    return wrong(bench, WAYS[how], ran), ran


def check(bench, pool):
    """All ways of one work."""
    threads = THREADS if '--threads' in bench.work.args else THREADS[:1]
    tried = [(how, n) for k, how in enumerate(WAYS) for i, n in enumerate(threads)
             if not QUICK or k % len(threads) == i]
    bad, signals = [], 0
    for (how, n), (why, ran) in zip(tried, pool.map(lambda t: attempt(bench, *t), tried)):
        signals += ran.shim.signals
        if why:
            bad.append(f'{how}, {n} threads: {why}: {stated(ran)}')
    ok(not bad, f'{bench.work.name}: {len(tried)} ways, {signals} signals', *bad)
    return signals


def main():
    """All works."""
    need_shim()
    signals = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for bench in benches(AVERAGES + VIEWS):
            case(lambda bench=bench: signals.append(check(bench, pool)))
    ok(sum(signals) > 0, 'signals came')
    finish()


main()
