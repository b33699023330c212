"""The reference station: an OCPP 2.0.1 station made of software, written from Part 2."""
