"""Networks: backbones, heads, features, and what can be seen and measured inside them."""
