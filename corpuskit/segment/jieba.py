"""The jieba engine: ``jieba.cut`` in its accurate mode with the HMM, one dictionary a process."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

from corpuskit.errors import DataError


class JiebaSegmenter:
    """Words as ``list(jieba.cut(sentence))`` gives them.

    Args:
        user_dict: A dictionary in jieba's format (``word [frequency [tag]]`` a line), added
            to the main one.
    """

    name = "jieba"

    def __init__(self, user_dict: Path | None = None) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        self._user_dict = user_dict
        self._version = jieba.__version__
        self._tokenizer = jieba.Tokenizer()
        self._ready = False

    def fingerprint(self) -> str:
        with self._tokenizer.get_dict_file() as main:
            digest = hashlib.blake2b(main.read(), digest_size=8)
        if self._user_dict is not None:
            digest.update(b"\0" + self._user_dict.read_bytes())
        return f"jieba {self._version} dictionary {digest.hexdigest()}"

    def cut_batch(self, sentences: Sequence[str]) -> list[list[str]]:
        self._load()
        cut = self._tokenizer.cut
        return [list(cut(sentence)) for sentence in sentences]

    def _load(self) -> None:
        if self._ready:
            return
        self._tokenizer.initialize()
        if self._user_dict is not None:
            try:
                self._tokenizer.load_userdict(str(self._user_dict))
            except (ValueError, OSError) as error:
                raise DataError(f"not a jieba dictionary: {error}", where=self._user_dict) from None
        self._ready = True
