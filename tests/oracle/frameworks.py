"""frameworks.py - the averages that others keep while they train, and belay's from the files.

A network is trained (tests/paper/training.py) and its weights are recorded at every step. Each
framework is led through the recorded steps and keeps its average in double, so that only what it
computes counts, and in float, as people run it; belay-avg gets the files. Then only every tenth
step is saved: what belay makes of these is what the framework keeps on the path that --hold names.
"""
import glob
import importlib
import itertools
import os
import sys
import tempfile
import typing

import tap

numpy, st, torch = tap.need('numpy', 'safetensors.torch', 'torch')
tap.need('sklearn')
sys.path.insert(0, os.path.join(tap.SRC, 'tests', 'paper'))
import training  # noqa: E402
from torch.optim import swa_utils  # noqa: E402

STEPS, EVERY = 241, 10
DECAY = 0.99
REL_STD, REL_STDS = 0.1, (0.05, 0.15)
SOON = 0.95  # the decay that a schedule reaches within these steps
F64, F32 = torch.float64, torch.float32
RECORDED = [training.copied(weights) for _, weights in training.steps(7, STEPS)]
LARGEST = max(w.abs().max().item() for weights in RECORDED for w in weights.values())
box = tempfile.TemporaryDirectory()


def has(module):
    """The module, or None: not everybody has everything."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


ema_pytorch = has('ema_pytorch')
diffusers = has('diffusers.training_utils')
keras = has('keras')


def as_float(decay):
    """Keras and ema-pytorch pass the decay through a float, which is enough to see in double."""
    return torch.tensor(decay, dtype=F32).item()


def as_type(weights, dtype):
    """Weights in another type."""
    return {name: w.to(dtype) for name, w in weights.items()}


def path(times, hold, dtype):
    """What a recurrence sees at every step from the first of the times to the last: x(n) between
    what is saved at the times."""
    for before, after in zip(times, times[1:]):
        a, b = as_type(RECORDED[before], dtype), as_type(RECORDED[after], dtype)
        for n in range(before, after):
            share = (n - before) / (after - before)
            if n == before and before > times[0]:
                yield a
            elif hold == 'linear' or n == before:
                yield {k: a[k] + share * (b[k] - a[k]) for k in a}
            else:
                yield b
    yield as_type(RECORDED[times[-1]], dtype)


def saved(times, dtype, ahead):
    """The files of these steps, named by them; `ahead` is added."""
    folder = tempfile.mkdtemp(dir=box.name)
    files = []
    for n in times:
        files.append(os.path.join(folder, f'step_{n + ahead}.safetensors'))
        st.save_file(as_type(RECORDED[n], dtype), files[-1])
    return files


def replayed(words, files):
    """The average that belay-avg makes of the files."""
    out = os.path.join(box.name, 'avg.safetensors')
    tap.avg('-f', *words, *files, '-o', out)
    return st.load_file(out)


def farthest(a, b):
    """The largest difference, in units of the largest weight; infinite where names differ."""
    if a.keys() != b.keys():
        return float('inf')
    return max((a[k].double() - b[k].double()).abs().max().item() for k in a) / LARGEST


def model_of(weights):
    """A network with these weights, in their type."""
    net = training.network().to(next(iter(weights.values())).dtype)
    net.load_state_dict(weights)
    return net


def each_model(steps):
    """Leads one network through the steps, as a training would."""
    net = None
    for weights in steps:
        net = net or model_of(weights)
        net.load_state_dict(weights)
        yield net


def plain(named):
    """Weights {name: tensor}, without what wrappers put before the names."""
    return {k.removeprefix('module.'): v.detach().clone() for k, v in named}


# ---- those who keep an average: steps -> weights ----


def torch_ema(steps):
    """torch: the first model is copied, then a lerp by 1 - decay."""
    kept = None
    for net in each_model(steps):
        kept = kept or swa_utils.AveragedModel(
            net, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(DECAY))
        kept.update_parameters(net)
    return plain(kept.module.named_parameters())


def torch_swa(steps):
    """torch: a + (x - a) / (n + 1)."""
    kept = None
    for net in each_model(steps):
        kept = kept or swa_utils.AveragedModel(net)
        kept.update_parameters(net)
    return plain(kept.module.named_parameters())


def ema_pytorch_ema(first=0, **settings):
    """ema-pytorch: update() from the first of the steps on, the first of which copies."""
    def keep(steps):
        kept = None
        for net in itertools.islice(each_model(steps), first, None):
            kept = kept or ema_pytorch.EMA(net, **settings)
            kept.update()
        return plain(kept.ema_model.named_parameters())
    return keep


def diffusers_ema(**settings):
    """diffusers: made before the training, step() after every step of the optimizer."""
    def keep(steps):
        kept = None
        for net in each_model(steps):
            if kept is None:
                kept = diffusers.EMAModel(net.parameters(), decay=SOON, **settings)
            else:
                kept.step(net.parameters())
        return dict(zip(net.state_dict(), kept.shadow_params))
    return keep


def edm2_exponent(rel_std):
    """gamma of sigma_rel: the largest root of g^3 + 7 g^2 + (16 - s) g + 12 - s, s = sigma^-2."""
    s = rel_std**-2
    return float(max(root.real for root in numpy.roots([1, 7, 16 - s, 12 - s])))


def rel_std_as_float(rel_std):
    """sigma_rel of an exponent that has passed through a float, as those of PostHocEMA do."""
    g = as_float(edm2_exponent(rel_std))
    return ((g + 1) / ((g + 2) ** 2 * (g + 3))) ** 0.5


def edm2_power(steps):
    """EDM2, from its formula: at step n a lerp by 1 - beta, beta = (1 - 1/n)^(gamma + 1)."""
    kept = None
    for n, weights in enumerate(steps):
        kept = kept or training.copied(weights)
        beta = (1 - 1 / max(n, 1)) ** (edm2_exponent(REL_STD) + 1)
        for k, w in weights.items():
            kept[k].lerp_(w, 1 - beta)
    return kept


def karras_ema(**settings):
    """ema-pytorch: update() after every step of the optimizer."""
    def keep(steps):
        kept = None
        for net in each_model(steps):
            kept = kept or ema_pytorch.KarrasEMA(net, sigma_rel=REL_STD, **settings)
            kept.update()
        return plain(kept.ema_model.named_parameters())
    return keep


def karras_weights():
    """A file of weights, by time: those of KarrasEMA where every tenth call updates. It takes the
    decay of one step for each of these, as if there had been no nine others."""
    weight, lines = 1.0, []
    for call in range(STEPS, 0, -EVERY):
        beta = (1 - 1 / (call + 1)) ** (edm2_exponent(REL_STD) + 1) if call > 1 else 0.0
        lines.append(f'{call}\t{((1 - beta) * weight).hex()}\n')
        weight *= beta
    file = os.path.join(box.name, 'karras.tsv')
    with open(file, 'w', encoding='ascii') as f:
        f.writelines(lines)
    return file


def trl_bema(steps):
    """TRL's BEMACallback, from its formula, an update at every step n: the pull of the average is
    (10 + n)^-1/2, and (10 + n)^-1/5 of the way since the first step is added."""
    for n, weights in enumerate(steps):
        if n == 0:
            first, kept = training.copied(weights), training.copied(weights)
        for k, w in weights.items():
            kept[k].lerp_(w, (10 + n) ** -0.5)
    return {k: kept[k] + (10 + n) ** -0.2 * (weights[k] - first[k]) for k in kept}


def timm_v3(steps):
    """timm's ModelEmaV3, from its formula: without warm-up the decay is 0 for the first update,
    which copies, and then constant; lerp by 1 - decay."""
    kept = None
    for weights in steps:
        kept = kept or training.copied(weights)
        for k, w in weights.items():
            kept[k].lerp_(w, 1 - DECAY)
    return kept


def timm_mean(steps):
    """timm's avg_checkpoints.py, from its formula: sums in double, one division, rounded to
    float."""
    steps = list(steps)
    return {k: (sum(w[k].double() for w in steps) / len(steps)).to(steps[0][k].dtype)
            for k in steps[0]}


class Oracle(typing.NamedTuple):
    """Somebody's average and the words that make belay's the same."""
    name: str
    here: typing.Any           # what it needs; None: not here
    keep: typing.Callable      # steps -> weights
    words: tuple[str, ...]
    bound: float               # of its error in float, in units of the rounding of the largest
    holds: tuple[str, ...] = ('linear', 'right')
    first: int = 0             # the first step that belay is given, and every how many
    given: int = 1
    ahead: int = 0             # what is added to the steps before belay is given them as times
    exact: float = 1e-14       # bound of the error in double, in units of the largest weight


# In float a lerp errs by about one rounding each time and forgets with the decay: 1 / (1 - decay).
FORGETS = 2 / (1 - DECAY)
ORACLES = [
    Oracle('torch AveragedModel, EMA', torch, torch_ema, ('--decay=0.99',), FORGETS),
    # A mean is of what is saved, whatever lies between.
    Oracle('torch AveragedModel, SWA', torch, torch_swa, ('--method=uniform',), 10, ()),
    Oracle('timm ModelEmaV3 (formula)', torch, timm_v3, ('--decay=0.99',), FORGETS),
    Oracle('timm avg_checkpoints (formula)', torch, timm_mean, ('--method=uniform',), 0.51, ()),
    # update() copies the first model it sees; min_value = beta switches the warm-up off. It is
    # called after the first step of the optimizer, so the average begins at step 1.
    Oracle('ema-pytorch EMA, no warm-up', ema_pytorch,
           ema_pytorch_ema(beta=DECAY, update_after_step=0, update_every=1, min_value=DECAY),
           (f'--decay={as_float(DECAY)}',), FORGETS, first=1),
    # Its schedule counts the calls of update(), the first of which copies: begun at step 0 belay
    # counts the same. It is computed in float, whatever the model is.
    Oracle('ema-pytorch EMA, warm-up', ema_pytorch,
           ema_pytorch_ema(1, beta=SOON, update_after_step=100, update_every=1),
           (f'--decay={as_float(SOON)}', '--warmup=diffusers:1,2/3,100'), FORGETS,
           exact=2.0**-23),
    # With update_every = 10, its default, calls 1, 11, 21 .. update, and the schedule goes on
    # counting calls: begun at step 1, update t is call 10 t + 1, and s = 10 t - 100.
    Oracle('ema-pytorch EMA, its defaults', ema_pytorch, ema_pytorch_ema(beta=0.9),
           (f'--decay={as_float(0.9)}', '--update-every=10', '--warmup=diffusers:0.1,2/3,9'),
           FORGETS, holds=(), first=1, given=10, exact=2.0**-23),
    Oracle('EDM2 power function (formula)', torch, edm2_power,
           ('--method=power', f'--rel-std={REL_STD}'), FORGETS),
    # update() number n takes the decay of step n + 1, and the first of them copies.
    Oracle('ema-pytorch KarrasEMA, update_every=1', ema_pytorch, karras_ema(update_every=1),
           ('--method=power', f'--rel-std={REL_STD}'), FORGETS, first=1, ahead=1),
    # At every tenth update it is no power function any more; its weights are what they are.
    Oracle('ema-pytorch KarrasEMA, update_every=10', ema_pytorch, karras_ema(update_every=10),
           ('--method=weights', f'--weights={karras_weights()}'), FORGETS, holds=(), first=1,
           given=10),
    Oracle('TRL BEMACallback (formula)', torch, trl_bema, ('--method=bema',), FORGETS, holds=()),
    Oracle('diffusers EMAModel', diffusers, diffusers_ema(),
           (f'--decay={SOON}', '--warmup=diffusers0'), FORGETS),
    Oracle('diffusers EMAModel, use_ema_warmup', diffusers, diffusers_ema(use_ema_warmup=True),
           (f'--decay={SOON}', '--warmup=diffusers:1,2/3'), FORGETS),
    Oracle('diffusers EMAModel, all settings', diffusers,
           diffusers_ema(use_ema_warmup=True, inv_gamma=3, power=0.75, update_after_step=200,
                         min_decay=0.5),
           (f'--decay={SOON}', '--warmup=diffusers:3,3/4,200,0.5'), FORGETS),
]


def every_step(o):
    """All steps are there: in double to its rounding, in float to what the framework keeps."""
    times, given = range(o.first, STEPS + 1), range(o.first, STEPS + 1, o.given)
    for dtype, bound in ((F64, o.exact), (F32, o.bound * 2.0**-24)):
        gap = farthest(replayed(o.words, saved(given, dtype, o.ahead)),
                       o.keep(path(times, '', dtype)))
        tap.ok(gap <= bound, f'{o.name}: every step, {dtype}', f'{gap} above {bound}')


def every_tenth(o):
    """Every tenth step is there."""
    times = range(o.first, STEPS + 1, EVERY)
    for hold in o.holds:
        gap = farthest(replayed((f'--hold={hold}', *o.words), saved(times, F64, o.ahead)),
                       o.keep(path(times, hold, F64)))
        tap.ok(gap <= o.exact, f'{o.name}: every tenth step, {hold} in between', gap)


def keras_ema():
    """Keras: the optimizer keeps it, copies at the first step, and sees trainable variables only.
    A gradient that is the difference of two recorded steps leads it along; what its rounding makes
    of them is saved."""
    if keras is None:
        tap.skip('Keras, use_ema', 'keras is not here')
        return
    for dtype, bound in (('float64', 1e-14), ('float32', FORGETS * 2.0**-24)):
        steps = [{k: w.numpy().astype(dtype) for k, w in weights.items()} for weights in RECORDED]
        variables = [keras.Variable(w, dtype=dtype, name=k.replace('.', '_'))
                     for k, w in steps[0].items()]
        optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=DECAY)
        optimizer.build(variables)
        folder = tempfile.mkdtemp(dir=box.name)
        files = []
        for n, weights in enumerate(steps[1:], 1):
            optimizer.apply([torch.tensor(v.numpy() - w)
                             for v, w in zip(variables, weights.values())])
            files.append(os.path.join(folder, f'step_{n}.safetensors'))
            st.save_file({k: torch.tensor(v.numpy()) for k, v in zip(weights, variables)},
                         files[-1])
        optimizer.finalize_variable_values(variables)
        kept = {k: torch.tensor(v.numpy()) for k, v in zip(steps[0], variables)}
        gap = farthest(replayed((f'--decay={as_float(DECAY)}',), files), kept)
        tap.ok(gap <= bound, f'Keras, use_ema: every step, {dtype}', f'{gap} above {bound}')


def snapshots(folder):
    """ema-pytorch's snapshots as files for belay, and a file of what each of them is."""
    files, lines = [], []
    for file in sorted(glob.glob(os.path.join(folder, '*.pt'))):
        which, step = os.path.basename(file).split('.')[:2]
        tensors = torch.load(file, weights_only=True)
        files.append(os.path.join(folder, f'snapshot{which}_step{step}.safetensors'))
        st.save_file({k.removeprefix('ema_model.'): w for k, w in tensors.items()
                      if k.startswith('ema_model.')}, files[-1])
        lines.append(f'{os.path.basename(files[-1])}\t'
                     f'rel-std={rel_std_as_float(REL_STDS[int(which)])}\n')
    with open(os.path.join(folder, 'profiles.tsv'), 'w', encoding='ascii') as f:
        f.writelines(lines)
    return files, f.name


