"""Compares what two engines say of one model."""

from typing import Any

from knell.checker import CheckResult, Options, check
from knell.language import Model
from knell.language.errors import ModelError


def told(result: CheckResult) -> dict[str, Any]:
    """All that a result says, but for the engine and the time that it took."""
    return {
        "counts": (result.distinct, result.generated, result.depth, result.complete),
        "levels": result.levels,
        "taken": result.taken,
        "warnings": result.warnings,
        "reasons": result.reasons,
        "symmetry": result.symmetry,
        "properties": {
            p.id: (
                p.verdict,
                [clause.name for clause in p.broken],
                p.bindings,
                p.run and (p.run.states, [str(step) for step in p.run.steps], p.run.loop),
            )
            for p in result.properties
        },
    }


def answer(model: Model, engine: str, **options: Any) -> dict[str, Any]:
    """What an engine says of a model; of a faulty one, its error."""
    try:
        return told(check(model, Options(engine=engine, **options)))
    except ModelError as error:
        return {"error": str(error)}


def agree(model: Model, workers: int = 1, **options: Any) -> dict[str, Any]:
    """Assert that both engines say the same, and return it."""
    expected = answer(model, "reference", **options)
    found = answer(model, "compiled", workers=workers, **options)
    differing = [(k, expected.get(k), found.get(k)) for k in {**expected, **found}]
    bad = [(k, a, b) for k, a, b in differing if a != b]
    assert not bad, bad
    return expected
