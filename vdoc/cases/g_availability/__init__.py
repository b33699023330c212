"""Block G, availability: connector status (G01), of EVSEs and connectors (G03), of stations (G04).

A module per use case; `change` has the request, `scheduled` the wait for a transaction to end.
"""
