"""Measurements, made on demand by `make bench`; never part of the tests, which are not timed.

Every target that is a speed is a ratio to something measured in the same run on the same machine.
"""
