"""The commands: they parse, call and print; no logic of the product is here.

Exit codes are those of design §4 and come from the error tree alone. `vdoc.cli.app.main` is the
entry point.
"""
