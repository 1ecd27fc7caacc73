"""What every app needs: errors, job names, storage, HTTP answers. No nouns, no rules of the product."""
