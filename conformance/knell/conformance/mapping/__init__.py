"""How the model and the implementation correspond: the one place that says so.

Three tables, and nothing hidden behind them:

* `cluster`: what a configuration of the model is as settings of cores;
* `variables`: for each variable of the model, where its value is read, or why it is not;
* `actions`: for each action of the model, the one event of one core, or the one thing that the
  environment does.

**The granularity is fixed**, so that the mapping cannot become a fudge. An action of the model is
exactly one event of one core, or one act of the environment. What a core is told besides, such as a
timer, an acknowledgement or the end of a write, is a *stutter*: it has to leave the projection as
it is, and that is checked each time. The projection is a pure and total function of the state that
a node has now: it knows no history and no parameter of an action.
"""
