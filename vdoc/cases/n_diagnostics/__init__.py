"""Functional block N, Diagnostics: logs that the DUT uploads, and what it stores about customers.

A module per group of use cases; `uploading` and `customers` have the steps that they share.
"""
