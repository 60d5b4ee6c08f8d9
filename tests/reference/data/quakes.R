# Writes quakes.csv: R's data set `quakes` (1000 earthquakes near Fiji since 1964; Harvard PRIM-H project), unchanged.
# Longitudes run beyond 180. Run with: Rscript quakes.R
write.csv(datasets::quakes, "quakes.csv", row.names = FALSE, quote = FALSE, eol = "\n")
