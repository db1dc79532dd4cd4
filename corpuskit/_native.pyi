"""Types of the native kernels; the packages around them say what they do."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy import float64, int16, int32, int64, uint8, uint32, uint64
from numpy.typing import NDArray
from typing_extensions import Buffer

def build_blending_indices(
    weights: NDArray[float64], size: int
) -> tuple[NDArray[int16], NDArray[int64]]: ...
def build_mapping_uint32(
    documents: NDArray[int64],
    sizes: NDArray[int32],
    epochs: int,
    samples: int,
    max_length: int,
    short_probability: float,
    seed: int,
    min_sentences: int,
) -> NDArray[uint32]: ...
def build_mapping_uint64(
    documents: NDArray[int64],
    sizes: NDArray[int32],
    epochs: int,
    samples: int,
    max_length: int,
    short_probability: float,
    seed: int,
    min_sentences: int,
) -> NDArray[uint64]: ...
def build_sample_idx_int32(
    sizes: NDArray[int32], order: NDArray[int64], length: int, samples: int
) -> NDArray[int32]: ...
def build_sample_idx_int64(
    sizes: NDArray[int32], order: NDArray[int64], length: int, samples: int
) -> NDArray[int64]: ...
def count_characters(data: Buffer, counts: NDArray[uint64]) -> int: ...
def jieba_compile(
    characters: NDArray[uint32],
    begin: NDArray[int64],
    values: NDArray[int32],
    frequency: NDArray[int64],
    log_frequency: NDArray[float64],
    alphabet: NDArray[uint32],
    emission: NDArray[float64],
    start: NDArray[float64],
    moves: NDArray[float64],
) -> bytes: ...
def join_documents(
    data: Buffer,
    word_begin: NDArray[int64],
    line_begin: NDArray[int64],
    lines: NDArray[int64],
    json: bool,
) -> tuple[NDArray[uint8], NDArray[int64]]: ...
def lac_kernels() -> list[str]: ...
def mask_batch(
    ids: NDArray[Any],
    pointers: NDArray[int64],
    rows: NDArray[int64],
    samples: NDArray[int64],
    tables: MaskingTables,
    config: MaskingConfig,
) -> dict[str, NDArray[Any]]: ...
def split_sentences(
    data: Buffer, document_offsets: NDArray[int64], rules: str, max_chars: int
) -> tuple[NDArray[uint8], NDArray[int64], NDArray[int64]]: ...
def word_strings(
    data: Buffer, begin: NDArray[int64], line_begin: NDArray[int64]
) -> list[list[str]]: ...

class JiebaSegmenter:
    def __init__(self, image: Buffer, log_total: float) -> None: ...
    def cut(
        self, data: Buffer, offsets: NDArray[int64], hmm: bool
    ) -> tuple[NDArray[int64], NDArray[int64]]: ...
    def frequency(self, word: str) -> int: ...
    def set_word(
        self, word: str, is_word: bool, log_frequency: float, log_total: float
    ) -> None: ...

class JsonArrayScanner:
    def __init__(self, inside: bool = False, offset: int = 0) -> None: ...
    def feed(self, block: Buffer) -> NDArray[int64]: ...
    @property
    def open(self) -> int: ...
    @property
    def inside(self) -> bool: ...

class LacSegmenter:
    def __init__(
        self,
        kernel: str,
        tensors: Mapping[str, NDArray[Any]],
        tabulate: bool,
        characters: NDArray[uint32],
        ids: NDArray[int32],
        unknown: int,
        tag_begins: Sequence[int],
        tag_labels: Sequence[int],
    ) -> None: ...
    @property
    def kernel(self) -> str: ...
    def set_words(
        self,
        vocabulary: NDArray[uint32],
        vocabulary_begin: NDArray[int64],
        ids: NDArray[int32],
        cutting: NDArray[uint32],
        cutting_begin: NDArray[int64],
        log_total: float,
    ) -> None: ...
    def add_phrase(
        self, characters: NDArray[uint32], ends: Sequence[int], labels: Sequence[int]
    ) -> None: ...
    def cut(
        self, data: Buffer, offsets: NDArray[int64]
    ) -> tuple[NDArray[int64], NDArray[int64], NDArray[int32]]: ...

class MaskingConfig:
    def __init__(
        self,
        *,
        seed: int,
        max_seq_length: int,
        mask_prob: float,
        max_ngrams: int,
        favor_longer: bool,
        sop: bool,
        cls: int,
        sep: int,
        mask: int,
        pad: int,
    ) -> None: ...

class MaskingTables:
    def __init__(
        self, role: Sequence[int], base: Sequence[int], replacements: Sequence[int]
    ) -> None: ...

class SampleCutter:
    def __init__(
        self,
        documents: NDArray[int64],
        sizes: NDArray[int32],
        pointers: NDArray[int64],
        item_size: int,
        max_length: int,
        short_probability: float,
        seed: int,
        min_sentences: int,
    ) -> None: ...
    def count(self, epoch: int) -> int: ...
    def census(self) -> tuple[int, int]: ...
    def fill(self, rows: NDArray[int64]) -> int: ...
