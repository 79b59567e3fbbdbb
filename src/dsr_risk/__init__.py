"""Country risk scores: transparent, decomposable, with their uncertainty.

Higher is more risk, scores are on 0-100, rank 1 is most risk.

Examples
--------
>>> import dsr_risk as dr
>>> scores = dr.score()                       # the bundled framework on the bundled data
>>> explanation = dr.explain(scores, "Pakistan")
"""

__version__ = "0.2.0"

RENAMED = {
    "as_of": "data_as_of",
    "given_data": "sensitivity_from_draws",
    "save_framework": "Framework.save(path)",
    "screen": "screen_data",
}
"""Names of version 0.1 and what replaces each; the error for an old name gives the new one."""


_public: list[tuple] = []


def _names() -> tuple:
    # Public names and their modules are listed in `__init__.pyi`, for type checkers and for this loader. They
    # are imported on first use, and so is the loader: `import dsr_risk` and `dsr-risk --help` stay fast
    # (Scientific Python SPEC 1), and Ctrl-C meets a command that can answer it.
    if not _public:
        import lazy_loader

        _public.append(lazy_loader.attach_stub(__name__, __file__))
    return _public[0]


def __getattr__(name: str) -> object:
    if name in RENAMED:
        raise AttributeError(f"`dsr_risk.{name}` was renamed in version 0.2: use `{RENAMED[name]}`")
    load, _, names = _names()
    return names if name == "__all__" else load(name)


def __dir__() -> list[str]:
    return _names()[1]()
