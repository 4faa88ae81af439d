"""The gate `secrets`: no secret is in the files, nor in a commit of the change."""
