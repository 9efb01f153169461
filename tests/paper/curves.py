"""curves.py - what came out: scores over time for every seed, in a file and in tables.

Curves are {(weights, pull): {seed: [(right, loss), ...]}}, one pair for every time of measuring;
`right` counts the test images told right, and the pull of SGD alone is 0.
"""
import statistics

MODEL, EMA, REPLAYED_EMA = 'SGD alone', 'EMA', 'EMA, replayed'
BELAY, BELAYED = 'BELAY, trained', 'BELAY, trained: model'
REPLAYED_BELAY, REPLAYED_BELAYED = 'BELAY, replayed', 'BELAY, replayed: model'
ORDER = (MODEL, EMA, REPLAYED_EMA, BELAY, REPLAYED_BELAY, BELAYED, REPLAYED_BELAYED)
IMAGES = 797  # one of them is 0.125 %


def write(path, times, curves):
    """One line for every measure of a seed, weights and pull; a column for every time."""
    with open(path, 'w', encoding='ascii', newline='\n') as f:
        print('seed', 'weights', 'pull', 'measure', *times, sep='\t', file=f)
        for (weights, pull), seeds in curves.items():
            for seed, scores in seeds.items():
                right = (r for r, _ in scores)
                loss = (f'{x:.3f}' for _, x in scores)
                print(seed, weights, pull, 'right', *right, sep='\t', file=f)
                print(seed, weights, pull, 'loss', *loss, sep='\t', file=f)


def read(path):
    """(times, curves) of a file that write made."""
    with open(path, encoding='ascii') as f:
        head, *lines = (line.rstrip('\n').split('\t') for line in f)
    curves = {}
    for right, loss in zip(lines[::2], lines[1::2]):
        seed, weights, pull, _ = right[:4]
        scores = list(zip(map(int, right[4:]), map(float, loss[4:])))
        curves.setdefault((weights, float(pull)), {})[int(seed)] = scores
    return list(map(int, head[4:])), curves


def percent(right):
    """Accuracy in percent."""
    return 100 * right / IMAGES


def pulls(curves):
    """All pulls, ascending."""
    return sorted({pull for weights, pull in curves if weights == EMA})


def settled(times):
    """Where the first third of the training is over: what is measured from there on counts."""
    return next(i for i, t in enumerate(times) if 3 * t >= times[-1])


class Settled:
    """What one curve is like once the training has settled: one number per seed for each."""

    def __init__(self, times, seeds):
        late = [scores[settled(times):] for scores in seeds.values()]
        accuracies = [[percent(right) for right, _ in scores] for scores in late]
        self.accuracy = [statistics.mean(a) for a in accuracies]
        self.spread = [statistics.pstdev(a) for a in accuracies]
        self.worst = [min(a) for a in accuracies]
        self.loss = [statistics.mean(loss for _, loss in scores) for scores in late]


def plus_minus(values, digits=1):
    """Mean and standard deviation of the seeds."""
    between = statistics.stdev(values) if len(values) > 1 else 0.0
    return f'{statistics.mean(values):.{digits}f} ± {between:.{digits}f}'


def row(*cells):
    """A line of a table in Markdown."""
    return '| ' + ' | '.join(cells) + ' |\n'


def at_one_pull(times, curves, pull):
    """The table of all weights at one pull."""
    text = row('weights', 'accuracy, %', 'its spread over time', 'its lowest', 'loss')
    text += '|---' * 5 + '|\n'
    for weights in ORDER:
        s = Settled(times, curves[weights, 0.0 if weights == MODEL else pull])
        text += row(weights, plus_minus(s.accuracy), plus_minus(s.spread), plus_minus(s.worst),
                    plus_minus(s.loss, 2))
    return text


def at_all_pulls(times, curves):
    """The table of accuracies, and what BELAY adds to EMA, seed by seed."""
    text = row('pull', *(f'{pull:g}' for pull in pulls(curves)))
    text += '|---' * (len(pulls(curves)) + 1) + '|\n'
    accuracy = {key: Settled(times, seeds).accuracy for key, seeds in curves.items()}
    for weights in ORDER[1:5]:
        text += row(weights, *(plus_minus(accuracy[weights, pull]) for pull in pulls(curves)))
    for name, belay, ema in (('trained BELAY - EMA', BELAY, EMA),
                             ('replayed BELAY - EMA', REPLAYED_BELAY, REPLAYED_EMA)):
        text += row(name, *(gain([b - e for b, e in zip(accuracy[belay, pull],
                                                        accuracy[ema, pull])])
                            for pull in pulls(curves)))
    return text


def gain(values):
    """A difference, and in how many seeds it is one for the better."""
    return f'{plus_minus(values)}, {sum(v > 0 for v in values)} of {len(values)}'
