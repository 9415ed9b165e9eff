"""Live singing: from the microphone to the headphones, in another voice."""
