"""OCPP-J of OCPP 2.0.1 without I/O: frames, schemas, the state of a connection (Part 4)."""
