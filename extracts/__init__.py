"""After the close: processing, extracts, publishing, downloads."""
