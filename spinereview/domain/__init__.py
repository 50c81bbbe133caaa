"""The values: what a person writes, what the images are, what the rules answer. Standard library only.

No float is in any value. Points are integers (1/1000 pixel on an image, micrometre in space), facts from DICOM decimal
strings stay :class:`decimal.Decimal`. Every value is frozen and checked when it is made: an invalid one never exists.
"""
