"""List the words that the catalogue is made of: departments, kinds of product, attributes, options, brands.

A kind is `noun | query | category | lowest and highest price`. An attribute may have a paraphrase after `=`: the same wish in words that
no page shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of product. `query`: what shoppers search it by; hidden, as in WebShop. `prices`: lowest and highest, in dollars."""

    noun: str
    query: str
    category: str
    prices: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Department:
    """Kinds that share attributes and options. `options`: the values of each option, among which products choose some."""

    name: str
    kinds: tuple[Kind, ...]
    attributes: tuple[str, ...]
    paraphrases: Mapping[str, str]
    options: Mapping[str, Sequence[str]]


COLORS: Final = (
    "black",
    "blue",
    "brown",
    "gray",
    "green",
    "navy",
    "orange",
    "pink",
    "purple",
    "red",
    "silver",
    "white",
    "yellow",
)
BRANDS: Final = (
    "Alderon", "Bravelle", "Corvani", "Delmora", "Eastwick", "Fenhollow", "Grovemark", "Halden", "Ironwell", "Juniper",
    "Kestrel", "Lumora", "Marlowe", "Norvane", "Oakhurst", "Pinecrest", "Quillon", "Ravella", "Solway", "Thornby",
)  # fmt: skip
FILLERS: Final = (
    "classic", "everyday", "premium", "modern", "original", "signature", "essential", "select", "deluxe", "basic",
    "improved", "popular", "favorite", "trusted", "simple", "fresh",
)  # fmt: skip
USES: Final = (
    "for home", "for travel", "for the office", "for gifts", "for beginners", "for the family", "for weekends",
    "for outdoor trips", "for small rooms", "for busy days",
)  # fmt: skip
REMARKS: Final = (
    "Ships in recyclable packaging.",
    "Made by a family business.",
    "Our customers buy it again and again.",
    "Comes with a friendly customer service.",
    "A popular gift for birthdays.",
    "Tested by hundreds of shoppers.",
    "Designed in our own studio.",
    "Looks good next to everything that you own.",
)

_KINDS: Final = {
    "Fashion": """
        shirt | casual shirts | Clothing › Tops › Shirts | 12 60
        dress | summer dresses | Clothing › Women › Dresses | 18 90
        jacket | winter jackets | Clothing › Outerwear › Jackets | 30 140
        leggings | yoga leggings | Clothing › Active › Leggings | 10 50
        sneakers | walking sneakers | Shoes › Athletic › Sneakers | 25 120
    """,
    "Beauty": """
        shampoo | hair shampoo | Beauty › Hair Care › Shampoos | 6 40
        lipstick | matte lipsticks | Beauty › Makeup › Lipsticks | 5 35
        moisturizer | face moisturizers | Beauty › Skin Care › Creams | 8 60
        perfume | eau de parfum | Beauty › Fragrance › Perfumes | 15 120
        brush | makeup brushes | Beauty › Tools › Brushes | 4 45
    """,
    "Electronics": """
        headphones | wireless headphones | Electronics › Audio › Headphones | 15 150
        speaker | bluetooth speakers | Electronics › Audio › Speakers | 18 180
        charger | phone chargers | Electronics › Accessories › Chargers | 6 50
        keyboard | computer keyboards | Electronics › Computers › Keyboards | 15 120
        camera | security cameras | Electronics › Security › Cameras | 25 190
    """,
    "Furniture": """
        table | coffee tables | Furniture › Living Room › Tables | 40 300
        chair | office chairs | Furniture › Office › Chairs | 45 320
        bookshelf | open bookshelves | Furniture › Storage › Shelves | 35 240
        mattress | foam mattresses | Furniture › Bedroom › Mattresses | 90 600
        lamp | bedside lamps | Furniture › Lighting › Lamps | 14 110
    """,
    "Food": """
        coffee | ground coffee | Grocery › Beverages › Coffee | 7 40
        granola | breakfast granola | Grocery › Breakfast › Granola | 5 30
        chocolate | snack chocolate | Grocery › Snacks › Chocolate | 4 35
        tea | loose leaf tea | Grocery › Beverages › Tea | 5 30
        crackers | party crackers | Grocery › Snacks › Crackers | 4 25
    """,
}

