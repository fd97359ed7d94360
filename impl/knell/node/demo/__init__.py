"""A cluster of real processes on loopback, to show failures and to judge what becomes of them.

* `cluster`: makes keys, configurations and processes, and leaves nothing behind.
* `worker`: the member; it acts through a store whenever it may.
* `store`: checks fencing tokens, and remembers every act: the judge's witness.
* `failures`: what can be failed, and how.
* `judge`: reads what was written down, and says whether all that had to happen did.
"""
