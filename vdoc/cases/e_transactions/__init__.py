"""Cases of block E, transactions, by use case."""
