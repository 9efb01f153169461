"""plan_lines.py - plans over 1e12 steps (tokens), for those that ask what plans cost."""
import random

METHODS = {
    'ema': 'method=ema half-life=10%',
    'ema from zero': 'method=ema half-life=10% start=zero hold=mid',
    'spring': 'method=spring half-life=10%',
    'spring, oscillating': 'method=spring half-life=1e6 damping=0.1',
    'belay': 'method=belay half-life=10%',
    'belay, the model, damped': 'method=belay half-life=1% damping=1 particle=model hold=right',
    'warm-up, long over': 'method=ema decay=0.999 warmup=tf',
    'warm-up, the last 20,000 updates':
        'method=ema decay=0.999 warmup=diffusers:1,2/3,999999980000',
    'uniform': 'method=uniform',
    'window': 'method=window window=30%',
}


def times(count, span=10 ** 12):
    """Irregular: some checkpoints a step apart, the last one at span."""
    rng = random.Random(count)
    inner = {rng.randrange(1, span) for _ in range(count - count // 8 - 2)}
    inner |= {n + 1 for n in sorted(inner)[:count // 8]}
    return sorted({0, span} | inner)


def line(settings, count):
    """For dump_rows."""
    return f'{settings}\t' + ' '.join(map(str, times(count))) + '\n'
