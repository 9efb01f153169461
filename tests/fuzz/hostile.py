"""hostile.py - checkpoints that were changed at random: whatever they are, belay-avg or belay-show
ends in little time and memory, with exit code 0 or 3, and leaves nothing behind but an average.

BELAY_HOSTILE: how many files (default 400); BELAY_SEED: of the random numbers."""
import collections
import glob
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import limits
import tap

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mutate  # noqa: E402

FILES = int(os.environ.get('BELAY_HOSTILE', '400'))
SEED = int(os.environ.get('BELAY_SEED', '1'))
SHOW = os.path.join(tap.BUILD, 'belay-show')
CASES = os.path.join(tap.DATA, 'cases')
AVERAGE = (tap.AVG, '-q', '-f', '--method=uniform', '--times=index', '--f8=copy',
           '--allow-averages', '--sync=no')
MOST = 65536  # bytes of a seed
# What is HDF5 after a change cannot be averaged into what its name still says.
ELSEWISE = '.keras files are only made from .keras files'


def seeds():
    """Name and files of each: a file, or a folder with an index and shards."""
    for pattern in ('safetensors/valid/*.safetensors', 'hdf5/valid/*.h5', 'keras/valid/*.keras'):
        paths = sorted(glob.glob(os.path.join(CASES, pattern)))
        yield pattern.split('/', maxsplit=1)[0], [
            {'in' + os.path.splitext(path)[1]: read(path)}
            for path in paths if os.path.getsize(path) <= MOST]
    folders = sorted(glob.glob(os.path.join(CASES, 'safetensors', '*', 'sharded_*')))
    folders += [os.path.join(CASES, 'safetensors', 'valid', 'sharded_ok')] * 2 * len(folders)
    yield 'shards', [{name: read(os.path.join(folder, name))
                      for name in sorted(os.listdir(folder))} for folder in folders]


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def change(rng, kind, files):
    """One file of them changed."""
    name = rng.choice(sorted(files))
    if kind == 'shards' and name.endswith('.json'):
        changed = mutate.text(rng, files[name])
    elif kind == 'shards' and rng.randrange(2):
        changed = mutate.only_values(rng, files[name])
    elif name.endswith('.safetensors'):
        changed = mutate.safetensors(rng, files[name])
    else:
        changed = mutate.binary(rng, files[name])
    return {**files, name: changed}


class Runner:
    """Runs programs in a folder, one at a time, and judges what comes of it."""

    def __init__(self, folder):
        self.box = os.path.join(folder, 'box')
        self.said = os.path.join(folder, 'said')
        self.child = 0
        self.slowest, self.largest = 0.0, 0
        signal.signal(signal.SIGALRM, self.end)

    def end(self, *_):
        """It hangs: it is killed, which judge() sees."""
        os.kill(self.child, signal.SIGKILL)

    def run(self, args):
        """Exit code, and what it used."""
        to = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
              (os.POSIX_SPAWN_OPEN, 1, self.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              (os.POSIX_SPAWN_DUP2, 1, 2)]
        self.child = os.posix_spawn(args[0], args, os.environ, file_actions=to)
        signal.alarm(limits.HANG)
        _, status, usage = os.wait4(self.child, 0)
        signal.alarm(0)
        return os.waitstatus_to_exitcode(status), usage

    def judge(self, args, path, out):
        """What is wrong with a run; its exit code."""
        begin = time.monotonic()
        code, usage = self.run(args)
        waited = time.monotonic() - begin
        said = read(self.said).decode('utf-8', 'replace')
        seconds = usage.ru_utime + usage.ru_stime
        kilobytes = usage.ru_maxrss
        self.slowest = max(self.slowest, seconds)
        self.largest = max(self.largest, kilobytes)
        wrong = [word for word in limits.SANITIZER if word in said and not limits.in_library(said)]
        if code not in (0, 3) and not (code == 2 and ELSEWISE in said):
            wrong.append(f'exit {code}')
        if code == 3 and path.split('.')[0] not in said:
            wrong.append('does not name the file')
        if not limits.FREE and (seconds > limits.SECONDS or kilobytes > limits.KILOBYTES):
            wrong.append(f'{seconds:.1f} s, {kilobytes} kB')
        if not limits.FREE and waited > limits.HANG / 4:
            wrong.append(f'{waited:.1f} s passed')
        left = [name for name in os.listdir(self.box) if 'belay-tmp' in name]
        if left or (code != 0 and os.path.lexists(out)):
            wrong.append(f'left behind: {left}')
        return code, wrong + [said[-1500:]] if wrong else []

    def one(self, files, number):
        """One of the programs on one checkpoint: its exit code, and what is wrong."""
        os.mkdir(self.box)
        for name, data in files.items():
            with open(os.path.join(self.box, name), 'wb') as f:
                f.write(data)
        index = [name for name in files if name.endswith('.json')]
        path = os.path.join(self.box, index[0] if index else next(iter(files)))
        out = os.path.join(self.box, 'out/' if index else 'out' + os.path.splitext(path)[1])
        ways = ([*AVERAGE, path, '-o', out], [SHOW, '--json', path], [SHOW, '--digest', path])
        judged = self.judge(ways[number % 4 // 2 * (1 + number % 4 % 2)], path, out)
        shutil.rmtree(self.box)
        return judged


def keep(number, kind, files):
    """Writes what is wrong to where it can be looked at."""
    folder = os.path.join(tap.BUILD, 'hostile', f'{kind}-{SEED}-{number}')
    os.makedirs(folder, exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(data)
    return folder


def main(folder):
    runner, rng = Runner(folder), random.Random(SEED)
    kinds, bad, begin = dict(seeds()), collections.defaultdict(list), time.monotonic()
    # HDF5 has more to be damaged than the others.
    order = ['safetensors', 'hdf5', 'hdf5', 'keras', 'shards']
    codes = {kind: collections.Counter() for kind in kinds}
    for number in range(FILES):
        kind = order[number % len(order)]
        files = change(rng, kind, rng.choice(kinds[kind]))
        code, wrong = runner.one(files, number // len(order))
        codes[kind][code] += 1
        if wrong:
            bad[kind] += [f'{keep(number, kind, files)}:', *wrong]
        if os.environ.get('BELAY_LIVE') and number % 1000 == 999:
            tap.note(f'{number + 1} files, {time.monotonic() - begin:.0f} s')
    for kind, count in codes.items():
        tap.ok(count[0] and count[3] and not bad[kind],
               f'{kind}: {count[0]} end with 0, {count[3]} with 3', *bad[kind][:60])
    tap.note(f'{FILES} files: at most {runner.slowest:.2f} s of processor time, '
             f'{runner.largest} kB for the largest process')


with tempfile.TemporaryDirectory() as scratch:
    tap.case(lambda: main(scratch))
tap.finish()
