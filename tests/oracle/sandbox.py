"""sandbox.py - what the programs open once they have given up their files, as strace sees it.

After landlock_restrict_self of a process every open of it that succeeds must be of a file declared
here, and what is declared is no more than the case needs. Then places that are easy to forget.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import tap

h5py, np = tap.need('h5py', 'numpy')
BOX = os.path.realpath(tempfile.mkdtemp(prefix='belay-sandbox-'))
CALLS = ('open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,'
         'mkdirat,rmdir,truncate,mknod,mknodat,symlink,symlinkat,execve,execveat,connect,bind,'
         'landlock_restrict_self,kill,fork,vfork,clone,clone3')
OWN = {'/proc/self/status'}  # tells how much memory was used
OPENS = ('open', 'openat', 'openat2', 'creat')
DENIED = re.compile(r'\)\s+= -1 (EACCES|EPERM|EXDEV)')
RNG = np.random.default_rng(8)


def trace_works():
    """Can processes be watched here, and the kernel confine them?"""
    if not shutil.which('strace'):
        tap.skip_all('there is no strace')
    if subprocess.run(['strace', '-o', '/dev/null', 'true'], capture_output=True,
                      check=False).returncode:
        tap.skip_all('strace cannot watch processes here')
    if tap.sanitized():
        tap.skip_all('sanitizers read files of their own')
    save('probe_1.safetensors')
    r = program('belay-show', '--digest', '--sandbox=required', path('probe_1.safetensors'))
    if r.returncode == 5:
        tap.skip_all(r.stderr)


def path(*names):
    return os.path.join(BOX, *names)


def program(name, *args, **rest):
    return subprocess.run([os.path.join(tap.BUILD, name), *args], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, **rest)


# ---- what strace writes ----

class Process:
    """One that was seen: what it has done since it gave up its files."""
    def __init__(self, confined):
        self.confined = confined
        self.times = 0  # that it gave them up itself
        self.calls = []


def joined(lines):
    """Lines of strace -f, with calls that were interrupted put together again."""
    begun = {}
    for line in lines:
        pid, rest = line.rstrip('\n').split(None, 1)
        if rest.endswith('<unfinished ...>'):
            begun[pid] = rest[:-len('<unfinished ...>')]
            continue
        resumed = re.match(r'<\.\.\. \w+ resumed>(.*)', rest)
        if resumed:
            rest = begun.pop(pid, '') + resumed.group(1)
        yield pid, rest


def parse(trace):
    """{pid: Process}. What starts a process hands down what it has given up."""
    seen = {}
    with open(trace, encoding='utf-8', errors='replace') as f:
        for pid, text in joined(f):
            me = seen.setdefault(pid, Process(False))
            m = re.match(r'(\w+)\((.*\)\s+= (-?\d+).*)', text)
            if not m:
                continue
            call, args, result = m.group(1), m.group(2), int(m.group(3))
            if call in ('fork', 'vfork', 'clone', 'clone3'):
                if result > 0 and me.confined:
                    seen.setdefault(str(result), Process(True)).confined = True
            elif call == 'landlock_restrict_self':
                me.confined = me.confined or result == 0
                me.times += result == 0
            elif me.confined:
                me.calls.append((call, args, result))
    return seen


def target(args, where):
    """The path that the first string of a call stands for."""
    folder = re.match(r'(?:AT_FDCWD|\d+)<([^>]*)>', args)
    name = re.search(r'"((?:[^"\\]|\\.)*)"', args)
    return os.path.normpath(os.path.join(where, folder.group(1) if folder else '', name.group(1)))


class Seen:
    """All that was done after files were given up, and how often they were."""
    def __init__(self, trace, where):
        processes = parse(trace)
        self.times = sum(p.times for p in processes.values())
        self.opened, self.changed, self.denied = set(), set(), set()
        for p in processes.values():
            for call, args, result in p.calls:
                name = target(args, where) if '"' in args else call
                if result < 0 and DENIED.search(args):
                    self.denied.add(name)
                elif result < 0 or call == 'kill':
                    continue
                elif call in OPENS:
                    self.opened.add(name)
                else:
                    self.changed.add(name)


def watch(*args, cwd=BOX, name='belay-avg', code=0, limit=None):
    """Runs a program under strace: what was Seen."""
    trace = path('trace')
    command = ['strace', '-f', '-y', '-s', '4096', '-o', trace, '-e', f'trace={CALLS}',
               os.path.join(tap.BUILD, name), *args]
    if limit:
        command = ['sh', '-c', f'ulimit -n {limit}; exec "$@"', 'sh', *command]
    env = {k: v for k, v in os.environ.items() if k != 'HDF5_PLUGIN_PATH'}
    r = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                       env=env, check=False)
    if r.returncode != code:
        raise RuntimeError(f'exit {r.returncode} of {" ".join(args)}\n{r.stderr}')
    return Seen(trace, cwd)


def beneath(name, folders):
    return any(name == f or name.startswith(f.rstrip('/') + '/') for f in folders)


def keeps_to(title, seen, opened=(), folders=(), processes=1):
    """A point: confined, nothing opened or changed but that, and nothing denied of that."""
    strangers = {n for n in seen.opened - OWN if n not in opened and not beneath(n, folders)}
    strangers |= {n for n in seen.changed if not beneath(n, folders)}
    return tap.ok(seen.times == processes and not strangers and not seen.denied, title,
                  f'{seen.times} confined processes; strangers: {sorted(strangers)}; '
                  f'denied: {sorted(seen.denied)}')


# ---- checkpoints ----

def save(name, step=1, n=300):
    tap.vectors(path(name), {'step': str(step)}, w=[float(step + i % 7) for i in range(n)])
    return path(name)


def save_h5(name, step, **how):
    with h5py.File(path(name), 'w') as f:
        f.attrs['step'] = step
        f.create_dataset('w', data=RNG.standard_normal(4096).astype('f4'), **how)
    return path(name)


def save_folder(name, step, shards=3):
    """A folder of shards with their index, and a configuration beside."""
    os.makedirs(path(name))
    where = {}
    for k in range(shards):
        file = f'model-{k + 1:05}-of-{shards:05}.safetensors'
        tap.vectors(path(name, file), {'format': 'pt'}, **{f'w{k}': [float(step), 2.0, 3.0]})
        where[f'w{k}'] = file
    with open(path(name, 'model.safetensors.index.json'), 'w', encoding='ascii') as f:
        json.dump({'metadata': {'total_size': 12 * shards}, 'weight_map': where}, f)
    with open(path(name, 'config.json'), 'w', encoding='ascii') as f:
        f.write('{"torch_dtype": "float32"}')
    return path(name)


def fresh(*names):
    """A new folder."""
    os.makedirs(path(*names))
    return path(*names)


# ---- belay-avg ----

def one_file():
    files = [save(f'one_{t}.safetensors', t) for t in range(5)]
    seen = watch(*files, '-o', fresh('one') + '/avg.safetensors')
    keeps_to('safetensors: the output gets its name, and nothing else happens', seen,
             folders=[path('one')])
    tap.ok(seen.opened <= OWN, 'safetensors: nothing is opened any more', seen.opened)
    tap.ok(path('one', '.avg.safetensors.belay-tmp') in seen.changed,
           'the test sees a rename where there is one', seen.changed)


def off():
    seen = watch(path('one_1.safetensors'), path('one_2.safetensors'), '-o',
                 path('one', 'off.safetensors'), '--sandbox=off')
    tap.ok(seen.times == 0, '--sandbox=off: nothing is given up')


def folders():
    inputs = [save_folder(f'hf_{t}', t) for t in range(3)]
    seen = watch(*inputs, '-o', fresh('hf') + '/avg')
    keeps_to('shards: a folder', seen, folders=[path('hf')])
    seen = watch(*inputs, '-o', path('hf', 'avg'), '-f')
    keeps_to('shards: a folder in place of another', seen, folders=[path('hf')])
    tap.ok(sorted(os.listdir(path('hf'))) == ['avg'], 'shards: what was replaced is gone')
    seen = watch(*inputs, '-o', path('hf', 'many'), '--shard-size=12')
    keeps_to('shards: more members than are open at a time', seen, folders=[path('hf')])


def hdf5():
    plain = [save_h5(f'plain_{t}.h5', t) for t in range(3)]
    packed = [save_h5(f'gzip_{t}.h5', t, compression='gzip', chunks=(512,)) for t in range(3)]
    out = fresh('h5')
    keeps_to('HDF5: a clone', watch(*plain, '-o', out + '/plain.h5'), folders=[out], processes=3)
    keeps_to('HDF5: gzip', watch(*packed, '-o', out + '/gzip.h5'), folders=[out], processes=3)
    keeps_to('HDF5: made anew', watch(*packed, '-o', out + '/new.h5', '--dtype=f64'),
             folders=[out], processes=4)


def children():
    """Processes for HDF5 open nothing at all, once they have given up their files."""
    trace = path('trace')
    watch(path('gzip_0.h5'), path('gzip_1.h5'), '-o', path('h5', 'again.h5'))
    processes = list(parse(trace).values())
    tap.ok(sum(p.times for p in processes[1:]) == 2 and
           all(not p.calls for p in processes[1:] if p.confined),
           'HDF5: its processes open nothing', [p.calls for p in processes[1:]])
    tap.ok(any(call == 'kill' and result == 0 for call, _, result in processes[0].calls),
           'HDF5: the program, confined, can end them', processes[0].calls)


def sweep():
    files = [path(f'one_{t}.safetensors') for t in range(5)]
    seen = watch(*files, '--half-life=1,2,3', '-o', fresh('sweep') + '/{half-life}.safetensors',
                 '--report', fresh('report') + '/r.jsonl', '--digest')
    keeps_to('a sweep with a report', seen, folders=[path('sweep'), path('report')])
    with open(path('report', 'r.jsonl'), encoding='utf-8') as f:
        last = json.loads(f.readlines()[-1])
    tap.ok(last['status'] == 'ok' and last['peak_memory'] > 1 << 20,
           'the report is there, with the memory that was used', last)


def state():
    files = [path(f'one_{t}.safetensors') for t in range(5)]
    args = ['--half-life=2', '--state', fresh('state') + '/s', '-o', fresh('beside') + '/a.h5']
    both = [path('state'), path('beside')]
    keeps_to('a state that is new', watch(*files[:3], *args), folders=both,
             processes=4)
    keeps_to('a state that grows', watch(*files, *args), folders=both,
             processes=4)


def recipe():
    os.makedirs(path('recipe', 'out'))
    with open(path('recipe', 'r.yaml'), 'w', encoding='ascii') as f:
        f.write("inputs: '../one_*.safetensors'\noutput: out/avg.safetensors\nhalf-life: 2\n")
    keeps_to('a recipe with a pattern', watch('recipe/r.yaml'), folders=[path('recipe', 'out')])
    with open(path('recipe', 'r.yaml'), 'a', encoding='ascii') as f:
        f.write('sandbox: off\n')
    r = program('belay-avg', path('recipe', 'r.yaml'), '-f')
    tap.ok(r.returncode == 2, 'a recipe cannot turn it off', r.stderr)


def plugins():
    """The folders of plugins are what is left to the processes for HDF5."""
    out = fresh('plugins')
    folder = fresh('filters')
    files = [path(f'gzip_{t}.h5') for t in range(3)]
    seen = watch(*files, '-o', out + '/avg.h5', f'--hdf5-plugins={folder}')
    keeps_to('--hdf5-plugins: their folders, too', seen, folders=[out, folder], processes=3)


# ---- belay-show, belay-diff ----

def show():
    files = [path(f'one_{t}.safetensors') for t in range(5)]
    seen = watch('--drift', *files, '--svg', fresh('show') + '/d.svg', '--report',
                 path('show', 'd.tsv'), name='belay-show')
    keeps_to('belay-show --drift', seen, folders=[path('show')])
    seen = watch('--kernel', *files, '--svg', fresh('kernel') + '/k.svg', name='belay-show')
    keeps_to('belay-show --kernel', seen, folders=[path('kernel')])
    keeps_to('belay-show --digest', watch('--digest', path('gzip_0.h5'), name='belay-show'),
             processes=2)
    keeps_to('belay-show', watch(path('hf_0'), name='belay-show'))
    keeps_to('belay-show --recipe',
             watch('--recipe', path('one', 'avg.safetensors'), name='belay-show'))


def diff():
    pages = fresh('pages')
    two = [path('one_1.safetensors'), path('one_2.safetensors')]
    seen = watch(*two, '--junit', pages + '/j.xml', '--markdown', pages + '/m.md', '--report',
                 pages + '/r.tsv', name='belay-diff', code=1)
    keeps_to('belay-diff', seen, folders=[pages])
    with open(path('golden'), 'w', encoding='utf-8') as f:
        f.write(program('belay-show', '--digest', *two).stdout)
    keeps_to('belay-diff --against', watch('--against', path('golden'), *two, name='belay-diff'))


def sets_with_plugins():
    """Plugins need other files, whenever they are loaded: only writing is given up."""
    seen = watch('--sets', path('sets', 'a'), path('sets', 'b'), '--times=index', '--markdown',
                 path('sets', 'page', 'm.md'), f'--hdf5-plugins={path("filters")}',
                 name='belay-diff')
    tap.ok(seen.times > 1 and seen.changed and not seen.denied and
           all(beneath(n, [path('sets', 'page')]) for n in seen.changed),
           'belay-diff --sets --hdf5-plugins', seen.changed, seen.denied)


def sets():
    """Pairs are opened one after the other, with processes for HDF5 for each."""
    for side in ('a', 'b'):
        fresh('sets', side)
        for t in (1, 2, 3):
            shutil.copy(path(f'gzip_{t % 3}.h5'), path('sets', side, f'c_{t}.h5'))
        shutil.copytree(path('hf_1'), path('sets', side, 'c_4'))
    fresh('sets', 'page')
    inputs = {os.path.join(d, f) for side in ('a', 'b')
              for d, _, names in os.walk(path('sets', side)) for f in ['.', *names]}
    inputs = {os.path.normpath(n) for n in inputs} | {'/dev/null', '/proc/self/statm'}
    seen = watch('--sets', path('sets', 'a'), path('sets', 'b'), '--times=index', '--markdown',
                 path('sets', 'page', 'm.md'), name='belay-diff')
    keeps_to('belay-diff --sets', seen, opened=inputs, folders=[path('sets', 'page')], processes=6)
    tap.ok(path('sets', 'a', 'c_1.h5') in seen.opened,
           'the test sees what is opened', sorted(seen.opened))


# ---- what a program that was taken over would try ----

def taken_over():
    """Opens other files, and makes some, as soon as threads are started."""
    cc = shutil.which('gcc') or shutil.which('cc') or shutil.which('clang')
    if not cc:
        tap.skip('what a program that was taken over would try', 'no compiler is here')
        return
    probe = path('probe.so')
    subprocess.run([cc, '-shared', '-fPIC', '-O1', '-o', probe,
                    os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sandbox_probe.c'),
                    '-ldl'], check=True)
    files = [save(f'over_{t}.safetensors', t, 4000) for t in range(2)]
    out = fresh('over')
    others = ['/etc/passwd', '/proc/self/environ', path('one_1.safetensors'), '/dev/null']
    makes = [os.path.join(folder, 'made') for folder in (BOX, path('one'), out, fresh('away'))]
    env = {**os.environ, 'LD_PRELOAD': probe, 'PROBE_READ': ':'.join([*files, *others]),
           'PROBE_MAKE': ':'.join(makes)}
    for name, *args in (('belay-avg', '-o', os.path.join(out, 'avg.safetensors')),
                        ('belay-show', '--drift'), ('belay-show', '--digest'), ('belay-diff',)):
        for word in ('required', 'off'):
            r = program(name, *files, *args, '--threads=3', f'--sandbox={word}', *['-f'] * (
                name == 'belay-avg'), env=env)
            told = {tuple(line.split(' ', 3)[1:]) for line in r.stderr.splitlines()
                    if line.startswith('PROBE ')}
            got = {p for _, p, outcome in told if outcome == 'done'}
            want = {*files, *others, *makes} if word == 'off' else set(files)
            tap.ok(r.returncode < 2 and got == want and len(told) == len(files + others + makes),
                   f'{name} {" ".join(args[:1])} --sandbox={word}', r.returncode, sorted(told))
            for made in makes:
                if os.path.exists(made):
                    os.unlink(made)


# ---- places ----

def few_descriptors():
    """More inputs than may be open: they are opened again and again."""
    files = [save(f'many_{t}.safetensors', t) for t in range(200)]
    want = path('many.safetensors')
    tap.avg(*files, '-o', want, '--sandbox=off', '--no-provenance')
    seen = watch(*files, '-o', fresh('few') + '/avg.safetensors', '--no-provenance', limit=64)
    keeps_to('200 inputs with 64 descriptors', seen, opened=set(files), folders=[path('few')])
    tap.ok(len(seen.opened) >= 150, 'they are opened again', len(seen.opened))
    with open(want, 'rb') as a, open(path('few', 'avg.safetensors'), 'rb') as b:
        tap.ok(a.read() == b.read(), 'and the average is the same')
    links = []
    for t, file in enumerate(files):
        links.append(path('few', f'link_{t}.safetensors'))
        os.symlink(os.path.relpath(file, path('few')), links[-1])
    watch(*(os.path.relpath(n, path('few')) for n in links), '-o', 'same.safetensors',
          '--no-provenance', cwd=path('few'), limit=64)
    with open(want, 'rb') as a, open(path('few', 'same.safetensors'), 'rb') as b:
        tap.ok(a.read() == b.read(), 'links to inputs, and an output beside them, by short names')


def linked_places():
    two = [path('one_1.safetensors'), path('one_2.safetensors')]
    fresh('real')
    os.symlink('real', path('linked'))
    save('real/old.safetensors')
    os.symlink('../real/old.safetensors', path('one', 'to_old.safetensors'))
    keeps_to('an output in a folder that is a link',
             watch(*two, '-o', path('linked', 'avg.safetensors')),
             folders=[path('linked'), path('real')])
    keeps_to('an output that is a link',
             watch(*two, '-o', path('one', 'to_old.safetensors'), '-f'), folders=[path('real')])
    tap.ok(os.path.islink(path('one', 'to_old.safetensors')), 'the link stays')


def descriptors():
    """Inputs that are named by descriptors."""
    with open(path('one_1.safetensors'), 'rb') as a, open(path('one_2.safetensors'), 'rb') as b:
        names = [f'/dev/fd/{f.fileno()}' for f in (a, b)]
        r = program('belay-avg', *names, '--times=index', '-o', path('one', 'fd.safetensors'),
                    pass_fds=[a.fileno(), b.fileno()])
    tap.ok(r.returncode == 0, '/dev/fd/N as inputs', r.stderr)
    with open(path('one_1.safetensors'), 'rb') as a, os.fdopen(os.memfd_create('m'), 'wb') as b:
        b.write(a.read())
        b.flush()
        r = program('belay-avg', f'/dev/fd/{b.fileno()}', path('one_2.safetensors'),
                    '--times=index', '--sandbox=required', '-o', path('one', 'mem.safetensors'),
                    pass_fds=[b.fileno()])
    tap.ok(r.returncode == 0, 'an input that is in memory only', r.stderr)
    r = subprocess.run([tap.AVG, path('one_1.safetensors'), path('one_2.safetensors'), '-o', '-'],
                       stdin=subprocess.DEVNULL, capture_output=True, check=False)
    tap.ok(r.returncode == 0 and len(r.stdout) > 1000, 'an output that is a pipe', r.stderr)


def mounts():
    """Inputs and outputs on file systems of their own, as containers have them."""
    script = r'''
        set -e
        cd "$1"
        mkdir lower upper work overlay ram
        cp one_1.safetensors lower
        mount -t tmpfs none ram
        mkdir ram/upper ram/work
        mount -t overlay -o lowerdir=lower,upperdir=ram/upper,workdir=ram/work none overlay
        cp one_2.safetensors overlay
        cp one_3.safetensors ram
        "$2" overlay/*.safetensors ram/*.safetensors -o overlay/avg.safetensors --report ram/r.json
        "$2" overlay/one*.safetensors -o overlay/avg.safetensors -f
    '''
    can = subprocess.run(['unshare', '-rm', 'true'], capture_output=True, check=False)
    if can.returncode:
        tap.skip('mounts', 'no mount namespaces here')
        return
    r = subprocess.run(['unshare', '-rm', 'sh', '-c', script, 'sh', BOX, tap.AVG],
                       capture_output=True, text=True, check=False)
    if r.returncode == 32 or 'mount:' in r.stderr:
        tap.skip('mounts', r.stderr.splitlines()[0])
        return
    tap.ok(r.returncode == 0, 'inputs and outputs on overlayfs and tmpfs', r.stderr)


def replaced():
    """A file that takes the place of an input has another identity, and is none of ours."""
    files = [save(f'swap_{t}.safetensors', t, 200000) for t in range(3)]
    save('swap_new.safetensors', 9, 200000)
    child = subprocess.Popen(
        ['strace', '-f', '-o', path('stopped'), '-e', 'trace=landlock_restrict_self', '-e',
         'inject=landlock_restrict_self:signal=STOP', tap.AVG, *files, '-o',
         path('one', 'swap.safetensors')],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    stopped = None
    while not stopped and child.poll() is None:
        time.sleep(0.01)
        if os.path.exists(path('stopped')):
            with open(path('stopped'), encoding='ascii') as f:
                stopped = re.search(r'^(\d+) +--- stopped by SIGSTOP', f.read(), re.M)
    os.replace(path('swap_new.safetensors'), files[0])
    if stopped:
        os.kill(int(stopped[1]), signal.SIGCONT)
    words = child.communicate()[1]
    tap.ok(child.returncode == 3 and 'changed while it was read' in words,
           'an input that is replaced has changed', child.returncode, words)


def kernel_without():
    """Without Landlock a run goes on, and says so where it is asked to be talkative; or it does
    not."""
    two = [path('one_1.safetensors'), path('one_2.safetensors')]
    for call, why in (('create_ruleset', 'ENOSYS'), ('create_ruleset', 'EOPNOTSUPP'),
                      ('add_rule', 'ENOMEM'), ('restrict_self', 'E2BIG')):
        def lacking(*args):
            return subprocess.run(
                ['strace', '-o', '/dev/null', '-e', f'trace=landlock_{call}', '-e',
                 f'inject=landlock_{call}:error={why}', tap.AVG, *two, '-f', '-o',
                 path('one', 'lacking.safetensors'), *args],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        said = 'the kernel cannot keep the program to its files: '
        r = lacking()
        tap.ok(r.returncode == 0 and said not in r.stderr,
               f'{call} fails with {why}: on', r.stderr)
        r = lacking('-v')
        tap.ok(r.returncode == 0 and said in r.stderr, f'{call}: -v tells', r.stderr)
        os.unlink(path('one', 'lacking.safetensors'))
        r = lacking('--sandbox=required')
        tap.ok(r.returncode == 5 and said in r.stderr and
               not [n for n in os.listdir(path('one')) if 'lacking' in n],
               f'{call}: required, exit 5, nothing left', r.returncode, r.stderr)


def words():
    r = program('belay-avg', path('one_1.safetensors'), path('one_2.safetensors'), '-o',
                path('one', 'words.safetensors'), '--sandbox=maybe')
    tap.ok(r.returncode == 2, 'another word is refused', r.stderr)


trace_works()
for each in (one_file, off, folders, hdf5, children, sweep, state, recipe, plugins, show, diff,
             sets, sets_with_plugins, taken_over, few_descriptors, linked_places, descriptors,
             mounts, replaced, kernel_without, words):
    tap.case(each)
shutil.rmtree(BOX)
tap.finish()