_ATTRIBUTES: Final = {
    "Fashion": """
        machine washable=that I can put into the washing machine; hand wash; long sleeve=with sleeves down to the wrist; button closure; drawstring waist; moisture wicking=that keeps sweat
        off the skin; quick drying=that dries fast; high waist; slim fit=with a narrow cut; relaxed fit=with a loose cut; water resistant=for light rain; wind proof; fleece lined=with a soft
        warm lining; tummy control; non slip; rubber sole; memory foam insole; arch support=that supports the arch; fade resistant=whose dye stays; wrinkle free=that needs no ironing; polyester
        blend; organic cotton; stretch fabric=that stretches; hidden pockets; lace trim; round neckline; zipper front; reflective stripes=that is seen at night; unisex style; knee length
    """,
    "Beauty": """
        cruelty free=not tested on animals; paraben free; sulfate free; fragrance free=without any scent; long lasting=that stays on all day; oil free; alcohol free; natural ingredients; tea tree;
        coconut oil; argan oil; hyaluronic acid; vitamin enriched; dermatologist tested=checked by skin doctors; sensitive skin=for skin that reddens easily; dry hair; damaged hair; anti aging=against
        wrinkles; sun protection; easy apply=that goes on without effort; high pigment; smudge proof=that doesn't smear; travel bottle; leak proof; recycled packaging; soft bristles; wooden handle;
        double ended; volume boosting=that makes hair look fuller; dandruff control
    """,
    "Electronics": """
        noise cancelling=that shuts out the sound around me; fast charging=that fills the battery quickly; hands free; water proof=that may get wet; dust proof; plug and play=that needs no setup; voice
        control=that obeys what I say; touch controls; carrying case; stereo sound; deep bass; low latency; motion detection=that notices movement; night vision=that sees in the dark; high resolution;
        remote control; aluminum housing; braided cable; overheat protection; backlit keys=with keys that glow; ergonomic shape; silent operation; solar powered=that runs on sunlight; magnetic mount; wall
        mount; dual band; usb port; energy saving; tangle free; auto shutoff=that turns itself off
    """,
    "Furniture": """
        easy assembly=that is put together in minutes; solid wood; engineered wood; tempered glass; steel frame; height adjustable=that goes up and down; lumbar support=that supports the lower back;
        space saving=for a tiny flat; stain resistant=that spills don't mark; easy clean=that is wiped clean; heavy duty=for great weight; scratch resistant; foldable legs; hidden storage; rounded
        corners=safe for children; floor protectors; faux leather; velvet cover; breathable mesh; swivel base; locking wheels; dimmable light=whose light I can lower; warm glow; cordless design; cooling
        gel; pressure relief; removable cover=whose cover comes off; mid century; farmhouse look; eco certified
    """,
    "Food": """
        gluten free=without wheat; dairy free=without milk; sugar free; low sodium=with little salt; non gmo; usda organic; plant based=for vegans; kosher certified; keto friendly; high protein; high fiber;
        whole grain; fair trade=from farmers who are paid well; single origin; dark roast; caffeine free=that lets me sleep; artificially flavored; no preservatives; resealable bag=in a bag that closes
        again; individually wrapped=packed piece by piece; gift basket; nut free=for someone with a nut allergy; soy free; low calorie=for my diet; antioxidant rich; stone ground; slow roasted; freeze
        dried; hand picked; small batch
    """,
}

_OPTIONS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "Fashion": {"color": COLORS, "size": ("xs", "s", "m", "l", "xl", "xxl")},
    "Beauty": {"color": COLORS, "size": ("mini", "regular", "jumbo")},
    "Electronics": {"color": COLORS, "size": ("compact", "full size", "oversize")},
    "Furniture": {"color": COLORS, "size": ("30 inch", "48 inch", "65 inch")},
    "Food": {
        "flavor": ("vanilla", "hazelnut", "caramel", "cinnamon", "ginger", "lemon", "cherry", "salted", "plain"),
        "size": ("8 ounce", "24 ounce", "3 pound"),
    },
}


def departments() -> tuple[Department, ...]:
    """Return the five departments."""
    return tuple(_department(name) for name in _KINDS)


def _department(name: str) -> Department:
    written = [" ".join(one.split()) for one in _ATTRIBUTES[name].split(";")]
    pairs = [one.partition("=") for one in written]
    return Department(
        name,
        tuple(_kind(line) for line in _KINDS[name].strip().splitlines()),
        tuple(attribute for attribute, _, _ in pairs),
        {attribute: paraphrase for attribute, _, paraphrase in pairs if paraphrase},
        _OPTIONS[name],
    )


def _kind(line: str) -> Kind:
    noun, query, category, prices = (part.strip() for part in line.split("|"))
    low, high = prices.split()
    return Kind(noun, query, category, (int(low), int(high)))
