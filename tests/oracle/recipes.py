"""recipes.py - what an average records makes the same bytes again, and what recipes say is what
PyYAML reads in them."""
import filecmp
import glob
import json
import os
import shutil
import subprocess
import tempfile

import tap

h5py, yaml = tap.need('h5py', 'yaml')

SHOW = os.path.join(tap.BUILD, 'belay-show')
BOX = tempfile.TemporaryDirectory()
RUNS = os.path.join(BOX.name, 'a [1]', 'runs')  # a pattern, if one takes it for one
STEPS = ('00000', '00100', '00200', '00350', '01000')

# Options, the suffix of the inputs, the name of the output.
MADE = (
    ('', 'h5', 'avg.h5'),
    ('', 'safetensors', 'avg.safetensors'),
    ('', 'safetensors', 'avg.h5'),
    ('', 'h5', 'avg.safetensors'),
    ('--format safetensors', 'h5', 'avg'),
    ('--format same', 'h5', 'avg'),
    ('--half-life 10% --name x', 'h5', 'avg.h5'),
    ('--method belay --mass-ratio 2 --hold mid --damping 0.8 --restore 0.01 --gain 0.5 '
     '--particle model', 'safetensors', 'avg.safetensors'),
    ('--method spring --mean-age 2ckpt', 'safetensors', 'avg.safetensors'),
    ('--method window --window 3ckpt', 'safetensors', 'avg.safetensors'),
    ('--method uniform --dtype f64', 'h5', 'avg.h5'),
    ('--decay 0.99 --start zero --update-every 50', 'safetensors', 'avg.safetensors'),
    ('--kappa 0.3', 'safetensors', 'avg.safetensors'),
    ('--rel-std 0.05 --dtype bf16', 'safetensors', 'avg.safetensors'),
    ('--times=index', 'safetensors', 'avg.safetensors'),
    ('--time-pattern ckpt_0*([0-9]+) --time-unit 50', 'h5', 'avg.h5'),
    ('--copy *.bias --average fc* --skip *num_batches*', 'safetensors', 'avg.safetensors'),
    ('--copy-from first --nonfinite keep --missing union', 'safetensors', 'avg.safetensors'),
    ('--copy-from 350 --copy *bn* --f8 copy --opaque2 bf16', 'h5', 'avg.h5'),
    ('--compression gzip:3', 'h5', 'avg.h5'),
    ('--compression none --dtype f16', 'h5', 'avg.h5'),
    ('--tensor-option *running*:method=uniform --tensor-option fc*:half-life=300 '
     '--tensor-option fc*:hold=left --copy *bn* --tensor-option conv1*:copy=true '
     '--tensor-option conv1*:copy-from=first', 'safetensors', 'avg.safetensors'),
    ('--method power --rel-std 0.1', 'safetensors', 'avg.safetensors'),
    ('--method bema --bema-lag 1 --bema-ema-power 0.3', 'h5', 'avg.h5'),
    ('--decay 0.999 --warmup diffusers:1,2/3,100', 'safetensors', 'avg.safetensors'),
    ('--method minus-sqrt', 'safetensors', 'avg.safetensors'),
    ('--method trapezoid --dtype f32', 'h5', 'avg.h5'),
    ('--shard-size 20kB', 'safetensors', 'avg/'),
    ('--name a:\\x20#b --allow-averages', 'safetensors', 'avg.safetensors'),
)


def options(text):
    return [word.replace('\\x20', ' ') for word in text.split()]


def avg(*args, cwd=None, stdin=None):
    """Runs belay-avg; what it prints."""
    done = subprocess.run([tap.AVG, '-q', *args], cwd=cwd, input=stdin, capture_output=True,
                          check=False)
    if done.returncode:
        raise RuntimeError(f'{args}: exit {done.returncode}\n' + done.stderr.decode())
    return done.stdout.decode()


def inputs(suffix):
    return sorted(glob.glob(os.path.join(glob.escape(RUNS), '*.' + suffix)))


def provenance(path):
    if os.path.isdir(path):
        path = sorted(glob.glob(os.path.join(glob.escape(path), '*.safetensors')))[0]
    with open(path, 'rb') as f:
        head = f.read(8)
        if head != b'\x89HDF\r\n\x1a\n':
            header = json.loads(f.read(int.from_bytes(head, 'little')))
            return header['__metadata__']['belay']
    with h5py.File(path) as f:
        text = f.attrs['belay']
    return text if isinstance(text, str) else text.decode()


def recipe_of(path):
    done = subprocess.run([SHOW, '--recipe', path], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f'{path}: {done.stderr.decode()}')
    return done.stdout.decode()


def same(a, b):
    """Files, or folders with the same files."""
    if os.path.isfile(a):
        return filecmp.cmp(a, b, shallow=False)
    names = sorted(os.listdir(a))
    return names == sorted(os.listdir(b)) and names and not any(
        filecmp.cmpfiles(a, b, names, shallow=False)[1:])


def again(path):
    """The recipe of an average, in the folder of the inputs, makes it again; the recipe."""
    text = recipe_of(path)
    recipe = os.path.join(RUNS, 'again.yaml')
    copy = os.path.join(BOX.name, 'again' + ('/' if path.endswith('/') else
                                             os.path.splitext(path)[1]))
    with open(recipe, 'w', encoding='utf-8') as f:
        f.write(text)
    avg(recipe, '-o', copy)
    ok = same(path, copy)
    os.unlink(recipe)
    if copy.endswith('/'):
        shutil.rmtree(copy)
    else:
        os.unlink(copy)
    return ok, text


