"""verdicts.py - belay-avg averages every good file of tests/data/cases and refuses every bad one,
in a sentence that names the file, in little time and memory. PyTorch's files are refused with
advice."""
import csv
import glob
import os
import subprocess
import sys
import tempfile

import limits
import tap

AVERAGE = ('--method=uniform', '--times=index', '--f8=copy', '--allow-averages', '--sync=no')


def cases(manifest):
    """Path, name in the cases' folder, and verdict of each."""
    folder = os.path.dirname(manifest)
    with open(manifest, encoding='utf-8') as f:
        for row in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            yield (os.path.join(folder, row['file']),
                   os.path.join(os.path.basename(folder), row['file']), row['verdict'])


def named(path):
    """What the sentence begins with: the file, or for an index any file beside it."""
    return 'belay-avg: ' + (os.path.dirname(path) if path.endswith('.json') else path)


def judge(path, verdict, folder):
    """What is wrong with what becomes of it."""
    out = 'out/' if path.endswith('.json') else 'out' + os.path.splitext(path)[1]
    run = limits.Run(folder, *AVERAGE, path, '-o', os.path.join(folder, out))
    good, wrong = verdict == 'accept', run.wrong()
    if run.code != (0 if good else 3):
        wrong.append(f'exit {run.code}')
    if run.left != ([out.rstrip('/')] if good else []):
        wrong.append(f'there is {run.left}')
    if not good and not run.said.startswith(named(path)):
        wrong.append('the file is not named')
    if verdict == 'foreign' and not ('PyTorch' in run.said and '\nhint: ' in run.said):
        wrong.append('there is no advice')
    return wrong + [run.said] if wrong else []


def pytorch(folder):
    """Makes PyTorch's files, which are small to write down and not so small."""
    maker = os.path.join(tap.DATA, 'cases', 'pt', 'make_cases.py')
    made = os.path.join(folder, 'pt')
    os.mkdir(made)
    subprocess.run([sys.executable, maker, made], check=True)
    return os.path.join(made, 'manifest.tsv')


def main():
    count = {'accept': 0, 'reject': 0, 'foreign': 0}
    with tempfile.TemporaryDirectory() as made:
        manifests = sorted(glob.glob(os.path.join(tap.DATA, 'cases', '*', 'manifest.tsv')))
        for manifest in manifests + [pytorch(made)]:
            for path, name, verdict in cases(manifest):
                with tempfile.TemporaryDirectory() as folder:
                    wrong = judge(path, verdict, folder)
                tap.ok(not wrong, f'{name}: {verdict}', *wrong)
                count[verdict] += 1
    tap.ok(all(count[v] >= n for v, n in (('accept', 53), ('reject', 103), ('foreign', 31))),
           f'these were {count}')


tap.case(main)
tap.finish()
