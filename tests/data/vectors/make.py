#!/usr/bin/env python3
"""make.py - writes rows.txt, pulls.txt and dd.txt, which the unit tests read, from vectors.json and
vectors_new.txt (weights from exact fractions or 60 digits) and from mpmath.

rows.txt:  name TAB settings TAB times TAB weights TAB output ("-": none), all from settings
pulls.txt: settings TAB times TAB kappa TAB gamma, correctly rounded, as hex floats
dd.txt:    function TAB argument (high low) TAB result (high low), as hex floats

Settings are option=value words. Run it here when a vector is added; the files are committed."""
import json
import random

import mpmath as mp

mp.mp.dps = 60
REG, IRR = "0 1 2 3 4 5", "0 10 20 50 60 100"
X = [1.0, 1.5, 0.25, 2.0, -0.5, 1.25]

# Rows of vectors.json that a method covers: their settings. {y}: the model particle.
JSON = {
    "ema beta=7/8 start=x0": "method=ema decay=0.875",
    "ema beta=7/8 zero-init debiased": "method=ema decay=0.875 start=zero",
    "ema warmup min(7/8,(1+t)/(10+t)) t=1..": "method=ema decay=0.875 warmup=tf",
    "ema diffusers inv_gamma=1 power=2/3": "method=ema decay=0.9999 warmup=diffusers:1,2/3",
    "ema irr beta=31/32 naive(no stride)": "method=ema decay=0.96875",
    "ema irr beta=31/32 hold=right": "method=ema decay=0.96875 hold=right",
    "ema irr beta=31/32 hold=left": "method=ema decay=0.96875 hold=left",
    "ema irr beta=31/32 hold=mid": "method=ema decay=0.96875 hold=mid",
    "ema irr beta=31/32 hold=linear": "method=ema decay=0.96875 hold=linear",
    "ema irr halflife=20 hold=linear": "method=ema half-life=20",
    "spring reg kappa=1/16 gamma=1/4 (under)": "method=spring kappa=0.0625 gamma=0.25",
    "spring reg kappa=1/16 gamma=7/16 (critical)": "method=spring kappa=0.0625 gamma=0.4375",
    "spring reg kappa=1/16 gamma=3/4 (over)": "method=spring kappa=0.0625 gamma=0.75",
    "spring reg kappa=1/16 gamma=1 (=EMA 15/16)": "method=spring kappa=0.0625",
    "spring irr kappa=1/256 gamma=1/64 (under) linear":
        "method=spring kappa=0.00390625 gamma=0.015625",
    "spring irr kappa=1/256 gamma=1/64 (under) right":
        "method=spring kappa=0.00390625 gamma=0.015625 hold=right",
    "spring irr kappa=1/256 gamma=31/256 (critical) linear":
        "method=spring kappa=0.00390625 gamma=0.12109375",
    "spring irr kappa=1/256 gamma=31/256 (critical) right":
        "method=spring kappa=0.00390625 gamma=0.12109375 hold=right",
    "spring irr kappa=1/256 gamma=1/4 (over) linear":
        "method=spring kappa=0.00390625 gamma=0.25",
    "spring irr kappa=1/256 gamma=1/4 (over) right":
        "method=spring kappa=0.00390625 gamma=0.25 hold=right",
    # tau = 20: the half-life 20 ln 2
    "spring polematch irr tau=20 zeta=0.5 linear":
        "method=spring half-life=13.862943611198906 damping=0.5",
    "spring polematch irr tau=20 zeta=1 linear":
        "method=spring half-life=13.862943611198906 damping=1",
    "spring polematch irr tau=20 zeta=2 linear":
        "method=spring half-life=13.862943611198906 damping=2",
    # mass ratio = a gamma / kappa
    "belay reg a=1/8 b=1/4 gamma=1": "method=belay kappa=0.25 mass-ratio=0.5 restore=0",
    "belay reg a=1/8 b=1/4 gamma=1 gain=3/2":
        "method=belay kappa=0.25 mass-ratio=0.5 restore=0 gain=1.5",
    "belay reg a=1/8 b=1/4 gamma=1 lam=1/16":
        "method=belay kappa=0.25 mass-ratio=0.5 restore=0.0625",
    "belay reg a=1/8 b=1/4 gamma=1 lam=1": "method=belay kappa=0.25 mass-ratio=0.5 restore=1",
    "belay reg a=0 b=1/4 (limit M=inf)": "method=belay kappa=0.25 mass-ratio=0 restore=0",
    "belay reg a=1/32 kappa=1/16 gamma=1/4":
        "method=belay kappa=0.0625 gamma=0.25 mass-ratio=0.125 restore=0",
    "belay irr a=1/64 b=1/32 gamma=1": "method=belay kappa=0.03125 mass-ratio=0.5 restore=0",
    "belay irr a=1/64 b=1/32 gamma=1 lam=1/64":
        "method=belay kappa=0.03125 mass-ratio=0.5 restore=0.015625",
    "belay irr a=1/512 kappa=1/256 gamma=1/16":
        "method=belay kappa=0.00390625 gamma=0.0625 mass-ratio=0.03125 restore=0",
    "uniform x0..x5": "method=uniform",
    "lawa K=3": "method=window window=3ckpt",
    "time-trapezoid irr": "method=trapezoid",
    # g = 6: the root of 7 / (64 * 9)
    "power-ema irr gam=6 right": "method=power rel-std=0.11023963796102461 hold=right",
    "power-ema irr gam=6 linear": "method=power rel-std=0.11023963796102461",
}
# "naive" leaves the stride out: its times are 0..5.
REGULAR = ("naive",)
# Not covered: other schemes and averagers.
JSON_SKIPPED = 11

