"""native/counter_rng.h in Python."""

from __future__ import annotations

TARGETS, ORDER, MASKING = 1, 2, 3
GOLDEN = 0x9E3779B97F4A7C15
M64 = 2**64 - 1


def mix64(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & M64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & M64
    return x ^ (x >> 31)


class CounterRng:
    def __init__(self, purpose: int, *coordinates: int) -> None:
        self.state = purpose
        for coordinate in coordinates:
            self.state = mix64((self.state + GOLDEN & M64) ^ mix64(coordinate))

    def next(self) -> int:
        self.state = self.state + GOLDEN & M64
        return mix64(self.state)

    def below(self, n: int) -> int:
        return self.next() * n >> 64

    def uniform(self) -> float:
        return (self.next() >> 11) * 2.0**-53


def permutation(n: int, rng: CounterRng) -> list[int]:
    half = 1
    while 1 << 2 * half < n:
        half += 1
    keys = [rng.next() for _ in range(8)]
    mask = (1 << half) - 1

    def encrypt(x: int) -> int:
        left, right = x >> half, x & mask
        for key in keys:
            left, right = right, left ^ (mix64(right ^ key) & mask)
        return left << half | right

    def walk(x: int) -> int:
        x = encrypt(x)
        return x if x < n else walk(x)

    return [walk(i) for i in range(n)]
