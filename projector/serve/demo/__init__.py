"""An invented college and one term of its events, for `projector demo`, the documentation and the tests."""
