"""Functional block F, remote control; a module per use case of Part 2."""
