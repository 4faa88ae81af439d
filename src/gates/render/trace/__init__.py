"""Reports of `gates trace`: the matrix for terminals, Markdown and spreadsheets."""
