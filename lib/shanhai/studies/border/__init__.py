"""Tables and sentences of notebooks 02, 03 and 12."""
