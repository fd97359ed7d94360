"""The server behind `knell explore`: takes the steps that the page asks for.

It listens on the loopback address only. Other pages that the browser shows could still ask
it, so it answers under a path that holds a secret, and only to requests for its own host.
It keeps nothing: each request names all steps from the initial state.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from knell.checker.traces import StateReader
from knell.cli.extras import extras_of
from knell.cli.replaying import MismatchError, taken
from knell.language.errors import ModelError
from knell.language.evaluate import Evaluator
from knell.language.grounding import Program
from knell.language.model import Model
from knell.spec.errors import KnellError
from knell.spec.trace import Step, Trace, TraceState, new_meta
from knell.viewer import bundle_of, render_page

HOST: Final = "127.0.0.1"
MOST_BYTES: Final = 4_000_000
MOST_STEPS: Final = 250


class Live:
    """Runs of one model, made on request."""

    def __init__(self, model: Model, target: str, property_id: str | None = None) -> None:
        self.model = model
        self.target = target
        self.property_id = property_id
        self.reader = StateReader(model)
        self.evaluator = Evaluator(self.reader.layout)
        self.start = next(Program(model).initial(), None)
        if self.start is None:
            raise KnellError("has no initial state", place=model.name, mend="mend its init")

    def bundle(self, steps: list[Step]) -> dict[str, Any]:
        """The run that takes these steps from the initial state, with what is known about it.

        Raises:
            MismatchError: The model does not take one of the steps.
        """
        assert self.start is not None
        if len(steps) > MOST_STEPS:
            raise MismatchError(f"{len(steps)} steps are more than {MOST_STEPS}")
        state = self.start
        states = [TraceState(self.reader.of(state))]
        for number, step in enumerate(steps, start=1):
            chosen = taken(self.model, step, number)
            failing = self.evaluator.failing_clauses(chosen.action, state, chosen.env)
            if failing:
                names = ", ".join(clause.name for clause in failing)
                raise MismatchError(f"step {number}, {step.action}, is not enabled: {names}")
            state = self.evaluator.execute(chosen.action, state, chosen.env)
            values = self.reader.of(state)
            states.append(TraceState(values, action=step.action, parameters=step.parameters))
        meta = new_meta(
            model=self.model.name, config=self.model.values, mutant=self.model.settings.mutant
        )
        trace = Trace(meta, self.reader.names, tuple(states))
        extras = extras_of(self.model, trace, watched=self.property_id)
        return bundle_of(trace, "exploring", extras)

    def page(self) -> str:
        """The page, in the initial state."""
        return render_page({"live": self.bundle([])}, f"{self.model.name} · knell", live=True)


def serve(live: Live, port: int) -> tuple[ThreadingHTTPServer, str]:
    """A server that waits for its first request, and the address of its page."""
    secret = secrets.token_urlsafe(16)

    class Handler(_Handler):
        """The handler of this very server."""

    Handler.live = live
    Handler.prefix = f"/{secret}/"
    server = ThreadingHTTPServer((HOST, port), Handler)
    return server, f"http://{HOST}:{server.server_port}/{secret}/"


class _Handler(BaseHTTPRequestHandler):
    """Answers to the page, and to nobody else."""

    live: Live
    prefix: str

    def do_GET(self) -> None:
        """The page."""
        if self._is_ours("") and self._is_asked_by_us():
            self._answer(HTTPStatus.OK, self.live.page(), "text/html")
        else:
            self._answer(HTTPStatus.NOT_FOUND, "not found", "text/plain")

    def do_POST(self) -> None:
        """A run."""
        if not (self._is_ours("run") and self._is_asked_by_us()):
            self._answer(HTTPStatus.NOT_FOUND, "not found", "text/plain")
            return
        try:
            answer = self.live.bundle(_steps(self._body()))
        except (MismatchError, ModelError) as error:
            self._answer_json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        else:
            self._answer_json(HTTPStatus.OK, answer)

    def _is_ours(self, path: str) -> bool:
        return secrets.compare_digest(self.path.encode(), f"{self.prefix}{path}".encode())

    def _is_asked_by_us(self) -> bool:
        """Whether the request names this host: a name that leads here by a trick is refused."""
        server = self.server
        assert isinstance(server, ThreadingHTTPServer)
        return self.headers.get("Host") == f"{HOST}:{server.server_port}"

    def _body(self) -> str:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            raise MismatchError("the request has no length") from None
        if not 0 <= length <= MOST_BYTES:
            raise MismatchError("the request is too long")
        return self.rfile.read(length).decode("utf-8", errors="replace")

    def _answer_json(self, status: HTTPStatus, content: Mapping[str, Any]) -> None:
        self._answer(status, json.dumps(content), "application/json")

    def _answer(self, status: HTTPStatus, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so above
        """Say nothing: the page shows what is wrong."""


def _steps(text: str) -> list[Step]:
    """The steps that a request names."""
    try:
        told = json.loads(text)["steps"]
        return [
            Step(str(action), {str(name): str(value) for name, value in parameters.items()})
            for action, parameters in told
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise MismatchError("the request names no steps") from None
