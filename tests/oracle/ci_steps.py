"""ci_steps.py - action.yml, .pre-commit-hooks.yaml and the jobs of the README: what they say, and
their steps run as the runner of GitHub, GitLab's and pre-commit run them."""
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import tap

yaml = tap.need('yaml')
if not shutil.which('bash'):
    tap.skip_all('bash is not here')
box = tempfile.TemporaryDirectory(prefix='belay-steps-')
FILES = ('GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY')
EXPRESSION = re.compile(r'\$\{\{ *([^}]*?) *\}\}')


def source(name):
    with open(os.path.join(tap.SRC, name), encoding='utf-8') as f:
        return f.read()


def path(name):
    return os.path.join(box.name, name)


def save(name, values, tensor='w'):
    """A safetensors file of one tensor of F32."""
    header = {tensor: {'dtype': 'F32', 'shape': [len(values)],
                       'data_offsets': [0, 4 * len(values)]}}
    head = json.dumps(header).encode()
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), 'wb') as f:
        f.write(len(head).to_bytes(8, 'little') + head + struct.pack(f'<{len(values)}f', *values))


ACTION = yaml.safe_load(source('action.yml'))
HOOKS = {h['id']: h for h in yaml.safe_load(source('.pre-commit-hooks.yaml'))}
JOBS = [yaml.safe_load(b) for b in re.findall(r'^```yaml\n(.*?)^```$', source('README.md'),
                                               re.M | re.S)]


# ---- the runner ----

class Result:
    """How an action has ended: code, words, outputs, path and page."""
    def __init__(self, code, words, files):
        self.code, self.words = code, words
        self.outputs = dict(line.split('=', 1) for line in files['GITHUB_OUTPUT'].splitlines())
        self.path, self.page = files['GITHUB_PATH'], files['GITHUB_STEP_SUMMARY']

    def __str__(self):
        return f'code {self.code}\n{self.words}\n{self.outputs}\n{self.page}'


