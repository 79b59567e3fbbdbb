"""Gleditsch-Ward numbers of the recipients in AidData's file, to ISO 3166 alpha-3.

Gleditsch, K. S. and Ward, M. D. (1999), A revised list of independent states since the Congress
of Vienna, International Interactions 25(4), 393-413.
"""

from __future__ import annotations

ISO3 = {
    31: "BHS", 40: "CUB", 41: "HTI", 42: "DOM", 51: "JAM", 52: "TTO", 53: "BRB", 70: "MEX",
    91: "HND", 92: "SLV", 93: "NIC", 94: "CRI", 95: "PAN", 100: "COL", 101: "VEN", 110: "GUY",
    115: "SUR", 130: "ECU", 135: "PER", 140: "BRA", 145: "BOL", 150: "PRY", 155: "CHL",
    160: "ARG", 165: "URY", 339: "ALB", 340: "SRB", 341: "MNE", 343: "MKD", 346: "BIH",
    355: "BGR", 359: "MDA", 360: "ROU", 365: "RUS", 369: "UKR", 370: "BLR", 371: "ARM",
    372: "GEO", 373: "AZE", 402: "CPV", 404: "GNB", 411: "GNQ", 420: "GMB", 432: "MLI",
    433: "SEN", 434: "BEN", 435: "MRT", 436: "NER", 437: "CIV", 438: "GIN", 439: "BFA",
    450: "LBR", 451: "SLE", 452: "GHA", 461: "TGO", 471: "CMR", 475: "NGA", 481: "GAB",
    482: "CAF", 483: "TCD", 484: "COG", 490: "COD", 500: "UGA", 501: "KEN", 510: "TZA",
    516: "BDI", 517: "RWA", 520: "SOM", 522: "DJI", 530: "ETH", 531: "ERI", 540: "AGO",
    541: "MOZ", 551: "ZMB", 552: "ZWE", 553: "MWI", 560: "ZAF", 565: "NAM", 570: "LSO",
    571: "BWA", 580: "MDG", 581: "COM", 590: "MUS", 600: "MAR", 615: "DZA", 616: "TUN",
    620: "LBY", 625: "SDN", 626: "SSD", 630: "IRN", 640: "TUR", 645: "IRQ", 651: "EGY",
    652: "SYR", 660: "LBN", 663: "JOR", 666: "ISR", 698: "OMN", 700: "AFG", 701: "TKM",
    702: "TJK", 703: "KGZ", 704: "UZB", 705: "KAZ", 712: "MNG", 731: "PRK", 750: "IND",
    770: "PAK", 771: "BGD", 775: "MMR", 780: "LKA", 781: "MDV", 790: "NPL", 800: "THA",
    811: "KHM", 812: "LAO", 817: "VNM", 820: "MYS", 835: "BRN", 840: "PHL", 850: "IDN",
    860: "TLS", 910: "PNG", 940: "SLB", 950: "FJI",
}  # fmt: skip
