"""From one JSON object to one document, or to the reason why not."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import orjson

from corpuskit.io.documents import Document

SHOWN_KEYS = 8

_JSON_TYPES = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


class BadRecord(Exception):
    """A record that is no document; the message is the reason of its reject."""


def parse_record(raw: bytes, keys: Sequence[str], carry: bool) -> Document:
    """Read one JSON object; its text is under the first of ``keys`` that it has.

    Whole numbers beyond 64 bits in other fields become floating-point numbers.

    Raises:
        BadRecord: It is not valid UTF-8 or JSON, not an object, or has no text.
    """
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRecord(_why_not_json(raw, error)) from None
    if type(record) is not dict:
        raise BadRecord(f"not an object: it is {json_type(record)}")
    return document_of(record, keys, carry)


def document_of(record: dict[str, Any], keys: Sequence[str], carry: bool) -> Document:
    """Make a document of a record, whose text is taken out of it.

    Raises:
        BadRecord: There is no such key, or its value is not a string.
    """
    for key in keys:
        if key in record:
            text = record.pop(key)
            if type(text) is not str:
                raise BadRecord(f"'{key}' is not a string: it is {json_type(text)}")
            return Document(text, record) if carry else Document(text)
    raise BadRecord(missing_key(keys[0], record))


def json_type(value: object) -> str:
    """The JSON name of a value's type, with its article."""
    return _JSON_TYPES.get(type(value), type(value).__name__)


def missing_key(key: str, record: dict[str, Any]) -> str:
    """The reason for a record without ``key``: its keys, and the one that was likely meant.

    >>> missing_key("text", {"id": 1, "txt": "…"})
    "no key 'text': the keys are 'id', 'txt'; did you mean 'txt'?"
    """
    if not record:
        return f"no key '{key}': the object is empty"
    keys = ", ".join(f"'{name}'" for name in list(record)[:SHOWN_KEYS])
    more = ", …" if len(record) > SHOWN_KEYS else ""
    meant = likely_key(key, record)
    question = f"; did you mean '{meant}'?" if meant else ""
    return f"no key '{key}': the keys are {keys}{more}{question}"


def likely_key(key: str, record: dict[str, Any]) -> str | None:
    """The key most like ``key``, else the one of the longest string."""
    close: list[str] = difflib.get_close_matches(key, record, n=1)
    if close:
        return close[0]
    strings = {name: len(value) for name, value in record.items() if isinstance(value, str)}
    return max(strings, key=strings.__getitem__, default=None)


def invalid_utf8(error: UnicodeDecodeError) -> str:
    """The reason for text that is not UTF-8."""
    return f"invalid UTF-8: byte 0x{error.object[error.start]:02x} at {error.start} of the record"


def _why_not_json(raw: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError as undecodable:
        return invalid_utf8(undecodable)
    if "surrogate" in error.msg:
        return f"lone surrogate: an escape at {error.pos} of the record is half a character"
    return f"not valid JSON: {error.msg}, at {error.pos} of the record"
