"""machine.py - on what a bench ran: the machine, and the versions of what took part."""
import importlib.metadata
import os
import re
import shutil
import subprocess

import tap


def processors():
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def found(path, pattern, otherwise='unknown'):
    """What a pattern catches in a file."""
    try:
        with open(path, encoding='utf-8', errors='replace') as f:
            caught = re.search(pattern, f.read(), re.M)
    except OSError:
        return otherwise
    return caught[1] if caught else otherwise


def said(*command):
    """The first line that a program prints."""
    try:
        r = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                           text=True, errors='replace')
    except OSError:
        return ''
    return ((r.stdout + r.stderr).strip().splitlines() or [''])[0]


def disk(folder):
    """The file system of a folder: type, device, options."""
    best = ('', 'unknown')
    with open('/proc/self/mounts', encoding='utf-8') as f:
        for line in f:
            device, at, kind, options, *_ = line.split()
            inside = os.path.join(os.path.realpath(folder), '').startswith(os.path.join(at, ''))
            if inside and len(at) >= len(best[0]):
                best = at, f'{kind} on {device} ({options})'
    return best[1]


def compiler():
    """What belay was built with."""
    log = os.path.join(tap.BUILD, 'config.log')
    return f"{found(log, '^CC=.(.*).$')} {found(log, '^CFLAGS=.(.*).$')}; " \
           f"{said(found(log, '^CC=.(.*).$', 'cc').split()[0], '--version')}"


def versions():
    """Of all that takes part and is here."""
    lines = []
    for name in ('torch', 'safetensors', 'numpy', 'h5py', 'mergekit'):
        try:
            lines.append(f'{name} {importlib.metadata.version(name)}')
        except importlib.metadata.PackageNotFoundError:
            pass
    if shutil.which('nces'):
        # It says so only among other things.
        told = subprocess.run(['nces', '--version'], capture_output=True, check=False, text=True)
        lines += re.findall(r'NCO netCDF Operators version [^ ]+', told.stdout + told.stderr)[:1]
    return ', '.join([said('cp', '--version'), *lines])


def described(args):
    """Lines for the head of the figures."""
    cpu = found('/proc/cpuinfo', r'^model name\s*: (.*)')
    memory = int(found('/proc/meminfo', r'^MemTotal:\s*(\d+)', '0')) * 1024 / 1e9
    system = os.uname()
    return [
        f'processor    {cpu}, {processors()} of them, {system.machine}',
        f'memory       {memory:.1f} GB',
        f'disk         {disk(args.folder)}',
        f'kernel       {system.sysname} {system.release}',
        f'belay        {said(tap.AVG, "--version")}, built with {compiler()}',
        f'beside it    {versions()}',
        f'run          scale {args.scale:g}, {args.rounds} rounds, seed {args.seed}',
    ]
