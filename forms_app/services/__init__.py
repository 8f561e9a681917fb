"""The writes: functions with keyword arguments, each whole or not at all."""
