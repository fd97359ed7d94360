"""Warnings: what was never taken, and what says nothing."""

from knell.checker import CheckResult
from knell.language import BOOL, Model, exists, forall, implies, on, require
from tests.checker.machines import checked


def machine() -> Model:
    m = Model("machine")
    P = m.sort("P", size=2)
    busy = m.rel("busy", P)
    broken = m.rel("broken", P)
    done = m.scalar("done", to=BOOL, init=False)

    @m.action(fair="weak")
    def work(p: P):
        require(idle=~busy[p])
        busy[p] = True

    @m.action
    def repair(p: P):
        require(broken=broken[p])
        broken[p] = False

    @m.action
    def finish():
        require(all=forall(P, lambda p: busy[p]))
        done.set(True)

    m.always("used", forall(P, lambda p: implies(busy[p], ~broken[p])))
    m.always("unused", forall(P, P, lambda p, q: implies(broken[p], busy[q])))
    m.always(
        "half",
        {
            "fine": implies(done, exists(P, lambda p: busy[p])),
            "void": implies(broken[P["p1"]], done),
        },
    )
    m.always("nested", forall(P, lambda p: forall(P, lambda q: implies(broken[p], busy[q]))))
    m.step("kept", forall(P, lambda p: implies(busy[p], busy.next[p])))
    m.step("mended", forall(P, lambda p: implies(broken[p] & ~broken.next[p], ~busy[p])))
    m.step(
        "by_action",
        {
            "of_repair": on(repair, lambda p: ~broken.next[p]),
            "of_work": on(work, lambda p: implies(done, busy[p])),
            "of_finish": on(finish, lambda: implies(done, done.next)),
        },
    )
    m.leads_to("answered", P, lambda p: (busy[p], busy[p]))
    m.leads_to("unasked", P, lambda p: (broken[p], ~broken[p]))
    return m


def about(result: CheckResult, id: str) -> list[str]:
    return [text for text in result.warnings if text.startswith(f"property {id} ")]


def test_actions_that_were_never_taken() -> None:
    result = checked(machine())
    assert result.taken["repair"] == 0
    assert "action repair was never taken" in result.warnings
    assert "action work was never taken" not in result.warnings


def test_premises_that_never_held() -> None:
    result = checked(machine())
    vacuous = "property {} is vacuous: its premise never held"
    assert about(result, "used") == []
    assert about(result, "unused") == [vacuous.format("unused")]
    assert about(result, "nested") == [vacuous.format("nested")]
    assert about(result, "half") == ["property half is vacuous: the premise of void never held"]
    assert about(result, "kept") == []
    assert about(result, "mended") == [vacuous.format("mended")]
    assert about(result, "by_action") == [
        "property by_action is vacuous: the premise of of_repair never held",
        "property by_action is vacuous: the premise of of_work never held",
    ]
    assert about(result, "answered") == []
    assert about(result, "unasked") == ["property unasked is vacuous: its premise never held"]


def test_nothing_is_said_before_the_search_is_complete() -> None:
    assert checked(machine(), max_states=2).warnings == ()


def test_properties_that_are_true_whatever_happens() -> None:
    m = machine()
    done = m.variables[2]
    m.always("tautology", (done[()] | ~done[()]))
    m.step("always_so", implies(done[()], done[()]))
    result = checked(m)
    assert about(result, "tautology") == ["property tautology is true whatever the model does"]
    assert "property always_so is true whatever the model does" in result.warnings
    assert about(result, "kept") == []


def test_selected_properties_alone_are_warned_of() -> None:
    result = checked(machine(), properties=("used", "unasked"))
    assert [text for text in result.warnings if text.startswith("property")] == [
        "property unasked is vacuous: its premise never held"
    ]
