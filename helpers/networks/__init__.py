"""Networks: backbones, heads and features, and tools to look inside networks and to measure them."""
