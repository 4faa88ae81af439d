"""Archives: wheels and source distributions read member by member, within limits, and never unpacked by name."""
