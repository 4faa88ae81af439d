# Starts a part of the action in the Python that is on the path; without one the step is red and says why.
python=$(command -v python || command -v python3) || {
    echo "::error title=gates: undecided::there is no Python on the path; set the input python-version"
    exit 3
}
exec "$python" -I "$GITHUB_ACTION_PATH/ci/action" "$@"
