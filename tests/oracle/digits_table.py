#!/usr/bin/env python3
"""digits_table.py - the tables of the README: averages of a real run beside what torch kept online.

usage: digits_table.py [FOLDER]     from the top folder, after ./bootstrap check, for example as
       build/venv/bin/python tests/oracle/digits_table.py

The averages are written into FOLDER, else into a folder that is removed again. Distances are
||avg - online|| / ||last - online||, the 2-norm over all floating tensors together.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

import tap

DIGITS = os.path.join(tap.DATA, 'digits')
CHECKPOINTS = sorted(glob.glob(os.path.join(DIGITS, 'ckpt_*.safetensors')))
DECAYS = ('0.9', '0.99')

# How the steps between two checkpoints are filled in; without the times there is nothing to fill.
HOLDS = {
    'linear': ['--hold=linear'],
    'right': ['--hold=right'],
    'left': ['--hold=left'],
    'index time': ['--times=index'],
}

# The mean leaves out step 0, as torch's own does.
METHODS = {
    'EMA': ['--method=ema', '--half-life=10%', *CHECKPOINTS],
    'spring': ['--method=spring', '--half-life=10%', *CHECKPOINTS],
    'BELAY': ['--method=belay', '--half-life=10%', *CHECKPOINTS],
    'uniform': ['--method=uniform', *CHECKPOINTS[1:]],
}


def floats(path):
    """The floating tensors of a file, as one vector of doubles."""
    numpy, load = tap.need('numpy', 'safetensors.numpy')
    tensors = load.load_file(path)
    return numpy.concatenate([tensors[k].astype(numpy.float64).ravel() for k in sorted(tensors)
                              if tensors[k].dtype.kind == 'f'])


def distances(folder):
    """{decay: {hold: relative distance}} of the replays to the online averages."""
    norm = tap.need('numpy').linalg.norm
    last = floats(CHECKPOINTS[-1])
    table = {}
    for decay in DECAYS:
        online = floats(os.path.join(DIGITS, f'online_ema_{decay}.safetensors'))
        table[decay] = {}
        for hold, options in HOLDS.items():
            out = os.path.join(folder, f'{decay}_{hold.replace(" ", "_")}.safetensors')
            tap.avg('-f', f'--decay={decay}', *options, *CHECKPOINTS, '-o', out)
            table[decay][hold] = norm(floats(out) - online) / norm(last - online)
    return table


def scores(folder):
    """{method: (loss, accuracy)} of the last checkpoint and the averages, on 797 test images."""
    files = {'last checkpoint': CHECKPOINTS[-1]}
    for method, words in METHODS.items():
        files[method] = os.path.join(folder, f'{method}.safetensors')
        tap.avg('-f', *words, '-o', files[method])
    said = subprocess.run([sys.executable, os.path.join(DIGITS, 'evaluate.py'), *files.values()],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.findall(r'loss (\S+)\taccuracy (\S+)', said)
    return {name: (float(loss), float(acc)) for name, (loss, acc) in zip(files, found)}


def main():
    """Prints both tables as Markdown."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = sys.argv[1] if len(sys.argv) > 1 else temporary
        os.makedirs(folder, exist_ok=True)
        table = distances(folder)
        print('| decay | ' + ' | '.join(f'`{options[0]}`' for options in HOLDS.values()) + ' |')
        print('|---' * (len(HOLDS) + 1) + '|')
        for decay, row in table.items():
            print(f'| {decay} | ' + ' | '.join(f'{d:.3f}' for d in row.values()) + ' |')
        print('\n| weights | loss | accuracy |\n|---|---|---|')
        for name, (loss, accuracy) in scores(folder).items():
            print(f'| {name} | {loss:.4f} | {accuracy:.4f} |')


if __name__ == '__main__':
    main()
