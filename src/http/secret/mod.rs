//! Secrets: hashing and checking passwords, and making the random ones (session ids, tokens, the
//! first password). Used by the command line too. Which passwords are taken is decided in
//! `domain::access::password`.

mod password;
mod random;

pub use self::{
    password::{HashFailed, hash, verify},
    random::{NoRandom, Secret, hash_of, readable},
};
