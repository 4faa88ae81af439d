"""Sbom: the bill of materials of what is built and installed, judged before it is believed."""
