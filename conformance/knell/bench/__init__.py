"""Measures the engines against SPIN, the reference and the machine, side by side.

============  ==========================================================================
module        does
============  ==========================================================================
``ours``      one search of ours, in a process of its own
``spin``      one search of SPIN, and how it is built
``limit``     random reads: what the machine's memory allows
``parts``     what is measured, a part at a time
``rows``      the results: table, JSON, picture, document
============  ==========================================================================
"""
