"""The test cases, a module or package per functional block, attached to the catalogue by id."""
