# Writes fixest.csv: Conley covariances of a panel made of `quakes` (../data/quakes.csv) by the code of R's fixest.
# Places are those of the first 200 rows, seen in five years: row r is year 2000 + r %/% 200 at place r %% 200; every
# seventh row is left out. Depth on mag and stations, no small-sample factor.
# fixest counts pairs of all periods: it adds up scores at the same coordinates first, then pairs of places.
# The sums over pairs are fixest's own C++ (cpp_vcov_conley in src/vcov_related.cpp), compiled alone by Rcpp, as
# the package could not be installed where this ran. Lines before and after repeat what vcov_conley does around it.
# Run in this folder, with that function and the inline functions above it in conley.cpp, with: Rscript fixest.R
Rcpp::sourceCpp("conley.cpp")
quakes <- read.csv("../data/quakes.csv")
row <- seq_len(nrow(quakes)) - 1
panel <- data.frame(
  depth = quakes$depth, mag = quakes$mag, stations = quakes$stations,
  lon = quakes$long[row %% 200 + 1], lat = quakes$lat[row %% 200 + 1]
)[row %% 7 != 6, ]
model <- lm(depth ~ mag + stations, panel)
regressors <- model.matrix(model)
bread <- solve(crossprod(regressors))
place <- paste(panel$lon, panel$lat)
scores <- rowsum(regressors * residuals(model), place)
first <- match(rownames(scores), place)
lon <- (panel$lon[first] - 180) / 180 * pi # as vcov_conley shifts longitudes beyond 180
lat <- panel$lat[first] / 180 * pi
by_latitude <- order(lat)
made <- NULL
for (cutoff in c(100, 300)) for (distance in 1:2) {
  middle <- cpp_vcov_conley(scores[by_latitude, ], lon[by_latitude], lat[by_latitude], distance, cutoff)
  se <- sqrt(diag(bread %*% middle %*% bread))
  made <- rbind(made, data.frame(
    distance = c("spherical", "triangular")[distance], cutoff = cutoff,
    term = c("mag", "stations"), se = sprintf("%.15g", se[2:3])
  ))
}
note <- sprintf("# cpp_vcov_conley of the repository of fixest, compiled by Rcpp %s, %s", packageVersion("Rcpp"), R.version.string)
writeLines(note, "fixest.csv")
suppressWarnings(write.table(made, "fixest.csv", append = TRUE, sep = ",", row.names = FALSE, quote = FALSE, eol = "\n"))
