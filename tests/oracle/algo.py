"""algo.py - weights by the adjoint with powers by squaring, as lib/adjoint.c has them: dyn(), then
row(). The order of every operation is part of it: the weights are the same to the last bit."""


def total(terms):
    """Left to right, from +0, as C adds; the sum() of Python 3.12 and later compensates."""
    s = 0.0
    for t in terms:
        s += t
    return s


def dyn(kappa, gamma, a, lam, gain, model):
    """E = I - A written without 1 - kappa, input column b, readout l, lam, gain; None where the
    model is the path itself."""
    c = 1 - gamma
    if gain == 1 and a == 0 and model:
        return None
    if gain == 1 and (a == 0 or lam == 1 and not model):    # one-way: y = x_n, state (z, v)
        return [[kappa, -c], [kappa, gamma]], [kappa, kappa], [1.0, 0.0], 1.0, 1.0
    m = 1 - a - kappa
    u = 1 - lam
    e = [[kappa * lam, -kappa * u, -c],                     # state (z, w = y - z, v)
         [m * lam, (a + kappa) + m * lam, c],
         [kappa * lam, -kappa * u, gamma]]
    return e, [kappa, m, kappa], [1.0, float(model), 0.0], lam, gain


def powers(e, b, lam, gain, longest):
    """X = M^N - I for N = 1, 2, 4, ...: X <- 2 X + X X."""
    d = len(b)
    wide = range(d + 2)
    tab = [[[-e[i][j] for j in range(d)] + [lam * b[i], gain * b[i]] for i in range(d)]
           + [[0.0] * (d + 1) + [1.0], [0.0] * (d + 2)]]
    for _ in range(1, longest.bit_length()):
        x = tab[-1]
        tab.append([[2 * x[i][j] + total(x[i][q] * x[q][j] for q in wide) for j in wide]
                    for i in wide])
    return tab


class Adjoint:
    """The functional l that gives the output from the state, compensated."""

    def __init__(self, l, tab):
        self.hi, self.lo, self.tab = l[:], [0.0] * len(l), tab

    def advance(self, steps):
        """(l, 0, 0) M^N; l <- l A^N. Returns l.G0 and l.G1."""
        d = len(self.hi)
        wide = range(d + 2)
        v = self.hi + [0.0, 0.0]
        t = self.lo + [0.0, 0.0]
        for k in range(steps.bit_length()):
            if steps >> k & 1:
                x = self.tab[k]
                y = [t[j] + total(v[i] * x[i][j] for i in wide) for j in wide]
                for j in wide:
                    s = v[j] + y[j]
                    z = s - v[j]
                    t[j] = (v[j] - (s - z)) + (y[j] - z)
                    v[j] = s
        self.hi, self.lo = v[:d], t[:d]
        return v[d], v[d + 1]


def row(e, b, l, lam, gain, n, hold='linear', start='first'):
    """Weights for the increasing whole numbers n[0..K]."""
    last = len(n) - 1
    gaps = [n[i] - n[i - 1] for i in range(1, last + 1)]
    adjoint = Adjoint(l, powers(e, b, lam, gain, max(gaps, default=1)))
    w = [0.0] * (last + 1)
    p1 = f1 = den = 0.0                     # p1, f1 belong to interval i + 1
    r = {'left': 0.0, 'mid': 0.5}.get(hold, 1.0)
    for i in range(last, 0, -1):
        steps = gaps[i - 1]
        if hold == 'linear':
            p, q = adjoint.advance(steps)
            f = q / steps
            w[i] = p1 + (f - f1)
            p1 = p
        else:                               # jump at the first sub-step of the interval
            p, q = adjoint.advance(steps - 1)
            entry, f = adjoint.advance(1)   # lam l.b, gain l.b
            f -= entry
            p += entry
            w[i] += r * (p + (f - f1))
            w[i - 1] += (1 - r) * (p + ((f if i > 1 else 0.0) - f1))
        f1 = f
        den += p                            # 1 - l.u, without cancellation
    w[0] += p1 + ((adjoint.hi[0] if start == 'first' else 0.0) - r * f1)
    return w if start == 'first' else [x / den for x in w]


class Warm:
    """The functional of an EMA whose pull follows a schedule, as lib/adjoint_warmup.c has it: the
    state, the value of the path and its rise, each a sum that carries its rounding errors."""

    def __init__(self, pull, copies, last, settled):
        """pull(t) is that of update t; up to copies it is 1, behind last it is settled."""
        self.pull, self.copies, self.last = pull, copies, last
        self.state, self.level, self.slope = [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]
        self.tab = [(settled, settled)]
        for k in range(1, 54):
            p, r = self.tab[-1]
            steps = float(2 ** (k - 1))
            self.tab.append((2 * p - p * p, 2 * r + (p * steps - p * r)))

    @staticmethod
    def add(s, a):
        """s += a, compensated."""
        y, v = s[1] + a, s[0]
        t = v + y
        z = t - v
        s[1] = (v - (t - z)) + (y - z)
        s[0] = t

    def move(self, pull, rise, steps):
        """Back over steps updates that pull and raise so much."""
        taken = self.state[0] * pull
        self.add(self.slope, self.state[0] * rise + self.level[0] * steps)
        self.add(self.level, taken)
        self.add(self.state, -taken)

    def back(self, first, to):
        """Back over the updates first + 1 .. to: what a path of ones adds, and one that rises."""
        self.level, self.slope = [0.0, 0.0], [0.0, 0.0]
        if to > self.last:
            end = max(first, self.last)
            for k in range((to - end).bit_length()):
                if to - end >> k & 1:
                    self.move(*self.tab[k], float(2 ** k))
            to = end
        while to > first and to > self.copies and self.state[0] > 2.0 ** -1000:
            self.move(*[self.pull(to)] * 2, 1.0)
            to -= 1
        if to > first:
            if to <= self.copies:
                self.move(1.0, 1.0, 1.0)
                to -= 1
            self.state = [0.0, 0.0]
        self.add(self.slope, self.level[0] * float(to - first))
        return self.level[0], self.slope[0]


def warm_row(warm, n, hold='linear', start='first'):
    """Weights for the increasing whole numbers n[0..K]."""
    w = [0.0] * len(n)
    p1 = f1 = den = 0.0                     # of interval i + 1
    r = {'left': 0.0, 'mid': 0.5}.get(hold, 1.0)
    for i in range(len(n) - 1, 0, -1):
        first, to = n[i - 1] - n[0], n[i] - n[0]
        if hold == 'linear':
            p, q = warm.back(first, to)
            f = q / float(to - first) if to > warm.copies else p
            w[i] = p1 + (f - f1)
            p1, f1 = p, f
        else:
            p = warm.back(first + 1, to)[0]
            p += warm.back(first, first + 1)[0]
            w[i] += r * p
            w[i - 1] += (1 - r) * p
        den += p
    w[0] += p1 + ((warm.state[0] if start == 'first' else 0.0) - r * f1)
    return w if start == 'first' else [x / den for x in w]
