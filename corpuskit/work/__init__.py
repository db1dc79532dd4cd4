"""One way to run every data stage: plan, units, parts, ledger, assemble.

A :class:`Stage` says what is particular about it; :func:`run` does the rest: it cuts the
inputs into units, lets workers turn each unit into a part, writes down what is done, and
joins the parts in order. Resume, determinism, many processes, many machines and bounded
memory are this one mechanism.
"""

from corpuskit.work.run import RunOptions, run
from corpuskit.work.stage import Kernel, Part, PartWriter, Stage

__all__ = ["Kernel", "Part", "PartWriter", "RunOptions", "Stage", "run"]
