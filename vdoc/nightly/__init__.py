"""Nightly regression: a history of runs, what changed between two of them, and who is told.

Stands above `vdoc.run`: it reads what a run left in its directory and never touches evidence but to
compress or prune it. It judges nothing: verdicts are those of the run.
"""
