"""What this process has used."""

from __future__ import annotations

from pathlib import Path


def peak_rss_mb() -> float:
    """The largest resident size this process has had, in MB (10^6 bytes).

    From the kernel's high-water mark: unlike ``ru_maxrss`` it does not begin with the
    size of the process that started this one.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) * 1024 / 1e6, 1)
    return 0.0
