"""Names and addresses of the sample company's customers, honest ones that look hostile included. Floor 2.

Every entity has customers whose names look like a formula, markup, a path or another script: a report that is
not inert with them is seen at once.
"""

from __future__ import annotations

import numpy as np

ODD = (
    '=HYPERLINK("http://x","y")',
    "<script>alert(1)</script> Ltd",
    "../../etc GmbH",
    "Al-Salam \u200fTrading\u200f WLL",
    "株式会社山田製作所",
    "O'Brien & Sons",
    "+44 Logistics",
    '@Home "Fixtures", Inc.',
    "-2+3 Metals",
    "Müller & Söhne GmbH; Köln",
)
FIRST = (
    "Alder",
    "Amber",
    "Arrow",
    "Beacon",
    "Birch",
    "Bright",
    "Cedar",
    "Clear",
    "Cobalt",
    "Copper",
    "Crest",
    "Delta",
    "Eagle",
    "Elm",
    "Falcon",
    "Fern",
    "Field",
    "Forge",
    "Garnet",
    "Glen",
    "Granite",
    "Grove",
    "Hazel",
    "Heron",
    "Ivory",
    "Jade",
    "Juniper",
    "Kestrel",
    "Lake",
    "Larch",
    "Laurel",
    "Linden",
    "Maple",
    "Marble",
    "Meadow",
    "Mill",
    "North",
    "Oak",
    "Onyx",
    "Opal",
    "Orchard",
    "Osprey",
    "Pearl",
    "Quarry",
    "Raven",
    "Ridge",
    "River",
    "Rowan",
    "Sable",
    "Shore",
    "Silver",
    "Slate",
    "Spruce",
    "Stone",
    "Summit",
    "Swift",
    "Thorn",
    "Tidal",
    "Vale",
    "Willow",
)
SECOND = (
    "Automotive",
    "Bakery",
    "Bottling",
    "Builders",
    "Cabinets",
    "Chemical",
    "Clinics",
    "Controls",
    "Dairy",
    "Dental",
    "Electric",
    "Fabrics",
    "Farms",
    "Fasteners",
    "Foods",
    "Freight",
    "Furniture",
    "Glass",
    "Grocers",
    "Hardware",
    "Hotels",
    "Instruments",
    "Joinery",
    "Laboratories",
    "Lighting",
    "Logistics",
    "Marine",
    "Medical",
    "Motors",
    "Nurseries",
    "Optical",
    "Packaging",
    "Paints",
    "Paper",
    "Pharmacy",
    "Plastics",
    "Plumbing",
    "Printing",
    "Pumps",
    "Rail",
    "Schools",
    "Seeds",
    "Stores",
    "Textiles",
    "Timber",
    "Tools",
    "Toys",
    "Tyres",
    "Valves",
    "Water",
)
SUFFIX = {"US": ("Inc.", "LLC", "Corp.", "Co."), "GB": ("Ltd", "plc", "LLP"), "JP": ("KK", "GK")}
TOWNS = {
    "US": ("Portland ME 04101", "Dayton OH 45402", "Austin TX 78701", "Reno NV 89501", "Albany NY 12207"),
    "GB": ("Leeds LS1 4AP", "Bristol BS1 5TR", "Cardiff CF10 1EP", "Perth PH1 5LU", "Hull HU1 2AA"),
    "JP": ("Chiyoda-ku, Tokyo 100-0005", "Kita-ku, Osaka 530-0001", "Hakata-ku, Fukuoka 812-0011"),
}
FOREIGN_TOWNS = {
    "EUR": ("50667 Köln", "DE"),
    "USD": ("Boston MA 02110", "US"),
    "CAD": ("Toronto ON M5H 2N2", "CA"),
    "GBP": ("London EC2V 7HH", "GB"),
    "JPY": ("Minato-ku, Tokyo 105-0011", "JP"),
    "KWD": ("Kuwait City 13001", "KW"),
}


def customer_names(count: int, country: str, rng: np.random.Generator) -> list[str]:
    """Names, all different, the odd ones among the first twenty; there are always more than that."""
    pairs = len(FIRST) * len(SECOND)
    order = rng.permutation(pairs)
    suffixes = SUFFIX[country]
    names = []
    for index in range(count):
        pick = int(order[index % pairs])
        number = f" {index // pairs + 1}" if index >= pairs else ""
        first, second = FIRST[pick % len(FIRST)], SECOND[pick // len(FIRST)]
        names.append(f"{first} {second}{number} {suffixes[pick % len(suffixes)]}")
    for index, odd in enumerate(ODD):
        names[index * 2] = odd
    return names


def address(index: int, country: str, currency: str, home: str) -> tuple[str, str]:
    """An address and its country: at home for the functional currency, else where the currency is used."""
    if currency == home:
        towns = TOWNS[country]
        return f"{index % 190 + 1} High Street, {towns[index % len(towns)]}", country
    town, abroad = FOREIGN_TOWNS[currency]
    return f"{index % 190 + 1} Station Road, {town}", abroad


def subdivision(place: str, country: str) -> str:
    """State or province of an address that names one, such as US-TX, else ''."""
    words = place.split(", ")[-1].split()
    codes = [word for word in words if len(word) == 2 and word.isalpha() and word.isupper()]
    return f"{country}-{codes[0]}" if country in ("US", "CA") and codes else ""
