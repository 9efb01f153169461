#!/usr/bin/env python3
"""claim.py - the claim of the paper on real data: is BELAY more accurate and more stable than EMA?

usage: claim.py [--seeds=N] [--steps=N] [--every=N] FOLDER

Trains a small network (training.py) with every seed: once alone, with its EMAs kept at every step,
and once for every pull with BELAY in the loop. Of the run alone only every 25th checkpoint is
saved, and belay-avg replays EMA and BELAY from these: for every time of measuring, from the
checkpoints that there were by then. Leaves in FOLDER: curves.tsv (all scores), table.md, claim.svg.
"""
import argparse
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'oracle'))
import tap  # noqa: E402

st, _, _ = tap.need('safetensors.torch', 'torch', 'sklearn')
import curves as c  # noqa: E402
import picture  # noqa: E402
import training  # noqa: E402

# The pull of the average; BELAY's model is pulled as much. A pull of 0.01 is a decay of 0.99.
PULLS = (0.0025, 0.005, 0.01, 0.02, 0.05)
SHOWN = 0.01

REPLAYS = {
    c.REPLAYED_EMA: ['--method=ema'],
    c.REPLAYED_BELAY: ['--method=belay'],
    c.REPLAYED_BELAYED: ['--method=belay', '--particle=model'],
}


class Log:
    """Scores of one seed, {(weights, pull): [score, ...]}."""

    def __init__(self):
        self.examiner = training.Examiner()
        self.scores = {}

    def add(self, weights, pull, tensors):
        """Tests the tensors and notes the score."""
        self.scores.setdefault((weights, pull), []).append(self.examiner.score(tensors))


def train_alone(log, folder, seed, count, every):
    """The model alone, with its EMAs; the checkpoints saved."""
    saved = []
    emas = {}
    for step, weights in training.steps(seed, count):
        for pull in PULLS:
            ema = emas.setdefault(pull, training.copied(weights))
            training.spring(weights, ema, 0, pull)
        if step % every:
            continue
        log.add(c.MODEL, 0.0, weights)
        for pull, ema in emas.items():
            log.add(c.EMA, pull, ema)
        saved.append(os.path.join(folder, f'ckpt_{step}.safetensors'))
        st.save_file(training.copied(weights), saved[-1], metadata={'step': str(step)})
    return saved


def train_belayed(log, pull, seed, count, every):
    """BELAY in the loop: after every step of the optimizer the spring pulls model and average."""
    average = None
    for step, weights in training.steps(seed, count):
        average = average or training.copied(weights)
        training.spring(weights, average, pull, pull)
        if step % every == 0:
            log.add(c.BELAY, pull, average)
            log.add(c.BELAYED, pull, weights)


def replay(log, saved, folder):
    """The averages by belay-avg of every beginning of the run; all pulls in one read."""
    pulls = ','.join(map(str, PULLS))
    for n in range(1, len(saved) + 1):
        for weights, words in REPLAYS.items():
            tap.avg('-f', '--sync=no', *words, f'--kappa={pulls}', *saved[:n],
                    '-o', os.path.join(folder, 'avg_{kappa}.safetensors'))
            for pull in PULLS:
                path = os.path.join(folder, f'avg_{pull}.safetensors')
                log.add(weights, pull, st.load_file(path))


def one_seed(seed, count, every):
    """All scores of a seed."""
    log = Log()
    with tempfile.TemporaryDirectory() as folder:
        saved = train_alone(log, folder, seed, count, every)
        for pull in PULLS:
            train_belayed(log, pull, seed, count, every)
        replay(log, saved, folder)
    return log.scores


def main(words):
    """Trains, replays, writes."""
    parser = argparse.ArgumentParser(prog='claim.py')
    parser.add_argument('--seeds', type=int, default=5)
    parser.add_argument('--steps', type=int, default=1500)
    parser.add_argument('--every', type=int, default=25)
    parser.add_argument('folder')
    args = parser.parse_args(words)
    os.makedirs(args.folder, exist_ok=True)
    curves = {}
    for seed in range(1, args.seeds + 1):
        for key, scores in one_seed(seed, args.steps, args.every).items():
            curves.setdefault(key, {})[seed] = scores
        print(f'seed {seed} of {args.seeds}', file=sys.stderr, flush=True)
    times = range(0, args.steps + 1, args.every)
    c.write(os.path.join(args.folder, 'curves.tsv'), times, curves)
    for name, words in published(os.path.join(args.folder, 'curves.tsv')).items():
        with open(os.path.join(args.folder, name), 'w', encoding='utf-8', newline='\n') as f:
            f.write(words)
        if name.endswith('.md'):
            print(words, end='')


def published(path):
    """{file: content}: what is made of a file of curves."""
    times, curves = c.read(path)
    return {'table.md': c.at_one_pull(times, curves, SHOWN) + '\n'
                        + c.at_all_pulls(times, curves),
            'claim.svg': picture.drawn(times, curves, SHOWN)}


if __name__ == '__main__':
    main(sys.argv[1:])
