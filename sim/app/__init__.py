"""The local application: a page on this machine in which policies are tried, without a terminal."""
