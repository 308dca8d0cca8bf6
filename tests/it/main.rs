mod centre;
mod fanout;
mod http;
