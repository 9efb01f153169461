"""power.py - the power fails at every system call that changes a file.

belay writes into an ext4 file system in an image on a loop device. Behind every such call it is
stopped and the image copied: that is a disk which has lost what the kernel still held in memory. A
second pass commits the journal before each copy, so that what is known of files is ahead of what is
in them; the long form has a third, in which all that was written is there. Every copy is mounted,
which replays the journal, and must hold for each output the old one or the new one, whole; behind
exit 0 the new one; and the next run must end as the first would have. With --sync=no the same must
find broken outputs, or it would find none ever.

Needs root, loop devices and mkfs.ext4. The long form (BELAY_LONG, make faults-power) has more
workloads, mounts that keep less order, and a next run on every copy.
"""
import collections
import concurrent.futures
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import typing

import tap
import tracing

LONG = bool(os.environ.get('BELAY_LONG'))
SIZE = 8 << 20
MOUNTS = {'ordered': 'data=ordered',
          'writeback': 'data=writeback,nodelalloc,noauto_da_alloc'}
if LONG:
    MOUNTS['journal'] = 'data=journal'
AGAIN = 1 if LONG else 10  # every so many copies get a next run
CREATES = 0o100            # O_CREAT
WORKERS = 8                # a mount waits more than it works

os.environ['ASAN_OPTIONS'] = 'detect_leaks=0'  # what looks for leaks would trace, too
box = tempfile.TemporaryDirectory(dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
PLACE = os.path.join(box.name, 'disk')


def digits(kind, *numbers):
    """Checkpoints of the tests' data."""
    return [os.path.join(tap.DATA, 'digits', f'ckpt_{n:05}.{kind}') for n in numbers]


def shards():
    """Two folders of Hugging Face's kind."""
    made = []
    for n in (1, 2):
        folder = os.path.join(box.name, f'ck-{n}')
        os.mkdir(folder)
        parts = [f'model-0000{i}-of-00002.safetensors' for i in (1, 2)]
        for i, part in enumerate(parts):
            tap.vectors(os.path.join(folder, part), {'format': 'pt'},
                        **{f'{name}{i}': [n + i] * 3000 for name in 'ab'})
        names = ', '.join(f'"{name}{i}": "{part}"' for i, part in enumerate(parts)
                          for name in 'ab')
        with open(os.path.join(folder, 'model.safetensors.index.json'), 'w',
                  encoding='ascii') as to:
            to.write('{"metadata": {"total_size": 48000}, "weight_map": {' + names + '}}')
        with open(os.path.join(folder, 'config.json'), 'w', encoding='ascii') as to:
            to.write('{}')
        made.append(folder)
    return made


class Work(typing.NamedTuple):
    """What a run is to make, in an empty folder or in place of what an earlier one has made."""
    title: str
    outputs: list      # their names
    before: list       # arguments of the run that makes the old ones; []: there are none
    args: list         # of the run
    again: list = ['-f']   # more of them, of the next run


def works():
    """All of them, as one of the long form or of both."""
    tensors, clones, folders = digits('safetensors', 0, 25, 50), digits('h5', 0, 100), shards()
    sweep = ['avg_1.safetensors', 'avg_2.safetensors', 'avg_3.safetensors']
    lengths = ['--half-life=1,2,3', '-o', 'avg_{half-life}.safetensors']
    grown = ['--method=spring', '--half-life=30,60', '--state=state',
             '-o', 'avg_{half-life}.safetensors']
    file, clone = ['avg.safetensors'], ['avg.h5']
    new = [
        Work('safetensors', file, [], tensors + ['-o', *file]),
        Work('HDF5 clone', clone, [], clones + ['-o', *clone]),
        Work('HDF5 gzip', clone, [], clones + ['--compression=gzip:4', '-o', *clone]),
        Work('shards', ['avg'], [], folders + ['-o', 'avg']),
        Work('sweep', sweep, [], tensors + lengths, ['--skip-existing']),
    ]
    old = [w._replace(title=w.title + ' replaced', before=w.args + ['--method=uniform'],
                      args=w.args + ['-f']) for w in new[:4]]
    old.append(Work('sweep replaced', sweep, tensors[:2] + lengths, tensors + lengths + ['-f'],
                    ['--skip-existing']))
    states = [*(f'avg_{n}.safetensors' for n in (30, 60)), 'state']
    grow = [Work('state', states, [], tensors[:2] + grown, []),
            Work('state updated', states, tensors[:2] + grown, tensors[2:] + grown, [])]
    return new + old + grow if LONG else [new[0], new[2], *old[:4], new[4], grow[1]]


# ---- the disk ----

def call(*args):
    """Runs a program that must not fail."""
    subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def segments(path):
    """What is in a sparse file: pairs of an offset and bytes. Read until nothing changes
    meanwhile: the kernel writes when it likes."""
    fd = os.open(path, os.O_RDONLY)
    seen = None
    try:
        while True:
            found, end = [], 0
            while True:
                try:
                    start = os.lseek(fd, end, os.SEEK_DATA)
                except OSError:
                    break
                end = os.lseek(fd, start, os.SEEK_HOLE)
                found.append((start, os.pread(fd, end - start, start)))
            if found == seen:
                return found
            seen = found
    finally:
        os.close(fd)


def write_image(path, parts):
    """A sparse file of these segments."""
    with open(path, 'wb') as to:
        to.truncate(SIZE)
        for start, data in parts:
            to.seek(start)
            to.write(data)


def mount(image, place, options='rw'):
    """Mounts an image. To be read only it would need to be clean."""
    call('mount', '-t', 'ext4', '-o', 'loop,' + options, image, place)


def make_disk(content):
    """The segments of an image whose folder `run` holds these files."""
    image = os.path.join(box.name, 'fresh')
    write_image(image, [])
    call('mkfs.ext4', '-q', '-b', '1024', '-J', 'size=1', '-m', '0', '-E',
         'lazy_itable_init=0,lazy_journal_init=0', image)
    mount(image, PLACE)
    try:
        for name, data in content.items():
            path = os.path.join(PLACE, 'run', name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as to:
                to.write(data)
        os.makedirs(os.path.join(PLACE, 'run'), exist_ok=True)
        with open(os.path.join(PLACE, 'tick'), 'wb'):
            pass
    finally:
        call('umount', PLACE)
    return segments(image)


def nothing(_):
    """Leaves it to the kernel what gets to the disk."""


def journal(fd):
    """Commits the journal, and writes no file's bytes but those of this one, which has none."""
    os.utime(fd)
    os.fsync(fd)


def everything(fd):
    """Writes all that the kernel has."""
    tracing.libc.syncfs(fd)


# ---- the copies ----

class Copy(typing.NamedTuple):
    """A copy of the image."""
    path: str
    when: str    # what the run has just done
    over: bool   # it has ended


def changes(step):
    """Can a call have changed what is on the disk, or is it the end?"""
    if isinstance(step, int):
        return True
    if step.name == 'openat':
        return step.args[2] & CREATES and step.result >= 0
    return step.result >= 0


def cut(work, disk, options, settle):
    """Runs a work on a disk: the copies, one of each kind, and the number of stops. settle gets a
    descriptor of a file of the disk before it is copied."""
    image = os.path.join(box.name, 'image')
    write_image(image, disk)
    mount(image, PLACE, options)
    tick = os.open(os.path.join(PLACE, 'tick'), os.O_RDWR | os.O_CLOEXEC)
    copies, stops = {}, collections.Counter()
    try:
        for step in tracing.steps(command(work), os.path.join(PLACE, 'run'), words.fileno()):
            if step is None or not changes(step):
                continue
            over = isinstance(step, int)
            if over and step != 0:
                raise RuntimeError(f'{work.title}: it ended with {step}')
            stops[step if over else step.name] += 1
            if not over:
                settle(tick)
            parts = segments(image)
            key = (hashlib.sha256(repr([(a, hashlib.sha256(b).digest()) for a, b in parts])
                                  .encode()).digest(), over)
            if key not in copies:
                when = 'exit' if over else f'{step.name} {stops[step.name]}'
                copy = Copy(os.path.join(box.name, f'copy{len(copies)}'), when, over)
                write_image(copy.path, parts)
                copies[key] = copy
    finally:
        os.close(tick)
        call('umount', PLACE)
    return list(copies.values()), sum(stops.values())


def command(work, *more):
    """The command line of a run."""
    return [tap.AVG, '-q', '--threads=1', '--progress=never', *work.args, *more]


def part(content, output):
    """What is of one output: the file, or all that is in the folder; {}: it is not there."""
    return {n: data for n, data in content.items() if n == output or n.startswith(output + '/')}


def judge(work, content, old, new, over):
    """What is wrong with what a copy holds; None: nothing."""
    for output in work.outputs:
        found = part(content, output)
        if found != part(new, output) and (over or found != part(old, output)):
            sizes = {n: f'{len(d)} bytes, {d.count(0)} of them 0' for n, d in found.items()}
            return f'{output} is neither old nor new: {sizes}'
    if part(content, 'state') and part(content, 'state') == part(new, 'state') and any(
            part(content, o) != part(new, o) for o in work.outputs):
        return 'the state is ahead of an output'
    others = {n.split('/')[0] for n in content} - set(work.outputs)
    if others - {f'.{o}.belay-tmp' for o in work.outputs}:
        return f'there are {sorted(others)}'
    return None


def look(work, copy, old, new, again):
    """Mounts a copy: what is wrong with it, or None. It is gone then."""
    place = tempfile.mkdtemp(dir=box.name)
    try:
        mount(copy.path, place)
        try:
            folder = os.path.join(place, 'run')
            why = judge(work, tracing.tree(folder), old, new, copy.over)
            if again and not why:
                r = subprocess.run(command(work, *work.again), cwd=folder, check=False,
                                   stdin=subprocess.DEVNULL, capture_output=True)
                if r.returncode != 0 or tracing.tree(folder) != new:
                    why = f'the next run ends with {r.returncode} and leaves ' \
                        f'{sorted(tracing.tree(folder))}: {r.stderr.decode()}'
        finally:
            call('umount', '-l', place)  # a child that starts may still have a file open
    except (OSError, subprocess.CalledProcessError) as e:
        why = f'cannot be read: {e}'
    os.unlink(copy.path)
    return f'{copy.when}: {why}' if why else None


# ---- the points ----

def made(work):
    """The old and the new files, made where no power fails."""
    folder = tempfile.mkdtemp(dir=box.name)
    if work.before:
        subprocess.run([tap.AVG, '-q', *work.before], cwd=folder, check=True)
    old = tracing.tree(folder)
    subprocess.run(command(work), cwd=folder, check=True)
    return old, tracing.tree(folder)


def broken(work, mode, settle, again):
    """Fails the power of a work everywhere: what is wrong with the copies, and their number."""
    old, new = made(work)
    copies, stops = cut(work, make_disk(old), MOUNTS[mode], settle)
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        wrong = pool.map(lambda i, copy: look(work, copy, old, new, again and i % again == 0),
                         range(len(copies)), copies)
    return [w for w in wrong if w], len(copies), stops, old != new


def everywhere(work, mode):
    """All passes of a work."""
    wrong, copies, stops, differ = [], 0, 0, True
    for settle in [nothing, journal] + [everything] * LONG:
        found, n, calls, other = broken(work, mode, settle, AGAIN)
        wrong += found
        copies, stops, differ = copies + n, stops + calls, differ and other
    tap.ok(not wrong and differ and copies > 8, f'{work.title}, {mode}: old or new', *wrong[:10])
    tap.note(f'{stops} stops, {copies} disks that differ')
    return stops, copies


def without_sync(work, mode):
    """The test can fail."""
    work = work._replace(args=work.args + ['--sync=no'])
    wrong, copies, _, _ = broken(work, mode, journal, 0)
    wrong = [w for w in wrong if 'neither old nor new' in w]
    tap.ok(wrong, f'{work.title}, {mode}: with --sync=no some of {copies} are broken')
    tap.note(f'{len(wrong)} broken, such as {wrong[:1]}')


def all_of_it():
    """Every work on every mount."""
    stops = copies = 0
    chosen = works()
    for work, mode in itertools.product(chosen, MOUNTS if LONG else ['writeback']):
        a, b = everywhere(work, mode)
        stops, copies = stops + a, copies + b
    if not LONG:
        everywhere(chosen[0], 'ordered')
    for work, mode in itertools.product(chosen if LONG else chosen[:1], MOUNTS):
        # Elsewhere ext4 itself may write the bytes first.
        if mode == 'writeback' or (mode == 'ordered' and not work.before):
            without_sync(work, mode)
    tap.note(f'{stops} stops, {copies} disks mounted')


def impossible():
    """Why there can be no such disk here; None: there can."""
    if os.geteuid() != 0 or not sys.platform.startswith('linux'):
        return 'only root may mount a disk'
    if not shutil.which('mkfs.ext4'):
        return 'mkfs.ext4 is not here'
    os.mkdir(PLACE)
    try:
        if tracing.libc.unshare(0x20000) != 0:  # CLONE_NEWNS: what is mounted goes with us
            return 'no loop device can be mounted here'
        call('mount', '--make-rprivate', '/')
        make_disk({})
        list(tracing.steps([tap.AVG, '--version'], '/', words.fileno()))
    except (OSError, subprocess.CalledProcessError):
        return 'no loop device can be mounted here'
    except tracing.Untraceable as e:
        return str(e)
    return None


with tempfile.TemporaryFile() as words:
    why_not = impossible()
    if not why_not:
        tap.case(all_of_it)
box.cleanup()
if why_not:
    tap.skip_all(why_not)
tap.finish()
