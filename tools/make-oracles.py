"""Writes test/fixtures/oracles/quantiles.json: samples and the percentiles NumPy gives for them, and figures of SciPy.

Run in an environment with numpy and scipy: python tools/make-oracles.py
"""
import json
import pathlib

import numpy as np
from scipy import special, stats

rng = np.random.default_rng(20)
ps = [0, 0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1]


def case(name, samples):
    samples = np.asarray(samples, dtype=float)
    return {"name": name, "samples": samples.tolist(), "ps": ps, "quantiles": np.quantile(samples, ps).tolist()}


cases = [
    case("one", [3.5]),
    case("two", [2.0, 1.0]),
    case("constant", [7.0] * 50),
    case("ties", rng.integers(0, 5, 400)),
    case("negative and zero", np.concatenate([rng.normal(0, 1, 300), [0.0, -0.0, -1e-300, 1e300, -1e300]])),
    case("lognormal", rng.lognormal(1, 0.7, 1500).round(6)),
    case("bimodal", np.concatenate([rng.normal(5, 0.1, 600), rng.normal(50, 2, 300)]).round(6)),
]
beta = [
    {"x": x, "a": a, "b": b, "cdf": float(special.betainc(a, b, x))}
    for x, a, b in [(0.1, 2, 3), (0.5, 0.5, 0.5), (0.99, 990, 11), (0.999, 9990.5, 10.5), (0.2, 1, 1000), (0.9, 1e5, 1.1e4)]
]
student = [{"p": p, "df": df, "t": float(stats.t.ppf(p, df))} for p in (0.6, 0.9, 0.975, 0.995) for df in (1, 2, 4, 9, 30, 500)]
normal = [{"p": p, "z": float(stats.norm.ppf(p))} for p in (1e-6, 0.01, 0.3, 0.5, 0.975, 0.9999)]
out = pathlib.Path(__file__).parent.parent / "test/fixtures/oracles/quantiles.json"
out.write_text(json.dumps({"numpy": np.__version__, "cases": cases, "beta": beta, "student": student, "normal": normal}) + "\n")
