# Writes programs.csv: cluster covariances of `quakes` (../data/quakes.csv) by R's sandwich and plm, whose small-sample
# factors are those of named programs. Fixed effects are cells of half a degree of longitude, those with a single row
# left out; clusters 2 degrees of longitude (the cells lie inside) or bands of 5 degrees of latitude (they do not).
# areg: lm with dummies and vcovCL(type = "HC1"), all dummies counted, as Stata's areg and regress.
# none: plm's within model and vcovHC(type = "sss"), (N-1)/(N-k) without any effect.
# conventional: vcovCL with two clusters, each part with the factor of its own G.
# Run in this folder with: Rscript programs.R
suppressMessages({library(sandwich); library(plm)})
quakes <- read.csv("../data/quakes.csv")
quakes$cell <- quakes$long %/% 0.5
quakes <- quakes[ave(quakes$depth, quakes$cell, FUN = length) > 1, ]
quakes$cluster <- quakes$long %/% 2
quakes$decile <- quakes$depth %/% 20
quakes$row <- ave(quakes$depth, quakes$cell, FUN = seq_along)
dummies <- lm(depth ~ mag + stations + factor(cell), quakes)
pooled <- lm(depth ~ mag + stations, quakes)
within <- plm(depth ~ mag + stations, pdata.frame(quakes, index = c("cell", "row")), model = "within")
found <- list(
  "areg, cluster" = vcovCL(dummies, ~cluster, type = "HC1"),
  "areg, decile" = vcovCL(dummies, ~decile, type = "HC1"),
  "none, cell" = vcovHC(within, method = "arellano", type = "sss", cluster = "group"),
  "conventional, cluster decile" = vcovCL(pooled, ~ cluster + decile, type = "HC1")
)
made <- do.call(rbind, lapply(names(found), function(name) data.frame(
  model = dQuote(name, FALSE), term = c("mag", "stations"),
  se = sprintf("%.15g", sqrt(diag(found[[name]]))[c("mag", "stations")])
)))
note <- sprintf("# sandwich %s, plm %s, %s", packageVersion("sandwich"), packageVersion("plm"), R.version.string)
writeLines(note, "programs.csv")
suppressWarnings(write.table(made, "programs.csv", append = TRUE, sep = ",", row.names = FALSE, quote = FALSE, eol = "\n"))
