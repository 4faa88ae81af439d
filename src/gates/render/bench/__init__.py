"""Reports of `gates bench compare`: Markdown and a picture, of the rows of the gate `bench`."""
