"""Clients of interfaces that others define: action APIs, their relay, the OCTT's REST API.

Knows nothing of `vdoc` but its error tree. What each client relies on, and where sources differ, is
said in its module.
"""
