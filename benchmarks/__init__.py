"""Speed and memory, paired with other tools in one run; results as JSON.

``python -m benchmarks`` runs all of them, ``python -m benchmarks memory`` one. A benchmark is
a module with ``run(output: Path) -> dict``; it prints its table and returns its figures.
"""
