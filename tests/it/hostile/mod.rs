//! The whole service under bad input: what each hostile camera is said to be, and that it costs
//! its neighbours in the same worker nothing.

mod fleet;
mod sign_in;
mod workers;
