"""Figures of pages, as SVG."""
