"""changed.py - an input changes while a run reads it, before every call that the run makes.

From when the file was opened until the last look at all inputs, a change of its size, inode, mtime
or ctime ends the run with 3 and nothing is published. Before, the changed file is just read; once
outputs get their names, the run has all it needs. The run is stopped before a call (shim.c) and
goes on when the change is made, so that nothing depends on luck. BELAY_FAULTS=full makes every
change before every call; else one after the other.
"""
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time

from shim_run import AVERAGES, ONE, QUICK, SINGLE, VIEWS, Bench, Work, need_shim, stated
from tap import case, finish, note, ok, skip


def _cut(path):
    os.truncate(path, os.path.getsize(path) - 1)


def _empty(path):
    os.truncate(path, 0)


def _append(path):
    with open(path, 'ab') as file:
        file.write(b' ')


def _replace(path):
    shutil.copy(path, path + '.new')
    os.rename(path + '.new', path)


def _rewrite(path):
    """The same size, and mtime: only ctime tells."""
    old = os.stat(path)
    with open(path, 'r+b') as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1 if last < 32 or last > 126 else 32 if last != 32 else 10]))
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))


def _touch(path):
    os.utime(path)


def _mode(path):
    os.chmod(path, os.stat(path).st_mode ^ 0o100)


def _link(path):
    os.link(path, path + '.link')


def _remove(path):
    os.unlink(path)


CHANGES = {'cut': _cut, 'emptied': _empty, 'appended to': _append, 'replaced': _replace,
           'rewritten': _rewrite, 'touched': _touch, 'chmod': _mode, 'linked to': _link,
           'removed': _remove}


def _told(path):
    try:
        st = os.stat(path)
    except FileNotFoundError:
        return None
    return st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns


def change(how, path):
    """Changes a file. Clocks of file systems may be coarse: until it can be seen."""
    before = _told(path)
    if how == 'linked to':  # the name that is looked at is the first one
        _link(path)
        while _told(path) == before:
            time.sleep(0.001)
            _mode(path)
            _mode(path)
        return
    CHANGES[how](path)
    while _told(path) == before:
        time.sleep(0.001)
        CHANGES[how](path)
        if how in ('rewritten', 'chmod') and _told(path) == before:
            CHANGES[how](path)


STATE = next(w for w in AVERAGES if w.name == 'state')
WORKS = {w.name: w for w in AVERAGES + VIEWS}
STILL = STATE._replace(name='state, nothing new', outputs=(),
                       args=tuple(a for a in STATE.args if a != 'c_3.safetensors'))
AGAINST = Work('against', ('belay-diff', *ONE, '--against', 'golden.txt', *SINGLE), 'digests')
CASES = (
    (WORKS['safetensors'], ('c_1.safetensors', 'c_3.safetensors')),
    (WORKS['shards'], ('checkpoint-1/model-00002-of-00003.safetensors',
                       'checkpoint-2/model-00003-of-00003.safetensors',
                       'checkpoint-1/model.safetensors.index.json',
                       'checkpoint-2/model.safetensors.index.json',
                       'checkpoint-2/config.json', 'checkpoint-2/tokenizer.json')),
    (WORKS['retyped'], ('checkpoint-2/config.json',)),
    (WORKS['hdf5'], ('c_1.h5', 'c_3.h5')),
    (WORKS['gzip'], ('c_2.h5', 'c_3.h5')),
    (WORKS['from hdf5'], ('c_3.h5',)),
    (WORKS['to hdf5'], ('c_2.safetensors',)),
    (WORKS['keras'], ('full_1.keras', 'full_2.keras')),
    (WORKS['recipe'], ('c_2.safetensors',)),
    (WORKS['sweep'], ('c_1.safetensors',)),
    (WORKS['state'], ('c_3.safetensors', 'avg.state')),
    (STILL, ('c_2.safetensors', 'avg.state')),
    (WORKS['plan'], ('c_1.safetensors',)),
    (WORKS['list'], ('c_3.safetensors',)),
    (WORKS['tree'], ('c_1.h5',)),
    (WORKS['kernel'], ('c_2.safetensors',)),
    (WORKS['drift'], ('c_2.safetensors',)),
    (WORKS['digest'], ('c_3.safetensors',)),
    (WORKS['show recipe'], ('avg.safetensors',)),
    (WORKS['diff'], ('c_1.safetensors', 'c_2.safetensors')),
    (WORKS['diff --json'], ('c_2.h5',)),
    (AGAINST, ('c_2.safetensors',)),
)


