"""same_bits.py - weights and whole outputs are the same bits where libm rounds otherwise (glibc
takes its variants with fused multiplications away when told to) and on other architectures, for
every method and thousands of settings.

Other architectures are emulated by qemu-user, where that and a compiler for them are at hand;
with BELAY_LONG=1 other compilers and levels of optimization are compared too."""
import glob
import hashlib
import json
import os
import random
import shutil
import subprocess
import tempfile

import tap

tap.need('mpmath')
import corners  # noqa: E402
import warmups  # noqa: E402
import weights  # noqa: E402

LONG = os.environ.get('BELAY_LONG', '') not in ('', '0')
LIBM = os.path.join(tap.BUILD, 'tests', 'unit', 'libm_bits')
MANUAL = os.path.join(tap.BUILD, 'tests', 'unit', 'print_manual')
# Names of glibc before and since 2.33; those it does not know it ignores.
MASK = {'GLIBC_TUNABLES':
        'glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX2,-FMA,-FMA4,-AVX512F'}
FOREIGN = ('posthoc', 'weights')    # methods that need files
# Compilers and emulators.
MACHINES = [(f'{name}-linux-{abi}-gcc', emulator) for name, abi, emulator in (
    ('aarch64', 'gnu', 'qemu-aarch64'), ('riscv64', 'gnu', 'qemu-riscv64'),
    ('powerpc64le', 'gnu', 'qemu-ppc64le'), ('s390x', 'gnu', 'qemu-s390x'),
    ('arm', 'gnueabihf', 'qemu-arm'))]
COMPILERS = [['gcc', '-O0'], ['gcc', '-O3', '-march=native'], ['clang', '-O3', '-march=native'],
             ['clang-14', '-O2'], ['gcc', '-O2', '-m32', '-msse2', '-mfpmath=sse']]
BOX = tempfile.TemporaryDirectory()


def methods():
    """Their names, as the manual has them."""
    text = subprocess.run([MANUAL, 'methods'], capture_output=True, check=True, text=True).stdout
    return [line[4:] for line in text.splitlines() if line.startswith('.Ss ')]


def others():
    """Settings of the methods that are no springs, from what each may need."""
    rng, lines = random.Random(3), []
    for method in sorted(set(methods()) - {'ema', 'spring', 'belay'} - set(FOREIGN)):
        for _ in range(150):
            n = [rng.randrange(1000)]
            for _ in range(rng.randrange(1, 40)):
                n.append(n[-1] + int(weights.log_uniform(1, rng.choice([2, 1e3, 1e9]))))
            need = rng.choice(['', f' window={rng.uniform(5, 95)!r}%',
                               f' rel-std={rng.uniform(.01, .28)!r}',
                               f' rel-std={rng.uniform(.01, .28)!r} hold=right'])
            lines.append(f'method={method}{need}\t' + ' '.join(map(str, n)) + '\n')
    return lines


def lengths(count):
    """Lengths and warm-ups over one gap: functions of libm differ in one result of thousands."""
    rng, lines = random.Random(5), []
    for _ in range(count):
        size, span = weights.log_uniform(1, 1e6), rng.randrange(1, 10 ** 6)
        lines.append(rng.choice([
            f'method=ema half-life={size!r}', f'method=ema mean-age={size!r}',
            f'method=ema rel-std={size / span!r}',
            f'method=spring half-life={size!r} damping={weights.log_uniform(1, 50)!r}',
            f'method=spring half-life={5 + size!r} damping={rng.uniform(.1, 1)!r}',
            f'method=spring decay={2 ** (-1 / (9 + size))!r} damping={rng.uniform(.3, 3)!r}',
            f'method=ema half-life={size!r} warmup=diffusers:{weights.log_uniform(1, 100)!r},'
            f'{rng.uniform(.3, 2)!r}']))
        lines[-1] += f'\t0 {1 + span % 30 if "warmup" in lines[-1] else span}\n'
    return ''.join(lines)


def settings():
    """All lines for dump_rows but those."""
    cases = [weights.Case() for _ in range(3000)] + [warmups.Case(True) for _ in range(1000)]
    cases += [corners.Corner(make) for _, make, _ in corners.CORNERS for _ in range(50)]
    return ''.join([c.line() for c in cases] + others())


def rows(command, text, env=None):
    """What a dump_rows prints."""
    r = subprocess.run(command, input=text, capture_output=True, check=True, text=True,
                       env={**os.environ, **(env or {})})
    return r.stdout.splitlines()


def compare(name, text, expected, found):
    """One point: no line differs."""
    lines = text.splitlines()
    differing = [f'{a}: {b[:200]}, not {c[:200]}' for a, b, c in zip(lines, found, expected)
                 if b != c]
    return tap.ok(len(found) == len(expected) == len(lines) and not differing, name,
                  f'{len(differing)} of {len(lines)} differ', *differing[:5])


def check_covered(text, expected):
    """Every method has rows."""
    have = {line.split()[0].partition('=')[2] for line, row in zip(text.splitlines(), expected)
            if not row.startswith('error')}
    made = sum(not row.startswith('error') for row in expected)
    tap.note(f'{made} rows of {len(expected)} settings')
    missing = set(methods()) - have - set(FOREIGN)
    tap.ok(not missing and made > 4000, 'every method has rows', *sorted(missing))


