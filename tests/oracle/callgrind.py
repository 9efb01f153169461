"""callgrind.py - what programs do counted in instructions, which are the same on a busy machine."""
import os
import re
import shutil
import subprocess

import tap


def found(pattern):
    """What a pattern catches in config.log, or nothing."""
    with open(os.path.join(tap.BUILD, 'config.log'), encoding='utf-8', errors='replace') as f:
        caught = re.search(pattern, f.read(), re.M)
    return caught[1] if caught else ''


def need():
    """Skips the test where instructions cannot be counted, or tell nothing."""
    for program in ('valgrind', 'strip'):
        if not shutil.which(program):
            tap.skip_all(f'{program} is not here')
    if tap.sanitized() or not re.search(r'-O[1-9s]', found(r"^CFLAGS='(.*)'$")):
        tap.skip_all('sanitizers, or no optimization, make more instructions')


def bare(program, folder):
    """A copy in a folder, without debugging information: valgrind cannot read that of all
    compilers."""
    copy = os.path.join(folder, os.path.basename(program))
    subprocess.run(['strip', '-g', '-o', copy, program], check=True)
    return copy


def instructions(program, *args, env=None, **rest):
    """Of a program from its start to its end, in all threads; it must not fail."""
    command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null']
    r = subprocess.run([*command, program, *args], capture_output=True, check=False,
                       text=True, env={**os.environ, **(env or {})}, **rest)
    counted = re.search(r'Collected : (\d+)', r.stderr)
    if not counted:
        tap.skip_all('valgrind does not know these programs')
    if r.returncode or 'error' in r.stdout:
        raise RuntimeError(r.stdout + r.stderr)
    return int(counted[1])
