"""Runs Rasa's graph of components for one message after the other, without planning it anew each time."""

from __future__ import annotations

from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner

Plan = tuple[tuple[str, tuple[str, ...]], ...]  # nodes in an order that works, each with what it needs


class PlannedGraphRunner(GraphRunner):
    """Runs what a loaded graph holds, in an order that is worked out once for each set of targets.

    Rasa's own runner builds, orders and prints the graph at each of the three runs of a turn, which takes longer than the
    components do (docs/decisions/0009). The components are called by the same nodes with the same inputs.
    """

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._nodes = nodes
        self._plan = lru_cache(maxsize=8)(lambda targets: _planned(schema, targets))
        self._targets = tuple(schema.target_names)

    @classmethod
    def of(cls, runner: DaskGraphRunner) -> PlannedGraphRunner:
        """Takes over the components that a runner of Rasa's has loaded."""
        return cls(runner._graph_schema, runner._instantiated_nodes)

    @classmethod
    def create(cls, graph_schema: Any, model_storage: Any, execution_context: Any, hooks: Any = None) -> PlannedGraphRunner:
        return cls.of(DaskGraphRunner.create(graph_schema, model_storage, execution_context, hooks))

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """What the nodes named `targets` give, by their names. Raises what a component raises, and `GraphRunError`."""
        wanted = tuple(targets) if targets else self._targets
        given: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in self._plan(wanted):
                given[name] = self._nodes[name](*(given[need] for need in needs))
            return dict(given[name] for name in wanted)
        except KeyError as error:
            raise GraphRunError(f"Nothing gives {error}.") from error


def _planned(schema: GraphSchema, targets: tuple[str, ...]) -> Plan:
    nodes = schema.minimal_graph_schema(list(targets)).nodes
    needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
    order = TopologicalSorter(needs).static_order()
    return tuple((name, needs[name]) for name in order if name in needs)
