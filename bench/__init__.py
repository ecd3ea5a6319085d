"""Benchmarks: each times a candidate against a named baseline in the same run.

Machines drift, so the two are run in turn (A B A B ...) and the ratio is taken pair by
pair; its median is what counts. Inputs are the demo's own, or made here.
"""
