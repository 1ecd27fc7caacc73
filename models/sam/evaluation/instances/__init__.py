"""Instance segmentation: a mask in each box of a detector (SAM paper, section 7.4)."""
