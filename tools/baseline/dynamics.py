"""The token dynamics of Inlay's benchmark in numpy: one right-hand side at two sizes, and the bifurcation sweep.

The mathematics is the same, whole arrays at a time: scores, shift by the row's maximum, factor, exponential, mean.
"""

import argparse
import json
import os
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=2.0, help="for each size")
parser.add_argument("--sizes", default="128x128,2000x64")
options = parser.parse_args()
# Read by the libraries when they load.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(options.threads)

import numpy as np  # noqa: E402

EPS = [
    0.001, 0.0016, 0.0017, 0.0018, 0.0019, 0.002, 0.0021, 0.0022, 0.0023, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008,
    0.009, 0.010, 0.011, 0.012, 0.015, 0.025, 0.030, 0.040, 0.05, 0.055, 0.060, 0.065, 0.075,
]  # fmt: skip


def drift(t, z, value):
    """z' = sum_j P_ij V (z_j - z_i) for diagonal V, A = I; w = e^(-lambda t) x, the factor e^(2 lambda t) an exponent."""
    leading = value.max()
    w = z * np.exp(t * (value - leading))
    scores = w @ w.T
    scores -= scores.max(axis=1, keepdims=True)
    with np.errstate(over="ignore", invalid="ignore"):
        scores *= np.exp(min(700.0, 2 * leading * t))
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    return value * (p @ z - z)


def tokens(n, d):
    """[n, d] in [-0.5, 0.5), easy to repeat in another language."""
    k = np.arange(n * d, dtype=np.int64)
    return (((k * 7919 + 104729) % 100003) / 100003.0 - 0.5).reshape(n, d)


def right_hand_side(n, d):
    z = tokens(n, d)
    value = np.ones(d)
    checksum = float(np.abs(drift(0.5, z, value)).sum())
    wall, cpu = [], []
    end = time.perf_counter() + options.seconds
    while time.perf_counter() < end or len(wall) < 3:
        a, b = time.perf_counter(), time.process_time()
        drift(0.5, z, value)
        wall.append(time.perf_counter() - a)
        cpu.append(time.process_time() - b)
    return float(np.median(wall)), float(np.mean(cpu)), checksum


def distance(z, clusters):
    return np.sqrt(((z[:, None, :] - clusters[None, :, :]) ** 2).sum(-1).min(1).max())


def sweep():
    x = np.random.RandomState(42).uniform(-1, 1, (20, 2))
    base = x.copy()
    one = np.ones(2)
    for k in range(200):
        base += 0.1 * drift(0.1 * k, base, one)
    times = []
    for eps in EPS:
        value = np.array([1, 1 - eps])
        z = x.copy()
        clustered = False
        found = -1.0
        for k in range(4001):
            far = distance(z, base)
            if not clustered and far < 0.1:
                clustered = True
            elif clustered and far > 0.1:
                found = 0.1 * k
                break
            z += 0.1 * drift(0.1 * k, z, value)
        times.append(found)
    return times


result = {"threads": options.threads, "numpy": np.__version__}
for size in options.sizes.split(","):
    n, d = map(int, size.split("x"))
    wall, cpu, checksum = right_hand_side(n, d)
    result[f"wall_s_{size}"] = wall
    result[f"cpu_s_{size}"] = cpu
    result[f"checksum_{size}"] = checksum
a, b = time.perf_counter(), time.process_time()
result["bifurcation"] = sweep()
result["wall_s_sweep"] = time.perf_counter() - a
result["cpu_s_sweep"] = time.process_time() - b
json.dump(result, sys.stdout)
print()
