"""Pages about the history for people: written as static files, readable without JavaScript."""

from vdoc.nightly.pages.site import write_site

__all__ = ["write_site"]
