"""limits.py - averages one file with bounds on what that may cost: processor time and memory, of
all processes of the run."""
import os
import re
import resource
import signal
import subprocess

import tap

SECONDS = 2
KILOBYTES = 256 * 1024
PROCESSES = 3  # the main one, a scout, a scribe
HANG = 120
SANITIZER = ('Sanitizer', 'runtime error:')


def sanitized():
    """Was belay built with sanitizers? They take time and memory."""
    with open(os.path.join(tap.BUILD, 'config.log'), encoding='utf-8', errors='replace') as f:
        return re.search(r"^SANITIZE_CFLAGS='.+'$", f.read(), re.M) is not None


FREE = sanitized()


def in_library(report):
    """Did a sanitizer find it in the library? Its innermost frame but for its own says so."""
    for frame in re.findall(r'^ *#\d+ .*', report, re.M):
        if 'sanitizer' not in frame:
            return 'libhdf5' in frame
    return False


def bound():
    """In the child, before it is belay: a process that spins is ended."""
    signal.alarm(HANG)
    if not FREE:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))


class Run:
    """One run of belay-avg: exit code (negative: a signal), what it said, what it left in the
    folder of its output, and what is wrong with that."""

    def __init__(self, folder, *args):
        said = os.path.join(folder, 'said')
        with open(said, 'w', encoding='utf-8') as err:
            with subprocess.Popen([tap.AVG, '-q', '-f', *args], stdin=subprocess.DEVNULL,
                                  stdout=err, stderr=err, preexec_fn=bound) as child:
                _, status, self.usage = os.wait4(child.pid, 0)
                self.code = child.returncode = os.waitstatus_to_exitcode(status)
        with open(said, encoding='utf-8', errors='replace') as f:
            self.said = f.read().strip()
        os.unlink(said)
        self.left = os.listdir(folder)

    def seconds(self):
        """Of processor time, children and all."""
        return self.usage.ru_utime + self.usage.ru_stime

    def kilobytes(self):
        """At most, if all processes were as large as the largest at one time."""
        return self.usage.ru_maxrss * PROCESSES

    def wrong(self):
        """What no input may lead to."""
        found = [word for word in SANITIZER if word in self.said]
        if not FREE and self.seconds() > SECONDS:
            found.append(f'{self.seconds():.1f} s')
        if not FREE and self.kilobytes() > KILOBYTES:
            found.append(f'{self.kilobytes()} kB')
        return found + [name for name in self.left if 'belay-tmp' in name]
