"""The gates that ship with the package, one folder each, the same five files in each."""
