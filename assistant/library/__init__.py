"""The photo library: what is in a folder of photos, and finding it again."""
