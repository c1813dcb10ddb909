"""Storage: folders and files of results, written whole, with their manifests."""