FAR = "0 1000000000000 1000000000001 3000000000000"
# Rows of vectors_new.txt: how the header begins, settings, times.
NEW = [
    ("tf irr beta=31/32", "method=ema decay=0.96875 warmup=tf", IRR),
    ("diffusers:1,2/3 decay .9999 irr", "method=ema decay=0.9999 warmup=diffusers:1,2/3", IRR),
    ("diffusers0 (1+s)/(10+s), decay .9999, reg", "method=ema decay=0.9999 warmup=diffusers0", REG),
    ("diffusers0 irr", "method=ema decay=0.9999 warmup=diffusers0", IRR),
    ("ema beta=31/32 irr start=zero", "method=ema decay=0.96875 start=zero", IRR),
    ("ema irr --half-life 10% with times", "method=ema half-life=10%",
        "1000 1010 1020 1050 1060 1100"),
    ("ema irr --mean-age 31", "method=ema mean-age=31", IRR),
    ("ema irr --rel-std 0.1", "method=ema rel-std=0.1", IRR),
    ("ema irr --half-life 2ckpt", "method=ema half-life=2ckpt", IRR),
    ("ema irr --update-every 10 --decay", "method=ema update-every=10 decay=0.875", IRR),
    ("ema irr --update-every 10 --half", "method=ema update-every=10 half-life=20", IRR),
    ("spring irr --half-life 20 (zeta", "method=spring half-life=20", IRR),
] + [
    (f"belay irr --half-life 20, {p}, hold {h}",
        f"method=belay half-life=20 particle={p} hold={h}", IRR)
    for p in ("average", "model") for h in ("linear", "right", "left", "mid")
] + [
    (f"belay irr --half-life 20 --damping 1 (a = kappa/gamma 0.034643489664370504, lam = a/2), {p}",
        f"method=belay half-life=20 damping=1 particle={p}", IRR) for p in ("average", "model")
] + [
    ("window 50 irr", "method=window window=50", IRR),
    ("minus-sqrt reg", "method=minus-sqrt", REG),
    ("minus-sqrt irr", "method=minus-sqrt", IRR),
    ("linear-decay irr", "method=linear-decay", IRR),
    ("bema reg", "method=bema", REG),
    ("bema irr", "method=bema", IRR),
    ("power g=6 irr+100", "method=power rel-std=0.11023963796102461", "100 110 120 150 160 200"),
    ("times 0,1e12,1e12+1,3e12: ema", "method=ema kappa=1e-12", FAR),
    ("  spring kappa=4e-24", "method=spring kappa=4e-24 gamma=4e-12", FAR),
    ("  belay kappa=a=1e-12", "method=belay kappa=1e-12 mass-ratio=1 restore=5e-13", FAR),
    ("  belay kappa=.01 a=.1", "method=belay kappa=.01 mass-ratio=10 restore=1e-13", FAR),
]


def rows():
    out, used = [], 0
    with open("vectors.json", encoding="ascii") as f:
        data = json.load(f)
    for r in data["rows"]:
        if r["name"] not in JSON:
            continue
        used += 1
        irr = "irr" in r["name"].split() and not any(w in r["name"] for w in REGULAR)
        settings = JSON[r["name"]] + (" particle=model" if r["comp"] == "y" else "")
        out.append([r["name"] + " " + r["comp"], settings, IRR if irr else REG,
                    " ".join(r["w"]), r["out"]])
    assert used == len(data["rows"]) - JSON_SKIPPED, used
    with open("vectors_new.txt", encoding="ascii") as f:
        lines = f.read().split("\n")
    for head, settings, times in NEW:
        found = [i for i, s in enumerate(lines) if s.startswith(head)]
        assert len(found) == 1, head
        head, _, value = lines[found[0]].partition(" | ")
        weights = lines[found[0] + 1].strip().removeprefix("w = ")
        out.append([head.strip(), settings, times, weights, value or "-"])
    return out


