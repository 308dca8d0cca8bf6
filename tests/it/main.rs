mod config;
mod store;
