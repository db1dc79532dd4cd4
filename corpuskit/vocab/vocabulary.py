"""``vocab.txt``: one token a line, its id is the line number, counted from 0."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpuskit.errors import DataError
from corpuskit.io.files import atomic_write

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, CLS, SEP, MASK, UNK = "[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"
SPECIALS = (PAD, CLS, SEP, MASK, UNK)
MAX_WORD_CHARS = 100


def load_vocabulary(path: str | Path) -> list[str]:
    """The tokens in the order of their ids.

    Raises:
        DataError: A duplicate, an empty line, bad UTF-8, or no [UNK].
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8: {error.reason}", where=path) from None
    except OSError as error:
        raise DataError(error.strerror or str(error), where=path) from None
    tokens = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    lines: dict[str, int] = {}
    for number, token in enumerate(tokens, start=1):
        if not token:
            raise DataError("an empty line in the vocabulary", where=f"{path}:{number}")
        if token in lines:
            raise DataError(
                f"token {token!r} stands on lines {lines[token]} and {number}",
                where=f"{path}:{number}",
                hint="remove one of them: every line is an id",
            )
        lines[token] = number
    if UNK not in lines:
        raise DataError(f"the vocabulary has no {UNK}", where=path)
    return tokens


def save_vocabulary(path: str | Path, tokens: Sequence[str]) -> None:
    with atomic_write(path) as handle:
        handle.write("".join(f"{token}\n" for token in tokens).encode())


def fingerprint(tokens: Sequence[str], *, lowercase: bool) -> str:
    """Identity of a WordPiece vocabulary: its tokens in order, and its case folding."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(b"uncased\n" if lowercase else b"cased\n")
    digest.update("\n".join(tokens).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def build_tokenizer(
    tokens: Sequence[str], *, lowercase: bool = True, specials: bool = True
) -> Tokenizer:
    """BERT's tokenizer over ``tokens``: basic tokenisation, then greedy WordPiece.

    Args:
        specials: Recognise ``[MASK]`` and its like in text, and frame sequences with
            ``[CLS]`` and ``[SEP]``. Without it text cannot smuggle in special tokens: this
            is what corpora are encoded with.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing

    ids = {token: index for index, token in enumerate(tokens)}
    model = models.WordPiece(ids, unk_token=UNK, max_input_chars_per_word=MAX_WORD_CHARS)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    if specials:
        present = [token for token in SPECIALS if token in ids]
        tokenizer.add_special_tokens(
            [AddedToken(t, special=True, normalized=False) for t in present]
        )
        if CLS in ids and SEP in ids:
            tokenizer.post_processor = TemplateProcessing(
                single=f"{CLS} $A {SEP}",
                pair=f"{CLS} $A {SEP} $B:1 {SEP}:1",
                special_tokens=[(CLS, ids[CLS]), (SEP, ids[SEP])],
            )
    return tokenizer


def encode_serially() -> None:
    """Keep ``tokenizers`` from starting threads of its own: workers are processes here."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def save_tokenizer_json(path: str | Path, tokens: Sequence[str], *, lowercase: bool) -> None:
    """Write the ``tokenizer.json`` that ``tokenizers`` and ``transformers`` load."""
    text = build_tokenizer(tokens, lowercase=lowercase).to_str(pretty=False)
    with atomic_write(path) as handle:
        handle.write(text.encode())
