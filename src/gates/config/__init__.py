"""What the user asked for, typed; and the limits that the project already gives its tools."""
