"""tracing.py - a program that is stopped behind every system call by which it changes files, with
all of its threads and children.
"""
import ctypes
import os
import platform
import signal
import struct
import typing

# What changes files: the numbers on x86_64 and on aarch64, which has no old ones.
NUMBERS = {
    'write': (1, 64), 'writev': (20, 66), 'pwrite64': (18, 68), 'pwritev': (296, 70),
    'copy_file_range': (326, 285), 'sendfile': (40, 71), 'fallocate': (285, 47),
    'ftruncate': (77, 46), 'sync_file_range': (277, 84), 'fsync': (74, 82),
    'fdatasync': (75, 83), 'openat': (257, 56), 'open': (2, None), 'mkdir': (83, None),
    'mkdirat': (258, 34), 'rename': (82, None), 'renameat': (264, 38), 'renameat2': (316, 276),
    'link': (86, None), 'linkat': (265, 37), 'unlink': (87, None), 'rmdir': (84, None),
    'unlinkat': (263, 35), 'fchmod': (91, 52)}
MACHINE = {'x86_64': 0, 'aarch64': 1}.get(platform.machine())
NAMES = {} if MACHINE is None else {n[MACHINE]: name for name, n in NUMBERS.items()}

SYSCALL, SETOPTIONS, SYSCALL_INFO = 24, 0x4200, 0x420e
OPTIONS = 0x100000 | 1 | 2 | 4 | 8 | 16  # end with the tracer; calls, forks, threads, exec
WALL = 0x40000000
INFO = 88  # bytes of struct ptrace_syscall_info

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


class Untraceable(Exception):
    """Processes cannot be traced here."""


class Call(typing.NamedTuple):
    """A call that has returned, of a process that waits."""
    name: str
    args: list
    result: int
    process: int  # the program that was started, to be killed


def _start(args, folder, words):
    """The program, stopped before its first step."""
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            os.dup2(words, 1)
            os.dup2(words, 2)
            libc.ptrace(0, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execv(args[0], args)
        finally:
            os._exit(127)
    os.waitpid(child, 0)
    if libc.ptrace(SETOPTIONS, child, None, ctypes.c_void_p(OPTIONS)) != 0 or MACHINE is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise Untraceable('processes cannot be traced here')
    libc.ptrace(SYSCALL, child, None, None)
    return child


def _call(tid, child, entered):
    """What a stop at a call is: at its beginning None, at its end the Call, where it is one of
    NUMBERS."""
    room = ctypes.create_string_buffer(INFO)
    if libc.ptrace(SYSCALL_INFO, tid, ctypes.c_void_p(INFO), room) < 0:
        return None
    if room.raw[0] == 1:
        entered[tid] = struct.unpack_from('<7Q', room.raw, 24)
        return None
    number, *args = entered.pop(tid, (None,))
    result, = struct.unpack_from('<q', room.raw, 24)
    return Call(NAMES[number], args, result, child) if number in NAMES else None


def steps(args, folder, words):
    """Runs a program in a folder; its messages go to the descriptor words. Yields every Call that
    has returned, and last its exit code (less than 0: a signal)."""
    child = _start(args, folder, words)
    entered, known, code = {}, {child}, None
    while True:
        try:
            tid, status = os.waitpid(-1, WALL)
        except ChildProcessError:
            break
        if not os.WIFSTOPPED(status):
            known.discard(tid)
            code = os.waitstatus_to_exitcode(status) if tid == child else code
            continue
        deliver = os.WSTOPSIG(status)
        if deliver == signal.SIGTRAP | 0x80:
            call = _call(tid, child, entered)
            if call:
                yield call
        if deliver & 0x7f == signal.SIGTRAP or (deliver == signal.SIGSTOP and tid not in known):
            deliver = 0
        known.add(tid)
        libc.ptrace(SYSCALL, tid, None, ctypes.c_void_p(deliver))
    yield code


def tree(folder):
    """All files below a folder: name to bytes."""
    found = {}
    for top, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(top, name)
            with open(path, 'rb') as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found
