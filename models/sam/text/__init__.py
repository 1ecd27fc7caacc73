"""Text prompts (SAM paper, section 7.5): words to embeddings, what learns to read those, and words to masks.

Not for the network's parts, which are `modeling/text_prompt.py`; not for typing words in the browser.
"""
