"""Paired: processes of both sides that run side by side, and what each benchmark took in them."""
