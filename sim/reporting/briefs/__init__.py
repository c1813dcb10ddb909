"""The brief: a folder of results on two pages of paper, as DOCX and as PDF, for people who decide."""
