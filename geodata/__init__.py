"""The embedded baseline: catalogue, tables, layers, assumptions, and the script that rebuilds them."""
