"""corpuskit: from raw Chinese and English text to a trained language model.

Importing this package imports neither torch nor any engine; each room loads what it
needs when it is used.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("corpuskit")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
