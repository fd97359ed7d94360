"""A courier carries parcels in a bag: queues, tuples, numbers below zero, a run that ends."""

from knell.language import BOOL, Model, require

m = Model("courier", "Parcels are put into a bag and delivered in order.")
House = m.sort("House", names=("red", "blue"), symmetric=False)
Urgency = m.int(-1, 1)

bag = m.queue("bag", House, Urgency, BOOL, capacity=2)
last = m.scalar("last", to=Urgency, init=-1)
open_ = m.scalar("open", to=BOOL, init=True)


@m.action
def put(h: House, u: Urgency):
    """A parcel goes into the bag."""
    require(open=open_, room=~bag.full)
    bag.push(h, u, u == 1)


@m.action
def deliver():
    """The oldest parcel is delivered."""
    require(some=~bag.empty, closed=~open_)
    _, urgency, _ = bag.head
    last.set(urgency)
    bag.pop()


@m.action(fair="weak")
def close():
    """The day is over."""
    require(open=open_)
    open_.set(False)


m.ends(bag.empty & ~open_)
m.always(
    "never_late",
    {"second_is_not_urgent": ~(last == 0) | ~bag.contains("blue", 1, True)},
    about="No urgent parcel for the blue house waits while others are delivered.",
)
m.leads_to("delivered", lambda: (~bag.empty, bag.empty), about="Every parcel is delivered.")
