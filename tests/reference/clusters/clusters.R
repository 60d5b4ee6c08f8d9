# Writes clusters.csv: cluster covariances of `quakes` (../data/quakes.csv) by R and its package sandwich.
# Depth on mag and stations; clusters are 2 degrees of longitude, fixed effects bands of 5 degrees of latitude.
# CR0, CR2 and CR3 come from sandwich::vcovCL with dummies; CV3 and CV3J from regressions that leave out each cluster in
# turn; the degrees of freedom of CR2 from the n x n projection matrix by the definition of Bell & McCaffrey (2002).
# Run in this folder with: Rscript clusters.R
library(sandwich)
quakes <- read.csv("../data/quakes.csv")
quakes$cluster <- quakes$long %/% 2
quakes$band <- factor(quakes$lat %/% 5)
quakes$weight <- quakes$stations / 10
models <- list(
  plain = list(depth ~ mag + stations, FALSE),
  bands = list(depth ~ mag + stations + band, FALSE),
  weighted = list(depth ~ mag + band, TRUE)
)
terms <- c("mag", "stations")

jackknife <- function(formula, weights) {
  t(sapply(sort(unique(quakes$cluster)), function(g) {
    part <- quakes[quakes$cluster != g, ]
    if (weights) coef(lm(formula, part, weights = weight)) else coef(lm(formula, part))
  }))
}

satterthwaite <- function(model, name) {
  X <- model.matrix(model)
  A <- solve(crossprod(X))
  residual_maker <- diag(nrow(X)) - X %*% A %*% t(X)
  P <- sapply(sort(unique(quakes$cluster)), function(g) {
    own <- which(quakes$cluster == g)
    parts <- eigen(residual_maker[own, own], symmetric = TRUE)
    root <- parts$vectors %*% diag(1 / sqrt(parts$values), length(own)) %*% t(parts$vectors)
    residual_maker[, own] %*% root %*% X[own, , drop = FALSE] %*% A[, name]
  })
  sum(diag(crossprod(P)))^2 / sum(crossprod(P)^2)
}

rows <- list()
for (name in names(models)) {
  formula <- models[[name]][[1]]
  weights <- models[[name]][[2]]
  model <- if (weights) lm(formula, quakes, weights = weight) else lm(formula, quakes)
  without <- jackknife(formula, weights)
  G <- nrow(without)
  about_estimate <- sweep(without, 2, coef(model))
  about_mean <- sweep(without, 2, colMeans(without))
  covariances <- list(
    CR0 = vcovCL(model, quakes$cluster, type = "HC0", cadjust = FALSE),
    CR3 = crossprod(about_estimate),
    CV3 = crossprod(about_estimate) * (G - 1) / G,
    CV3J = crossprod(about_mean) * (G - 1) / G
  )
  if (!weights) {
    # vcovCL multiplies HC2 and HC3 by (G-1)/G, which cadjust = TRUE takes back
    covariances$CR2 <- vcovCL(model, quakes$cluster, type = "HC2", cadjust = TRUE)
    for (part in list(list("CR3", TRUE), list("CV3", FALSE))) stopifnot(isTRUE(all.equal(
      covariances[[part[[1]]]], vcovCL(model, quakes$cluster, type = "HC3", cadjust = part[[2]]), tolerance = 1e-8)))
  }
  for (factor in names(covariances)) for (term in intersect(terms, names(coef(model)))) {
    rows[[length(rows) + 1]] <- data.frame(
      model = name, factor = factor, term = term, estimate = coef(model)[[term]],
      se = sqrt(covariances[[factor]][term, term]), df = if (factor == "CR2") satterthwaite(model, term) else NA)
  }
}
table <- do.call(rbind, rows)
table[4:6] <- lapply(table[4:6], formatC, digits = 15, format = "g")
writeLines(c(paste("# R", getRversion(), "sandwich", packageVersion("sandwich")),
             paste(names(table), collapse = ","),
             gsub(" ", "", do.call(paste, c(table, sep = ",")))), "clusters.csv")
