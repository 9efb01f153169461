"""tensor_options.py - whatever list of rules there is, a tensor is what a run makes of it that has
the settings of its rule for all tensors: bit for bit, in safetensors and HDF5 files, with tensors
missing, in sweeps."""
import fnmatch
import itertools
import os
import random
import tempfile

import tap

numpy, h5py, safetensors = tap.need('numpy', 'h5py', 'safetensors.numpy')

BOX = tempfile.TemporaryDirectory()
TENSORS = ['enc.w', 'enc.b', 'enc.norm.running_mean', 'dec.w', 'dec.b', 'head.w', 'steps']
GLOBS = ['*', 'enc*', '*.w', '*.b', '*.running_*', 'd*', 'head.?', '[!e]*', 'enc.[wb]', 'steps']
LENGTHS = {'half-life', 'mean-age', 'decay', 'rel-std', 'kappa', 'gamma'}
MOST = 25  # runs with rules of each kind


class Method:
    """What a method takes, and a few values for it; lengths one at a time."""

    def __init__(self, lengths, *more):
        self.lengths, self.more = lengths.split(), [m.split() for m in more]

    def keys(self):
        return {option.split('=')[0] for option in itertools.chain(self.lengths, *self.more)}

    def pick(self, rng):
        """Some settings, at most one length among them."""
        pairs = [rng.choice(choice) for choice in self.more if rng.random() < 0.4]
        if self.lengths and rng.random() < 0.6:
            pairs.append(rng.choice(self.lengths))
        return dict(pair.split('=') for pair in pairs)


LENGTH = 'half-life=30 half-life=20% half-life=2ckpt mean-age=25 decay=.97 rel-std=.2 kappa=.05'
HOLD = 'hold=left hold=right hold=mid'
METHODS = {
    'ema': Method(LENGTH, HOLD, 'start=zero start=first'),
    'spring': Method(LENGTH, HOLD),
    'belay': Method(LENGTH, HOLD, 'gain=.5 gain=2', 'mass-ratio=.5 mass-ratio=2',
                    'particle=model', 'restore=.5'),
    'uniform': Method(''),
    'window': Method(''),
}
# What the table of values above does not say.
METHODS['spring'].more.append(['gamma=.3'])
METHODS['window'].more.append(['window=2ckpt', 'window=45', 'window=70%'])


def settings_of(rng):
    """Settings of all tensors."""
    method = rng.choice(sorted(METHODS))
    settings = {'method': method, **METHODS[method].pick(rng)}
    return complete(settings)


def complete(settings):
    """A window has a length, and gamma has kappa."""
    if settings['method'] == 'window':
        settings.setdefault('window', '3ckpt')
    if 'gamma' in settings:
        for length in LENGTHS - {'gamma'}:
            settings.pop(length, None)
        settings['kappa'] = '.05'
    return settings


def rule_of(rng, under):
    """A pattern and what is said of it; under: the methods of the outputs."""
    glob = rng.choice(GLOBS)
    kind = rng.random()
    if kind < 0.1:
        return glob, rng.choice(['copy', 'skip', 'average'])
    if kind < 0.5 and len(under) == 1:
        said = METHODS[under[0]].pick(rng)
        if 'gamma' not in said and said:
            return glob, said
    return glob, settings_of(rng)


def laid_over(rule, under):
    """The settings of a tensor: those of its rule over those of the output."""
    if 'method' in rule:
        under = {k: v for k, v in under.items() if k in METHODS[rule['method']].keys()}
    if LENGTHS & set(rule):
        under = {k: v for k, v in under.items() if k not in LENGTHS}
    return {**under, **rule}


def options(settings):
    return [f'--{key}={value}' for key, value in settings.items()]


def rule_options(rules):
    for glob, said in rules:
        if isinstance(said, str):
            yield from [f'--{said}', glob]
            continue
        for key, value in said.items():
            yield from ['--tensor-option', f'{glob}:{key}={value}']


def apart(rules):
    """Without rules that follow each other with the same pattern, which would be one."""
    kept = []
    for rule in rules:
        if not kept or kept[-1][0] != rule[0]:
            kept.append(rule)
    return kept


