"""judge.py - which faults a call can have, and whether a run that had one ended as it may."""
import os
import re
import typing

from workloads import temporary

SCOUT = 1  # the number of the process that reads HDF5; a scribe comes after it
SIGNALS = {'KILL': 9, 'TERM': 15, 'INT': 2, 'HUP': 1}
READS = {'read', 'pread64', 'preadv2'}
WRITES = {'write', 'pwrite64', 'fallocate', 'ftruncate'}
MAKES = {'renameat', 'renameat2', 'rename', 'linkat', 'link', 'mkdirat', 'mkdir'}
WIRE = {'sendmsg', 'recvmsg', 'sendto', 'recvfrom'}
FULL = ('ENOSPC', 'EDQUOT')
SHORTENED = {'pread64', 'preadv2', 'read', 'pwrite64', 'write', 'recvfrom', 'sendto'}

# What else can go wrong with a call; a signal can come with every one.
ERRORS = {
    **dict.fromkeys(READS, ('EIO', 'EINTR')),
    **dict.fromkeys(WRITES, (*FULL, 'EIO', 'EINTR')),
    **dict.fromkeys(MAKES, (*FULL, 'EIO')),
    **dict.fromkeys(WIRE, ('EIO', 'EINTR')),
    **dict.fromkeys(('fsync', 'close', 'openat', 'open'), (*FULL, 'EIO', 'EINTR')),
    **dict.fromkeys(('unlinkat', 'unlink', 'rmdir', 'fchmod', 'flock', 'newfstatat', 'fstat',
                     'stat', 'lstat', 'access', 'getdents64', 'readlink', 'sync_file_range',
                     'fadvise64', 'dup', 'dup2', 'setsockopt', 'statfs', 'getcwd', 'lseek'),
                    ('EIO',)),
    **dict.fromkeys(('wait4', 'poll'), ('EINTR',)),
    'clone': ('EAGAIN',), 'socketpair': ('EMFILE',),
}
# An output that is not whole, or not sure to be on the disk: that must be told.
FATAL = WRITES | MAKES | {'fsync', 'close'}
# Interrupted for no reason, these do not matter.
AGAIN = READS | WRITES | WIRE | {'wait4', 'poll', 'close'}


class Call(typing.NamedTuple):
    """A system call as inject tells of it."""
    process: int
    name: str
    number: int  # of those of this name
    path: str


class Fault(typing.NamedTuple):
    """What is done to it."""
    call: Call
    what: str


class Run(typing.NamedTuple):
    """What came of it."""
    code: int    # less than 0: a signal
    hit: object  # the call that was hit; None: it was not reached
    synced: tuple  # the paths that were synced
    words: str
    after: dict  # what is in the folder


def faults_of(call):
    """All that can be done to a call."""
    yield from (Fault(call, name) for name in SIGNALS)
    if os.uname().machine != 'x86_64':  # inject knows no other registers
        return
    yield from (Fault(call, name) for name in ERRORS.get(call.name, ()))
    if call.name in SHORTENED:
        yield Fault(call, 'SHORT')


def place_of(path, folder, outs):
    """What a path is in a run: (kind, the name that a message has to have)."""
    if path.startswith(('socket:', 'pipe:')) or not path:
        return 'other', ''
    path = os.path.normpath(path)
    inputs = os.path.join(os.path.dirname(folder), 'in')
    if path.startswith(inputs + '/'):
        return 'input', path[len(inputs) + 1:].split('/', 1)[0]
    if path == folder:
        return 'folder', ''
    if not path.startswith(folder + '/'):
        return 'other', ''
    first = path[len(folder) + 1:].split('/', 1)[0]
    for name in outs:
        if first in (name, temporary(name)):
            return 'output', name
    return 'other', ''


def codes_of(fault, place, resumes):
    """The exit codes by which a failure is told truly."""
    if fault.call.process > 0:  # a scout reads, a scribe writes
        return {3 if fault.call.process == SCOUT else 4}
    if fault.call.name in WIRE or place == 'other':
        return {3, 4, 5}
    if place == 'input':
        return {3}
    return {3, 4} if resumes else {4}


def out_of_order(calls, folder, outs):
    """What of a run without faults is out of order: outputs are written, synced, renamed,
    and then the folder is synced."""
    calls = [call for call in calls if call.process == 0]
    for name in outs:
        path = os.path.join(folder, temporary(name))
        at = next((i for i, call in enumerate(calls)
                   if call.name in MAKES and call.name[0] == 'r' and call.path == path), None)
        if at is None:
            yield f'{name} is not renamed'
            continue
        before = [call for call in calls[:at] if (call.path + '/').startswith(path + '/')]
        for file in {call.path for call in before if call.name in WRITES} | {path}:
            last = [call.name for call in before if call.path == file
                    and call.name in WRITES | {'fsync'}][-1:]
            if last != ['fsync']:
                yield f'{file} is not synced before it is renamed'
        if not any(call.name == 'fsync' and call.path == folder for call in calls[at:]):
            yield f'the folder is not synced after {name} is renamed'


