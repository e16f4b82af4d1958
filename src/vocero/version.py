"""The version, from the installed package's metadata."""

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("vocero")
except PackageNotFoundError:  # a source tree that was put on the path without being installed
    __version__ = "0+unknown"
