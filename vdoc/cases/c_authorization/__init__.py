"""Cases of block C, authorization; one module per use case."""
