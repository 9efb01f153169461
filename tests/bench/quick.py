"""quick.py - the bench runs, on models of a few hundred kilobytes: all cases, one round. What it
prints is no result, for nothing here judges times; but that it counts right, and that the loops it
compares belay with do the same work, is tested."""
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import tap

np, h5py, st = tap.need('numpy', 'h5py', 'safetensors.numpy')
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, '..', 'paper'))
import cases  # noqa: E402
import checkpoints  # noqa: E402
import contestants  # noqa: E402
import measure  # noqa: E402
import results  # noqa: E402

SCALE = 0.003
ABSENT = ('is not installed', 'does not know')
box = tempfile.TemporaryDirectory()


def whole_bench():
    """All cases and curves."""
    folder = os.path.join(box.name, 'bench')
    r = subprocess.run([sys.executable, os.path.join(HERE, 'speed.py'), f'--scale={SCALE}',
                        '--rounds=1', folder], capture_output=True, check=False, text=True)
    if not tap.ok(r.returncode == 0, 'the bench runs', r.stderr):
        return
    for line in r.stdout.splitlines():
        tap.note(line)
    _, rows = results.read(os.path.join(folder, 'speed.tsv'))
    ran = {(row.case, row.name): row.cost for row in rows if row.round == 1}
    lost = [row for row in rows if row.round != 1 and not any(a in row.note for a in ABSENT)]
    tap.ok(not lost, 'all that is here took part', *lost)
    known = cases.cases(SCALE)
    wanted = {(case.name, name) for case in known
              for name in ('cat', contestants.REFERENCE, 'belay-avg')}
    tap.ok(wanted <= set(ran), 'every case has its limits and belay-avg', wanted - set(ran))
    curves = cases.curves(SCALE, 1)
    points = {(curve.name, f'{p.x:g}') for curve in curves for p in curve.points}
    tap.ok(points <= set(ran), 'every curve has its points', points - set(ran))
    counted(known, ran)
    left = sorted(os.listdir(folder))
    tap.ok(left == ['growth.svg', 'speed.md', 'speed.svg', 'speed.tsv'], 'no data are left', left)
    pictures(folder, known, curves)


def counted(known, ran):
    """What the kernel counts of cat and of belay-avg is what they must read and write."""
    wrong = []
    for case in known:
        values = case.run.bytes()
        for name in ('cat', 'belay-avg'):
            c = ran.get((case.name, name), measure.Cost(*[0] * len(measure.Cost._fields)))
            # Gzip makes random numbers smaller by less than a fifth; a header is no value.
            least, most = 0.8 * case.run.count * values, 1.3 * case.run.count * values + 2e6
            wrong += [f'{case.name}: {name} reads {c.read}'] if not least < c.read < most else []
            if name == 'belay-avg' and not 0.8 < c.wrote / (case.averages * values) < 1.5:
                wrong.append(f'{case.name}: {name} writes {c.wrote}')
            if not (0 < c.user + c.system and 0 < c.seconds and 2**20 < c.peak < 2**30):
                wrong.append(f'{case.name}: {name}: {c}')
    tap.ok(not wrong, 'bytes are counted, time and memory measured', *wrong)


def pictures(folder, known, curves):
    """They are XML and show everything."""
    said = {}
    for name in ('speed.svg', 'growth.svg'):
        tree = xml.parse(os.path.join(folder, name))
        said[name] = ' '.join(tree.getroot().itertext())
    lost = [case.title for case in known if case.title not in said['speed.svg']]
    lost += [curve.title for curve in curves if curve.title not in said['growth.svg']]
    tap.ok(not lost, 'the pictures show everything', *lost)


def loaded(path):
    """{name: array} of a checkpoint."""
    if os.path.isdir(path):
        return {k: w for part in checkpoints.parts(path) for k, w in loaded(part).items()}
    if path.endswith('.safetensors'):
        return st.load_file(path)
    found = {}
    with h5py.File(path) as f:
        f.visititems(lambda name, d: found.update({name: d[...]})
                     if isinstance(d, h5py.Dataset) else None)
    return found


def same_work():
    """The loops against belay-avg with the same weights, in f32 and its rounding."""
    decays = ['--hold=right', '--decay=0.75']
    for loop, kind, options in (('torch_lerp', 'safetensors', decays),
                                ('torch_lerp', 'folder', decays),
                                ('torch_sum', 'safetensors', ['--method=uniform']),
                                ('numpy_ema', 'safetensors', decays),
                                ('h5py_ema', 'gzip', decays)):
        needs = ('torch', 'safetensors') if loop.startswith('torch') else ()
        if contestants.modules(*needs)():
            tap.skip(f'{loop}, {kind}', contestants.modules(*needs)())
            continue
        run = checkpoints.Run('gpt2', kind, 'f32', 4, 0.001)
        if not os.path.exists(run.home(box.name)):
            checkpoints.make(box.name, run)
        inputs = run.paths(box.name)
        made, ours = (os.path.join(box.name, f'{loop}-{kind}-{who}{checkpoints.SUFFIX[kind]}')
                      for who in ('made', 'ours'))
        listed = os.path.join(box.name, 'list')
        with open(listed, 'w', encoding='utf-8') as f:
            f.write('\n'.join((made, '', *inputs)))
        subprocess.run([sys.executable, os.path.join(HERE, 'loops.py'), loop, listed], check=True,
                       stdout=subprocess.DEVNULL)
        tap.avg('--times=index', *options, *inputs, '-o', ours)
        a, b = loaded(made), loaded(ours)
        # Numbers below 0.125: three steps and belay round by up to 2^-28 each.
        off = max(float(np.abs(a[k].astype('f8') - b[k]).max()) for k in b)
        tap.ok(a.keys() == b.keys() and off <= 2**-26,
               f'{loop}, {kind}: the same average as belay-avg makes', off)


tap.case(whole_bench)
tap.case(same_work)
box.cleanup()
tap.finish()
