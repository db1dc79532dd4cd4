"""What a file holds, told from its first bytes."""

from __future__ import annotations

import re

HEAD_BYTES = 64 << 10

_ARRAY_OF_OBJECTS = re.compile(rb"\[\s*(?:\{|\]|$)")
_OBJECT = re.compile(rb"\{\s*(?:\"|\}|$)")
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")


class NoText(Exception):
    """A file without text in it: what it is instead, and what helps."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


def format_of(head: bytes) -> str:
    """The format of a file, from its first (decompressed) bytes.

    A file that begins with an object is JSON Lines, one that begins with an array of
    objects WuDao; everything else in UTF-8 is text.

    >>> format_of(b'{"text": "..."}'), format_of(b'[{"content": "'), format_of(b"[1] Text")
    ('jsonl', 'wudao', 'txt')

    Raises:
        NoText: It is an archive, or not UTF-8.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    refuse_archive(head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _OBJECT.match(start):
        _refuse_indented_object(start)
        return "jsonl"
    if _ARRAY_OF_OBJECTS.match(start):
        return "wudao"
    _refuse_other_encodings(head)
    return "txt"


def refuse_archive(head: bytes) -> None:
    """Raise NoText for archives and for compressions that are not read here."""
    if head[257:262] == b"ustar":
        raise NoText("this is a tar archive", "unpack it first: tar xf FILE")
    if head.startswith(b"PK\x03\x04"):
        raise NoText("this is a zip archive", "unpack it first: unzip FILE")
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        raise NoText("this is a 7z archive", "unpack it first: 7z x FILE")
    if _BZIP2.match(head):
        raise NoText("bzip2 is not read", "bunzip2 FILE, or compress with zstd, gzip or xz")
    if head.startswith(b"\x04\x22\x4d\x18"):
        raise NoText("lz4 is not read", "unlz4 FILE, or compress with zstd, gzip or xz")


def _refuse_indented_object(start: bytes) -> None:
    first, *more = start.split(b"\n", 1)
    if more and first.strip() == b"{":
        hint = "write one record a line, for example with jq -c"
        raise NoText("one JSON object over many lines is not JSON Lines", hint)


def _refuse_other_encodings(head: bytes) -> None:
    """A few bad bytes are rejected record by record later on; many are another encoding."""
    if _decodes(head, "utf-8"):
        return
    for encoding, likely in (
        ("UTF-16", head.startswith((b"\xff\xfe", b"\xfe\xff"))),
        ("GB18030", b"\0" not in head and _decodes(head, "gb18030")),
    ):
        if likely:
            hint = f"convert it first: iconv -f {encoding} -t UTF-8 FILE"
            raise NoText(f"the text is not UTF-8 but looks like {encoding}", hint)
    hint = "leave it out, or name the format: --format"
    raise NoText("neither UTF-8 text nor a format that is read here", hint)


def _decodes(head: bytes, encoding: str) -> bool:
    """Whether at most 1 % of the bytes (and a cut-off last character) are invalid."""
    valid = len(head.decode(encoding, "ignore").encode(encoding))
    return len(head) - valid <= 3 + len(head) // 100
