"""The store that is made from the event files, and can be made from them again."""
