"""completions.py - lines typed into bash on a terminal, with tabs, and what belay-avg gets then:
lint/completions.sh calls the functions as readline would, this is readline.
"""
import os
import pty
import shutil
import signal
import tempfile

import tap

SCRIPT = os.path.join(tap.BUILD, 'completions', 'bash', 'belay-avg')
LINES = [
    ('belay-avg --weights my\t\t', ['--weights', 'my folder/w 1.tsv']),
    ('belay-avg --weights=my\t\t', ['--weights=my folder/w 1.tsv']),
    ('belay-avg --meth\tspr\t', ['--method=spring']),
    ('belay-avg --method=ema,spr\t--half\t5 my\t\t',
     ['--method=ema,spring', '--half-life=5', 'my folder/w 1.tsv']),
    ('belay-avg --hdf5-plugins=my\t', ['--hdf5-plugins=my folder/']),
    ('belay-avg --pl\t -fo my\t', ['--plan', '-fo', 'my folder/']),
    ('belay-avg --plan=j\tmy\t', ['--plan=json', 'my folder/']),
    ('belay-avg --threads \t', ['--threads']),
    ('belay-avg -- --weights my\t', ['--', '--weights', 'my folder/']),
]
SETTING = f'''PS1= PS2=
bind 'set bell-style none'
. '{SCRIPT}'
belay-avg() {{ printf '%s\\n' B'EGIN' "$@" E'ND'; }}
'''


def typed(text):
    """What bash prints, a line each, where all of text is typed into it."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM='dumb', HISTFILE='', INPUTRC='/dev/null')
        os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])
    said = b''
    try:
        for line in text.splitlines(keepends=True):
            os.write(fd, line.encode())
        while more := os.read(fd, 65536):
            said += more
    except OSError:  # bash has closed the terminal
        pass
    os.waitpid(pid, 0)
    os.close(fd)
    return said.decode().replace('\r', '').split('\n')


if not shutil.which('bash'):
    tap.skip_all('bash is not here')
if not os.path.exists(SCRIPT):
    tap.skip_all('no completions are made for another machine')
signal.alarm(120)
with tempfile.TemporaryDirectory() as box:
    os.chdir(box)
    os.mkdir('my folder')
    with open('my folder/w 1.tsv', 'wb'):
        pass
    printed = typed(SETTING + ''.join(line + '\n' for line, _ in LINES) + 'exit\n')
    begins = [i for i, line in enumerate(printed) if line == 'BEGIN']
    tap.ok(len(begins) == len(LINES), 'every line ran', printed)
    for at, (line, want) in zip(begins, LINES):
        got = printed[at + 1:printed.index('END', at)]
        tap.ok(got == want, line.replace('\t', '<tab>'), got)
    os.chdir('/')
tap.finish()
