"""The words of the manual as frozen values; nothing here reads a file or starts a process."""
