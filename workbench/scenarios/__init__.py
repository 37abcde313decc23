"""Scenarios: every choice a planner can make, frozen, named and saved as TOML."""
