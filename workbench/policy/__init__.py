"""The policy as data and rules: clauses, targets, screening, replacement, tariffs, duties."""
