"""Child: what runs inside of a build's own process; standard library only, and copied to where the builds are."""
