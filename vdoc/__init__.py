"""vdoc: an unattended OCPP 2.0.1 conformance runner that ends in a signed declaration."""
