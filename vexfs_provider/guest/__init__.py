"""The guest: accelerator, image, kernel, machine, warm snapshot, agent and consoles.

``launch.start_guest`` is the way in: it forks a fresh guest from a warm snapshot and falls back to
a cold boot. ``guest.Guest`` is what scenarios hold.
"""
