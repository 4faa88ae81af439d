"""Policy: a change must not be judged by the gate that it edits."""
