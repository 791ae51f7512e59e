"""MOSS: from an open base model to a bilingual assistant that uses tools.

Importing the package costs nothing: no torch, no web framework. Each part lives in the module its name says.
"""

import os

# A spinning OpenMP makes a CPU step several times slower as soon as anything else runs on the machine. The setting is
# read once, when torch loads its OpenMP, so it has to be here, before any module of ours can import torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"
