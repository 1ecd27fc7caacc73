"""Other people's file formats: plain records in and out, no database, no request."""
