"""Public source files, as their publishers ship them, to tidy records with evidence.

One function a source; each returns a `Reading` with the records, every row left out and why, and
the evidence. `coinr` returns a framework and its data instead.
"""

from ._rows import Reading
from .aiddata import aiddata_gcdf, aiddata_gcofd
from .carnegie import carnegie_aigs
from .coinr import Coin, coinr
from .comtrade import un_comtrade
from .factbook import factbook_imports
from .freedom_house import freedom_house
from .gci import itu_gci
from .incidents import cfr_operations, eurepoc, veris
from .networks import cloud_regions, ipv4_networks
from .registry import kinds, read
from .surveys import ncsi, un_egov
from .telegeography import telegeography
from .vdem import vdem
from .weo import imf_weo
from .world_bank import world_bank

__all__ = [
    "Coin",
    "Reading",
    "aiddata_gcdf",
    "aiddata_gcofd",
    "carnegie_aigs",
    "cfr_operations",
    "cloud_regions",
    "coinr",
    "eurepoc",
    "factbook_imports",
    "freedom_house",
    "imf_weo",
    "ipv4_networks",
    "itu_gci",
    "kinds",
    "ncsi",
    "read",
    "telegeography",
    "un_comtrade",
    "un_egov",
    "vdem",
    "veris",
    "world_bank",
]
