"""io_count.py - what the kernel counts: a sweep reads every input byte once, in bounded memory.

Needs nothing but Python. The child's counters are read after its end, before it is reaped.
"""
import array
import json
import os
import random
import subprocess
import tempfile

import tap

MIB = 1 << 20
HALF_LIVES = '1,2,3,4,5,6,7,8'
# The program itself, its libraries, /proc: all that is read beside the inputs.
SLACK = MIB // 2

if not os.path.exists('/proc/self/io'):
    tap.skip_all('there is no /proc/self/io here')
box = tempfile.TemporaryDirectory()


def checkpoint(step, elements, data=None):
    """Writes a safetensors file of f32; without data it is a hole, read as zeros."""
    shape = [elements // 1024, 1024]
    header = json.dumps({'__metadata__': {'step': str(step)},
                         'w': {'dtype': 'F32', 'shape': shape, 'data_offsets': [0, 4 * elements]}})
    header = header.encode() + b' ' * (-len(header) % 8)
    path = os.path.join(box.name, f'model-{step}.safetensors')
    with open(path, 'wb') as f:
        f.write(len(header).to_bytes(8, 'little') + header)
        if data is None:
            f.truncate(8 + len(header) + 4 * elements)
        else:
            f.write(data)
    return path


def measured(*args, stdout=subprocess.DEVNULL):
    """Runs belay-avg: (bytes it read, bytes it wrote, its peak resident memory in bytes)."""
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen([tap.AVG, *args], stdin=subprocess.DEVNULL, stdout=stdout,
                                 stderr=words)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        with open(f'/proc/{child.pid}/io', encoding='ascii') as f:
            io = {k: int(v) for k, v in (line.split(':') for line in f)}
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        words.seek(0)
        if child.returncode:
            raise RuntimeError(f'exit {child.returncode}\n' + words.read().decode())
    return io['rchar'], io['wchar'], usage.ru_maxrss * 1024


def sweeps_read_once():
    """8 half-lives over 8 files of 8 MiB."""
    noise = random.Random(1)
    block = array.array('f', (noise.uniform(-1, 1) for _ in range(MIB // 4))).tobytes()
    files = [checkpoint(step, 2 * MIB, block[step:] + block[:step] + 7 * block)
             for step in range(4, 36, 4)]
    total = sum(os.path.getsize(f) for f in files)
    rest = ('--memory=64MiB', '--threads=2', *files, '-o')
    one = measured('--half-life=4', *rest, os.path.join(box.name, 'one.safetensors'))
    sweep = measured(f'--half-life={HALF_LIVES}', *rest,
                     os.path.join(box.name, 'avg_{half-life}.safetensors'))
    made = [f for f in os.listdir(box.name) if f.startswith('avg_')]
    tap.ok(len(made) == 8, 'a sweep of 8 half-lives makes 8 files', made)
    tap.ok(total <= sweep[0] <= total + SLACK, 'it reads every input byte once',
           f'{sweep[0]} bytes read, {total} in the inputs')
    recipe = os.path.join(box.name, 'sweep.yaml')
    with open(recipe, 'w', encoding='utf-8') as f:
        f.write('inputs: model-*.safetensors\noutput: run_{name}_{index}.safetensors\n'
                'memory: 64MiB\nthreads: 2\nruns:\n'
                '- {name: ema, half-life: "2:20:10"}\n- {name: mean, method: uniform}\n'
                '- {name: belay, method: belay, half-life: [2, 4, 8], mass-ratio: [0.5, 1, 2]}\n')
    many = measured(recipe)
    made = [f for f in os.listdir(box.name) if f.startswith('run_')]
    tap.ok(len(made) == 20 and total <= many[0] <= total + SLACK,
           'a recipe of 20 averages by 3 methods reads every input byte once',
           f'{len(made)} made, {many[0]} bytes read, {total} in the inputs')
    tap.ok(abs(sweep[0] - one[0]) < SLACK // 8, 'as many as one half-life does', sweep[0], one[0])
    tap.ok(sweep[1] < 8 * 8 * MIB + SLACK, 'it writes every output byte once', sweep[1])
    tap.ok(sweep[2] < 64 * MIB, 'it stays under --memory 64MiB', f'{sweep[2] / MIB:.1f} MiB')
    for f in files:
        os.unlink(f)


def memory_is_bounded():
    """16 large files (BELAY_TEST_MB each, default 500), to a pipe."""
    size = int(os.environ.get('BELAY_TEST_MB', '500'))
    files = [checkpoint(step, size * 250000 // 1024 * 1024) for step in range(16)]
    total = sum(os.path.getsize(f) for f in files)
    with open(os.devnull, 'wb') as null:
        read, _, peak = measured('--half-life=4', '--memory=64MiB', *files, '-o', '-', stdout=null)
    tap.ok(peak < 64 * MIB, f'16 files of {size} MB: less than 64 MiB of memory',
           f'{peak / MIB:.1f} MiB')
    tap.ok(total <= read <= total + SLACK, f'16 files of {size} MB: each byte is read once',
           f'{read} bytes read, {total} in the inputs')
    print(f'# peak {peak / MIB:.1f} MiB, {total / 1e6:.0f} MB read')


tap.case(sweeps_read_once)
tap.case(memory_is_bounded)
box.cleanup()
tap.finish()
