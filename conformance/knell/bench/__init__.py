"""Measures the engines against SPIN, the reference and the machine, side by side.

============  ==========================================================================
module        does
============  ==========================================================================
``ours``      one search of ours, in a process of its own
``making``    the same without its table, which tells what the successors cost
``spin``      one search of SPIN, and how it is built
``limit``     random reads: what the machine's memory allows
``corosync``  a cluster of Corosync, with its clients in ``cpg``
``plan``      how much is measured, and who takes turns
``two_phase`` what is measured of two-phase commit
``protocol``  what is measured of the protocol
``failures``  how quickly a failure of a real node is known
``parts``     the parts by their names, and a run of some
``rows``      the results: table, JSON, picture
``targets``   what is aimed at
``document``  the results as a document
============  ==========================================================================
"""
