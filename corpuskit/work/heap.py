"""Keeping the heap of a long-lived worker from creeping up, unit after unit."""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD = -3
LARGE = 1 << 20


class Heap:
    """glibc's allocator: large blocks apart from the heap, free memory given back.

    glibc raises the size from which blocks are mapped on their own as a program frees such
    blocks; later ones then lie in the heap and leave holes. With another C library this
    does nothing.
    """

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self._trim = getattr(library, "malloc_trim", None)
        if hasattr(library, "mallopt"):
            library.mallopt(M_MMAP_THRESHOLD, LARGE)

    def trim(self) -> None:
        """Give free memory back to the system."""
        if self._trim is not None:
            self._trim(0)
