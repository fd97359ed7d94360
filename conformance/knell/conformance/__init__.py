"""Conformance: the model replayed against real code, and real logs validated against the model.

The model (`knell.protocol`) and an implementation share words (`knell.spec`) and nothing else. This
package stands above both and judges whether they agree:

| part | what it does |
| --- | --- |
| `mapping` | which event is which action of the model; how a core's state is read as the model's |
| `sim` | nodes of `knell.node` as values, without network and clock; the harness owns both |

What each side did where they were found to differ stands in ``DIVERGENCES.md``.
"""
