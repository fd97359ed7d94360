"""Players take turns: all is well here."""

from knell.language import Model, exists, forall, implies, require

m = Model(
    "turns",
    "Players take turns.",
    configs={"default": {}, "large": {"Player": 3}},
    suite=("default", "large"),
)
Player = m.sort("Player", size=2)
playing = m.rel("playing", Player)


@m.action(fair="weak")
def begin(p: Player):
    require(free=forall(Player, lambda q: ~playing[q]))
    playing[p] = True


@m.action(fair="weak")
def end(p: Player):
    require(playing=playing[p])
    playing[p] = False


m.always(
    "alone",
    forall(Player, Player, lambda p, q: implies(playing[p] & playing[q], p == q)),
    about="At most one player plays.",
    claims=["C2"],
    witness="someone",
)
m.reachable("someone", exists(Player, lambda p: playing[p]))
m.leads_to("stops", Player, lambda p: (playing[p], ~playing[p]), about="Each turn ends.")
