"""Canaries: for each rule of `policy` a change that loosens something."""

from __future__ import annotations

from gates.model.canary import Canary

CANARIES: tuple[Canary, ...] = ()
