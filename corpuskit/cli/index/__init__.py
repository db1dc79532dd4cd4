"""Look at, check, join, cut and convert token ids on disk, and build sample maps.

PREFIX stands for the files PREFIX.bin, PREFIX.idx and PREFIX.json.
"""
