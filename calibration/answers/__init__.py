"""What a posterior says: policy effects, predictions, what would settle them."""