class Run:
    """Checkpoints of a few tensors."""

    def __init__(self, rng, suffix, lacking):
        self.suffix = suffix
        self.folder = tempfile.mkdtemp(dir=BOX.name)
        self.time = sorted(rng.sample(range(0, 200, 3), rng.randint(3, 6)))
        values = numpy.random.default_rng(rng.randrange(1 << 30))
        for t in self.time:
            tensors = {name: self.tensor(name, t, values) for name in TENSORS
                       if t == self.time[-1] or not (lacking and rng.random() < 0.25)}
            self.write(t, tensors)
        self.single = {}

    @staticmethod
    def tensor(name, t, values):
        if name == 'steps':
            return numpy.array([t], 'int64')
        kind = 'float16' if name.endswith('.b') else 'float32'
        return values.standard_normal((3, 5)).astype(kind)

    def path(self, name):
        return os.path.join(self.folder, name + self.suffix)

    def write(self, t, tensors):
        path = self.path(f'ckpt_{t}')
        if self.suffix == '.safetensors':
            safetensors.save_file(tensors, path)
            return
        with h5py.File(path, 'w') as f:
            for name, value in tensors.items():
                f[name] = value

    def read(self, path):
        if self.suffix == '.safetensors':
            return {k: v.tobytes() for k, v in safetensors.load_file(path).items()}
        with h5py.File(path) as f:
            return {k: v[...].tobytes() for k, v in f.items()}

    def average(self, name, *more):
        tap.avg('-qf', '--sync=no', '--missing=union', '--check', *more,
                *(self.path(f'ckpt_{t}') for t in self.time), '-o', self.path(name))

    def alone(self, settings):
        """The average with these settings of all tensors, made once."""
        key = tuple(sorted(settings.items()))
        if key not in self.single:
            self.average('alone', *options(settings))
            self.single[key] = self.read(self.path('alone'))
        return self.single[key]

    def should(self, rules, under):
        """What the tensors should be, one by one."""
        last = self.read(self.path(f'ckpt_{self.time[-1]}'))
        made = {}
        for name in TENSORS:
            said = next((s for glob, s in rules if fnmatch.fnmatchcase(name, glob)), 'average')
            if said == 'skip':
                continue
            if said == 'copy' or name == 'steps':
                made[name] = last[name]
            else:
                made[name] = self.alone(laid_over({} if said == 'average' else said, under))[name]
        return made


def sweep(rng):
    """Settings of an output, or of several that differ in their length."""
    if rng.random() < 0.7:
        return [settings_of(rng)]
    method = rng.choice(['ema', 'spring', 'belay'])
    return [{'method': method, 'half-life': h} for h in ('20', '55.5', '3ckpt')]


def trial(rng, suffix, lacking):
    """One list of rules. What differs, if anything; None: there is no such average."""
    run = Run(rng, suffix, lacking)
    under = sweep(rng)
    rules = apart([rule_of(rng, [u['method'] for u in under[:1]])
                   for _ in range(rng.randint(1, 6))])
    swept = {**under[0], **({'half-life': ','.join(u['half-life'] for u in under)}
                            if len(under) > 1 else {})}
    name = 'own{half-life}' if len(under) > 1 else 'own'
    said = [*options(swept), *rule_options(rules)]
    try:
        want = [run.should(rules, u) for u in under]
    except RuntimeError as e:
        # Of a tensor that is missing the holders may have no weight; then there is no average.
        return None if 'weights whose sum' in str(e) else f'{e}\n{said}'
    if not any(want):
        return None  # nothing is left, which is refused
    run.average(name, *said)
    for u, should in zip(under, want):
        got = run.read(run.path(name.replace('{half-life}', u.get('half-life', ''))))
        if got != should:
            wrong = sorted(k for k in {*got, *should} if got.get(k) != should.get(k))
            return f'{suffix} {run.time} {said} {u}: {wrong}'
    return ''


def check(suffix, lacking, seed):
    rng = random.Random(seed)
    results = [trial(rng, suffix, lacking) for _ in range(MOST)]
    made = [r for r in results if r is not None]
    tap.ok(len(made) >= MOST // 2 and not any(made),
           f'{len(made)} lists of rules, {suffix}{", tensors missing" if lacking else ""}',
           *[r for r in made if r][:3])


for number, case in enumerate(itertools.product(['.safetensors', '.h5'], [False, True])):
    tap.case(lambda case=case, number=number: check(*case, number))
tap.finish()
