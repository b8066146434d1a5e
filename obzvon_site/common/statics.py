"""How static files are kept for serving."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# «import … from "./model.js"», also over several lines.
IMPORT = (
    r"""(?P<matched>(?P<before>\b(?:im|ex)port\b[^;'"]*?\bfrom\s*)["'](?P<url>\./[^"']+)["'])"""
)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # has no types
    """Files under hashed names; our modules that import each other are told the hashed names too.

    Django offers that for all scripts or none, and other packages' scripts name what is not there.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("editor/*.js", ((IMPORT, '%(before)s"%(url)s"'),)),
        ("js/review*.js", ((IMPORT, '%(before)s"%(url)s"'),)),
    )
