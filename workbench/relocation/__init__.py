"""Which lines stay, close or move, and where to: the mixed-integer program and its plan."""
