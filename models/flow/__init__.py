"""Networks that compute optical flow."""
