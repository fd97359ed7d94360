"""A search in parts says what the reference says, here and as actors of Ray."""

import itertools
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from knell.checker import cluster, engines
from knell.checker.cluster.search import ClusterSearch
from knell.checker.cluster.team import LocalTeam, RayTeam
from knell.checker.questions import Questions
from knell.cli.main import main
from knell.examples import EXAMPLES
from knell.language import Model
from knell.language.grounding import Program
from knell.language.loading import load_model
from knell.language.settings import Settings
from knell.protocol import NODE_SHUTDOWN
from knell.spec.errors import KnellError
from tests.checker.compiled.agreement import answer
from tests.checker.compiled.test_agrees import RANDOM_MODELS
from tests.checker.machines import built, checked, counter, two_phase_commit
from tests.checker.random_models import models


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the parts be in this process."""
    monkeypatch.setattr(
        engines,
        "team_for",
        lambda program, questions, group, options: LocalTeam(
            program, questions, group, options.workers
        ),
    )
    monkeypatch.setattr(cluster, "is_installed", lambda: True)


def in_parts(model: Model, parts: int = 3, **options: Any) -> dict[str, Any]:
    """Assert that a search in parts says what the reference says, and return it."""
    expected = answer(model, "reference", **options)
    assert answer(model, "ray", workers=parts, **options) == expected
    return expected


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", ["two-phase-commit", "die-hard", "quorum-vote"])
def test_examples(name: str) -> None:
    in_parts(load_model(EXAMPLES[name], Settings()))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("parts", [1, 2, 5])
def test_any_number_of_parts(parts: int) -> None:
    in_parts(built(two_phase_commit, RM=4), parts, symmetry=False)


@pytest.mark.usefixtures("here")
def test_the_protocol() -> None:
    model = load_model(NODE_SHUTDOWN, Settings("small"))
    safety = tuple(p.id for p in model.properties if p.kind != "leads_to")
    in_parts(model, properties=(*safety, "deadlock"))


@pytest.mark.usefixtures("here")
@settings(
    max_examples=max(5, RANDOM_MODELS // 5),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(models(rigid=True))
def test_random_models(model: Model) -> None:
    in_parts(model)


@pytest.mark.usefixtures("here")
def test_an_error_of_the_model() -> None:
    def build() -> Model:
        m = Model("overflow")
        n = m.scalar("n", to=m.int(0, 3), init=0)

        @m.action
        def add():
            n.set(n + 1)

        return m

    assert "reached by 4 step(s)" in in_parts(built(build))["error"]


@pytest.mark.usefixtures("here")
def test_what_parts_cannot_do_is_refused() -> None:
    with pytest.raises(KnellError, match="cannot judge a leads-to"):
        checked(counter(), engine="ray")
    with pytest.raises(KnellError, match="--simulate"):
        checked(counter(), engine="ray", simulate=3)


def test_an_installation_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "is_installed", lambda: False)
    with pytest.raises(KnellError, match=r"Ray is not installed; pip install 'knell\[ray\]'"):
        checked(counter(), engine="ray")


def require_ray() -> None:
    """Skip the test where there is no Ray, which is heavy; where CI is set, it must be there."""
    if not cluster.is_installed():
        assert not os.environ.get("CI"), "Ray must be installed here"
        pytest.skip("Ray is not installed: pip install 'knell[ray]'")


def test_actors_of_ray() -> None:
    require_ray()
    in_parts(built(two_phase_commit, RM=4), 2, symmetry=False)


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill the process of a worker, by its id and without warning, in the midst of a search."""
    levels = itertools.count(1)
    expand = ClusterSearch.expand

    def kill(search: ClusterSearch, until: int) -> None:
        if next(levels) == 4:
            team = search.team
            assert isinstance(team, RayTeam)
            own = team._actors[1].__ray_call__.remote(lambda _: os.getpid())
            os.kill(team._ray.get(own), signal.SIGKILL)
        expand(search, until)

    monkeypatch.setattr(ClusterSearch, "expand", kill)


@pytest.mark.usefixtures("killing")
def test_a_killed_worker_ends_the_check_without_a_verdict(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    require_ray()
    asked = ["two-phase-commit", "--no-symmetry", "--set", "RM=6", "--engine", "ray"]
    told = tmp_path / "result.json"
    assert main(["check", *asked, "--workers", "2", "--json", str(told)]) == 3
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("knell: a worker of the cluster was lost")
    assert not told.exists()


def test_a_cluster_that_is_not_there_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require_ray()
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        assert main(["check", "die-hard", "--engine", "ray"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"knell: RAY_ADDRESS={address}: no cluster of Ray lets us in there")


def test_what_a_worker_raises_itself_is_no_loss() -> None:
    require_ray()
    program = Program(built(two_phase_commit, RM=3))
    team = RayTeam(program, Questions(program, None), None, 1)
    try:
        with pytest.raises(AttributeError, match="nonsense"):
            team.get(team.send("nonsense", [()]))
    finally:
        team.close()
