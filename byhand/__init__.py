"""What a notebook of *Neural networks by hand* imports."""

from byhand.check import check
from byhand.experiment import experiment
from byhand.progress import progress
from byhand.remedies import install

__all__ = ["check", "experiment", "progress"]
__version__ = "0.1.0"

install()
