"""Our runner gives what Rasa's own gives, from the same components."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot.engine.runner import PlannedGraphRunner


class Calculator(GraphComponent):
    """Adds what it is given to its own number, and remembers how often."""

    calls = 0

    def __init__(self, number: int) -> None:
        self._number = number

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Calculator:
        return cls(config["number"])

    def add(self, one: int, other: int = 0) -> int:
        Calculator.calls += 1
        return self._number + one + other

    def fail(self, one: int) -> int:
        raise KeyError(one)


def node(number: int, fn: str = "add", **needs: str) -> SchemaNode:
    return SchemaNode(needs, Calculator, "create", fn, {"number": number}, eager=True, is_target=number > 100)


@pytest.fixture
def runners(tmp_path: Any) -> tuple[DaskGraphRunner, PlannedGraphRunner]:
    nodes = {
        "both": node(1000, one="first", other="second"),
        "second": node(20, one="first"),
        "first": node(3, one="__message__"),
        "beside": node(500, one="__message__"),
        "broken": node(7, fn="fail", one="first"),
    }
    dask = DaskGraphRunner.create(GraphSchema(nodes), LocalModelStorage(tmp_path), ExecutionContext(GraphSchema(nodes)))
    return dask, PlannedGraphRunner.of(dask)


@pytest.mark.parametrize("targets", [None, ["both"], ["second", "beside"], ["first"]])
def test_every_target_gets_what_rasa_s_runner_gives(
    runners: tuple[DaskGraphRunner, PlannedGraphRunner], targets: list[str] | None
) -> None:
    theirs, ours = (runner.run(inputs={"__message__": 1}, targets=targets) for runner in runners)
    assert ours == theirs
    assert ours


def test_only_what_a_target_needs_is_run(runners: tuple[DaskGraphRunner, PlannedGraphRunner]) -> None:
    _, ours = runners
    before = Calculator.calls
    assert ours.run(inputs={"__message__": 1}, targets=["second"]) == {"second": 24}
    assert Calculator.calls - before == 2


def test_each_run_takes_its_own_inputs(runners: tuple[DaskGraphRunner, PlannedGraphRunner]) -> None:
    _, ours = runners
    assert [ours.run(inputs={"__message__": number}, targets=["first"])["first"] for number in (1, 5)] == [4, 8]


def test_what_a_component_raises_and_what_nothing_gives_are_told_apart(
    runners: tuple[DaskGraphRunner, PlannedGraphRunner],
) -> None:
    _, ours = runners
    with pytest.raises(GraphComponentException):
        ours.run(inputs={"__message__": 1}, targets=["broken"])
    with pytest.raises(GraphRunError, match="__message__"):
        ours.run(inputs={}, targets=["first"])
