"""Checking a model: from options to a result."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from knell.checker.checkpoint import Checkpoint
from knell.checker.drive import BUILDING, INTERRUPTED, Clock, OutOfTimeError, drive, watched
from knell.checker.engines import Engine, engine_for, refuse_engine
from knell.checker.errors import MisstepError
from knell.checker.explain import Explanation, explain
from knell.checker.explored import Explored, Walks
from knell.checker.lasso import Lasso
from knell.checker.questions import Questions, Response
from knell.checker.replay import Replay
from knell.checker.results import CheckResult, Options, PropertyResult, Run, Verdict
from knell.checker.runs import Runs
from knell.checker.simulate import refuse_contradictions, simulate
from knell.checker.symmetry import symmetry_group
from knell.checker.tiny import tried
from knell.checker.vacuity import taken_by_action, warnings
from knell.language.ground_properties import DEADLOCK
from knell.language.grounding import Program
from knell.language.model import Model
from knell.language.properties import Property


def check(model: Model, options: Options | None = None) -> CheckResult:
    """Check the model's properties."""
    options = options or Options()
    beyond = options.fingerprints or options.disk is not None
    refuse_engine(options.engine, beyond_memory=beyond)
    if options.simulate is not None:
        refuse_contradictions(options)
        options = replace(options, symmetry=False)
    clock = Clock(options.progress, options.max_seconds)
    try:
        with watched(clock, BUILDING):
            one = _Check(model, options, clock)
    except OutOfTimeError:
        return _nothing_known(model, options, clock)
    try:
        return one.result()
    finally:
        one.search.close()