def ema_pytorch_post_hoc():
    """ema-pytorch's PostHocEMA: its least squares are EDM2's without the division by their sum, so
    what it makes is so much smaller or larger than an average. Both take the snapshot of call t
    for the power function at t, which it is but for one step, and its exponents are floats."""
    if ema_pytorch is None:
        tap.skip('ema-pytorch PostHocEMA', 'its package is not here')
        return
    folder = tempfile.mkdtemp(dir=box.name)
    kept = None
    for net in each_model(path(range(1, STEPS + 1), '', F64)):
        kept = kept or ema_pytorch.PostHocEMA(
            net, sigma_rels=REL_STDS, update_every=1, checkpoint_every_num_steps=60,
            checkpoint_folder=folder, checkpoint_dtype=F64)
        kept.update()
    made = kept.synthesize_ema_model(sigma_rel=REL_STD, step=240)
    theirs = plain(made.ema_model.named_parameters())
    files, profiles = snapshots(folder)
    ours = replayed(('--method=posthoc', f'--rel-std={rel_std_as_float(REL_STD)}',
                     f'--profiles={profiles}', '--normalize'), files)
    times = torch.tensor([60, 120, 180, 240] * 2)
    exponents = torch.tensor([[edm2_exponent(s)] * 4 for s in REL_STDS]).flatten()
    share = ema_pytorch.post_hoc_ema.solve_weights(
        times, exponents, torch.tensor([240]), torch.tensor([edm2_exponent(REL_STD)])).sum()
    tap.ok(len(files) == 8 and abs(share - 1) > 1e-6, 'PostHocEMA is no average', share)
    gap = farthest({k: w * share for k, w in ours.items()}, theirs)
    tap.ok(gap <= 1e-12, 'ema-pytorch PostHocEMA, but for its sum', gap)


def all_of(o):
    """What makes the points of one oracle."""
    def points():
        if o.here is None:
            tap.skip(o.name, 'its package is not here')
            return
        every_step(o)
        every_tenth(o)
    points.__name__ = o.name
    return points


for oracle in ORACLES:
    tap.case(all_of(oracle))
tap.case(keras_ema)
tap.case(ema_pytorch_post_hoc)
box.cleanup()
tap.finish()
