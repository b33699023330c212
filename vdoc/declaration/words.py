"""The sentences of a declaration that are the same for every run, each written once.

Owns the wording of what a declaration is and is not, what it was tested by, and which choices are
our own interpretation because the documents leave them open.
"""

from __future__ import annotations

OWN_DECLARATION = (
    "This is the vendor's own declaration. It is not issued by the Open Charge Alliance, it is no "
    "OCPP certificate, and its signature is the vendor's: it is not the signature of the OCTT "
    "that Document 2 §7.4 speaks of."
)
DEMONSTRATION = (
    "DEMONSTRATION: the settings of this run lie outside the bounds of a declaration. It shows how "
    "the runner works; it declares nothing."
)
TEST_BASIS = (
    "Document 2 V3.1 names edition 2 of OCPP 2.0.1 as its basis; this run was judged by Edition 3 "
    "with the errata of 2025-09."
)
INTERPRETATIONS = (
    "Variants are one-factor, never a product: one run with the first claimed value of each "
    "factor, then one run for each further value with all other factors at their first.",
    "Local authorization options vary only the cases that present a token locally; remote options "
    "only those that send a RequestStartTransaction; RSA and ECDSA only those that check a "
    "handshake or a CSR; EIM and PnC only those in which Part 6 branches; the rate unit only those "
    "that send a limit.",
    "TxStartPoint and TxStopPoint have cases of their own and are no variant.",
    "A case that may authorize locally or remotely is run locally when that is claimed, unless the "
    "settings say otherwise.",
    "A case runs once, in the lowest claimed security profile that gives it a meaning; the change "
    "of security profile runs in every stage that has a next one.",
    "A case is not applicable by evidence only where the catalogue names a Part 6 prerequisite and "
    "a report or GetVariables shows it unmet; never by a time-out or a refusal.",
    "A boot that nobody asked for within the long-operation time-out counts as a crash and fails "
    "the run (Document 2 §5.5).",
)
