"""Lists that mix pictures, clips and stretches of whole videos, as OmniSource trained on them."""
