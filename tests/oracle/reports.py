"""reports.py - every line of --report and --json against the JSON Schema that is shipped, and what
it says against what happened: the exit code, standard error, the outputs, the table.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

import tap

jsonschema = tap.need('jsonschema')
with open(os.path.join(tap.SRC, 'man', 'belay-avg.report.schema.json'), encoding='utf-8') as f:
    SCHEMA = json.load(f)
VALID = jsonschema.Draft202012Validator(SCHEMA)
WORDS = {0: 'ok', 2: 'usage', 3: 'input', 4: 'output', 5: 'limit', 6: 'bug'}
DIGITS = [os.path.join(tap.DATA, 'digits', f'ckpt_{n:05}.h5') for n in (0, 500, 1000)]
BAD = os.path.join(tap.DATA, 'cases', 'safetensors', 'bad')
COLUMNS = ('output status bytes method name half_life_asked kappa gamma sum sum_abs '
           'effective_number mean_age half_life rel_std first_share warnings').split()


def make_inputs():
    for t in range(1, 6):
        tap.vectors(f'a_{t}.safetensors', w=[t, t * t, 1], b=[1 / t], v=[t] * 4)
    tap.vectors('short_6.safetensors', w=[1, 2], b=[1], v=[1] * 4)
    tap.vectors('nan_6.safetensors', w=[1, float('nan'), 3], b=[1], v=[1] * 4)
    tap.vectors('less_6.safetensors', w=[1, 2, 3], v=[1] * 4)
    tap.vectors('same_1.safetensors', w=[1, 2, 3], b=[1], v=[1] * 4)
    tap.vectors('many_1.safetensors', **{f'tensor.{i}': [i] for i in range(9000)})
    with open('a_5.safetensors', 'rb') as whole, open('cut_6.safetensors', 'wb') as cut:
        cut.write(whole.read()[:-7])
    tap.vectors(os.fsdecode(b'odd\xff\n\t_1.safetensors'), w=[1], b=[1])
    tap.vectors(os.fsdecode(b'odd\xff\n\t_2.safetensors'), w=[2], b=[2])
    for t in (1, 2):
        os.mkdir(f'hf-{t}')
        shutil.copy(f'a_{t}.safetensors', f'hf-{t}/model.safetensors')
    with open('bad.yaml', 'w', encoding='utf-8') as to:
        to.write('inputs: a_*.safetensors\noutput: y.safetensors\nhalf-live: 3\n')
    with open('runs.yaml', 'w', encoding='utf-8') as to:
        to.write('inputs: a_*.safetensors\noutput: "{name}.safetensors"\nruns:\n'
                 '  - {name: one, half-life: 1}\n  - {name: two, method: uniform}\n')
    with open('own.yaml', 'w', encoding='utf-8') as to:
        to.write('inputs: a_*.safetensors\noutput: own.safetensors\nreport: own.jsonl\n')
    with open('none.tsv', 'w', encoding='utf-8') as to:
        to.write('a_1.safetensors\t1\n')
    with open('loss.tsv', 'w', encoding='utf-8') as to:
        to.write('step\tloss\n' + ''.join(f'{t}\t{(t - 3) ** 2}\n' for t in range(9)))
    for name, paths in (('some.list', A), ('less.list', [A[0], 'gone.safetensors'])):
        with open(name, 'w', encoding='utf-8') as to:
            to.write('\n'.join(paths))


A = [f'a_{t}.safetensors' for t in range(1, 6)]
O = ['-o', 'o.safetensors']
SWEEP = ['--half-life', '1,2', '--method', 'ema,spring', '-o', 's_{method}_{half-life}.safetensors']
STATE = ['--state', 's.state', '--half-life', '2', '-o', 'g.safetensors']
ODD = [os.fsdecode(b'odd\xff\n\t_%d.safetensors' % t) for t in (1, 2)]
METHODS = ('ema,spring,belay,uniform,trapezoid,power,bema,minus-sqrt,linear-decay', '{method}.st')
# what it is, arguments, exit code, and what else the result says of itself
RUNS = [
    ('an average', [*A, *O], 0, {}),
    ('over one that is there', [*A, *O], 2, {'file': 'o.safetensors'}),
    ('the same with -f, quiet', [*A, *O, '-fq'], 0, {}),
    ('with --check', [*A, *O, '-f', '--check'], 0, {}),
    ('a plan', [*A, *O, '-f', '--plan'], 0, {}),
    ('a plan as JSON', [*A, '-o', 'p.safetensors', '--plan=json'], 0, {}),
    ('a dry run of a sweep', [*A, *SWEEP, '-n'], 0, {}),
    ('a sweep', [*A, *SWEEP], 0, {}),
    ('a sweep, verbose', [*A, *SWEEP, '-fv'], 0, {}),
    ('a sweep that is there', [*A, *SWEEP, '--skip-existing'], 0, {}),
    ('a sweep, once more', [*A, *SWEEP], 2, {'file': 's_ema_1.safetensors'}),
    ('a sweep that is another', [*A[:4], *SWEEP, '--skip-existing'], 2, {}),
    ('all methods', [*A, '--method', METHODS[0], '-o', METHODS[1]], 0, {}),
    ('a window', [*A, '--method', 'window', '--window', '2ckpt', '-o', 'window.st'], 0, {}),
    ('a damping of inf', [*A, '--method', 'spring', '--damping', 'inf', '-o', 'inf.st'], 0, {}),
    ('lengths of all sizes', [*A, '--half-life', '0,0.5,2ckpt,50%,1e15', '-o', 'len_{index}.st'],
     0, {}),
    ('a pull that overshoots', [*A, '--kappa', '1.5', '-o', 'kappa.st'], 0, {}),
    ('a step without pull', [*A, '--half-life', '0', '-o', 'zero.st'], 0, {}),
    ('some tensors otherwise', [*A, '--tensor-option', 'w:method=uniform', *O, '-f'], 0, {}),
    ('a pattern of nothing', [*A, '--skip', 'none', *O, '-f'], 0, {}),
    ('some of the inputs', [*A, '--every', '2', '--last', '2', *O, '-f'], 0, {}),
    ('the best of them', [*A, '--first-time', '2', '--metrics', 'loss.tsv', '--best', '2:min:loss',
                          *O, '-f'], 0, {}),
    ('none of them', [*A, '--last-time', '0', *O, '-f'], 2, {'file': None}),
    ('a metric that is missing', [*A, '--metrics', 'none.tsv', '--best', '2:min', *O, '-f'], 2,
     {'file': 'none.tsv'}),
    ('metrics that are not there', [*A, '--metrics', 'gone.tsv', '--best', '2:min', *O, '-f'], 3,
     {'file': 'gone.tsv'}),
    ('a list of inputs', ['--files-from', 'some.list', '--min-interval', '2', *O, '-f'], 0, {}),
    ('a list of one that is not there', ['--files-from', 'less.list', *O, '-f'], 3,
     {'file': 'gone.safetensors'}),
    ('a list that is none', ['--files0-from=/dev/null', *O, '-f'], 2, {'file': '/dev/null'}),
    ('names that are no UTF-8', [*ODD, '-o', os.fsdecode(b'odd\xff\t.safetensors')], 0, {}),
    ('another format', [*A, '-o', 'other.h5'], 0, {}),
    ('HDF5', [*DIGITS, '-o', 'digits.h5'], 0, {}),
    ('HDF5 as safetensors', [*DIGITS, '-o', 'digits.safetensors'], 0, {}),
    ('folders', ['hf-1', 'hf-2', '-o', 'hf'], 0, {}),
    ('to standard output', [*A, '-o', '-'], 0, {}),
    ('a recipe', ['runs.yaml'], 0, {}),
    ('a recipe, printed', ['runs.yaml', '--print-recipe'], 0, {}),
    ('a new state', [*STATE, *A[:3]], 0, {}),
    ('a state that grows', [*STATE, *A], 0, {}),
    ('a state, nothing new', [*STATE, *A], 0, {}),
    ('a state, nothing new, without the last', [*STATE, *A[:2]], 0, {}),
    ('a state, other settings', [*A, *STATE, '--half-life', '3'], 2, {'file': 's.state'}),
    ('an unknown option', [*A, *O, '--bogus'], 2, {'file': None}),
    ('a value out of range', [*A, *O, '--half-life', '-1'], 2, {}),
    ('no checkpoints', O, 2, {}),
    ('no output', A, 2, {}),
    ('an unstable setting', [*A, '--method', 'spring', '--kappa', '1,3', '-o', '{kappa}.st'], 2,
     {'file': '3.st'}),
    ('two outputs with one name', [*A, '--half-life', '1,2', '-o', 'x.st'], 2, {}),
    ('a sweep to standard output', [*A, '--half-life', '1,2', '-o', '-'], 2, {}),
    ('an output that is an input', [*A, '-f', '-o', A[0]], 2, {'file': A[0]}),
    ('an output in no folder', [*A, '-o', 'gone/x.st'], 4, {'file': 'gone/x.st'}),
    ('a bad recipe', ['bad.yaml'], 2, {'file': 'bad.yaml'}),
    ('no recipe', ['gone.yaml'], 2, {'file': 'gone.yaml'}),
    ('a list that is not complete', [*A, '--method', 'weights', '--weights', 'none.tsv', *O, '-f'],
     2, {'file': 'none.tsv'}),
    ('an input that is not there', [*A, 'gone_7.safetensors', '-o', 'x.st'], 3,
     {'file': 'gone_7.safetensors'}),
    ('an input that is cut', [*A, 'cut_6.safetensors', '-o', 'x.st'], 3,
     {'file': 'cut_6.safetensors', 'tensor': None}),
    ('a shape that differs', [*A, 'short_6.safetensors', '-o', 'x.st'], 3, {'tensor': 'w'}),
    ('a tensor that is missing', [*A, 'less_6.safetensors', '-o', 'x.st'], 3, {'tensor': 'b'}),
    ('a value that is no number', [*A, 'nan_6.safetensors', '-o', 'x.st'], 3,
     {'file': 'nan_6.safetensors', 'tensor': 'w'}),
    ('no number in a sweep', [*A, 'nan_6.safetensors', *SWEEP, '-f'], 3, {'tensor': 'w'}),
    ('an index that leads elsewhere', [os.path.join(BAD, 'sharded_path_escape'), '-o', 'x'], 3,
     {'file': os.path.join(BAD, 'sharded_path_escape')}),
    ('a pointer of git-lfs', [os.path.join(BAD, 'git_lfs_pointer.safetensors'), '-o', 'x.st'], 3,
     {'file': os.path.join(BAD, 'git_lfs_pointer.safetensors')}),
    ('two of one time', ['a_1.safetensors', 'same_1.safetensors', '-o', 'x.st'], 2, {}),
    ('the same file twice', [A[0], A[0], '-o', 'x.st'], 2, {'file': A[0]}),
    ('an average as input', [*A, 's_ema_1.safetensors', '-o', 'x.st'], 2,
     {'file': 's_ema_1.safetensors'}),
    ('too little memory', ['many_1.safetensors', '--memory', '1MiB', '-o', 'x.st'], 5, {}),
]


def run(args, out=subprocess.PIPE):
    return subprocess.run([tap.AVG, *args], stdin=subprocess.DEVNULL, stdout=out,
                          stderr=subprocess.PIPE, check=False)


def events(text):
    """The events of a report, and what is wrong with it."""
    lines = text.decode().split('\n')
    found = [json.loads(line) for line in lines[:-1]]
    kinds = [e.get('event') for e in found]
    wrong = [f'{e}: {x.message}' for e in found for x in VALID.iter_errors(e)]
    if lines[-1] or kinds[:1] != ['start'] or kinds[-1:] != ['result']:
        wrong.append(f'begins or ends badly: {kinds}')
    if kinds.count('result') != 1 or kinds.count('start') != 1 or kinds.count('plan') > 1:
        wrong.append(f'more than one of a kind: {kinds}')
    return found, wrong


def of_kind(found, kind):
    return [e for e in found if e['event'] == kind]


def path_of(event):
    return bytes.fromhex(event['path_hex']) if 'path_hex' in event else event['path'].encode()


def against_outputs(found):
    """What the events of outputs say against the disk and the counts."""
    outputs, counts = of_kind(found, 'output'), found[-1]['counts']
    if [e['index'] for e in outputs] != list(range(counts['outputs'])):
        yield 'the order', [e['index'] for e in outputs]
    for word in ('written', 'skipped', 'kept', 'failed'):
        if sum(e['status'] == word for e in outputs) != counts[word]:
            yield 'the counts', counts
    for e in outputs:
        path = path_of(e)
        if e['status'] == 'written' and os.path.isfile(path) and \
                e['bytes'] != os.path.getsize(path):
            yield e['path'], e['bytes'], os.path.getsize(path)
        if e['status'] == 'written' and os.path.isdir(path) and e['bytes'] != sum(
                os.path.getsize(os.path.join(path, name)) for name in os.listdir(path)):
            yield e['path'], e['bytes']
        if e['status'] == 'written' and e['path'] != '-' and not os.path.exists(path):
            yield e['path'], 'is not there'
        there = os.path.isfile(path) or os.path.isdir(path)
        if e['status'] in ('kept', 'failed') and (e['status'] == 'kept') != there:
            yield e['path'], e['status']


def against_stderr(found, err):
    """What is told of failures and by the way, against standard error."""
    result, said = found[-1], err.decode(errors='replace')
    message, hint = result['message'], result['hint']
    if message is not None and f'belay-avg: {message}\n' not in said:
        yield message, said
    if ('hint: ' in said) != (hint is not None) or (hint and f'\nhint: {hint}\n' not in said):
        yield hint, said
    for line in re.findall(r'^belay-avg: (?:.*: )?((?:warning|note): .*)$', said, re.M):
        kind, text = line.split(': ', 1)
        if not any(e['message'].endswith(text) for e in of_kind(found, kind)):
            yield 'not told', line


def fates(args, code):
    """What may have become of the outputs of a run."""
    if '--skip-existing' in args or '--state' in args:
        return {'skipped', 'kept', 'failed'} if code else {'skipped', 'written'}
    if code:
        return {'failed', 'kept'}
    return {'planned' if {'-n', '--plan', '--plan=json'} & set(args) else 'written'}


def against_choice(found):
    """How many were given, left out and taken; only where an option chose."""
    asked = {'--' + word for word in ('every', 'last', 'best', 'first-time', 'last-time',
                                      'min-interval')} & set(found[0]['arguments'])
    for plan in of_kind(found, 'plan'):
        chosen = plan.get('chosen')
        if bool(asked) != (chosen is not None):
            yield 'chosen', plan
        elif chosen and (chosen['given'] - sum(chosen['left_out'].values()) !=
                         len(plan['checkpoints']) or len(plan['checkpoints']) == 5 or
                         not {'--' + word for word in chosen['left_out']} <= asked):
            yield 'chosen', plan


def against_process(found, done, code, says):
    result = found[-1]
    seen = {e['status'] for e in of_kind(found, 'output')}
    if not seen <= fates(found[0]['arguments'], code):
        yield 'fates', seen
    if done.returncode != code or result['exit_code'] != code or result['status'] != WORDS[code]:
        yield done.returncode, result, done.stderr
    if not 0 < result['seconds'] or not 2 ** 20 < result['peak_memory'] < 2 ** 28:
        yield 'time or memory', result
    for key, value in says.items():
        if result[key] != value:
            yield key, result


def judge(text, done, code, says):
    found, wrong = events(text)
    if wrong:
        return wrong, found
    return [*against_process(found, done, code, says), *against_stderr(found, done.stderr),
            *against_outputs(found), *against_choice(found)], found


def unescape(cell):
    """What stood in a table before it was escaped."""
    return re.sub(rb'\\(x..|.)', lambda m: {b'n': b'\n', b't': b'\t', b'\\': b'\\'}.get(
        m[1], bytes.fromhex(m[1][1:].decode()) if m[1][:1] == b'x' else b'?'), cell)


def against_table(text, found):
    """A table against the events of the same run."""
    rows = [line.split(b'\t') for line in text.split(b'\n')]
    names = [c.decode() for c in rows[0]]
    if rows[-1] != [b''] or names[:len(COLUMNS)] != COLUMNS or len(set(names)) != len(names):
        yield 'the columns', names
    if any(len(row) != len(names) or b'' in row for row in rows[:-1]):
        yield 'an empty cell, or one too few', rows
    outputs = of_kind(found, 'output')
    if len(rows) - 2 != len(outputs):
        yield 'lines', len(rows), len(outputs)
    for row, e in zip(rows[1:-1], outputs):
        told = dict(zip(names, row))
        want = {**{k: e.get(k) for k in COLUMNS}, 'name': e['settings'].get('name'),
                'warnings': len(e['warnings']) if 'warnings' in e else None}
        for column, key in (('half_life_asked', 'half-life'), ('kappa', 'kappa'),
                            ('gamma', 'gamma')):
            want[column] = e.get('resolved', {}).get(key, {}).get('value')
        want.update((k, e['settings'].get(k)) for k in names[len(COLUMNS):])
        if unescape(told.pop('output')) != path_of(e):
            yield 'output', row, e
        for column, cell in told.items():
            value = want[column]
            if cell.decode() != ('NA' if value is None else value) and \
                    not (isinstance(value, (int, float)) and float(cell) == value):
                yield column, cell, value


def saved():
    """A copy of the files that are there before a run, for the next one of the same kind."""
    kept = os.path.join(tempfile.mkdtemp(dir=box.name), 'all')
    shutil.copytree('.', kept)
    return kept


def restore(kept):
    for name in os.listdir(os.fsencode('.')):
        (shutil.rmtree if os.path.isdir(name) else os.remove)(name)
    shutil.copytree(kept, '.', dirs_exist_ok=True)


def one(name, args, code, says):
    """One run: its report as a file, as a table, and on standard output where that is free."""
    kept = saved()
    done = run([*args, '--report', 'r.tsv'])
    with open('r.tsv', 'rb') as table:
        table = table.read()
    restore(kept)
    if '-' not in args and not {'-n', '--plan', '--plan=json', '--print-recipe'} & set(args):
        done = run([*args, '--json'])
        wrong, _ = judge(done.stdout, done, code, says)
        tap.ok(not wrong, f'{name}: --json', *wrong)
        restore(kept)
    done = run([*args, '--report', 'r.jsonl'])
    with open('r.jsonl', 'rb') as lines:
        wrong, found = judge(lines.read(), done, code, says)
    wrong += against_table(table, found)
    if found[0]['arguments'][-1] != 'r.jsonl' or len(found[0]['arguments']) != len(args) + 2:
        wrong.append(found[0])
    tap.ok(not wrong, name, *wrong)
    shutil.rmtree(os.path.dirname(kept))


def all_runs():
    for row in RUNS:
        tap.case(lambda row=row: one(*row))


def places():
    """Where a report goes, and where it does not."""
    ours = ['--json', '-o', 'x.st', *A]
    for name, args, code in (
            ('--json with -o -', ['--json', '-o', '-', *A], 2),
            ('--report - with --plan', ['--report', '-', '--plan', *O, *A], 2),
            ('--json with --print-recipe', ['--json', '--print-recipe', *O, *A], 2),
            ('an option that is wrong before', ['--bogus', *ours], 2),
            ('an option that is wrong behind', [*ours, '--half-life', 'x'], 2)):
        done = run(args)
        wrong, _ = judge(done.stdout, done, code, {})
        tap.ok(not wrong, name, *wrong)
    done = run(['own.yaml', '-f'])
    with open('own.jsonl', 'rb') as lines:
        wrong, _ = judge(lines.read(), done, 0, {})
    tap.ok(not wrong, 'named by a recipe', *wrong)
    done = run([*A, *O, '-f', '--plan', '--report', 'full.jsonl'], open('/dev/full', 'wb'))
    with open('full.jsonl', 'rb') as lines:
        wrong, _ = judge(lines.read(), done, 4, {})
    tap.ok(not wrong, 'a full disk behind standard output', *wrong)


def signals():
    """A signal, when the handlers are sure to be there: a file of weights is being read."""
    for kind in ('r.jsonl', '/dev/stdout'):
        os.mkfifo('weights')
        with subprocess.Popen(
                [tap.AVG, '-q', *A, '--method', 'weights', '--weights', 'weights', '-o', 'x.st',
                 '--report', kind], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) as child:
            with open('weights', 'wb'):
                child.send_signal(signal.SIGTERM)
            out, err = child.communicate()
        os.remove('weights')
        if kind == 'r.jsonl':
            with open(kind, 'rb') as lines:
                out = lines.read()
        found, wrong = events(out)
        result = found[-1]
        if child.returncode != -signal.SIGTERM or result['exit_code'] != 128 + signal.SIGTERM or \
                result['status'] != 'signal' or result['signal'] != signal.SIGTERM:
            wrong.append((child.returncode, result, err))
        if [e['status'] for e in of_kind(found, 'output')] != ['failed'] or os.path.exists('x.st'):
            wrong.append(found)
        tap.ok(not wrong, f'a signal, {kind}', *wrong)


def strict():
    """The schema refuses what is no event."""
    done = run(['--json', *O, '-f', *A])
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for e in found:
        tap.ok(not VALID.is_valid({**e, 'more': 1}), f'{e["event"]}: a member more')
        for key in set(e) - {'path_hex'}:
            less = {k: v for k, v in e.items() if k != key}
            if VALID.is_valid(less):
                tap.ok(False, f'{e["event"]}: without {key}')
    tap.ok(not VALID.is_valid({**found[-1], 'exit_code': 2}), 'a result that contradicts itself')
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    tap.ok(True, 'the schema is one')


box = tempfile.TemporaryDirectory()
os.mkdir(os.path.join(box.name, 'work'))
os.chdir(os.path.join(box.name, 'work'))
make_inputs()
all_runs()
for part in (places, signals, strict):
    tap.case(part)
tap.finish()
