"""What the next submission imports is changed in this process, whose parent has it already.

deserves: all=0
stock: no
"""

import builtins
import os
import sys
import warnings

import matplotlib
import numpy as np
import pandas as pd

import byhand.check
import byhand.outcome


def wrong(*given, **other):
    return 0.0


np.set_printoptions(precision=1, threshold=1, formatter={"float": lambda v: "0"})
np.seterr(all="raise")
np.random.seed(1)
for name in ("exp", "hstack", "ones", "concatenate", "array", "asarray", "dot", "matmul", "array_equal"):
    setattr(np, name, wrong)
np.linalg.norm = np.random.default_rng = np.lib.format.write_array = wrong
byhand.outcome.call = byhand.outcome.as_array = byhand.check.check = wrong
builtins.abs = builtins.max = wrong
pd.options.display.max_rows = 1
matplotlib.rcParams["figure.figsize"] = (0.1, 0.1)
warnings.simplefilter("error")
os.environ |= {"PYTHONPATH": "/scratch", "BYHAND_DATA": "/scratch", "MARK": "1"}
sys.path[:] = ["/scratch/work"]
sys.modules["numpy"] = sys.modules["byhand.contracts"] = None
sys.setrecursionlimit(60)


def answer(*given):
    return 0.0
