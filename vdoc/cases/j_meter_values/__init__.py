"""Functional block J, Meter Values: aligned to the clock (J01), and of transactions (J02).

`measuring` has the Configuration State of the cases, `samples` what meter values say and how it is
judged, `at_marks` the values of an idle station, `ended_event` what the Ended event holds.
"""