def attempt(bench, victim, how, step):
    """One run that finds a file changed: what is wrong with it, and how it ended."""
    seen = {}

    def do(place, shim):
        path = os.path.join(place, victim)
        seen['opened'], seen['renamed'] = shim.opened, shim.renamed
        change(how, path)

    def identify(place):
        st = os.stat(os.path.join(place, victim))
        return {'device': st.st_dev, 'inode': st.st_ino}

    ran = bench.run(when_stopped=do, identify=identify, stop_at=step)
    if not seen:  # a process that waits longer makes more calls
        return None if ran.shim.steps < step else 'was not stopped', ran
    if ran.code < 0:
        return 'was ended by a signal', ran
    if ran.code == bench.good.code and not seen['opened']:
        return None, ran
    late = seen['renamed'] if bench.work.outputs else ran.shim.read_at < step
    if seen['opened'] and not late:
        if ran.code != 3 or 'changed while it was read' not in ran.err:
            return 'was not told that the file changed', ran
    # the victim, and what was put beside it, is as it was made to be
    want = bench.new if ran.code == bench.good.code else bench.old
    beside = {victim, victim + '.link'}
    names = (set(want) | set(ran.left)) - beside
    if any(ran.left.get(n) != want.get(n) for n in names):
        return 'made or left something else', ran
    return None, ran


def plan(bench, victim):
    """The changes to make, and before which calls."""
    names = list(CHANGES)
    steps = bench.good.shim.steps
    if QUICK:  # about as many of each, spread over all
        every = max(1, steps // 24)
        for k, step in enumerate(range(1, steps + 1, every)):
            yield names[(k + len(victim)) % len(names)], step
    else:
        for step in range(1, steps + 1):
            for how in names:
                yield how, step


def check(bench, victim, pool):
    """All changes of one file."""
    tried = list(plan(bench, victim))
    codes, bad = {}, []
    runs = pool.map(lambda t: attempt(bench, victim, *t), tried)
    for (how, step), (why, ran) in zip(tried, runs):
        codes[ran.code] = codes.get(ran.code, 0) + 1
        if why:
            bad.append(f'{how} before call {step}: {why}: {stated(ran)}')
    ended = ', '.join(f'{n} with {code}' for code, n in sorted(codes.items()))
    ok(not bad and 3 in codes, f'{bench.work.name}, {victim}: {len(tried)} changes: {ended}',
       f'{len(bad)} are wrong', *bad[:10])


def check_atime(bench):
    """Reading changes the atime, which is no change."""
    def make_old(place):
        for name in os.listdir(place):
            st = os.stat(os.path.join(place, name))
            os.utime(os.path.join(place, name), ns=(0, st.st_mtime_ns))
        return {}

    read = []

    def look(place, shim):
        read.append(os.stat(os.path.join(place, SINGLE[0])).st_atime_ns)

    ran = bench.run(when_stopped=look, identify=make_old, stop_at=bench.good.shim.steps)
    if read == [0]:
        skip('an atime that changes', 'atimes are not kept here')
        return
    ok(ran.code == 0 and ran.left == bench.new, 'an atime that changes', stated(ran))


def main():
    """All works, all files."""
    need_shim()
    note('every change before every call' if not QUICK else 'a part of the changes')
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for work, victims in CASES:
            if sys.argv[1:] and work.name not in sys.argv[1:]:
                continue
            with tempfile.TemporaryDirectory(prefix='belay-faults-') as folder:
                bench = Bench(work, folder)
                for victim in victims:
                    case(lambda b=bench, v=victim: check(b, v, pool))
                if work.name == 'safetensors':
                    case(lambda b=bench: check_atime(b))
    finish()


main()
