"""The front door of the methods: formulas, frames of any make, results that report, models of other packages."""
