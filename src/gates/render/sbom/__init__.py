"""Sbom: a bill of materials and its verdict, and what changed between two of them."""
