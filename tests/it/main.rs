//! Integration tests: real parts on loopback.

mod sim;
