"""growing_killed.py - a run with --state is killed at every system call that it makes: the state
is the old one or the new one, no output is older than it, and the next run ends as it would have.

Needs nothing but Python and the right to trace a child.
"""
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile

import tap

STEPS = [os.path.join(tap.DATA, 'digits', f'ckpt_{n:05}.safetensors') for n in (0, 25, 50)]
OPTIONS = ['--method=spring', '--half-life=30,60', '--threads=1', '-q', '--progress=never']
OUT = 'avg_{half-life}.safetensors'
NAMES = ['avg_30.safetensors', 'avg_60.safetensors', 'state']
TRACEME, SYSCALL, SETOPTIONS, EXITKILL = 0, 24, 0x4200, 0x100000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
box = tempfile.TemporaryDirectory()
os.environ['ASAN_OPTIONS'] = 'detect_leaks=0'  # what looks for leaks would trace, too
args = [tap.AVG, *OPTIONS, '--state', 'state']


def traced(folder, files, stop):
    """Runs belay-avg in a folder and kills it before system call number stop, counted from when
    it has made its first file. Returns their number where it ended by itself, else None."""
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            libc.ptrace(TRACEME, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execv(tap.AVG, [*args, *files, '-o', OUT])
        finally:
            os._exit(127)
    os.waitpid(child, 0)
    if libc.ptrace(SETOPTIONS, child, None, ctypes.c_void_p(EXITKILL | 1)) != 0:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        tap.skip_all('processes cannot be traced here')
    deliver, n, enters, begun = 0, 0, False, False
    temporary = os.path.join(folder, '.state.belay-tmp')
    while True:
        libc.ptrace(SYSCALL, child, None, ctypes.c_void_p(deliver))
        _, status = os.waitpid(child, 0)
        if not os.WIFSTOPPED(status):
            if status:
                raise RuntimeError(f'it ended with status {status}')
            return n
        deliver = os.WSTOPSIG(status)
        if deliver == signal.SIGTRAP | 0x80:
            deliver, enters = 0, not enters
            begun = begun or os.path.exists(temporary)
            n += begun and enters
            if n == stop and begun and enters:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return None
        elif deliver == signal.SIGTRAP:
            deliver = 0


def files_of(folder):
    """What is in a folder: name to bytes."""
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), 'rb') as f:
            found[name] = f.read()
    return found


def fresh(folder, content):
    """A folder with these files."""
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for name, data in content.items():
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(data)


def judge(found, old, new):
    """What is wrong with the files that a killed run has left."""
    for name in NAMES:
        if found.get(name) not in (old.get(name), new[name]):
            return f'{name} is neither old nor new'
    if found.get('state') == new['state'] and any(found.get(n) != new[n] for n in NAMES):
        return 'the state is ahead of an output'
    if [n for n in found if n not in NAMES and not n.endswith('.belay-tmp')]:
        return f'there are {sorted(found)}'
    return None


def killed_everywhere(title, old, files):
    """Folds files into what old is the state of."""
    folder = os.path.join(box.name, 'run')
    fresh(folder, old)
    calls = traced(folder, files, 0)
    new = files_of(folder)
    wrong, renamed = [], set()
    for stop in range(1, calls + 1):
        fresh(folder, old)
        if traced(folder, files, stop) is not None:
            continue
        found = files_of(folder)
        renamed.add(sum(found.get(n) == new[n] for n in NAMES))
        why = judge(found, old, new)
        if not why:
            subprocess.run([*args, *files, '-o', OUT], cwd=folder, check=False)
            if files_of(folder) != new:
                why = f'the next run leaves {sorted(files_of(folder))}'
        if why:
            wrong.append(f'stop {stop} of {calls}: {why}')
    tap.ok(sorted(new) == sorted(NAMES) and old != new, f'{title}: a run makes all files')
    tap.ok(calls > 20 and not wrong, f'{title}: killed at every call', *wrong[:10])
    tap.note(f'{calls} calls')
    tap.ok(renamed == {0, 1, 2, 3}, f'{title}: also between the files', renamed)
    return new


def main():
    """From nothing, and from a state."""
    first = killed_everywhere('the first run', {}, STEPS[:2])
    killed_everywhere('one more checkpoint', first, STEPS[2:])


tap.case(main)
box.cleanup()
tap.finish()