class Judge:
    """Holds runs of one scene against what is promised. Every wrong is (kind, what it is)."""

    def __init__(self, scene, folder):
        self.scene, self.outs, self.folder = scene, scene.work.outs, folder

    def standing(self, after):
        """Of each output: old, new, lost or broken."""
        found = []
        for name in self.outs:
            now, old = after.get(name), self.scene.old.get(name)
            if now == self.scene.new[name]:
                found.append('new')
            elif now == old:
                found.append('old')
            else:
                found.append('lost' if now is None else 'broken')
        return found

    def wrongs(self, fault, run):
        """Everything that is wrong with a run, but for the next one."""
        standing = self.standing(run.after)
        wrong = [(how, f'{name} is {how}') for name, how in zip(self.outs, standing)
                 if how in ('lost', 'broken')]
        if self.scene.work.resumes and standing[-1] == 'new' and 'old' in standing:
            wrong.append(('broken', 'the state is ahead of an output'))
        wrong += [('exit', text) for text in self.exit(fault, run, set(standing) == {'new'})]
        wrong += [('left', text) for text in self.left(fault, run)]
        wrong += [('words', text) for text in self.words(fault, run)]
        twice = {path for path in run.synced if run.synced.count(path) > 1} - {self.folder}
        return wrong + [('exit', f'{path} was synced again') for path in twice]

    def exit(self, fault, run, whole):
        """Is the exit code true?"""
        call, what = fault
        place, _ = place_of(call.path, self.folder, self.outs)
        if run.code == 0 and not whole:
            yield 'exit 0, but not all outputs are new'
        if what in SIGNALS and call.process == 0:
            if run.code not in (0, -SIGNALS[what]) or (run.code == 0 and what == 'KILL'):
                yield f'SIG{what}, but exit {run.code}'
        elif run.code < 0:
            yield f'ended by signal {-run.code}'
        elif what != 'KILL' and (what in SIGNALS or what == 'SHORT'):
            if run.code != 0:
                yield f'{what}, and exit {run.code}'
        elif what == 'EINTR' and call.name in AGAIN:
            if run.code != 0:
                yield f'interrupted, and exit {run.code}'
        elif run.code == 0:
            if what != 'KILL' and self.is_fatal(call, what, run.synced):
                yield f'{call.name} failed, and exit 0'
        elif run.code not in codes_of(fault, place, self.scene.work.resumes):
            yield f'exit {run.code}'

    def is_fatal(self, call, what, synced):
        """May nobody say that all went well? Of inputs they may: two headers that could not be
        compared are both read."""
        if call.process > 0 or what == 'EINTR':
            return False
        place, name = place_of(call.path, self.folder, self.outs)
        if place == 'folder':
            return call.name == 'fsync'
        if call.name == 'close':  # what is lost before, fsync tells
            names = {place_of(path, self.folder, self.outs)[1] for path in synced}
            is_folder = isinstance(self.scene.new.get(name), dict)
            if is_folder:  # its files
                return call.path in synced and not call.path.endswith(temporary(name))
            return bool(name) and name in names
        return place == 'output' and call.name in FATAL

    def left(self, fault, run):
        """What is in the folder and should not be."""
        killed = fault.what == 'KILL' and fault.call.process == 0
        temporaries = [temporary(name) for name in self.outs]
        for name in run.after:
            if name in self.outs:
                continue
            # A message names what cannot be removed, or must not be; and what a dead run has left
            # is there still where this one came not so far.
            told = run.code == 4 and name in run.words
            early = run.code != 0 and run.after[name] == self.scene.before.get(name)
            if name not in temporaries or not (killed or told or early):
                yield f'{name} is left'

    def words(self, fault, run):
        """Does a message say what failed?"""
        if run.code <= 0:
            return
        call = fault.call
        place, name = place_of(call.path, self.folder, self.outs)
        if not run.words.startswith('belay-avg: '):
            yield f'it says {run.words!r}'
        elif name not in run.words and call.process == 0:
            yield f'it does not name {name}: {run.words!r}'
        full = fault.what in FULL and call.name in ('fallocate', 'pwrite64', 'ftruncate')
        if full and place == 'output' and call.process == 0 and \
                not re.search(r'\d+ bytes are needed, \d+ are free', run.words):
            yield f'it does not say how much is needed: {run.words!r}'
