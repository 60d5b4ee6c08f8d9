"""The page of a place, a prefecture or a county (notebook 04)."""
