//! Integration tests: real parts, real sockets, loopback only.

mod centre;
mod fanout;
mod http;
