"""A plan as numbers: each indicator one pure function with a unit and a clause."""
