"""Functional block A, Security: credentials, server certificates, the security profile.

What a connection showed of itself (upgrade request, TLS) is in the events of `bench.connection`;
gates say what the DUT is served.
"""
