"""Raw geodata to validated layers: the baseline, its catalogue and a planner's own files."""
