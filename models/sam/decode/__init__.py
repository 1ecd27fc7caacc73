"""The mask decoder as it runs in the browser: what depends on the image alone, once; the rest per click."""
