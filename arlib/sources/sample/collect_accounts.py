"""Scripted accounts of the sample company for collecting: each story, and its honest twin. Floor 2.

Amounts are in dollars of US01 and scaled to the other entities, days count back from the close. Names are hostile, long,
accented and of other scripts, so that every list, letter and statement shows them.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_CODE = 9000  # 9000, 9007 ...: drawn customers have 417, 424 ..., which never meets these


@dataclass(frozen=True)
class Bill:
    """An invoice due so many days before the close (negative: after it), and what was paid on it."""

    due: int
    dollars: str
    paid: int = 0  # days before the close; 0: not paid
    parts: int = 1  # of so many parts one was paid
    days: int = 30  # terms
    has_order_no: bool = True
    billed_after: int = 0  # days after the delivery


@dataclass(frozen=True)
class Account:
    """A scripted customer."""

    part: str
    name: str
    country: str  # '' at home
    language: str  # '' of the entity
    contact: str
    bills: tuple[Bill, ...]
    status: str = "active"
    unapplied: str = ""  # dollars that lie unapplied since four days before the close
    limit: str = "60,000.00"
    portal: str = ""
    held: int = 0  # on credit hold since so many days before the close
    requires_order_no: bool = False


LONG_NAME = (
    "The Incorporated Association of Independent Wholesale and Retail Distributors of Agricultural, Horticultural and "
    "Veterinary Supplies of the Northern and Western Districts (Members' Purchasing Co-operative)"
)

ACCOUNTS = (
    Account("broken_promise", "Ferronnerie Élysée & Frères S.A.R.L.", "FR", "fr", "Hélène Béranger",
            (Bill(34, "4,400.00"), Bill(12, "1,150.00"))),
    Account("promise_kept", "Galerie de l’Étoile du Nord S.A.", "FR", "fr", "François Noël",
            (Bill(34, "4,400.00", paid=11), Bill(-14, "900.00"))),
    Account("promise_open", "Señalización y Construcción Ñandú S.L.", "ES", "es", "Íñigo Peña",
            (Bill(20, "3,720.00"),)),
    Account("silent_large", "北京东方机械设备有限公司", "CN", "zh", "王芳", (Bill(50, "26,400.00"), Bill(21, "3,310.00"))),
    Account("answered_large", "上海明珠进出口有限公司", "CN", "zh", "李伟", (Bill(50, "26,400.00"), Bill(21, "3,310.00"))),
    Account("disputed", "Bäckerei Weiß & Söhne OHG", "DE", "de", "Jürgen Weiß", (Bill(25, "5,160.00"), Bill(24, "2,480.00"))),
    Account("disputed_part", "Schäfer Großküchen KG", "DE", "de", "Käthe Schäfer", (Bill(25, "5,160.00"),)),
    Account("covered", "合同会社さくら電機", "JP", "ja", "山本 直子", (Bill(18, "3,200.00"),), unapplied="3,400.00"),
    Account("covered_short", "Kettle & Vine", "", "", "Rosa Kettle", (Bill(18, "3,200.00"),), unapplied="800.00"),
    Account("estate", "Harriet Blackwood Antiques", "", "", "The executors of Harriet Blackwood",
            (Bill(70, "1,480.00"),), status="estate"),
    Account("legal", "Ironbridge Scaffolding", "", "", "Amos Reed", (Bill(130, "6,900.00"),), status="legal"),
    Account("agency", "Tern Point Charters", "", "", "Lou Tern", (Bill(150, "2,130.00"),), status="agency"),
    Account("sanctioned", "Volga Meridian Shipping", "", "", "K. Orlov", (Bill(40, "2,980.00"),), status="sanctioned"),
    Account("cease_contact", "J. P. Abernathy, sole trader", "", "", "J. P. Abernathy", (Bill(45, "760.00"),),
            status="cease_contact"),
    Account("plan_running", "Dovecote Nurseries", "", "", "Ivy Marsh", (Bill(90, "7,200.00", paid=13, parts=3),)),
    Account("plan_default", "Lindqvist Båtvarv AB", "SE", "en", "Åsa Lindqvist", (Bill(90, "5,400.00"),)),
    Account("exception_valid", "Crown Quay Kitchens", "", "", "Nell Crown", (Bill(38, "2,640.00"),)),
    Account("exception_expired", "<img src=x onerror=alert(1)> Trading", "", "", '=cmd|"/C calc"!A1', (Bill(38, "2,640.00"),)),
    Account("exception_endless", LONG_NAME, "", "", "Bartholomew Featherstonehaugh-Cholmondeley", (Bill(38, "1,870.00"),)),
    Account("portal_rejected", "Universidad Autónoma de Córdoba", "ES", "es", "María José Núñez", (Bill(16, "3,030.00"),),
            portal="Supply Gate"),
    Account("portal_approved", "Agence des Travaux de Besançon", "FR", "fr", "Zoé Lefèvre",
            (Bill(16, "3,030.00"), Bill(-10, "1,210.00")), portal="Supply Gate"),
    Account("no_order_no", "Stadtwerke Köln-Mülheim GmbH", "DE", "de", "Ömer Yıldız",
            (Bill(9, "2,215.00", has_order_no=False), Bill(8, "1,940.00")), requires_order_no=True),
    Account("mail_bounced", "Quayside Joinery", "", "", "Pat Quay", (Bill(14, "1,325.00"),)),
    Account("over_limit", "Peregrine Rotor Works", "", "", "Sol Peregrine", (Bill(-12, "9,800.00"), Bill(5, "4,100.00")),
            limit="10,000.00"),
    Account("on_hold", "Halcyon Brickworks", "", "", "Dot Halcyon", (Bill(75, "5,050.00"),), limit="5,000.00", held=12),
    Account("release", "Osier Basket Makers", "", "", "Wil Osier",
            (Bill(40, "4,900.00", paid=6), Bill(-20, "2,000.00", billed_after=12)), held=30),
    Account("terms_unapproved", "Lark Rise Dairy", "", "", "Flora Lark", (Bill(-40, "3,640.00", days=90),)),
    Account("terms_approved", "Fennel & Rue Catering", "", "", "Basil Rue", (Bill(-40, "3,640.00", days=90),)),
    Account("tax_form_expired", "Saltmarsh Preserves", "", "", "Una Salt", (Bill(-6, "2,410.00"),)),
)  # fmt: skip
