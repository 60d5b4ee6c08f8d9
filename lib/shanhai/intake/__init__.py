"""Files of the user's own are taken in: yearbook tables, layers and grids stand for the project's, or are refused.

A file is guarded before it is opened (``guard``), read as a grid of cells (``grid``), its heads and rows are told apart
(``layout``), its columns are given a meaning with a reason (``mapping``), its names become codes (``names``), and what
comes out passes the rules and limits of the bundled tables. ``importing`` puts these together, ``keeping`` keeps what
was taken in beside the settings and can take the last back.
"""
