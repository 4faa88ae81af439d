"""How gates, renderers and readers are registered."""
