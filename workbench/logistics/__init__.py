"""The multimodal freight network: build, price, route, disrupt."""
