"""Papers and slides, composed from the results of `reproduce`: one document, written as PDF, for Word and as slides."""
