"""What the rows of lots say before any model: shares, hazards, prices, days, bidding, and totals under every interpretation."""