# ---- another libm ----

def masked():
    """Does the mask change what libm computes?"""
    def bits(env):
        return subprocess.run([LIBM], capture_output=True, check=True, env=env).stdout
    return bits(dict(os.environ)) != bits({**os.environ, **MASK})


RUNS = [
    ['--method=ema,spring,belay', '--half-life=20,10%,300'],
    ['--method=uniform'],
    ['--method=spring,belay', '--damping=.1,1,20', '--mean-age=90'],
    ['--method=belay', '--particle=model', '--mass-ratio=.3,4', '--restore=0,.01'],
    ['--decay=.9,.999', '--warmup=tf'],
    ['--warmup=diffusers:1,2/3'],
    ['--rel-std=.01:.3:log7', '--start=zero', '--hold=mid'],
    ['--method=window', '--window=30%,70%'],
]


def outputs(folder, env):
    """Averages of a real run: (weights in hex, digest of the file) each."""
    os.mkdir(folder)
    files = sorted(glob.glob(os.path.join(tap.DATA, 'digits', 'ckpt_*.safetensors')))
    made = {}
    for number, options in enumerate(RUNS):
        args = [*options, *files, '-o', os.path.join(folder, f'{number}_{{index}}.safetensors')]
        plan = json.loads(tap.avg('--plan=json', *args, env=env))
        tap.avg('-q', '--sync=no', *args, env=env)
        for output, row in zip(plan['outputs'], plan['weights_hex']):
            with open(output['path'], 'rb') as f:
                digest = hashlib.sha256(f.read()).hexdigest()
            made[os.path.basename(output['path'])] = (row, digest)
    return made


def check_masked(text, expected):
    """Weights, and whole files."""
    names = ['weights where libm rounds otherwise', 'outputs where libm rounds otherwise']
    if not masked():
        for name in names:
            tap.skip(name, 'libm has no variants here, or does not hide them')
        return
    more = lengths(40000)
    compare(names[0], text + more, expected + rows([weights.dump.PROGRAM], more),
            rows([weights.dump.PROGRAM], text + more, MASK))
    plain = outputs(os.path.join(BOX.name, 'plain'), {})
    other = outputs(os.path.join(BOX.name, 'masked'), MASK)
    differing = [name for name in plain if plain[name] != other[name]]
    tap.note(f'{len(plain)} outputs')
    tap.ok(not differing and len(plain) > 30, names[1], *differing)


# ---- other machines ----

def build(name, compiler, *flags):
    """dump_rows by another compiler; why not, if not."""
    program = os.path.join(BOX.name, name)
    r = subprocess.run(
        [compiler[0], '-std=gnu11', *(compiler[1:] or ['-O2']), '-ffp-contract=off', '-pthread',
         *flags, '-w', '-I', os.path.join(tap.SRC, 'lib'), '-I', tap.BUILD,
         '-DXXH_INLINE_ALL',  # there need be no libxxhash for that machine
         os.path.join(tap.SRC, 'tests', 'unit', 'dump_rows.c'),
         # All but what reads recipes, which wants a libyaml for that machine.
         *(f for f in sorted(glob.glob(os.path.join(tap.SRC, 'lib', '*.c')))
           if not os.path.basename(f).startswith('recipe')), '-o', program, '-lm'],
        capture_output=True, check=False, text=True)
    return program, '' if r.returncode == 0 else r.stderr


def check_machine(compiler, emulator, text, expected):
    """Built for another architecture, and run."""
    name = f'weights by {compiler} and {emulator}'
    lacking = [p for p in (compiler, emulator) if not shutil.which(p)]
    if lacking:
        tap.skip(name, f'{lacking[0]} is not here')
        return
    program, wrong = build(compiler, [compiler], '-static')
    if wrong:
        tap.ok(False, name, wrong)
        return
    compare(name, text, expected, rows([emulator, program], text))


def check_compiler(compiler, text, expected):
    """Built anew for this architecture."""
    name = 'weights by ' + ' '.join(compiler)
    probe = os.path.join(BOX.name, 'probe.c')
    with open(probe, 'w', encoding='ascii') as f:
        f.write('#include <math.h>\nint main(void) { return 0; }\n')
    if not shutil.which(compiler[0]) or subprocess.run(
            [*compiler, probe, '-o', probe[:-2], '-lm'], capture_output=True,
            check=False).returncode:
        tap.skip(name, 'it does not compile here')
        return
    program, wrong = build('_'.join(compiler), compiler)
    if wrong:
        tap.ok(False, name, wrong)
        return
    compare(name, text, expected, rows([program], text))


def main():
    """All of it."""
    if not os.access(weights.dump.PROGRAM, os.X_OK):
        tap.skip_all('tests/unit/dump_rows is not built')
    text = settings() + lengths(3000)
    expected = rows([weights.dump.PROGRAM], text)
    tap.case(lambda: check_covered(text, expected))
    tap.case(lambda: check_masked(text, expected))
    for compiler, emulator in MACHINES:
        tap.case(lambda c=compiler, e=emulator: check_machine(c, e, text, expected))
    for compiler in COMPILERS if LONG else []:
        tap.case(lambda c=compiler: check_compiler(c, text, expected))
    BOX.cleanup()
    tap.finish()


main()
