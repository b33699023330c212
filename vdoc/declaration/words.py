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
PROFILES = {
    "Core": "What each station does: start-up, security profiles 1 and 2, authorization, "
    "transactions, meter values, configuration, resets, firmware and diagnostics.",
    "AdvancedSecurity": "Security profile 3: the station proves itself with a certificate of its "
    "own, which is renewed over OCPP.",
    "LocalAuthListManagement": "The CSMS keeps a list of known tokens in the station, which "
    "authorizes by it.",
    "SmartCharging": "Charging profiles of the CSMS limit and schedule the power of the station, "
    "an EVSE or a transaction.",
    "AdvancedDeviceManagement": "The CSMS sets monitors on variables of the device model and is "
    "told of what they see.",
    "AdvancedUserInterface": "The station shows messages, tariffs and costs to the driver.",
    "Reservation": "An EVSE, a kind of connector or the station is kept free for a token.",
    "ISO15118Support": "Plug & Charge with contract certificates, and the certificates and "
    "schedules that ISO 15118 asks for.",
}
"""What each certification profile is about."""
RUN_DIGESTS = (
    "Settings and plan are named as the evidence names them: by commitments to every setting, and "
    "by the plan without its own digest. The SHA-256 of the files stands under Enclosed files."
)
HOW_TO_VERIFY = (
    "The statement that this document shows is signed by the following keys; one of them also "
    "signed this document. A program that shows PDF files can tell whether it was altered since. "
    "That is not all: vdoc verify BUNDLE.zip needs no network and judges every verdict again "
    "from the evidence that is attached.",
    "Compare the key id with one that the vendor told you by another way. The name in a "
    "certificate is worth what its authority is.",
)