def nearest(x):
    """The double nearest to x, as a hex float."""
    with mp.workprec(53):
        return float(+x).hex()


def pulls_of(what, value, zeta, span):
    """kappa, gamma to 60 digits; value and zeta are taken exactly, zeta None: no inertia."""
    v = mp.mpf(value)
    if what == "half-life":
        rate = mp.log(2) / v
        kappa = -mp.expm1(-rate)
    elif what == "mean-age":
        kappa, rate = 1 / (v + 1), mp.log1p(1 / v)
    elif what == "decay":
        kappa, rate = 1 - v, -mp.log(v)
    else:
        c = v * span
        kappa = 2 / (1 + mp.sqrt(1 + 4 * c * c))
        rate = -mp.log1p(-kappa)
    if zeta is None:
        return kappa, mp.mpf(1)
    z = mp.mpf(zeta)
    w = 2 * z * rate
    q = mp.sqrt(z * z - 1)     # complex below 1
    r1, r2 = mp.exp(-w * (z - q)), mp.exp(-w * (z + q))
    return mp.re((1 - r1) * (1 - r2)), mp.re(1 - r1 * r2)


def pulls(count):
    rng, out = random.Random(1), []
    while len(out) < count:
        what = rng.choice(["half-life", "mean-age", "decay", "rel-std"])
        zeta = rng.choice([None, 1.0, 10 ** rng.uniform(-1.3, 3), 1 + rng.uniform(-1e-9, 1e-9),
                           10 ** rng.uniform(-3, -1.3)])
        size = 10 ** rng.uniform(-9 if what == "rel-std" else -1, 9)
        span = rng.randrange(1, 10 ** rng.randrange(1, 15))
        value = {"decay": 2 ** (-1 / size), "rel-std": size / span}.get(what, size)
        with mp.workdps(90):
            kappa, gamma = pulls_of(what, value, zeta, span)
            rate = -mp.log1p(-pulls_of(what, value, None, span)[0])
            if zeta and zeta < 1 and 2 * zeta * mp.sqrt(1 - zeta * zeta) * rate > 1.3:
                continue        # fewer than four steps per oscillation
            settings = f"{what}={value!r}" + (f" damping={zeta!r}" if zeta else "")
            out.append([f"method={'spring' if zeta else 'ema'} {settings}", f"0 {span}",
                        nearest(kappa), nearest(gamma)])
    return out


def pulls_of_last(count):
    """EMAs so short that 1 - kappa is below an ulp of 1, under a very light damping."""
    out = []
    for i in range(count):
        std, zeta = 10.0 ** -(9 + 8 * i / count), 0.005 + 0.00025 * i
        with mp.workdps(120):
            kappa, gamma = pulls_of("rel-std", std, zeta, 1)
        out.append([f"method=spring rel-std={std!r} damping={zeta!r}", "0 1", nearest(kappa),
                    nearest(gamma)])
    return out


def pair(x):
    high = float.fromhex(nearest(x))
    return f"{high.hex()} {nearest(x - high)}"


def dd(count):
    rng, out = random.Random(2), []
    for i in range(count):
        name = ["expm1", "log", "log1p", "sqrt", "div", "mul", "abs-cexpm1"][i % 7]
        size = 10 ** rng.uniform(-20, 2.8)
        high = {"expm1": -size, "abs-cexpm1": -size, "log1p": rng.choice([size, -size / 700]),
                "log": rng.choice([size, 1 + rng.uniform(-1, 1) * size / 1000])}.get(name, size)
        a = mp.mpf(high) + mp.mpf(high) * rng.uniform(-1, 1) * mp.mpf(2) ** -54
        high = float.fromhex(nearest(a))
        low = float.fromhex(nearest(a - high))
        a = mp.mpf(high) + mp.mpf(low)
        result = {"expm1": lambda: mp.expm1(a), "log": lambda: mp.log(a),
                  "log1p": lambda: mp.log1p(a), "sqrt": lambda: mp.sqrt(a),
                  "div": lambda: 1 / a, "mul": lambda: a * a,
                  "abs-cexpm1": lambda: abs(mp.expm1(mp.mpc(a, -a))) ** 2}[name]()
        out.append([name, f"{high.hex()} {low.hex()}", pair(result)])
    return out


def main():
    for name, lines in (("rows.txt", rows()), ("pulls.txt", pulls(480) + pulls_of_last(20)), ("dd.txt", dd(420))):
        with open(name, "w", encoding="ascii") as f:
            f.writelines("\t".join(line) + "\n" for line in lines)


if __name__ == "__main__":
    main()
