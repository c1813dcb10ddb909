"""Lots as a court's own files have them: read by a mapping from columns, checked, and what their rows say."""