class _Check:
    """One check, by exhaustive search or by random walks."""

    def __init__(self, model: Model, options: Options, clock: Clock) -> None:
        self.model = model
        self.options = options
        self.clock = clock
        self.program = Program(model)
        self.questions = Questions(self.program, options.properties)
        self.group = symmetry_group(self.program, self.questions.properties, options.symmetry)
        self.compiled = clock.elapsed
        tiny = tried(self.program, self.questions, self.group, options, clock)
        if tiny is not None:
            self.engine = Engine(tiny, "reference")
        else:
            self.engine = engine_for(self.program, self.questions, self.group, options)
            self.compiled = clock.elapsed
        self.search = self.engine.search
        self.runs = Runs(self.search)
        self.reasons: list[str] = []
        self.starving: dict[Property, tuple[Response, Lasso]] = {}
        self.undecided: set[Property] = set()

    def result(self) -> CheckResult:
        """Search, judge and replay."""
        found, walks = self.search.explored, Walks()
        if self.options.simulate is not None:
            walks = self._walk()
            generated, depth, complete = walks.generated, walks.longest, False
        else:
            found = self._explore()
            self._decide_responses(found)
            generated, depth = found.generated, len(found.levels)
            complete = found.complete and len(found.states) > 0
        properties = tuple(self._properties(found, complete))
        said = warnings(self.program, self.questions, found) if complete else []
        searched = self.clock.elapsed
        return CheckResult(
            model=self.model.name,
            config=dict(self.model.values),
            mutant=self.model.settings.mutant,
            engine=self.engine.name,
            workers=self.search.workers,
            symmetry=self.group is not None,
            distinct=len(found.states),
            generated=generated,
            depth=depth,
            complete=complete,
            compile_seconds=self.compiled,
            search_seconds=searched - self.compiled,
            total_seconds=searched,
            properties=properties,
            taken=taken_by_action(self.program, found.taken),
            warnings=tuple(said),
            reasons=tuple(self.reasons),
            fallback=self.engine.fallback,
            omission=self.search.omission,
            levels=tuple(found.levels) if self.options.simulate is None else (),
            walks=walks.taken,
        )

    def _start(self) -> bool:
        """Find the initial states; tells whether there was time for all of them."""
        found = self.search.explored
        try:
            with watched(self.clock, "finding the initial states", found):
                self.search.start()
        except OutOfTimeError:
            self.reasons.append(self.clock.over)
            found.level_ends.append(len(found.states))
            return False
        return True

    def _walk(self) -> Walks:
        """Take random walks."""
        if not self._start():
            return Walks()
        walks, reason = simulate(self.search, self.options, self.clock)
        self.reasons.append(reason)
        return walks

    def _explore(self) -> Explored:
        """Search exhaustively, from the start or from a checkpoint."""
        store, options = Checkpoint(self.search, self.group), self.options
        save = None
        if options.checkpoint is not None:
            store.prepare(options.checkpoint)
            save = partial(store.save, options.checkpoint)
        if options.resume is not None:
            store.restore(options.resume)
        elif not self.search.explored.level_ends and not self._start():
            return self.search.explored
        reason = drive(self.search, options, self.clock, save)
        if reason is not None:
            self.reasons.append(reason)
        return self.search.explored

    def _properties(self, found: Explored, complete: bool) -> list[PropertyResult]:
        replay = Replay(self.program)
        results = []
        for number, declared in enumerate(self.questions.properties):
            result = self._judge(number, declared, found, complete)
            replay.confirm(result, declared)
            results.append(result)
        if self.questions.deadlock:
            run = None if found.deadlock is None else self.runs.to_state(found.deadlock)
            result = PropertyResult(
                DEADLOCK, DEADLOCK, (), verdict_of(run is not None, complete), run
            )
            replay.confirm(result, None)
            results.append(result)
        return results

    def _decide_responses(self, found: Explored) -> None:
        """Look for runs that refute the leads-to properties."""
        wanted = [p for p in self.questions.properties if p.kind == "leads_to"]
        self.undecided = set(wanted)
        enough = INTERRUPTED in self.reasons or (self.options.fail_fast and self.search.failed)
        if enough or not wanted or not found.expanded or self.clock.is_over:
            return
        try:
            with watched(self.clock, "looking for runs that wait for ever", found):
                self._refute(wanted)
        except OutOfTimeError:
            self.reasons.append(self.clock.over)
        except MisstepError as misstep:
            raise self.search.explain(misstep, misstep.state) from None
        except KeyboardInterrupt:
            self.reasons.append(INTERRUPTED)

    def _refute(self, wanted: list[Property]) -> None:
        analysis = self.search.analysis()
        for declared in wanted:
            self.clock.doing = f"looking for a run that refutes {declared.id}"
            lasso = analysis.refutation(declared)
            if lasso is not None:
                self.starving[declared] = lasso
            self.undecided.discard(declared)
            if lasso is not None and self.options.fail_fast:
                break

    def _judge(
        self, number: int, declared: Property, found: Explored, complete: bool
    ) -> PropertyResult:
        run = self._shown(number, declared, found)
        decided = complete and declared not in self.undecided
        verdict = verdict_of(run is not None, decided)
        if declared.kind == "reachable" and verdict != "unknown":
            verdict = "holds" if run else "violated"
        if declared in self.starving:
            why = Explanation((), self.starving[declared][0].bindings)
        elif run is not None:
            why = explain(self.program.evaluator, declared, run)
        else:
            why = Explanation((), {})
        return PropertyResult(
            declared.id, declared.kind, declared.claims, verdict, run, why.broken, why.bindings
        )

    def _shown(self, number: int, declared: Property, found: Explored) -> Run | None:
        """The run that decides a property, if there is one."""
        match declared.kind:
            case "leads_to":
                refuted = self.starving.get(declared)
                return None if refuted is None else self.runs.endless(refuted[1])
            case "action":
                misstep = found.missteps.get(number)
                return None if misstep is None else self.runs.to_misstep(*misstep, declared)
        state = found.hits.get(self.questions.watched.index(declared))
        return None if state is None else self.runs.to_state(state)


def _nothing_known(model: Model, options: Options, clock: Clock) -> CheckResult:
    """The answer where time was too short to build the model."""
    asked = [*((p.id, p.kind, p.claims) for p in model.properties), (DEADLOCK, DEADLOCK, ())]
    chosen = options.properties
    return CheckResult(
        model=model.name,
        config=dict(model.values),
        mutant=model.settings.mutant,
        engine=options.engine,
        workers=1,
        symmetry=False,
        distinct=0,
        generated=0,
        depth=0,
        complete=False,
        compile_seconds=clock.elapsed,
        search_seconds=0.0,
        total_seconds=clock.elapsed,
        properties=tuple(
            PropertyResult(id, kind, claims, "unknown")
            for id, kind, claims in asked
            if chosen is None or id in chosen
        ),
        taken={action.name: 0 for action in model.actions},
        reasons=(f"{clock.over} while the model was being built",),
    )


def verdict_of(shown: bool, complete: bool) -> Verdict:
    """The verdict on what a single run can refute."""
    if shown:
        return "violated"
    return "holds" if complete else "unknown"
