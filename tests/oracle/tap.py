"""tap.py - what the tests in Python share: TAP, the paths, and a skip where a module is absent."""
import importlib
import os
import subprocess
import sys

SRC = os.environ.get('top_srcdir', os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.environ.get('top_builddir', os.path.join(SRC, 'build'))
DATA = os.path.join(SRC, 'tests', 'data')
AVG = os.path.join(BUILD, 'belay-avg')

_points = 0
_failures = 0


def skip_all(why):
    """Ends the test: nothing can be tested here."""
    print(why)
    sys.stdout.flush()
    os._exit(77)


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


def note(text):
    """A line for the reader of the log."""
    print(f'# {text}')


def avg(*args, env=None, **kw):
    """Runs belay-avg; its result, after stopping the test where it failed."""
    r = run(*args, env=env, **kw)
    if r.returncode != 0:
        ok(False, f"belay-avg {' '.join(map(str, args))[:200]}", f'exit {r.returncode}', r.stderr)
        finish()
    return r


def run(*args, env=None, **kw):
    """Runs belay-avg, whatever comes of it."""
    return subprocess.run([AVG, *map(str, args)], env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, **kw)


def finish():
    """Ends the test, with the plan."""
    print(f'1..{_points}')
    sys.stdout.flush()
    os._exit(1 if _failures or not _points else 0)
