"""Functional block M, ISO 15118 Certificate Management: CA certificates of the DUT."""
