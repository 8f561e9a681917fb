"""Reading from replicas: which of them is near enough, and what a caller must find there."""
