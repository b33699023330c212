"""`declaration.pdf` as a file: its one form, and the signature inside."""
