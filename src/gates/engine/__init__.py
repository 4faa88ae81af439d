"""How it goes: plan, run, decide, account."""
