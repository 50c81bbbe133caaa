"""Tissues of the phantom and how bright each is: Hounsfield units, and signal of T1, T2 and STIR on one scale.

Rounded typical values: an enhanced CT in the portal venous phase; spin echo at 1.5 T with fast flowing blood dark and fat
nulled on STIR. Only their order and their contrast matter: nothing is measured in them.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Tissue(StrEnum):
    """What is painted."""

    AIR = "AIR"
    COUCH = "COUCH"
    FOAM = "FOAM"
    LUNG = "LUNG"
    SKIN = "SKIN"
    FAT = "FAT"
    MUSCLE = "MUSCLE"
    LIGAMENT = "LIGAMENT"
    CORTEX = "CORTEX"
    MARROW = "MARROW"
    DENSE_MARROW = "DENSE_MARROW"
    OEDEMA = "OEDEMA"
    VEIN_OF_BONE = "VEIN_OF_BONE"
    DISC = "DISC"
    NUCLEUS = "NUCLEUS"
    FLUID = "FLUID"
    CORD = "CORD"
    ROOT = "ROOT"
    EPIDURAL_FAT = "EPIDURAL_FAT"
    ARTERY = "ARTERY"
    VEIN = "VEIN"
    WALL = "WALL"
    LIVER = "LIVER"
    SPLEEN = "SPLEEN"
    KIDNEY = "KIDNEY"
    MEDULLA = "MEDULLA"
    PANCREAS = "PANCREAS"
    MYOCARDIUM = "MYOCARDIUM"
    BLOOD = "BLOOD"
    WATER = "WATER"
    TUMOUR = "TUMOUR"
    FAINT_TUMOUR = "FAINT_TUMOUR"
    BRIGHT_TUMOUR = "BRIGHT_TUMOUR"
    NECROSIS = "NECROSIS"
    LYTIC = "LYTIC"
    BLASTIC = "BLASTIC"
    CALCIUM = "CALCIUM"


class Weighting(StrEnum):
    """What an image shows of a tissue."""

    CT = "CT"
    T1 = "T1"
    T2 = "T2"
    STIR = "STIR"


CONTRAST: dict[Tissue, tuple[int, int, int, int]] = {
    Tissue.AIR: (-1000, 0, 0, 0),
    Tissue.COUCH: (-650, 0, 0, 0),
    Tissue.FOAM: (-985, 0, 0, 0),
    Tissue.LUNG: (-850, 15, 20, 25),
    Tissue.SKIN: (25, 380, 260, 160),
    Tissue.FAT: (-100, 700, 560, 45),
    Tissue.MUSCLE: (58, 270, 150, 170),
    Tissue.LIGAMENT: (75, 110, 80, 80),
    Tissue.CORTEX: (900, 50, 40, 30),
    Tissue.MARROW: (185, 500, 360, 105),
    Tissue.DENSE_MARROW: (212, 485, 350, 98),
    Tissue.OEDEMA: (205, 300, 450, 520),
    Tissue.VEIN_OF_BONE: (110, 330, 480, 300),
    Tissue.DISC: (92, 220, 130, 110),
    Tissue.NUCLEUS: (84, 250, 500, 460),
    Tissue.FLUID: (14, 120, 880, 820),
    Tissue.CORD: (40, 330, 330, 300),
    Tissue.ROOT: (36, 300, 330, 300),
    Tissue.EPIDURAL_FAT: (-75, 690, 545, 50),
    Tissue.ARTERY: (178, 70, 50, 60),
    Tissue.VEIN: (152, 90, 80, 90),
    Tissue.WALL: (65, 260, 170, 180),
    Tissue.LIVER: (108, 390, 190, 240),
    Tissue.SPLEEN: (120, 290, 320, 420),
    Tissue.KIDNEY: (188, 340, 400, 470),
    Tissue.MEDULLA: (150, 280, 470, 520),
    Tissue.PANCREAS: (98, 400, 240, 260),
    Tissue.MYOCARDIUM: (95, 290, 190, 230),
    Tissue.BLOOD: (145, 80, 70, 80),
    Tissue.WATER: (14, 140, 820, 780),
    Tissue.TUMOUR: (100, 290, 420, 560),
    Tissue.FAINT_TUMOUR: (88, 300, 380, 500),
    Tissue.BRIGHT_TUMOUR: (112, 300, 450, 590),
    Tissue.NECROSIS: (46, 210, 640, 700),
    Tissue.LYTIC: (72, 240, 430, 600),
    Tissue.BLASTIC: (820, 90, 80, 110),
    Tissue.CALCIUM: (700, 40, 40, 40),
}
"""Hounsfield units, then signal on T1, T2 and STIR from 0 to 1000."""

_PLACES = {weighting: place for place, weighting in enumerate(Weighting)}


def value(tissue: Tissue, weighting: Weighting) -> int:
    """Brightness of a tissue."""
    return CONTRAST[tissue][_PLACES[weighting]]


def values(tissue: Tissue, weightings: tuple[Weighting, ...]) -> NDArray[np.float32]:
    """Brightness of a tissue under each weighting, shape (weightings, 1, 1)."""
    return np.array([value(tissue, weighting) for weighting in weightings], dtype=np.float32)[:, None, None]
