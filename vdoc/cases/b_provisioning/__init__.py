"""Functional block B, Provisioning: booting, variables, base reports, reset; a module per use case.

`registering` has what holds until a boot is accepted, `results` how GetVariables and SetVariables
tell which variable a result is about. Network connection profiles (B09, B10) have modules of their
own.
"""
