"""The description of a release that search engines and loaders read: Croissant."""
