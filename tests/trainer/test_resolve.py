from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpuskit.errors import UsageError
from trainer.config import Config
from trainer.resolve import copy_recipe, from_dict, recipe_names, resolve, to_yaml


def mistakes(**layers: object) -> str:
    with pytest.raises(UsageError) as caught:
        resolve(**{"environment": {}, **layers})  # type: ignore[arg-type]
    return caught.value.what


def test_precedence_from_built_in_to_set(tmp_path: Path) -> None:
    recipe, file = tmp_path / "recipe.yaml", tmp_path / "file.yaml"
    keys = ("steps", "seed", "global_batch", "micro_batch", "zero_stage")
    recipe.write_text(yaml.safe_dump({"train": dict.fromkeys(keys[:4], 1)}))
    file.write_text(yaml.safe_dump({"train": {"seed": 2, "global_batch": 2, "micro_batch": 2}}))
    found = resolve(
        recipe=str(recipe),
        file=file,
        environment={"CORPUSKIT_TRAIN_GLOBAL_BATCH": "4", "CORPUSKIT_CACHE": "/x"},
        flags={"train.micro_batch": 4, "train.zero_stage": None},
        assignments=["train.zero_stage=2"],
    ).train
    assert [getattr(found, key) for key in keys] == [1, 2, 4, 4, 2]
    assert found.precision == Config().train.precision


def test_environment_is_below_flags_and_flags_below_set() -> None:
    environment = {"CORPUSKIT_TRAIN_STEPS": "1"}
    assert resolve(environment=environment).train.steps == 1
    flags = {"train.steps": 2}
    assert resolve(environment=environment, flags=flags).train.steps == 2
    assert resolve(flags=flags, assignments=["train.steps=3"]).train.steps == 3


def test_every_mistake_is_reported_at_once() -> None:
    found = mistakes(
        recipe="ernie-demo",
        environment={"CORPUSKIT_TRAIN_STPS": "3"},
        assignments=[
            "schedule.maxlr=1",
            "model.num_heads=3.5",
            "model.sop=1",
            "train.global_batch=7",
            "nonsense",
            "steps=4",
        ],
        ranks=2,
    )
    for expected in (
        "unknown option 'train.stps', did you mean 'train.steps'? (from environment)",
        "unknown option 'schedule.maxlr', did you mean 'schedule.max_lr'? (from --set)",
        "model.num_heads must be a whole number, not 3.5 (from --set)",
        "model.sop must be true or false, not 1 (from --set)",
        "train.global_batch 7 is not divisible",
        "--set takes section.key=value, not 'nonsense'",
        "did you mean 'train.steps'? (from --set)",
    ):
        assert expected in found
    assert found.startswith("7 mistakes")


@pytest.mark.parametrize(
    ("assignment", "sentence"),
    [
        ("schedule.min_lr=1", "schedule.min_lr 1.0 is more than schedule.max_lr"),
        ("schedule.decay=0.01", "schedule.decay 0.01 is less than schedule.warmup"),
        ("model.num_heads=7", "model.hidden_size 256 is not divisible by model.num_heads 7"),
        ("train.zero_stage=0", "train.precision bf16 needs train.zero_stage 1 or 2"),
        ("data.max_seq_length=512", "is more than model.max_positions 128"),
        ("train.micro_batch=3", "is not divisible by train.micro_batch 3 x 1"),
    ],
)
def test_rules_between_options(assignment: str, sentence: str) -> None:
    assert sentence in mistakes(recipe="ernie-demo", assignments=[assignment])


def test_one_mistake_is_not_reported_twice() -> None:
    assert mistakes(assignments=["model.num_heads=0"]).count("num_heads") == 1


def test_files_that_are_no_recipes(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    for text in ("- a list", "model: [1]", "model: {hiden_size: 3}", "a: b: c"):
        path.write_text(text)
        with pytest.raises(UsageError) as caught:
            resolve(recipe=str(path), environment={})
        assert str(path) in str(caught.value)
    with pytest.raises(UsageError, match=r"did you mean 'ernie-3\.0-base'"):
        resolve(recipe="ernie-3.0-bas")


@pytest.mark.parametrize("name", recipe_names())
def test_a_copied_recipe_is_the_recipe(name: str, tmp_path: Path) -> None:
    original = resolve(recipe=name, environment={})
    copy = copy_recipe(name, tmp_path)
    assert copy.name == f"{name}.yaml"
    assert resolve(recipe=str(copy), environment={}) == original
    with pytest.raises(UsageError, match="exists"):
        copy_recipe(name, copy)


def test_saved_forms_round_trip(tmp_path: Path) -> None:
    config = resolve(environment={}, assignments=["data.prefix=/a b/c: d", "schedule.min_lr=3e-7"])
    assert from_dict(config.to_dict()) == config
    path = tmp_path / "config.yaml"
    path.write_text(to_yaml(config))
    assert resolve(recipe=str(path), environment={}) == config