def averages_again():
    for text, suffix, name in MADE:
        path = os.path.join(BOX.name, name)
        args = options(text)
        avg(*args, *inputs(suffix), '-o', path)
        ok, recipe = again(path)
        said = json.loads(provenance(path))
        read = yaml.safe_load(recipe)
        wanted = {k[2:] for k in args if k.startswith('--')} - {'times=index'}
        wanted -= {'copy', 'average', 'skip', 'format', 'tensor-option'}
        wanted |= {'times'} if '--times=index' in args else set()
        tap.ok(ok, f'{suffix} to {name} {text}', recipe)
        tap.ok(wanted <= {'method', *said['settings']} and wanted <= set(read),
               'everything given is in the provenance and in the recipe', wanted, said['settings'])
        shutil.rmtree(path) if path.endswith('/') else os.unlink(path)


def sweeps_again():
    """Each output of a recipe of several runs has its own recipe."""
    with open(os.path.join(RUNS, 'sweep.yaml'), 'w', encoding='utf-8') as f:
        f.write('inputs: "*.safetensors"\noutput: ../{name}_{index}.safetensors\n'
                'runs:\n- {name: "a: b", half-life: "50:400:log4"}\n'
                '- {name: ä, method: [spring, belay], decay: 0.99}\n'
                '- {method: uniform, name: "no"}\n')
    avg(os.path.join(RUNS, 'sweep.yaml'))
    made = sorted(glob.glob(os.path.join(glob.escape(os.path.dirname(RUNS)), '*.safetensors')))
    tap.ok(len(made) == 7, 'a recipe of 7 averages', made)
    tap.ok(all(again(path)[0] for path in made), 'each has a recipe of its own')


def layouts_again():
    """Inputs in several folders, as folders, and those that lack tensors."""
    for k, step in enumerate(STEPS[:3]):
        folder = os.path.join(RUNS, f'ckpt-{k + 1}')
        os.mkdir(folder)
        shutil.copy(os.path.join(RUNS, f'ckpt_{step}.safetensors'),
                    os.path.join(folder, 'model.safetensors'))
    folders = [os.path.join(RUNS, f'ckpt-{k}') for k in (1, 2, 3)]
    for name, paths in (('avg/', folders), ('one.safetensors', folders),
                        ('deep.safetensors', [os.path.join(f, 'model.safetensors')
                                              for f in folders])):
        path = os.path.join(BOX.name, name)
        avg(*paths, '--half-life', '1', '-o', path)
        ok, recipe = again(path)
        tap.ok(ok, f'{name} of folders', recipe)


def files_again():
    """A file of weights is to stand beside the recipe; its numbers are recorded, its folder not."""
    listing = os.path.join(RUNS, 'weights.tsv')
    with open(listing, 'w', encoding='utf-8') as f:
        f.writelines(f'{int(step)}\t{k / 10}\n' for k, step in enumerate(STEPS))
    with open(os.path.join(RUNS, 'some.yaml'), 'w', encoding='utf-8') as f:
        f.write('inputs: "*.h5"\noutput: ../{name}.h5\nruns:\n- {name: mean, method: uniform}\n'
                '- {name: some, method: weights, weights: weights.tsv}\n')
    avg(os.path.join(RUNS, 'some.yaml'))
    path = os.path.join(os.path.dirname(RUNS), 'some.h5')
    ok, recipe = again(path)
    tap.ok(ok, 'weights from a file', recipe)
    tap.ok(json.loads(provenance(path))['settings']['weights'] == 'weights.tsv', 'without folder')


def as_yaml():
    """PyYAML reads in what is printed what was said."""
    odd = ['a: b', '- x', "it's", '"q"', '\\', '\u00e4\u20ac\U0001f600', 'tab\there', 'line\nbreak',
           '\u2028', '\u0085', '\x7f', '\ufeff', 'null', 'yes', '2024-01-02', '1_0', '0x1f', '1e3',
           '#c', '&a', '*', '!t', '{', '[', '%', '@', '`', '~', '<<', '=', ' b ', '1:30']
    args = [word for text in odd for word in ('--copy', text)]
    text = avg('--print-recipe', *args, '--half-life', '5,6', '--name', odd[0], '-o', 'x{{',
               'a[1]*?\\.h5', 'b', '--force')
    read = yaml.safe_load(text)
    tap.ok([t['match'] for t in read['tensors']] == odd, 'patterns', read['tensors'])
    tap.ok(read['inputs'] == ['a\\[1]\\*\\?\\\\.h5', 'b'], 'inputs', read['inputs'])
    tap.ok(read['half-life'] == [5, 6] and read['name'] == odd[0] and read['output'] == 'x{{' and
           read['force'] is True, 'options', read)
    dumped = yaml.safe_dump({'inputs': ['b', 'ä\u2028 c'], 'name': odd[11], 'runs': [
        {'name': t, 'half-life': 5} for t in odd]}, allow_unicode=True)
    back = yaml.safe_load(avg('--print-recipe', '--recipe', '-', stdin=dumped.encode()))
    # It writes U+0085 so that nobody reads it back.
    tap.ok(back['runs'] == yaml.safe_load(dumped)['runs'], 'what PyYAML has written', back['runs'])


os.makedirs(RUNS)
for s in STEPS:
    for end in ('h5', 'safetensors'):
        shutil.copy(os.path.join(tap.DATA, 'digits', f'ckpt_{s}.{end}'), RUNS)
tap.case(averages_again)
tap.case(sweeps_again)
tap.case(layouts_again)
tap.case(files_again)
tap.case(as_yaml)
BOX.cleanup()
tap.finish()
