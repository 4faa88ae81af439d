"""What a test leaves behind: one module per kind of leak, found at the test, named and put back."""