def text_of(value):
    """A value of YAML as an input, which is always a text."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return '' if value is None else str(value)


def shell(script, env):
    """Runs a step as `shell: bash` does."""
    return subprocess.run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
                          cwd=box.name, env=env, stdin=subprocess.DEVNULL, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def act(given, folder=tap.SRC, search=None):
    """Runs the steps of the action with these inputs, up to the first that fails."""
    assert set(given) <= set(ACTION['inputs']), given
    inputs = {k: text_of(given.get(k, i.get('default'))) for k, i in ACTION['inputs'].items()}
    env = {'PATH': search or tap.BUILD + os.pathsep + os.environ['PATH'], 'RUNNER_TEMP': box.name,
           'GITHUB_ACTION_PATH': folder, 'LC_ALL': 'C.UTF-8'}
    env.update({f: path(f) for f in FILES})
    for f in FILES:
        open(path(f), 'w', encoding='utf-8').close()
    words, code = '', 0
    for step in ACTION['runs']['steps']:
        own = {k: EXPRESSION.sub(lambda m: inputs[m[1].removeprefix('inputs.')], v)
               for k, v in step.get('env', {}).items()}
        done = shell(step['run'], {**env, **own})
        words, code = words + done.stdout, done.returncode
        with open(path('GITHUB_PATH'), encoding='utf-8') as f:
            env['PATH'] = os.pathsep.join([*f.read().split(), env['PATH']])
        if code:
            break
    files = {}
    for f in FILES:
        with open(path(f), encoding='utf-8') as opened:
            files[f] = opened.read()
    return Result(code, words, files)


# ---- what the files say ----

def check_action_says():
    runs = ACTION['runs']
    tap.ok(ACTION['name'] and ACTION['description'] and runs['using'] == 'composite',
           'the action is composite, and has a name and a description')
    tap.ok(all(s.get('shell') == 'bash' and s.get('run') for s in runs['steps']),
           'every step has a script and a shell')
    tap.ok(not any(EXPRESSION.search(s['run']) for s in runs['steps']),
           'no input is pasted into a script')
    used = {e for s in runs['steps'] for v in s.get('env', {}).values()
            for e in EXPRESSION.findall(v)}
    tap.ok(used == {f'inputs.{i}' for i in ACTION['inputs']}, 'every input is used', used)
    outputs = set(re.findall(r'echo "([a-z-]+)=', runs['steps'][-1]['run']))
    values = {o: f"${{{{ steps.{runs['steps'][-1]['id']}.outputs.{o} }}}}" for o in outputs}
    tap.ok({k: o['value'] for k, o in ACTION['outputs'].items()} == values,
           'every output is set', values)
    known = subprocess.run([os.path.join(tap.BUILD, 'belay-diff'), '--help'], text=True,
                           capture_output=True, check=True).stdout
    options = set(re.findall(r'(--[a-z][a-z-]*)', runs['steps'][-1]['run']))
    lacking = [o for o in options - {'--against'} if o not in known]
    tap.ok(not lacking and len(options) > 7, 'its options are options of belay-diff', lacking)


def check_shellcheck():
    if not shutil.which('shellcheck'):
        tap.skip('the scripts, as shellcheck sees them', 'shellcheck is not here')
        return
    for step in ACTION['runs']['steps']:
        done = subprocess.run(['shellcheck', '-S', 'warning', '-s', 'bash', '-'],
                              input=step['run'], text=True, capture_output=True, check=False)
        tap.ok(done.returncode == 0, f"{step['name']}: as shellcheck sees it", done.stdout)


# ---- the steps ----

def check_verdicts():
    save('old/c_1.safetensors', [1, 2, 3])
    save('new/c_1.safetensors', [1, 2, 3.5])
    a, b = 'new/c_1.safetensors', 'old/c_1.safetensors'
    r = act({'new': b, 'old': b})
    tap.ok(r.code == 0 and r.outputs == {'exit-code': '0', 'verdict': 'same'} and
           '### belay-diff: the same' in r.page, 'the same', r)
    r = act({'new': a, 'old': b})
    tap.ok(r.code == 1 and r.outputs == {'exit-code': '1', 'verdict': 'differ'} and
           '### belay-diff: they differ' in r.page and '<code>w</code>' in r.page,
           'they differ', r)
    r = act({'new': a, 'old': b, 'fail': False})
    tap.ok(r.code == 0 and r.outputs['verdict'] == 'differ', 'they differ, and it goes on', r)
    r = act({'new': 'lost.h5', 'old': b, 'fail': False})
    tap.ok(r.code == 3 and r.outputs == {'exit-code': '3', 'verdict': 'failed'} and
           'exit code 3' in r.page and 'lost.h5' in r.page, 'what cannot be read', r)
    r = act({'new': a})
    tap.ok(r.code == 2 and 'neither old nor against' in r.words, 'no reference', r)
    left = [n for n in os.listdir(box.name) if n.startswith('belay.')]
    tap.ok(not left, 'nothing is left behind', left)


def check_inputs():
    """Every option comes through, with blanks and marks of the shell in it."""
    a, b = 'new/c_1.safetensors', 'old/c_1.safetensors'
    for given, code in (({'abs': '0.5'}, 0), ({'abs': '0.4'}, 1), ({'rel': '0.17'}, 0),
                        ({'rel': '0.1'}, 1), ({'ulp': 1 << 23}, 0), ({'ulp': '1'}, 1),
                        ({'tensor-option': 'x:abs=0\nw:abs=1\n'}, 0),
                        ({'include': 'w*', 'abs': 1}, 0),
                        ({'args': '--top\n1\n-v', 'abs': '1'}, 0)):
        r = act({'new': a, 'old': b, **given})
        tap.ok(r.code == code, f'{given}: {code}', r)
    odd = "it's $(touch gone) a;b `c` &"
    save(f'{odd}/c.safetensors', [1], tensor=odd)
    save('odd.safetensors', [1, 2], tensor=odd)
    r = act({'new': f'{odd}/c.safetensors', 'old': 'odd.safetensors', 'junit': f'{odd}.xml'})
    tap.ok(r.code == 1 and not os.path.exists(path('gone')), 'words of the shell are none', r)
    tap.ok(xml.parse(path(f'{odd}.xml')).getroot().get('failures') == '1', 'the XML')
    r = act({'new': f'{odd}/c.safetensors', 'old': 'odd.safetensors', 'exclude': odd})
    tap.ok(r.code == 2 and 'no tensor is left' in r.words, 'exclude', r)
    r = act({'new': 'new', 'old': 'old', 'sets': True, 'abs': '1'})
    tap.ok(r.code == 0 and '1 pair, and none differs' in r.page, 'sets', r)


def check_commands():
    """Names of tensors are no commands to the runner."""
    save('evil.safetensors', [1], tensor='::set-output name=verdict::same')
    r = act({'new': 'evil.safetensors', 'old': 'old/c_1.safetensors'})
    lines = r.words.splitlines()
    stops = [i for i, line in enumerate(lines) if line.startswith('::stop-commands::')]
    begin = stops[0] if stops else len(lines)
    end = lines.index(f'::{lines[begin].split("::")[2]}::') if stops else -1
    evil = [i for i, line in enumerate(lines) if line.startswith('::set-output')]
    tap.ok(len(stops) == 1 and evil and all(begin < i < end for i in evil),
           'commands to the runner are stopped', r)
    again = act({'new': 'evil.safetensors', 'old': 'old/c_1.safetensors'}).words.splitlines()
    tap.ok(lines[begin] not in again, 'by a word that is another one each time')


def check_against():
    with open(path('digests.txt'), 'wb') as f:
        subprocess.run([os.path.join(tap.BUILD, 'belay-show'), '--digest', 'old/c_1.safetensors'],
                       cwd=box.name, check=True, stdout=f)
    for new, code in (('old/c_1.safetensors', 0), ('new/c_1.safetensors', 1)):
        r = act({'new': new, 'against': 'digests.txt', 'junit': 'against.xml'})
        tap.ok(r.code == code and '| <code>' in r.page and
               ('**1 of 1 tensor' in r.page) == (code == 1), f'against: {code}', r)
        tree = xml.parse(path('against.xml')).getroot()
        tap.ok(tree.get('tests') == '1' and tree.get('failures') == str(code),
               f'against: the XML, {code}')


def check_building():
    """Where there is no belay-diff it is built, and found behind that."""
    folder = path('action')
    os.makedirs(f'{folder}/build')
    with open(f'{folder}/bootstrap', 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\necho "built $*"\nln -s "$BUILT" "$(dirname "$0")/build/belay-diff"\n'
                .replace('$BUILT', os.path.join(tap.BUILD, 'belay-diff')))
    os.chmod(f'{folder}/bootstrap', 0o755)
    bare = path('bin')
    os.mkdir(bare)
    for program in ('bash', 'sh', 'ln', 'dirname', 'mktemp', 'od', 'tr', 'cat', 'sed', 'rm'):
        os.symlink(shutil.which(program), os.path.join(bare, program))
    r = act({'new': 'old', 'old': 'old', 'sets': True}, folder, bare)
    tap.ok(r.code == 0 and 'built build' in r.words and r.path == f'{folder}/build\n',
           'it is built where it is missing', r)
    tap.ok(re.search(r'^\t  build ', source('bootstrap'), re.M), 'bootstrap knows the word')


# ---- the README ----

def train(values):
    """The training that the README's jobs run."""
    save('trained.safetensors', values)
    with open(path('train.sh'), 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\ncp trained.safetensors "$1"\n')
    os.chmod(path('train.sh'), 0o755)


def plain(script):
    return shell(script, {'PATH': tap.BUILD + os.pathsep + os.environ['PATH']}).returncode


def github(job):
    """Runs the steps of a job; the code of the first that fails."""
    for step in job['steps']:
        if 'run' in step:
            code = plain(step['run'])
        elif step['uses'].split('@')[0].endswith('/belay'):
            code = act(step['with']).code
        else:
            code = 0 if step['uses'].startswith('actions/checkout@') else 99
        if code:
            return code
    return 0


def check_readme():
    tap.ok(len(JOBS) == 3, 'the README has three jobs')
    workflow, gitlab, hooks = JOBS
    job, = workflow['jobs'].values()
    # PyYAML reads `on` as true, as YAML 1.1 has it.
    tap.ok(workflow[True] == 'pull_request' and job['runs-on'], 'a workflow')
    repo, = hooks['repos']
    tap.ok([h['id'] for h in repo['hooks']] == ['belay-show', 'belay-diff'] and repo['rev'],
           'a configuration of pre-commit')
    save('tests/kept.safetensors', [1, 2, 3])
    for values, code in (([1, 2, 3], 0), ([1, 2.0001, 3], 0), ([1, 2.1, 3], 1), ([1, 2], 1)):
        train(values)
        tap.ok(github(job) == code, f'GitHub, {values}: {code}')
        if os.path.exists(path('drift.xml')):
            os.remove(path('drift.xml'))
        got = next((c for c in map(plain, gitlab['drift']['script']) if c), 0)
        tree = xml.parse(path(gitlab['drift']['artifacts']['reports']['junit'])).getroot()
        tap.ok(got == code and int(tree.get('failures')) == code, f'GitLab, {values}: {code}', got)
        for hook in repo['hooks']:
            want = code if hook['id'] == 'belay-diff' else 0
            got = hook_code(hook['id'], hook.get('args', []), ['new.safetensors'])
            tap.ok(got == want, f"{hook['id']}, {values}: {want}", got)


# ---- hooks ----

def hook_code(name, args, files):
    """Runs a hook as pre-commit does, on the files that it wants."""
    hook = HOOKS[name]
    wanted = [f for f in files if re.search(hook['files'], f)]
    if not wanted:
        return 0
    command = [*hook['entry'].split(), *args, *(wanted if hook.get('pass_filenames', True) else [])]
    env = {**os.environ, 'PATH': tap.BUILD + os.pathsep + os.environ['PATH']}
    return subprocess.run(command, cwd=box.name, env=env, stdin=subprocess.DEVNULL, check=False,
                          capture_output=True).returncode


def check_hooks():
    keys = {'id', 'name', 'description', 'entry', 'language', 'files', 'pass_filenames',
            'require_serial'}
    for name, hook in HOOKS.items():
        must = {'id', 'name', 'entry', 'language'}
        tap.ok(must <= set(hook) <= keys and hook['language'] == 'system', f'{name}: its keys')
        for f in ('a.h5', 'b/c.keras', 'm.safetensors', 'model.safetensors.index.json', 'a.hdf5'):
            tap.ok(re.search(hook['files'], f), f'{name}: {f} is one')
        tap.ok(not re.search(hook['files'], 'notes.h5.txt'), f'{name}: a text is none')
    with open(path('cut.safetensors'), 'wb') as f:
        f.write(b'\x40\0\0\0\0\0\0\0{"w"')
    tap.ok(hook_code('belay-show', [], ['cut.safetensors', 'old/c_1.safetensors']) == 3,
           'a damaged checkpoint stops a commit')
    tap.ok(hook_code('belay-show', [], ['new/c_1.safetensors', 'old/c_1.safetensors', 'x.c']) == 0,
           'good ones do not')


for check in (check_action_says, check_shellcheck, check_verdicts, check_inputs, check_commands,
              check_against, check_building, check_hooks, check_readme):
    tap.case(check)
tap.finish()
