"""What was judged, on what evidence: an event log, a store made from it, replay, and questions to both."""
