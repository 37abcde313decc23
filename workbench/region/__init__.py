"""What a place offers or forbids: ecology, headroom, hydropower, demand, resources."""
