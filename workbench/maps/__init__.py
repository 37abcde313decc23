"""Maps: interactive folium pages that need no internet, and printed layouts."""
