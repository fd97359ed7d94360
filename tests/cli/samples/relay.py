"""Nodes that take a job, mail it and give it back: small, and wrong in every way there is."""

from knell.language import Model, Mutant, exists, forall, implies, on, require

m = Model(
    "relay",
    "Nodes take a job, mail it, and give it back.",
    configs={"default": {}, "three": {"Node": 3}, "quiet": {"mails": False}},
    suite=("default", "quiet"),
    mutants=[Mutant("greedy", "a node takes what it has", ("calm",), config="quiet", hazard="H3")],
)
Node = m.sort("Node", size=2)
mails = m.flag("mails", True, "jobs are mailed")
Phase = m.enum("Phase", "idle", "busy", "crashed")

phase = m.var("phase", Node, to=Phase, init="idle")
told = m.rel("told", Node, Node)
jobs = m.scalar("jobs", to=m.int(0, 2), init=0)
mail = m.queue("mail", Node, capacity=2)


@m.action(fair="weak", section="§2.1")
def take(n: Node):
    """A node takes a job.

    This line is not shown.
    """
    require(idle=phase[n] == "idle")
    phase[n] = "busy"
    if m.mutant("greedy"):
        jobs.set(2)


@m.action(section="2.2")
def give_back(n: Node):
    """A node puts its job back."""
    require(busy=phase[n] == "busy")
    phase[n] = "idle"


if mails:

    @m.action
    def send(n: Node, to: Node):
        require(busy=phase[n] == "busy", new=~told[n, to], room=~mail.full)
        told[n, to] = True
        mail.push(n)


@m.fault(section="§3")
def crash(n: Node):
    """A node stops for good."""
    require(up=~(phase[n] == "crashed"))
    phase[n] = "crashed"


@m.action
def never():
    """Nothing ever asks for this."""
    require(impossible=jobs == 1)
    jobs.set(2)


m.always(
    "one_busy",
    {
        "exclusion": forall(
            Node,
            Node,
            lambda i, j: implies((phase[i] == "busy") & (phase[j] == "busy"), i == j),
        ),
        "few_jobs": jobs < 2,
    },
    about="At most one node is busy at any time.",
    claims=["C1", "C8"],
    witness="someone_busy",
)
m.reachable("someone_busy", exists(Node, lambda n: phase[n] == "busy"))
m.always("calm", jobs == 0, about="No job is counted.")
m.step(
    "no_giving_back",
    {"kept": on(give_back, lambda n: phase.next[n] == "busy")},
    about="What was taken is kept.",
)
m.leads_to(
    "finishes",
    Node,
    lambda n: (phase[n] == "busy", phase[n] == "crashed"),
    about="Whoever is busy crashes in the end.",
)
m.leads_to(
    "stays_up",
    Node,
    lambda n: (phase[n] == "crashed", phase[n] == "idle"),
    about="Whoever crashed comes back.",
)
m.reachable("two_jobs", jobs == 2, about="Two jobs are counted.")
