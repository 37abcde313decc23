"""A plan on paper: workbook, GeoPackage, work plan, run record."""
