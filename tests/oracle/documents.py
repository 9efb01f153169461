"""documents.py - what belay-show --json and belay-avg --plan=json print, against the JSON Schemas
that are shipped: the documents, and what stands in their place where there is none.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile

import tap

jsonschema = tap.need('jsonschema')
SHOW = os.path.join(tap.BUILD, 'belay-show')
WORDS = {2: 'usage', 3: 'input', 4: 'output', 5: 'limit', 6: 'bug'}
DIGITS = [os.path.join(tap.DATA, 'digits', f'ckpt_{n:05}.h5') for n in (0, 500, 1000)]


def schema_of(name):
    with open(os.path.join(tap.SRC, 'man', name + '.schema.json'), encoding='utf-8') as f:
        return json.load(f)


def validator(schema, kind):
    """Of one kind of document, or of all where kind is empty."""
    whole = {**schema, 'oneOf': [{'$ref': f'#/$defs/{kind}'}]} if kind else schema
    return jsonschema.Draft202012Validator(whole)


OF = {SHOW: schema_of('belay-show'), tap.AVG: schema_of('belay-avg.plan')}
REPORT = schema_of('belay-avg.report')


PT = {'format': 'pt'}


def make_inputs():
    for t in range(1, 6):
        tap.vectors(f'a_{t}.safetensors', PT, w=[t, t * t, 1], b=[1 / t])
        tap.vectors(os.fsdecode(b'odd\xff\n_%d.safetensors' % t), PT, w=[t], b=[1])
    tap.vectors('nan_6.safetensors', PT, w=[1, float('nan'), 3], b=[1])
    tap.vectors('short_6.safetensors', PT, w=[1, 2], b=[1])
    tap.vectors('many_1.safetensors', PT, **{f'tensor.{i}': [i] for i in range(9000)})
    tap.vectors('untimed.safetensors', PT, w=[1, 2], b=[1])
    with open('a_5.safetensors', 'rb') as whole, open('cut_6.safetensors', 'wb') as cut:
        cut.write(whole.read()[:-7])
    for t in (1, 2):
        os.mkdir(f'hf-{t}')
        shutil.copy(f'a_{t}.safetensors', f'hf-{t}/model.safetensors')
    with open('taken.svg', 'w', encoding='utf-8') as to:
        to.write('<svg/>')
    with open('none.tsv', 'w', encoding='utf-8') as to:
        to.write('a_1.safetensors\t1\n')


A = [f'a_{t}.safetensors' for t in range(1, 6)]
ODD = [os.fsdecode(b'odd\xff\n_%d.safetensors' % t) for t in range(1, 6)]
O = ['-o', 'o.safetensors']
STATE = ['--state', 's.state', '--half-life', '2', '-o', 'g.safetensors']
ALL = 'ema,spring,belay,uniform,trapezoid,power,bema,minus-sqrt,linear-decay'
PLAN = [
    ('an average', [*A, *O]),
    ('names that are no UTF-8', [*ODD, *O]),
    ('all methods', [*A, '--method', ALL, '-o', '{method}.st']),
    ('a window', [*A, '--method', 'window', '--window', '2ckpt', *O]),
    ('a damping of inf', [*A, '--method', 'spring', '--damping', 'inf,0.1', '-o', '{damping}.st']),
    ('some tensors otherwise', [*A, '--tensor-option', 'w:method=uniform', *O]),
    ('some left out', [*A, '--skip', 'w', '--times', 'index', *O]),
    ('the newest', [*A, '--last', '3', '--every', '2', *O]),
    ('another format', [*A, '-o', 'other.h5']),
    ('compressed HDF5', [*DIGITS, '--compression', 'gzip:9', '-o', 'digits.h5']),
    ('folders', ['hf-1', 'hf-2', '-o', 'hf']),
    ('standard output', [*A, '-o', '-']),
    ('a state', [*A, *STATE]),
    ('a report beside it', [*A, *O, '--report', 'plan.jsonl']),
]
KERNEL = [
    ('an average', A),
    ('names that are no UTF-8', ODD),
    ('all methods', [*A, '--method', ALL]),
    ('all dampings', [*A, '--method', 'spring', '--damping', '0.1,1,5,inf']),
    ('belay', [*A, '--method', 'belay', '--damping', '1,5,inf', '--restore', '0.01']),
    ('a step without pull', [*A, '--half-life', '0']),
    ('raw pulls', [*A, '--method', 'spring', '--kappa', '0.1,0.5,1.5', '--gamma', '0.1,1']),
    ('checkpoints as a unit', [*A, '--half-life', '2ckpt']),
    ('the newest', [*A, '--last', '3', '--first-time', '2']),
    ('one checkpoint', A[:1]),
    ('no checkpoints', ['--time-list', '0:1000:21']),
    ('HDF5', DIGITS),
]
DRIFT = [
    ('an average', A),
    ('names that are no UTF-8', ODD),
    ('belay', [*A, '--method', 'belay', '--skip', 'w']),
    ('a value that is no number', [*A, 'nan_6.safetensors']),
    ('one checkpoint', A[:1]),
    ('HDF5', DIGITS),
]
DIGEST = [
    ('some', A),
    ('names that are no UTF-8', ODD),
    ('without a time', ['untimed.safetensors']),
    ('tensors that have none', [os.path.join(tap.DATA, 'cases', 'hdf5', 'valid',
                                             'dtypes_other.h5')]),
]
BAD = os.path.join(tap.DATA, 'cases', 'safetensors', 'bad')
LFS = os.path.join(BAD, 'git_lfs_pointer.safetensors')
# program, arguments, exit code, the file that is named
FAILURES = [
    (SHOW, ['--json'], 2, None),
    (SHOW, ['--json', '--bogus', *A], 2, None),
    (SHOW, ['--bogus', '--json', *A], 2, None),
    (SHOW, ['--kernel', '--half-life', 'x', *A, '--report', '-'], 2, None),
    (SHOW, ['--json', '--tsv', '--kernel', *A], 2, None),
    (SHOW, ['--json', '--kernel', '--drift', *A], 2, None),
    (SHOW, ['--json', '--kernel', '--svg', 'taken.svg', *A], 2, 'taken.svg'),
    (SHOW, ['--json', '--kernel', '--svg=gone/x.svg', *A], 4, 'gone/x.svg'),
    (SHOW, ['--json', '--kernel', '--method', 'weights', '--weights', 'none.tsv', *A], 2,
     'none.tsv'),
    (SHOW, ['--json', '--kernel', 'untimed.safetensors', *A], 2, None),
    (SHOW, ['--json', '--kernel', '--method', 'spring', '--kappa', '9', *A], 2, None),
    (SHOW, ['--json', 'gone.h5'], 3, 'gone.h5'),
    (SHOW, ['--json', LFS], 3, LFS),
    (SHOW, ['--json', '--drift', *A, 'cut_6.safetensors'], 3, 'cut_6.safetensors'),
    (SHOW, ['--json', '--drift', *A, 'short_6.safetensors'], 3, A[0]),
    (SHOW, ['--json', '--drift', '--memory', '1MiB', 'many_1.safetensors'], 5, None),
    (SHOW, ['--json', '--digest', '--tree', *A], 2, None),
    (SHOW, ['--json', '--digest', *A, 'cut_6.safetensors'], 3, 'cut_6.safetensors'),
    (SHOW, ['--json', '--recipe', A[0]], 3, A[0]),
    (SHOW, ['--json', '--digest', *A, 'cut_6.safetensors'], 3, 'cut_6.safetensors'),
    (tap.AVG, ['--plan=json', *A], 2, None),
    (tap.AVG, ['--bogus', '--plan=json', *A, *O], 2, None),
    (tap.AVG, ['--plan=json', '--half-life', '-1', *A, *O], 2, None),
    (tap.AVG, ['--plan=json', *A, '-o', 'gone/x.st'], 4, 'gone/x.st'),
    (tap.AVG, ['--plan=json', *A, 'gone.h5', *O], 3, 'gone.h5'),
    (tap.AVG, ['--plan=json', *A, 'cut_6.safetensors', *O], 3, 'cut_6.safetensors'),
    (tap.AVG, ['--plan=json', *A, 'short_6.safetensors', *O], 3, A[0]),
]


def run(program, args, out=subprocess.PIPE):
    return subprocess.run([program, *args], stdin=subprocess.DEVNULL, stdout=out,
                          stderr=subprocess.PIPE, check=False)


def wrong_in(program, kind, text):
    """What is wrong with a document: it, and the schema as a whole, which must take it as one."""
    document = json.loads(text)
    return [f'{"/".join(map(str, e.path))}: {e.message}' for v in
            (validator(OF[program], kind), validator(OF[program], ''))
            for e in v.iter_errors(document)]


def document(program, kind, name, args):
    done = run(program, args)
    wrong = [done.stderr.decode()] if done.returncode else wrong_in(program, kind, done.stdout)
    tap.ok(not wrong, f'{kind}: {name}', *wrong[:9])


def documents():
    for name, args in PLAN:
        document(tap.AVG, 'plan', name, ['--plan=json', *args])
    for name, args in KERNEL:
        document(SHOW, 'kernel', name, ['--json', '--kernel', *args])
    for name, args in DRIFT:
        document(SHOW, 'drift', name, ['--json', '--drift', *args])
    for name, args in DIGEST:
        document(SHOW, 'digests', name, ['--json', '--digest', *args])
    document(SHOW, 'kernel', '--report -', ['--kernel', '--report', '-', *A])
    document(SHOW, 'tensors', 'names that are no UTF-8', ['--json', *ODD])
    document(SHOW, 'tensors', 'without a time', ['--json', 'untimed.safetensors'])
    document(SHOW, 'digests', 'names that are no UTF-8', ['--json', '--digest', *ODD])
    document(SHOW, 'digests', 'without a time', ['--json', '--digest', 'untimed.safetensors'])
    document(SHOW, 'digests', 'HDF5', ['--json', '--digest', *DIGITS])
    document(SHOW, 'tensors', 'folders', ['--json', 'hf-1', 'hf-2'])


def cases():
    """All files that are valid, one by one, as they have little in common."""
    seen = 0
    for path in sorted(glob.glob(os.path.join(tap.DATA, 'cases', '*', 'valid', '*'))):
        done = run(SHOW, ['--json', path])
        wrong = wrong_in(SHOW, 'failure' if done.returncode else 'tensors', done.stdout)
        seen += not done.returncode
        if wrong:
            tap.ok(False, f'tensors: {os.path.relpath(path, tap.DATA)}', *wrong[:9])
    tap.ok(seen > 50, f'tensors: {seen} files')


def failed(program, text, code, err):
    """What is wrong with what stands in place of a document."""
    result = json.loads(text)
    wrong = wrong_in(program, 'failure', text)
    if text.count(b'\n') != 1 or (result['exit_code'], result['status']) != (code, WORDS[code]):
        wrong.append(result)
    said = f'{os.path.basename(program)}: {result["message"]}\n'
    said += f'hint: {result["hint"]}\n' if result['hint'] else ''
    if err.decode(errors='replace') != said:
        wrong.append((err, said))
    return wrong, result


def failures():
    for program, args, code, file in FAILURES:
        done = run(program, args)
        name = f'{os.path.basename(program)} {" ".join(map(os.path.basename, args))}'
        if done.returncode != code:
            tap.ok(False, name, done)
            continue
        wrong, result = failed(program, done.stdout, code, done.stderr)
        tap.ok(not wrong and result['file'] == file, name, *wrong, result)


def silence():
    """Where nobody waits for JSON nothing is printed, and a file is a document or not there."""
    for program, args in ((SHOW, ['gone.h5']), (SHOW, ['--kernel', '--tsv', 'gone.h5']),
                          (SHOW, ['--kernel', '--report', 'r.json', 'gone.h5']),
                          (tap.AVG, ['--plan', 'gone.h5', *O])):
        done = run(program, args)
        tap.ok(done.returncode == 3 and not done.stdout and not os.path.exists('r.json'),
               f'nothing of {" ".join(args)}', done)
    with open('/dev/full', 'wb') as full:
        done = run(SHOW, ['--json', *A], full)
    tap.ok(done.returncode == 4, 'a full disk behind standard output', done)
    done = run(tap.AVG, ['--plan=json', '--json', *A, *O])
    lines = [json.loads(line)['event'] for line in done.stdout.splitlines()]
    tap.ok(done.returncode == 2 and lines == ['start', 'result'], 'one result beside events', done)


def signals():
    """A signal, when the handlers are sure to be there: a file of weights is being read."""
    for program, args in ((SHOW, ['--json', '--kernel']), (tap.AVG, ['--plan=json', *O])):
        os.mkfifo('weights')
        with subprocess.Popen([program, *args, '--method', 'weights', '--weights', 'weights', *A],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            with open('weights', 'wb'):
                child.send_signal(signal.SIGTERM)
            out, err = child.communicate()
        os.remove('weights')
        wrong = wrong_in(program, 'failure', out)
        result = json.loads(out)
        if child.returncode != -signal.SIGTERM or result['signal'] != signal.SIGTERM or err:
            wrong.append((child.returncode, result, err))
        tap.ok(not wrong, f'{os.path.basename(program)}: a signal', *wrong)


def objects(value, where=''):
    """All objects of a document, but for those whose keys are names."""
    if isinstance(value, dict):
        if where not in ('settings', 'resolved', 'metadata', 'others'):
            yield value
        for key, inner in value.items():
            yield from objects(inner, key)
    elif isinstance(value, list):
        for inner in value[:1]:
            yield from objects(inner, where)


def strict():
    """The schemas refuse a member more or less, wherever it is."""
    for program, args in (
            (tap.AVG, ['--plan=json', '--tensor-option', 'w:method=uniform', *A, *O]),
            (SHOW, ['--json', A[0]]), (SHOW, ['--json', '--kernel', *A]),
            (SHOW, ['--json', '--drift', *A]), (SHOW, ['--json', '--digest', *A]),
            (SHOW, ['--json', 'gone.h5'])):
        found, accepted = json.loads(run(program, args).stdout), []
        valid = validator(OF[program], '')
        for each in objects(found):
            each['more'] = 1
            if valid.is_valid(found):
                accepted.append(f'a member more beside {list(each)}')
            del each['more']
            for key in list(each):
                kept = each.pop(key)
                if valid.is_valid(found):
                    accepted.append(f'no {key} beside {list(each)}')
                each[key] = kept
        tap.ok(valid.is_valid(found) and not accepted, f'strict: {" ".join(args)}', *accepted)


def alike():
    """What several schemas define they define alike; a plan is the plan event, and more."""
    for program, schema in OF.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        both = schema['$defs'].keys() & REPORT['$defs'].keys() - {'plan', 'output'}
        other = [key for key in both if schema['$defs'][key] != REPORT['$defs'][key]]
        tap.ok(len(both) >= 3 and not other, f'{os.path.basename(program)}: as in the report',
               other)
    event = REPORT['$defs']['plan']['properties']
    plan = OF[tap.AVG]['$defs']['plan']['properties']
    other = [key for key in event.keys() - {'event', 'program'} if event[key] != plan.get(key)]
    tap.ok(not other, 'the plan as in the report', other)


box = tempfile.TemporaryDirectory()
os.chdir(box.name)
make_inputs()
for part in (documents, cases, failures, silence, signals, strict, alike):
    tap.case(part)
tap.finish()
