"""What the model's features tell of what a mask is: nearest neighbours of mask embeddings (SAM paper, section D.6)."""
