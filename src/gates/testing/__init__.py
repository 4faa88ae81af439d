"""For authors of gates: projects, tools that misbehave, runs, the law, and the contract that every gate must keep.

Everything here works on real files and real processes; nothing in the rest of gates imports it.
"""
