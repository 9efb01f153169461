"""dump.py - rows of weights as the program makes them, for the tests of these."""
import os
import subprocess

import tap

PROGRAM = os.path.join(tap.BUILD, 'tests', 'unit', 'dump_rows')


def rows(lines):
    """For each line of settings TAB times: five numbers of the row, and its weights; or None, and
    the message."""
    r = subprocess.run([PROGRAM], input=''.join(lines), capture_output=True, check=True, text=True)
    out = []
    for line in r.stdout.split('\n')[:-1]:
        if line.startswith('error '):
            out.append((None, line))
        else:
            numbers = [float.fromhex(w) for w in line.split()]
            out.append((numbers[:5], numbers[5:]))
    assert len(out) == len(lines)
    return out
