//! TLS towards servers: ring's cryptography, TLS 1.2 and 1.3, and whose certificates are believed.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::config::Trust;

/// How connections are protected; the error says what is missing.
pub(super) fn client(trust: &Trust) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    let ignored = match trust {
        Trust::Only(certificates) => {
            roots.add_parsable_certificates(certificates.iter().cloned()).1
        }
        Trust::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs).1
        }
    };
    if roots.is_empty() {
        return Err(match trust {
            Trust::Only(_) => format!("none of the {ignored} certificates of tls_ca is an authority's"),
            Trust::System => {
                "this machine believes no certificate authority: install ca-certificates, or name tls_ca".to_owned()
            }
        });
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
