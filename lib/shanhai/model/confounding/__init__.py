"""Border or mountain: what is left of a difference once units are compared that are alike in terrain."""
