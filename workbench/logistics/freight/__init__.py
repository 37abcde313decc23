"""The multimodal freight network: prices, legs, disruption, capacity; `workbench.logistics` names it all."""
