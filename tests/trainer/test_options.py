from __future__ import annotations

from typing import Any, Literal

import pytest

from trainer.options import convert, read_text


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (3, int, 3),
        (3, float, 3.0),
        ("1e-4", float, 1e-4),
        (False, bool, False),
        (None, int | None, None),
        ("bf16", Literal["fp32", "bf16"], "bf16"),
    ],
)
def test_values_of_the_right_type_are_taken(value: Any, kind: Any, expected: Any) -> None:
    found = convert(value, kind, {})
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "kind", "sentence"),
    [
        (True, int, "must be a whole number, not True"),
        (1.0, int, "must be a whole number, not 1.0"),
        (1, bool, "must be true or false, not 1"),
        ("true", bool, "must be true or false, not 'true'"),
        (True, float, "must be a number, not True"),
        (True, Literal[0, 1, 2], "must be 0, 1 or 2, not True"),
        (None, int, "must be a whole number, not None"),
        ("x", int | None, "must be a whole number or null, not 'x'"),
    ],
)
def test_other_types_are_refused(value: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        convert(value, kind, {})
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("bounds", "good", "bad"),
    [({"low": 1}, 1, 0), ({"high": 5}, 5, 6), ({"above": 0}, 1, 0), ({"below": 3}, 2, 3)],
)
def test_bounds(bounds: dict[str, float], good: int, bad: int) -> None:
    assert convert(good, int, bounds) == good
    with pytest.raises(ValueError, match=f"not {bad}"):
        convert(bad, int, bounds)


def test_nan_is_outside_every_range() -> None:
    with pytest.raises(ValueError):
        convert(float("nan"), float, {"low": 0})


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("3", int, 3),
        ("true", bool, True),
        ("0", Literal[0, 1], 0),
        ("null", int | None, None),
        ("null", str | None, None),
        ("100", str, "100"),
        ("/a b/c: d", str | None, "/a b/c: d"),
        ("[1", int, "[1"),
    ],
)
def test_text_is_read_as_its_option_wants(text: str, kind: Any, expected: Any) -> None:
    assert read_text(text, kind) == expected
