"""Speed of the path engine beside its peers: `python -m tests.benchmarks`."""
