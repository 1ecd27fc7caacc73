"""Words as prompts (SAM paper, section 7.5): the right word, a wrong one, and a click that mends what the word missed."""
