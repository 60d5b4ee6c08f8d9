"""The door for a user's own layers: what is read, what is asked of it, and what it is held against."""

from shanhai.geo.door._build import OwnReport, build_own_layer
from shanhai.geo.door._check import CheckedLayer, check_layer
from shanhai.geo.door._clean import CleanedLayer, clean_layer
from shanhai.geo.door._files import read_layer
from shanhai.geo.door._registry import Registry, layer_registry

__all__ = [
    "CheckedLayer",
    "CleanedLayer",
    "OwnReport",
    "Registry",
    "build_own_layer",
    "check_layer",
    "clean_layer",
    "layer_registry",
    "read_layer",
]
