"""hdf5_cve.py - public files that crash HDF5: belay-avg averages or refuses each of them, in little
time and memory; those that the library dies of are printed."""
import glob
import os
import re
import subprocess
import tempfile

import tap

CORPUS = os.path.join(tap.SRC, '..', 'shared', 'corpus', 'hdf5-cve')
SECONDS = 2
KILOBYTES = 256 * 1024
HANG = 60


def in_library(report):
    """Did a sanitizer find it in the library? Its innermost frame but for its own says so."""
    for frame in re.findall(r'^ *#\d+ .*', report, re.M):
        if 'sanitizer' not in frame:
            return 'libhdf5' in frame
    return False


def average(path, folder):
    """Averages one file with itself. Exit code (negative: a signal), words, seconds, kilobytes of
    the largest process."""
    out = os.path.join(folder, 'out.h5')
    with open(os.path.join(folder, 'words'), 'w+', encoding='utf-8', errors='replace') as words:
        cost = tap.measured(
            [tap.AVG, '-q', '-f', '--times=index', '--method=uniform', path, '-o', out],
            stdout=subprocess.DEVNULL, stderr=words)
        words.seek(0)
        return cost.code, words.read(), cost.seconds, cost.peak // 1024


def leftovers(folder):
    return [name for name in os.listdir(folder) if name.endswith('belay-tmp')]


def corpus():
    slow = tap.sanitized()
    bad, done = [], {0: 0, 3: 0}
    paths = sorted(glob.glob(os.path.join(CORPUS, 'cve-*')))
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            code, words, seconds, kilobytes = average(path, folder)
            name = os.path.basename(path)
            brief = words.replace(path, '').strip()[-1500:]
            done[code] = done.get(code, 0) + 1
            if 'crashed' in words or 'no end' in words:
                tap.note(f'{name}{brief.splitlines()[-1]}')
            if code not in (0, 3) or leftovers(folder):
                bad.append(f'{name}: exit {code} {leftovers(folder)}: {brief}')
            if 'Sanitizer' in words and not in_library(words):
                bad.append(f'{name}: {brief}')
            if seconds > (HANG if slow else SECONDS):
                bad.append(f'{name}: {seconds:.1f} s')
            if not slow and kilobytes > KILOBYTES:
                bad.append(f'{name}: {kilobytes} kB')
    tap.ok(not bad, f'{len(paths)} files: {done[0]} averaged, {done[3]} refused', *bad)


if not os.path.isdir(CORPUS):
    tap.skip_all('the files that crash HDF5 are not here')
tap.case(corpus)
tap.finish()
