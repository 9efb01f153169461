"""allocations.py - every allocation of every process fails once, and all from there on.

A run that cannot have memory ends with 5 and says so; where it can do without, it makes what it
always makes. It never crashes, never loses what was there, leaves nothing. A process that calls
libhdf5 may crash, which is an error of its file. BELAY_FAULTS=full tries all; else a part.
"""
import concurrent.futures
import os
import re
import sys
import typing

from shim_run import AVERAGES, QUICK, VIEWS, benches, need_shim, said, stated
from tap import case, finish, note, ok, sanitized

LEAST = 'safetensors'  # of which all are tried in any case
# Of others every so many are: of the first process, of those of HDF5.
EVERY = (61, 997) if sanitized() else (11, 307)


class Fault(typing.NamedTuple):
    """The allocation that fails."""
    who: int
    at: int
    rest: bool


def wrong(bench, fault, ran):
    """What is wrong with a run; None: nothing."""
    if ran.code == 5 and 'only the report has failed' in ran.err:
        return None if ran.left == bench.new else 'has lost more than the report'
    if ran.code == bench.good.code:
        if ran.left != bench.new:
            return 'made something else'
        return 'says something else' if said(ran) != said(bench.good) else None
    if ran.left != bench.old:
        return 'did not leave all as it was'
    if ran.code not in ((5,) if fault.who == 0 else (3, 4, 5)):
        return 'has the wrong exit code'
    if not re.search(r'^belay-(avg|show|diff): .', ran.err, re.M):
        return 'says nothing'
    if ran.code == 5 and 'memory' not in ran.err and 'allocat' not in ran.err:
        return 'does not say that it had no memory'
    return None


def faults(bench):
    """What is tried."""
    for who, n in enumerate(bench.good.shim.allocations):
        for rest in (False, True):
            every = EVERY[who > 0] if QUICK and not (bench.work.name == LEAST and not rest) else 1
            for at in range(1 + 3 * rest, n + 1, every):
                yield Fault(who, at, rest)


def attempt(bench, fault):
    """One run: what is wrong, and how it ended."""
    ran = bench.run(fail_who=fault.who, fail_at=fault.at, fail_rest=fault.rest)
    made = ran.shim.allocations
    if ran.shim.failed == 0 and (made[0] == 0 or made[fault.who] >= fault.at):
        return 'was not refused it', ran
    return wrong(bench, fault, ran), ran


def check(bench, pool):
    """All faults of one work."""
    name = bench.work.name
    tried = list(faults(bench))
    codes, bad = {}, []
    for fault, (why, ran) in zip(tried, pool.map(lambda f: attempt(bench, f), tried)):
        codes[ran.code] = codes.get(ran.code, 0) + 1
        if why:
            bad.append(f'{fault}: {why}: {stated(ran)}')
    ended = ', '.join(f'{n} with {code}' for code, n in sorted(codes.items()))
    ok(not bad, f'{name}: {len(tried)} failed allocations: {ended}', f'{len(bad)} are wrong',
       *bad[:10])


def main():
    """All works."""
    need_shim()
    note('every allocation' if not QUICK else 'a part of the allocations')
    named = [w for w in AVERAGES + VIEWS if w.name in sys.argv[1:]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for bench in benches(named or AVERAGES + VIEWS):
            case(lambda bench=bench: check(bench, pool))
    finish()


main()
