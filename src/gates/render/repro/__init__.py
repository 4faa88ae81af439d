"""Reports of the gate `repro`: what differs between builds, why, and what mends it."""
