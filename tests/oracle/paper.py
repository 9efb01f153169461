"""paper.py - that tests/paper does what it says: the spring in the loop, its replay, and what is
made of the curves."""
import contextlib
import io
import os
import sys
import tempfile
import xml.dom.minidom

import tap

st, torch = tap.need('safetensors.torch', 'torch')
tap.need('sklearn')
PAPER = os.path.join(tap.SRC, 'tests', 'paper')
sys.path.insert(0, PAPER)
import claim  # noqa: E402
import curves as c  # noqa: E402
import training  # noqa: E402

box = tempfile.TemporaryDirectory()


def path(name):
    """A path in the folder of this test."""
    return os.path.join(box.name, name)


def save(step, tensors):
    """A checkpoint; its path."""
    file = path(f'ckpt_{step}.safetensors')
    st.save_file(training.copied(tensors), file)
    return file


def farthest(a, b):
    """The largest difference of two sets of tensors."""
    return max((a[k].double() - b[k].double()).abs().max().item() for k in a)


def largest(tensors):
    """The largest absolute value."""
    return max(t.abs().max().item() for t in tensors.values())


def a_seed_is_a_run():
    """Two runs with one seed are the same, two seeds are not."""
    ends = [[training.copied(w) for _, w in training.steps(seed, 20)][-1] for seed in (1, 1, 2)]
    tap.ok(farthest(ends[0], ends[1]) == 0, 'one seed, one run')
    tap.ok(farthest(ends[0], ends[2]) > 0.01, 'another seed, another run')


def ema_is_what_was_kept():
    """The EMA that the spring keeps in the loop, in f32, and belay-avg's from every step."""
    saved, ema, reach = [], None, 0.0
    for step, weights in training.steps(3, 60):
        ema = ema or training.copied(weights)
        training.spring(weights, ema, 0, 0.05)
        saved.append(save(step, weights))
        reach = max(reach, largest(weights))
    tap.avg('--kappa=0.05', *saved, '-o', path('ema.safetensors'))
    gap = farthest(st.load_file(path('ema.safetensors')), ema)
    bound = reach * 2.0**-24 / 0.05
    tap.ok(gap <= bound, 'EMA kept in the loop, to u/pull', f'{gap} above {bound}')


def belay_where_a_replay_can_know():
    """On a quadratic the gradient that a belayed run would have seen is known: with --restore =
    rate x curvature the replay of the run alone gives both particles of the run with BELAY."""
    draw = torch.Generator().manual_seed(5)
    pull, ratio, slope = 0.04, 0.5, 0.1  # slope: rate x curvature
    start = torch.randn(7, generator=draw, dtype=torch.float64)
    alone, model, average = ({'w': start.clone()} for _ in range(3))
    saved = [save(0, alone)]
    for step in range(1, 81):
        noise = torch.randn(7, generator=draw, dtype=torch.float64)
        for run in (alone, model):
            run['w'] += noise - slope * run['w']
        training.spring(model, average, ratio * pull, pull)
        saved.append(save(step, alone))
    for particle, want in (('average', average), ('model', model)):
        out = path(f'{particle}.safetensors')
        tap.avg('--method=belay', f'--kappa={pull}', f'--mass-ratio={ratio}',
                f'--restore={slope}', f'--particle={particle}', *saved, '-o', out)
        gap = farthest(st.load_file(out), want)
        tap.ok(gap < 1e-13, f'BELAY on a quadratic: the {particle} of the belayed run', gap)


def a_small_claim():
    """The whole of it with one seed and two hundred steps."""
    folder = path('claim')
    with contextlib.redirect_stdout(io.StringIO()) as said:
        claim.main(['--seeds=1', '--steps=200', '--every=100', folder])
    times, curves = c.read(os.path.join(folder, 'curves.tsv'))
    tap.ok(times == [0, 100, 200] and len(curves) == 1 + 6 * len(claim.PULLS)
           and all(list(seeds) == [1] and len(seeds[1]) == 3 for seeds in curves.values()),
           'every curve is there', times, list(curves))
    start = {seeds[1][0] for seeds in curves.values()}
    tap.ok(len(start) == 1, 'all of them begin at the same weights', start)
    tap.ok(curves[c.MODEL, 0.0][1][-1][0] > c.IMAGES // 2, 'the model learns')
    tap.ok(len(set(map(str, curves.values()))) == len(curves), 'no curve is another one')
    for name, words in claim.published(os.path.join(folder, 'curves.tsv')).items():
        with open(os.path.join(folder, name), encoding='utf-8') as f:
            tap.ok(f.read() == words, f'{name} is made of the curves alone')
        tap.ok(name != 'table.md' or said.getvalue() == words, f'{name} is printed, if it is text')


def what_is_published():
    """The README's tables and picture are those of the curves beside the picture."""
    made = claim.published(os.path.join(PAPER, 'curves.tsv'))
    with open(os.path.join(tap.SRC, 'README.md'), encoding='utf-8') as f:
        readme = f.read()
    for table in made['table.md'].split('\n\n'):
        tap.ok(table.strip() in readme, 'a table of the README', table)
    with open(os.path.join(PAPER, 'claim.svg'), encoding='utf-8') as f:
        tap.ok(f.read() == made['claim.svg'], 'the picture of the README')
    root = xml.dom.minidom.parseString(made['claim.svg']).documentElement
    tap.ok(root.tagName == 'svg' and len(made['claim.svg']) < 100000, 'the picture is small SVG')
    _, curves = c.read(os.path.join(PAPER, 'curves.tsv'))
    tap.ok(all(sorted(seeds) == [1, 2, 3, 4, 5] for seeds in curves.values()), 'five seeds')


for check in (a_seed_is_a_run, ema_is_what_was_kept, belay_where_a_replay_can_know, a_small_claim,
              what_is_published):
    tap.case(check)
box.cleanup()
tap.finish()
