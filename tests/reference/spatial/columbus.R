# Spatial models of the Columbus crime data (Anselin 1988, 49 districts; data and polygons of R's spData, CC0)
# by R's spdep and spatialreg. Run in this folder: Rscript columbus.R
# Writes columbus.csv (data), columbus_edges.csv (neighbours), columbus_results.csv (one number a row, named by its
# path in the list below) and columbus_versions.txt.
suppressMessages({library(spdep); library(spatialreg); library(spData); library(sf)})
data(columbus, package = "spData")
columbus$code <- sprintf("%02d", seq_len(nrow(columbus)))
columbus$zone <- ifelse(columbus$EW == 1, "east", "west")
write.csv(columbus[c("code", "CRIME", "INC", "HOVAL", "zone")], "columbus.csv", row.names = FALSE, quote = FALSE)
shapes <- st_read(system.file("shapes/columbus.shp", package = "spData")[1], quiet = TRUE)
stopifnot(all(shapes$CRIME == columbus$CRIME))
neighbours <- poly2nb(shapes)  # districts that share an edge or a corner, 236 links
pairs <- do.call(rbind, lapply(seq_along(neighbours), function(i)
  data.frame(code_a = columbus$code[i], code_b = columbus$code[neighbours[[i]]])))
pairs <- pairs[pairs$code_a < pairs$code_b, ]
write.csv(pairs, "columbus_edges.csv", row.names = FALSE, quote = FALSE)

listw <- nb2listw(neighbours, style = "W")
one <- function(formula) {
  ols <- lm(formula, data = columbus)
  tight <- list(tol.opt = 1e-12)
  models <- list(
    lag = lagsarlm(formula, columbus, listw, method = "eigen", tol.solve = 1e-14, control = tight),
    error = errorsarlm(formula, columbus, listw, method = "eigen", tol.solve = 1e-14, control = tight),
    durbin = lagsarlm(formula, columbus, listw, Durbin = ~ INC + HOVAL, method = "eigen", tol.solve = 1e-14,
                      control = tight))
  fits <- lapply(models, function(m) list(
    b = unname(m$coefficients), se = unname(m$rest.se),
    spatial = unname(if (m$type == "error") m$lambda else m$rho),
    spatial_se = unname(if (m$type == "error") m$lambda.se else m$rho.se),
    log_likelihood = as.numeric(logLik(m)), sigma2 = m$s2, lr = as.numeric(LR1.Sarlm(m)$statistic)))
  tests <- lm.LMtests(ols, listw, test = "all")
  moran <- lm.morantest(ols, listw, alternative = "greater")
  set.seed(20211)
  imp <- lapply(models[c("lag", "durbin")], function(m) {
    exact <- impacts(m, listw = listw)
    drawn <- summary(impacts(m, listw = listw, R = 20000), zstats = TRUE)
    list(direct = unname(exact$direct), indirect = unname(exact$indirect),
         total = unname(exact$total), simulated_se = unname(as.matrix(drawn$semat)))
  })
  list(ols_log_likelihood = as.numeric(logLik(ols)), fits = fits,
       tests = lapply(tests, function(t) list(statistic = unname(t$statistic), df = unname(t$parameter),
                                              p = unname(as.numeric(t$p.value)))),
       moran = list(i = moran$estimate[[1]], expected = moran$estimate[[2]], variance = moran$estimate[[3]],
                    z = unname(as.numeric(moran$statistic)), p = unname(as.numeric(moran$p.value))),
       impacts = imp)
}
default <- lagsarlm(CRIME ~ INC + HOVAL, columbus, listw, method = "eigen")  # with the tolerance of the package
crime <- moran.test(columbus$CRIME, listw, randomisation = FALSE)
results <- list(default_rho = unname(default$rho),
  plain = one(CRIME ~ INC + HOVAL), zones = one(CRIME ~ 0 + zone + INC + HOVAL),
  crime = list(i = crime$estimate[[1]], expected = crime$estimate[[2]], variance = crime$estimate[[3]]))
numbers <- unlist(results)
write.csv(data.frame(quantity = names(numbers), value = sprintf("%.14g", numbers)), "columbus_results.csv",
          row.names = FALSE, quote = FALSE)
packages <- c("spdep", "spatialreg", "spData")
writeLines(c(R.version.string, paste(packages, sapply(packages, function(p) as.character(packageVersion(p))))),
           "columbus_versions.txt")
