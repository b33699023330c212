"""Functional block L, firmware management; a module for each way that an update may go."""
