"""Shanhai 山海: mountain counties and provincial borders in China, computed and checked."""

__version__ = "0.1.0"
