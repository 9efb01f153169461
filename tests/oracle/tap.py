"""tap.py - what the tests in Python share: TAP, the paths, and a skip where a module is absent."""
import importlib
import json
import os
import re
import struct
import subprocess
import sys
import time
import traceback
import typing

SRC = os.environ.get('top_srcdir', os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.environ.get('top_builddir', os.path.join(SRC, 'build'))
DATA = os.path.join(SRC, 'tests', 'data')
AVG = os.path.join(BUILD, 'belay-avg')
PROBE = os.path.join(BUILD, 'tests', 'unit', 'probe_file')

_points = 0
_failures = 0


def skip_all(why):
    """Ends the test: nothing can be tested here."""
    print(why)
    sys.stdout.flush()
    os._exit(77)


def sanitized():
    """Was belay built with sanitizers? They take time and memory."""
    with open(os.path.join(BUILD, 'config.log'), encoding='utf-8', errors='replace') as f:
        return re.search(r"^SANITIZE_CFLAGS='.+'$", f.read(), re.M) is not None


class Cost(typing.NamedTuple):
    """What a program took."""
    code: int     # exit code; less than 0: a signal
    seconds: float
    cpu: float    # seconds of processors, of all its processes
    peak: int     # bytes of its largest process; no less than those of the one that started it


def measured(args, **rest):
    """Runs a program: its Cost."""
    begin = time.monotonic()
    with subprocess.Popen(args, stdin=subprocess.DEVNULL, **rest) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return Cost(child.returncode, time.monotonic() - begin, usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss * 1024)


def need(*modules):
    """Imports modules, or skips the test."""
    found = []
    for m in modules:
        try:
            found.append(importlib.import_module(m))
        except ImportError:
            skip_all(f'the Python module {m} is not here')
    return found if len(found) > 1 else found[0]


def ok(holds, name, *notes):
    """One point; the notes are printed where it does not hold."""
    global _points, _failures
    _points += 1
    _failures += not holds
    print(f"{'ok' if holds else 'not ok'} {_points} - {name}")
    if not holds:
        for note in notes:
            for line in str(note).splitlines():
                print(f'# {line}')
    sys.stdout.flush()
    return bool(holds)


def skip(name, why):
    """A point that cannot be made here."""
    global _points
    _points += 1
    print(f'ok {_points} - {name} # SKIP {why}')


def note(text):
    """A line for the reader of the log."""
    print(f'# {text}')


def case(check):
    """Runs a function that makes points; an exception is a failure of that one function only."""
    try:
        check()
    except Exception:  # pylint: disable=broad-except
        ok(False, check.__name__, traceback.format_exc())


def run(*args, env=None):
    """Runs belay-avg, whatever comes of it."""
    return subprocess.run([AVG, *map(str, args)], env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)


def avg(*args, env=None):
    """Runs belay-avg, which must not fail; its stdout, in bytes."""
    r = run(*args, env=env)
    if r.returncode != 0:
        raise RuntimeError(f'exit {r.returncode} of belay-avg {" ".join(map(str, args))[:300]}\n'
                           + r.stderr.decode(errors='replace'))
    return r.stdout


def vectors(path, metadata=None, /, **tensors):
    """Writes a safetensors file of F32 vectors."""
    head, data = {'__metadata__': metadata} if metadata else {}, b''
    for name, values in tensors.items():
        more = struct.pack(f'<{len(values)}f', *values)
        head[name] = {'dtype': 'F32', 'shape': [len(values)],
                      'data_offsets': [len(data), len(data) + len(more)]}
        data += more
    text = json.dumps(head).encode()
    with open(path, 'wb') as to:
        to.write(struct.pack('<Q', len(text)) + text + data)


def finish():
    """Ends the test, with the plan."""
    print(f'1..{_points}')
    sys.stdout.flush()
    os._exit(1 if _failures or not _points else 0)
