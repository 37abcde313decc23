"""Where capacity may go: criteria, weights, suitability and location models."""
