"""Steps: a job's steps and a composite action's, run as GitHub's runner runs them; what it does not know it refuses."""
