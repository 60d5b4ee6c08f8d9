"""Running notebooks headless: strict parameters, kernels of this interpreter, a cached batch and the command line."""
