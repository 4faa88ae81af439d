"""The record for programs, over the Model Context Protocol."""
