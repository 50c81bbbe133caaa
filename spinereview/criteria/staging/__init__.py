"""Anatomical and prognostic forms: Weinstein-Boriani-Biagini, Tomita's classification and score, Tokuhashi's score."""
