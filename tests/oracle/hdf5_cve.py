"""hdf5_cve.py - public files that crash HDF5: each is refused or taken, in time, or it is the
library that dies of it; which ones is printed."""
import glob
import os
import re
import subprocess

import tap

CORPUS = os.path.join(tap.SRC, '..', 'shared', 'corpus', 'hdf5-cve')
PROBE = os.path.join(tap.BUILD, 'tests', 'unit', 'probe_file')
SECONDS = 20


def in_library(report):
    """Did a sanitizer find it in the library? Its innermost frame but for its own says so."""
    for frame in re.findall(r'^ *#\d+ .*', report, re.M):
        if 'sanitizer' not in frame:
            return 'libhdf5' in frame
    return False


def look(path):
    """What becomes of one file: 'accept', 'reject', 'crash', 'hang' or 'error'; and the words."""
    try:
        r = subprocess.run([PROBE, path], capture_output=True, text=True, errors='replace',
                           timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return 'hang', ''
    if r.returncode < 0:
        return 'crash', f'signal {-r.returncode}'
    if r.returncode != 0 and in_library(r.stderr):
        return 'crash', 'found by a sanitizer'
    words = r.stdout.strip() or r.stderr.strip()
    if r.returncode != 0:
        return 'error', words[-1500:]
    return words.split(':')[0], words


def corpus():
    paths = sorted(glob.glob(os.path.join(CORPUS, 'cve-*')))
    found = {'accept': [], 'reject': [], 'crash': [], 'hang': [], 'error': []}
    for path in paths:
        kind, words = look(path)
        found[kind].append(f'{os.path.basename(path)}: {words.replace(path, "")}')
    for kind, files in found.items():
        tap.note(f'{kind}: {len(files)} of {len(paths)}')
    for line in found['crash']:
        tap.note(f'crash: {line}')
    tap.ok(not found['hang'], 'no file takes for ever', *found['hang'])
    tap.ok(not found['error'], 'no file finds an error of ours', *found['error'])


if not os.path.isdir(CORPUS):
    tap.skip_all('the files that crash HDF5 are not here')
tap.case(corpus)
tap.finish()
